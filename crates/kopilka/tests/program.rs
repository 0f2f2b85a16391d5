//! `kopilka program …` as a shop's script calls it: what is printed last, and the exit code.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sports-store.yaml");

fn kopilka(arguments: &[&str], input: &str) -> Output {
    run("program", arguments, input)
}

fn run(command: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kopilka"))
        .arg(command)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_clean_document_ends_with_counts_and_zero() {
    let checked = kopilka(&["check", EXAMPLE], "");
    assert_eq!((last_line(&checked).as_str(), checked.status.code()), ("0 errors, 0 warnings", Some(0)));
    let tested = kopilka(&["test", EXAMPLE, "--lang", "ru"], "");
    assert_eq!((last_line(&tested).as_str(), tested.status.code()), ("прошло: 7, не прошло: 0", Some(0)));
}

#[test]
fn a_wrong_document_names_line_column_reason_and_remedy_and_ends_with_one() {
    let output = kopilka(&["check", "-"], "program: shop\ncurency: RUB\n");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("-:2:1 error unknown_word: `curency` is not known here"), "{text}");
    assert!(text.contains("fix: did you mean `currency`?"), "{text}");
    assert_eq!((last_line(&output).as_str(), output.status.code()), ("1 error, 0 warnings", Some(1)));
    for command in ["test", "explain", "publish"] {
        assert_eq!(kopilka(&[command, "-"], "program: shop\n").status.code(), Some(1), "{command}");
    }
    assert_eq!(kopilka(&["check", "no-such-file.yaml"], "").status.code(), Some(1));
}

#[test]
fn json_answers_are_json() {
    for arguments in [&["check", EXAMPLE, "--json"][..], &["test", EXAMPLE, "--json"], &["schema"]] {
        let output = kopilka(arguments, "");
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok(), "{arguments:?}");
    }
}

/// Each of 120 members buys three times, every 60 days; points wait a fortnight and live 30 days.
#[test]
fn a_history_adds_warnings_and_figures_and_never_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let days = ["2026-01-01", "2026-03-02", "2026-05-01", "2026-07-01"];
    let row = |member: usize, day: usize| format!("{member};{};100.00\n", days[day]);
    let rows: String = (0..480).map(|i| row(i / 4, i % 4)).collect();
    let log = file("orders.csv", &format!("who;when;sum\n{rows}"));
    let map = r#"{"currency":"RUB","timezone":"UTC","delimiter":";","columns":{"customer":"who","time":"when","amount":"sum"}}"#;
    let map = file("map.json", map);
    let document = "program: shop\ncurrency: RUB\npoints: { expires: 30 days }\naccrual: { active_after: 14 days }\n\
        rules: [{ id: a, when: order.paid, then: [{ credit: { percent: 5 } }] }]\n";
    let beside = |more: &[&str], input| {
        let arguments = [&["check", "-", "--orders", &log, "--map", &map], more].concat();
        kopilka(&arguments, input)
    };
    let output = beside(&[], document);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("-:3:20 warning expires_before_next_order: "), "{text}");
    assert!(text.contains("-:1:1 warning few_ever_spend: 0 % of the 120 members"), "{text}");
    assert!(
        text.contains("gap between purchases: half within 60 days, three quarters within 61 days"),
        "{text}"
    );
    assert_eq!((last_line(&output).as_str(), output.status.code()), ("0 errors, 2 warnings", Some(0)));

    let russian = beside(&["--lang", "ru"], document);
    let text = String::from_utf8_lossy(&russian.stdout).into_owned();
    assert!(text.contains("половина укладывается в 60 дней, три четверти — в 61 день"), "{text}");

    let output = beside(&["--json"], document);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let orders = &answer["orders"];
    assert_eq!((orders["purchases"].as_u64(), orders["median_gap_days"].as_u64()), (Some(480), Some(60)));
    assert_eq!(orders["points_of_orders"][0]["too_short_percent"], "100.00");
    assert_eq!((answer["warnings"].as_u64(), answer["notes"].as_u64()), (Some(2), Some(0)));

    // Errors of the document come first, and what cannot be read is named.
    let wrong = beside(&[], "program: shop\n");
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("the history was not read"));
    assert_eq!(wrong.status.code(), Some(1));
    let refused = |arguments: &[&str], expected: &str| {
        let output = kopilka(&[&["check", "-"], arguments].concat(), document);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(expected) && output.status.code() != Some(0), "{expected}: {error}");
    };
    refused(&["--orders", "no-such.csv"], "no-such.csv: cannot be opened");
    refused(&["--orders", &log], "the header is of no known log");
    refused(&["--orders", &log, "--map", &log], "the mapping file is wrong");
    refused(&["--map", &map], "--orders");
}

