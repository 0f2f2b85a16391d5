//! The commands that look after a data directory, as a person runs them.

use kopilka_service::{OpenOptions, Publish, Service};
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = include_str!("../../../examples/sports-store.yaml");

fn kopilka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap()
}

/// What it printed on both, and whether it went well.
fn told(arguments: &[&str]) -> (bool, String) {
    let output = kopilka(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn prepared(dir: &Path) {
    let service = Service::open(OpenOptions::in_dir(dir)).unwrap();
    let publish = Publish {
        text: PROGRAM.to_owned(),
        author: "test".to_owned(),
        note: String::new(),
        sandbox: true,
        effective_from: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(service.publish(publish)).is_ok());
    service.stop();
}

#[test]
fn a_directory_is_proved_copied_and_restored() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    prepared(&place.path().join("data"));
    let (data, copy, other) = (path("data"), path("copy.db"), path("other"));
    let (fine, text) = told(&["verify", "--data", &data]);
    assert!(fine && text.ends_with("members 0, entries 0, differences 0\n"), "{text}");
    let (fine, text) = told(&["doctor", "--data", &data]);
    assert!(fine && text.contains("has no key") && text.contains("0 failed"), "{text}");
    let (fine, text) = told(&["backup", "--data", &data, &copy]);
    assert!(fine && text.contains("identifiers.key"), "{text}");
    let (fine, text) = told(&["restore", "--data", &other, &copy]);
    assert!(!fine && text.contains("--key"), "{text}");
    let key = format!("{data}/identifiers.key");
    let (fine, text) = told(&["restore", "--data", &other, "--key", &key, &copy]);
    assert!(fine && text.contains("differences 0"), "{text}");
    let (fine, text) = told(&["restore", "--data", &other, "--key", &key, &copy]);
    assert!(!fine && text.contains("--force"), "{text}");
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let place = tempfile::tempdir().unwrap();
    prepared(place.path());
    let data = place.path().display().to_string();
    let (fine, text) = told(&["keys", "create", "--data", &data, "--name", "till", "--scope", "everything"]);
    assert!(!fine && text.contains("there is no scope everything"), "{text}");
    let (fine, text) = told(&["keys", "create", "--data", &data, "--name", "till", "--scope", "pos"]);
    assert!(fine && text.contains("kop_test_"), "{text}");
    let id = text.split_whitespace().find(|word| word.starts_with("k_")).unwrap().to_owned();
    let (fine, text) = told(&["keys", "revoke", "--data", &data, &id]);
    assert!(fine, "{text}");
    let (fine, text) = told(&["keys", "list", "--data", &data]);
    assert!(fine && text.contains("revoked") && text.ends_with("1 keys, 0 valid\n"), "{text}");
}

#[test]
fn a_sandbox_clock_is_moved_and_read() {
    let place = tempfile::tempdir().unwrap();
    prepared(place.path());
    let data = place.path().display().to_string();
    let (fine, text) = told(&["clock", "--data", &data, "2026-05-10T09:00"]);
    assert!(fine && text.contains("2026-05-10T06:00:00Z"), "{text}");
    assert_eq!(told(&["clock", "--data", &data]), (true, "2026-05-10T06:00:00Z\n".to_owned()));
    let (fine, text) = told(&["clock", "--data", &data, "soon"]);
    assert!(!fine && text.contains("is no instant"), "{text}");
}

#[test]
fn a_missing_directory_is_told_and_not_made() {
    let place = tempfile::tempdir().unwrap();
    let missing = place.path().join("nothing").display().to_string();
    for command in [vec!["verify"], vec!["doctor"], vec!["keys", "list"], vec!["backup", "copy.db"]] {
        let arguments = [command.as_slice(), &["--data", &missing]].concat();
        let (fine, text) = told(&arguments);
        assert!(!fine && text.contains("nothing"), "{text}");
    }
    assert!(!Path::new(&missing).exists());
}
