//! `kopilka accruals …`: from a list in a file to points on accounts and back.

use kopilka_service::{Accruals, OpenOptions, Service};
use std::process::{Command, Output};

const PROGRAM: &str = "program: shop\ncurrency: RUB\nrules: []\napproval: { accruals_above: 100 }\n";

fn kopilka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a server does that runs, until there is nothing left to do.
fn serve(data: &str) {
    let service = Service::open(OpenOptions::in_dir(data)).unwrap();
    Accruals::new(service.clone()).run().unwrap();
    service.stop();
}

#[test]
fn a_list_is_put_looked_at_let_run_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let file = |name: &str, text: &str| {
        std::fs::write(path(name), text).unwrap();
        path(name)
    };
    let data = path("data");
    let run = |arguments: &[&str]| kopilka(&[arguments, &["--data", &data]].concat());
    let program = file("program.yaml", PROGRAM);
    assert!(run(&["program", "publish", &program]).status.success());
    assert!(run(&["import", "members", &file("members.csv", "id\n1\n2\n3\n")]).status.success());

    let put = |name: &str, list: &str, more: &[&str]| {
        run(&[&["accruals", "put", name, "--file", list, "--reason", "sorry", "--operator", "olga"], more]
            .concat())
    };
    let errors = path("errors.csv");
    let bad = put("sorry", &file("bad.csv", "id,points\n1,5\n9,5\n"), &["--errors", &errors, "--lang", "ru"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("line 3: member_unknown: "), "{bad:?}");
    assert!(
        std::fs::read_to_string(&errors).unwrap().starts_with("line,code,error,id,points\n3,member_unknown,")
    );
    assert!(text(&run(&["accruals", "show", "sorry"]).stderr).contains("there is no such accrual"));

    let good = file("good.csv", "id,points\n1,5\n2,\n3,7\n");
    let ready = put("sorry", &good, &["--points", "10"]);
    assert!(ready.status.success(), "{ready:?}");
    let told = text(&ready.stdout);
    for part in ["state        ready\n", "members      3\n", "points       22\n", "liability    22.00 RUB\n"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(text(&put("sorry", &good, &["--points", "11"]).stderr).contains("another accrual has this name"));
    let act = |step: &str, name: &str| run(&["accruals", step, name, "--operator", "olga"]);
    assert!(text(&act("start", "sorry").stdout).contains("state        running\n"));
    serve(&data);
    let done = text(&run(&["accruals", "show", "sorry"]).stdout);
    assert!(
        done.contains("state        done\n") && done.contains("given        3 members, 22 points\n"),
        "{done}"
    );
    assert!(act("undo", "sorry").status.success());
    serve(&data);
    let listed = text(&run(&["accruals", "list"]).stdout);
    assert_eq!(listed, "sorry                    undone     3 members, 3 given\n");
    assert!(run(&["verify"]).status.success());

    assert!(put("large", &good, &["--points", "100"]).status.success());
    assert!(text(&act("start", "large").stderr).contains("another operator with another key"));
    assert!(text(&act("stop", "large").stderr).contains("cannot be done while it is ready"));
}
