//! `kopilka import …` as a shop that moves here runs it: the guide's own files, on a real database.

use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = "program: shop\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: { precision: 2 }\n\
    tags: [vip]\nattributes: [{ id: shoe-size, kind: number }]\n\
    tiers:\n  by: money_paid\n  over: for_ever\n  levels:\n    - { id: base }\n    \
    - { id: gold, name: { en: Gold, ru: Золотой }, from: 90000.00 }\n\
    rules:\n  - { id: welcome, when: member.registered, then: [{ credit: { points: 500 } }] }\n  \
    - { id: cashback, when: order.paid, then: [{ credit: { percent: 5 } }] }\n";

fn kopilka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The blocks of that language in the guide.
fn examples(language: &str) -> Vec<String> {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/imports.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let fence = format!("```{language}\n");
    guide.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// An installation with the program, in a folder of its own.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Shop {
        let shop = Shop { folder: tempfile::tempdir().unwrap() };
        let program = shop.file("program.yaml", PROGRAM);
        let published = kopilka(&["program", "publish", &program, "--data", &shop.path("data")]);
        assert!(published.status.success(), "{published:?}");
        shop
    }
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
    fn import(&self, what: &str, file: &str, more: &[&str]) -> Output {
        kopilka(&[&["import", what, file, "--data", &self.path("data")], more].concat())
    }
    fn verified(&self) -> bool {
        kopilka(&["verify", "--data", &self.path("data")]).status.success()
    }
}