#[test]
fn publishing_twice_is_one_version_and_a_change_is_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let publish = |file: &Path| {
        let arguments = ["publish", file.to_str().unwrap(), "--data", data.to_str().unwrap(), "--json"];
        let output = kopilka(&arguments, "");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), answer["version"].as_u64())
    };
    assert_eq!(publish(Path::new(EXAMPLE)), (Some(0), Some(1)));
    assert_eq!(publish(Path::new(EXAMPLE)), (Some(0), Some(1)));
    let changed = folder.path().join("changed.yaml");
    let text = std::fs::read_to_string(EXAMPLE).unwrap();
    std::fs::write(&changed, text.replace("points: 1000,", "points: 1000, gift: true,")).unwrap();
    assert_eq!(publish(&changed), (Some(0), Some(2)));
    versions_differ_in_words_and_the_old_one_comes_back(&data, &changed);
    // A document whose own tests fail is not published.
    std::fs::write(&changed, text.replace("percent: 5", "percent: 6")).unwrap();
    assert_eq!(publish(&changed).0, Some(1));
}

/// Version 2 made the birthday's points a gift.
fn versions_differ_in_words_and_the_old_one_comes_back(data: &Path, changed: &Path) {
    let data = data.to_str().unwrap();
    let told = |arguments: &[&str]| {
        let output = kopilka(arguments, "");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, diff) = told(&["diff", "@1", "@2", "--data", data]);
    let lines: Vec<&str> = diff.lines().collect();
    assert_eq!((code, lines.len()), (Some(0), 3), "{diff}");
    assert!(lines[1].starts_with("  was: birthday: ") && lines[2].starts_with("  now: birthday: "), "{diff}");
    let (_, russian) = told(&["diff", EXAMPLE, changed.to_str().unwrap(), "--lang", "ru"]);
    assert!(russian.contains("  было: birthday: ") && russian.contains("  стало: birthday: "), "{russian}");
    assert_eq!(told(&["diff", "@1", EXAMPLE, "--data", data]).1, "Both do the same.\n");
    assert_eq!(told(&["diff", "@1", "@9", "--data", data]).0, Some(1));

    assert_eq!(told(&["rollback", "--to", "2", "--data", data]).0, Some(1), "the same document");
    assert_eq!(told(&["rollback", "--to", "9", "--data", data]).0, Some(1));
    let (code, said) = told(&["rollback", "--to", "1", "--data", data, "--author", "olga"]);
    assert_eq!((code, said.as_str()), (Some(0), "published version 3: the document of version 1\n"));
    assert_eq!(told(&["rollback", "--to", "1", "--data", data]).0, Some(1), "done already");
    let (_, list) = told(&["versions", "--data", data, "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let numbers: Vec<_> =
        list["versions"].as_array().unwrap().iter().map(|v| v["version"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
    let newest = &list["versions"][2];
    assert_eq!(
        (newest["author"].as_str(), newest["note"].as_str()),
        (Some("olga"), Some("back to version 1"))
    );
    assert_eq!(told(&["diff", "@1", "@3", "--data", data]).1, "Both do the same.\n");
}

#[test]
fn the_terms_of_a_document_are_printed_in_both_languages_and_as_html() {
    let terms = |arguments: &[&str], input: &str| {
        let output = run("terms", arguments, input);
        (String::from_utf8(output.stdout).unwrap().replace('\u{a0}', " "), output.status.code())
    };
    let at = ["--at", "2026-03-01"];
    let (en, code) = terms(&[&[EXAMPLE][..], &at].concat(), "");
    assert_eq!(code, Some(0));
    assert!(
        en.starts_with("Sports bonus\n") && en.contains("A purchase of 10,000 RUB brings 500 bonuses"),
        "{en}"
    );
    let (ru, _) = terms(&[&[EXAMPLE, "--lang", "ru"][..], &at].concat(), "");
    assert!(ru.contains("Покупка на 10 000 ₽ принесёт 500 бонусов"), "{ru}");
    let evil = "program: shop\nname: \"<script>\"\ncurrency: RUB\n";
    let (html, _) = terms(&["-", "--format", "html"], evil);
    assert!(html.contains("<h1>&lt;script&gt;</h1>"), "{html}");
    let (json, _) = terms(&["-", "--json"], evil);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    assert_eq!(terms(&["-"], "program: shop\n").1, Some(1));
    assert_eq!(terms(&["-", "--at", "soon"], evil).1, Some(1));
}
