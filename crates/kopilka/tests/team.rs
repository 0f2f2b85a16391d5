//! `kopilka team …` and the link for the first owner, as a person meets them.

use kopilka_service::{Accept, OpenOptions, Service};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = "program: shop\ncurrency: RUB\nrules: []\n";

fn told(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn token_in(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.contains("/admin/start/")).unwrap();
    link.rsplit('/').next().unwrap().to_owned()
}

/// Somebody follows a link.
fn follow(dir: &Path, token: &str, login: &str) -> bool {
    let service = Service::open(OpenOptions::in_dir(dir)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let accept = Accept {
        login: login.to_owned(),
        name: String::new(),
        password: "wet umbrella".to_owned(),
        language: None,
    };
    let joined = runtime.block_on(service.accept_invitation(token, accept)).unwrap();
    service.stop();
    joined.is_ok()
}

#[test]
fn somebody_is_invited_listed_shut_out_and_let_in_again() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data").display().to_string();
    let file = place.path().join("program.yaml");
    std::fs::write(&file, PROGRAM).unwrap();
    let team = |arguments: &[&str]| told(&[&["team"], arguments, &["--data", &data]].concat());
    let (fine, text) = told(&["program", "publish", &file.display().to_string(), "--data", &data]);
    assert!(fine, "{text}");

    let (fine, text) = team(&["invite", "--name", "Anna", "--role", "boss"]);
    assert!(!fine && text.contains("there is no role boss") && text.contains("accountant"), "{text}");
    let (fine, text) = team(&["invite", "--name", "Anna", "--role", "owner", "--program", "other"]);
    assert!(!fine && text.contains("no program other"), "{text}");
    let (fine, text) = team(&["invite", "--name", "Anna", "--role", "owner"]);
    assert!(fine && text.contains("behind the server's address"), "{text}");
    assert!(follow(Path::new(&data), &token_in(&text), "anna"));
    let (fine, text) = team(&["invite", "--name", "Boris", "--role", "cashier", "--program", "shop"]);
    assert!(fine, "{text}");
    assert!(follow(Path::new(&data), &token_in(&text), "boris"));
    assert!(!follow(Path::new(&data), &token_in(&text), "vera"), "a link is used once");

    let (fine, text) = team(&["list"]);
    assert!(fine && text.contains("anna  Anna  owner of everything  by password alone"), "{text}");
    assert!(
        text.contains("boris  Boris  cashier of shop") && text.ends_with("2 operators, 2 active\n"),
        "{text}"
    );
    let (fine, text) = team(&["disable", "anna"]);
    assert!(!fine && text.contains("the last owner"), "{text}");
    let (fine, text) = team(&["disable", "BORIS"]);
    assert!(fine, "{text}");
    assert!(team(&["list"]).1.ends_with("2 operators, 1 active\n"));
    let (fine, text) = team(&["enable", "boris"]);
    assert!(fine, "{text}");
    let (fine, text) = team(&["reset", "boris"]);
    assert!(fine && follow(Path::new(&data), &token_in(&text), "ignored"), "{text}");
    let (fine, text) = team(&["list"]);
    assert!(fine && text.ends_with("2 operators, 2 active\n"), "{text}");
    let (fine, text) = team(&["reset", "vera"]);
    assert!(!fine && text.contains("nobody in the team has the login vera"), "{text}");
}

/// What a server says until it knows nothing more to say; then it is stopped.
fn first_words(data: &str, lines: usize) -> Vec<String> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_kopilka"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data", data])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
    let said = out.by_ref().take(lines).map(Result::unwrap).collect();
    assert!(Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap().success());
    let rest: Vec<String> = out.map(Result::unwrap).collect();
    assert!(process.wait().unwrap().success());
    [said, rest].concat()
}

#[test]
fn a_server_without_a_team_tells_the_link_for_its_first_owner_at_every_start() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().display().to_string();
    let first = first_words(&data, 2);
    let address = first[0].strip_prefix("listening on ").unwrap();
    let begins = format!("first owner: {address}/admin/start/");
    assert!(first[1].starts_with(&begins), "{first:?}");
    let second = first_words(&data, 2);
    let (old, new) = (token_in(&first[1]), token_in(&second[1]));
    assert!(!follow(place.path(), &old, "anna"), "a newer link was made");
    assert!(follow(place.path(), &new, "anna"));
    let third = first_words(&data, 1);
    assert_eq!(third.len(), 1, "somebody is in the team: {third:?}");
}