#[test]
fn the_lists_of_the_guide_are_imported_and_add_up() {
    let [russian, english] = examples("csv")[..2].to_vec().try_into().unwrap();
    let shop = Shop::new();
    let file = shop.file("1c.csv", &russian);
    let dry = shop.import("members", &file, &["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{dry:?}");
    let told = text(&dry.stdout);
    for part in [
        "points                 Баллы\n",
        "members                2 new, 0 known\n",
        "worth 1550.50 RUB",
        "end in 2031-12",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let done = shop.import("members", &file, &[]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let sums = examples("").into_iter().find(|block| block.starts_with("in the file")).unwrap();
    assert!(text(&done.stdout).ends_with(&sums), "{}", text(&done.stdout));
    let again = text(&shop.import("members", &file, &[]).stdout);
    assert!(again.contains("given now              0 lots, 0.00 points\n"), "{again}");
    assert!(again.contains("given before           3 rows, 1550.50 points\n"), "{again}");

    let file = shop.file("english.csv", &english);
    let done = shop.import("members", &file, &["--map", "attribute.shoe-size=size"]);
    assert!(text(&done.stdout).contains("given now              2 lots, 205.50 points\n"), "{done:?}");
    assert!(shop.verified());
    let member = kopilka(&["members", "export", "ext:2001", "--data", &shop.path("data")]);
    assert!(text(&member.stdout).contains("\"shoe-size\""), "{member:?}");
}

#[test]
fn bad_rows_come_back_as_a_list_that_can_be_corrected_and_imported() {
    let shop = Shop::new();
    let file = shop.file("list.csv", "id;баллы;срок\n1;10,50;x\n2;много;x\n;5;x\n");
    let errors = shop.path("errors.csv");
    let done = shop.import("members", &file, &["--errors", &errors, "--lang", "ru"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stdout).contains("not read               срок\n"), "{done:?}");
    assert!(text(&done.stdout).contains("difference             0.00 points\n"), "{done:?}");
    assert!(text(&done.stderr).contains("line 3: points_invalid: points: «много» не годится"), "{done:?}");
    assert_eq!(
        std::fs::read_to_string(&errors).unwrap(),
        "line,code,error,id,баллы,срок\n3,points_invalid,points: «много» не годится,2,много,x\n\
         4,identifier_missing,в строке нет ни одного идентификатора,,5,x\n"
    );
    let corrected =
        std::fs::read_to_string(&errors).unwrap().replace(",много,", ",7,").replace(",,5,", ",3,5,");
    let corrected = shop.file("corrected.csv", corrected);
    let again = shop.import("members", &corrected, &["--errors", &shop.path("more.csv")]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert!(text(&again.stdout).contains("given now              2 lots, 12.00 points\n"), "{again:?}");
    assert!(shop.verified());
}

#[test]
fn the_order_history_of_the_guide_counts_and_earns_nothing() {
    let (lists, maps) = (examples("csv"), examples("json"));
    let shop = Shop::new();
    let members = shop.file("1c.csv", &lists[0]);
    assert_eq!(shop.import("members", &members, &[]).status.code(), Some(0));
    let unreadable =
        "A-3;1001;someday;мяч;1;100.00\nA-4;9999;2025-06-01;мяч;1;100.00\nA-5;;2025-06-01;мяч;1;1.00\n";
    let orders =
        shop.file("orders.csv", encoding_rs::WINDOWS_1251.encode(&format!("{}{unreadable}", lists[2])).0);
    let map = shop.file("map.json", &maps[0]);
    let errors_path = shop.path("errors.csv");
    let dry = shop.import("orders", &orders, &["--map", &map, "--dry-run"]);
    let told = text(&dry.stdout);
    for part in [
        "in the file            3 orders of 6890.00, 1 returns\n",
        "  2025-03              1 orders of 5590.00, 0 returns\n",
        "  member_unknown       1 steps\n",
        "  row_unreadable       1 rows\n",
        "  no_customer          1 rows\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let done = shop.import("orders", &orders, &["--map", &map, "--errors", &errors_path]);
    let told = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(told.contains("told now               2 orders of 6790.00, 1 returns\n"), "{told}");
    assert!(told.contains("months that differ     0\n"), "{told}");
    let errors = std::fs::read_to_string(&errors_path).unwrap();
    let codes: Vec<&str> = errors.lines().skip(1).map(|row| row.split(',').nth(1).unwrap()).collect();
    assert_eq!(codes, ["row_unreadable", "member_unknown", "no_customer"]);
    assert!(errors.starts_with("line,code,error,Номер,Покупатель,"), "{errors}");
    let over = shop.import("orders", &orders, &["--map", &map, "--errors", &errors_path]);
    assert!(text(&over.stderr).contains("is there already"), "{over:?}");
    let again = text(&shop.import("orders", &orders, &["--map", &map]).stdout);
    assert!(again.contains("told now               0 orders of 0.00, 0 returns\n"), "{again}");
    assert!(again.contains("there already          2 orders of 6790.00, 1 returns\n"), "{again}");
    assert!(shop.verified());
    let member = kopilka(&["members", "export", "ext:1001", "--data", &shop.path("data")]);
    let member: serde_json::Value = serde_json::from_slice(&member.stdout).unwrap();
    assert_eq!(member["points"]["balance"]["available"], "1550.50", "{member}");
}

#[test]
fn orders_earn_by_the_rules_where_that_is_asked() {
    let shop = Shop::new();
    let members = shop.file("members.csv", "id\n1\n");
    assert_eq!(shop.import("members", &members, &[]).status.code(), Some(0));
    let orders = shop.file("orders.csv", "order,who,when,sum\nA,1,2026-01-10,1000.00\n");
    let map = shop.file(
        "map.json",
        r#"{"timezone":"UTC","columns":{"order":"order","customer":"who","time":"when","amount":"sum"}}"#,
    );
    let done = shop.import("orders", &orders, &["--map", &map, "--earn"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let member = kopilka(&["members", "export", "ext:1", "--data", &shop.path("data")]);
    let member: serde_json::Value = serde_json::from_slice(&member.stdout).unwrap();
    assert_eq!(member["points"]["balance"]["available"], "50.00", "{member}");
    assert!(shop.verified());
}

#[test]
fn what_cannot_be_imported_is_said_and_nothing_happens() {
    let shop = Shop::new();
    let nobody = shop.file("nobody.csv", "name,points\nAnna,5\n");
    let row = |file: &str, more: &[&str]| text(&shop.import("members", file, more).stderr);
    assert!(row(&nobody, &[]).contains("no column tells one member from another"));
    let good = shop.file("good.csv", "id,points\n1,5\n");
    assert!(row(&good, &["--map", "points=Sum"]).contains("no column is called Sum"));
    assert!(row(&good, &["--map", "colour=points"]).contains("colour is not a field: ext, phone"));
    let wide = shop.file("wide.csv", [&[0xff, 0xfe][..], b"i\0d\0"].concat());
    assert!(row(&wide, &[]).contains("UTF-16"));
    assert!(row(&shop.path("none.csv"), &[]).contains("none.csv: the file cannot be read"));
    let data = shop.path("data");
    let lock = kopilka_service::lock(Path::new(&data)).unwrap();
    assert!(row(&good, &[]).contains("stop it for the import"));
    assert_eq!(
        shop.import("members", &good, &["--dry-run"]).status.code(),
        Some(0),
        "looking works beside it"
    );
    drop(lock);
}
