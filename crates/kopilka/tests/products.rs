//! `kopilka products import` as a shop's script calls it.

use std::process::{Command, Output};

fn kopilka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_list_is_read_told_and_kept_and_its_bad_rows_come_back_as_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, list, errors) = (path("data"), path("list.csv"), path("errors.csv"));
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sports-store.yaml");
    assert!(kopilka(&["program", "publish", example, "--data", &data]).status.success());
    std::fs::write(&list, "Артикул;Товар;Цена\nA;Мяч;1 000,50\nB;Гетры;дорого\n").unwrap();

    let arguments = ["products", "import", &list, "--data", &data, "--map", "name=Товар", "--lang", "ru"];
    let dry = kopilka(&[&arguments[..], &["--dry-run"]].concat());
    assert!(text(&dry.stdout).ends_with("1 products would be imported, 1 rows refused\n"), "{dry:?}");
    let done = kopilka(&[&arguments[..], &["--errors", &errors]].concat());
    assert_eq!(done.status.code(), Some(1), "a row was refused");
    assert!(text(&done.stdout).contains("price              Цена"), "{done:?}");
    assert!(text(&done.stderr).contains("line 3: price: «дорого» не годится"), "{done:?}");
    assert_eq!(
        std::fs::read_to_string(&errors).unwrap(),
        "line,error,Артикул,Товар,Цена\n3,price: «дорого» не годится,B,Гетры,дорого\n"
    );
    let again = kopilka(&[&arguments[..], &["--errors", &errors]].concat());
    assert!(text(&again.stderr).contains("errors.csv"), "an older file of errors is not written over");

    std::fs::write(&list, "Артикул;Товар;Цена\nA;Мяч;900\n").unwrap();
    let clean = kopilka(&arguments);
    assert_eq!(clean.status.code(), Some(0));
    assert!(text(&clean.stdout).ends_with("1 products imported, 0 rows refused\n"));
    let unknown = kopilka(&["products", "import", &list, "--data", &data, "--map", "sku=Код"]);
    assert!(text(&unknown.stderr).contains("no column is called Код"), "{unknown:?}");
}
