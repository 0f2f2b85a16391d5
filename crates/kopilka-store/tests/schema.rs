//! Which files the store opens.

use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::time::Instant;
use kopilka_store::{Consumer, SCHEMA_VERSION, Store, StoreError, check_file};

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    drop(store.writer().unwrap());
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    raw.execute("INSERT INTO schema_version (version) VALUES (?1)", [SCHEMA_VERSION + 1]).unwrap();
    drop(raw);
    let refused = StoreError::Newer { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION };
    assert_eq!(store.writer().err(), Some(refused.clone()));
    assert_eq!(store.reader().err(), Some(refused.clone()));
    assert_eq!(check_file(store.path().unwrap()).err(), Some(refused.clone()));
    assert!(refused.to_string().contains("install the newer program"));
}

#[test]
fn a_file_of_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    std::fs::write(store.path().unwrap(), vec![b'x'; 8192]).unwrap();
    assert!(matches!(store.writer().err(), Some(StoreError::Damaged(_))));
    std::fs::remove_file(store.path().unwrap()).unwrap();
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    raw.execute_batch("CREATE TABLE other (id INTEGER)").unwrap();
    drop(raw);
    assert!(matches!(store.writer().err(), Some(StoreError::Damaged(_))));
}

#[test]
fn migrations_run_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    drop(store.writer().unwrap());
    drop(store.writer().unwrap());
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let count: i64 = raw.query_row("SELECT count(*) FROM schema_version", [], |r| r.get(0)).unwrap();
    assert_eq!(count, SCHEMA_VERSION);
}

/// The texts of the steps, the first one first.
fn steps() -> Vec<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut steps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    steps
}

/// What was filled before the ends of lots and purchases were kept is filled anew; nothing else is touched.
#[test]
fn the_step_to_reports_lets_the_lists_be_filled_again_and_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let steps = steps();
    for step in &steps[..7] {
        raw.execute_batch(&std::fs::read_to_string(step).unwrap()).unwrap();
    }
    raw.execute_batch(
        "CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY);
         INSERT INTO schema_version (version) VALUES (1), (2), (3), (4), (5), (6), (7);
         INSERT INTO r_lot (member_id, lot, program_id, month, points) VALUES (1, 1, 1, 202603, 5);
         INSERT INTO r_liability (program_id, month, points) VALUES (1, 202603, 5);
         INSERT INTO r_due (member_id, program_id, due_at) VALUES (1, 1, 7);
         INSERT INTO cursor (name, entry_id) VALUES ('pages', 9), ('liability', 9), ('relay/0', 9);",
    )
    .unwrap();
    drop(raw);
    let writer = store.writer().unwrap();
    let reader = writer.reads();
    let cursors = [Consumer::Pages, Consumer::Liability, Consumer::Relay(0)].map(|of| reader.cursor(of));
    assert_eq!(cursors.map(|at| at.unwrap().0), [0, 0, 9]);
    assert_eq!(reader.liability(ProgramId(1)).unwrap(), []);
    assert_eq!(reader.due(ProgramId(1), Instant(7), u8::MAX, 10).unwrap(), [(MemberId(1), Instant(7))]);
}

/// People who were there before names were looked for are found like everybody else.
#[test]
fn the_step_to_words_of_names_fills_them_for_who_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let steps = steps();
    let words = steps.iter().position(|step| step.ends_with("0022_person_words.sql")).unwrap();
    raw.execute_batch("CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY)").unwrap();
    for (number, step) in (1..).zip(&steps[..words]) {
        raw.execute_batch(&std::fs::read_to_string(step).unwrap()).unwrap();
        raw.execute("INSERT INTO schema_version (version) VALUES (?1)", [number]).unwrap();
    }
    // More than are read at once, and some without a name.
    raw.execute_batch("BEGIN").unwrap();
    for id in 1..=2_500_i64 {
        let name = (id % 5 != 0).then(|| format!("Пётр Иванов{id}"));
        raw.execute(
            "INSERT INTO person (member_id, program_id, name, phones, emails, cards) \
             VALUES (?1, 1, ?2, '[]', '[]', '[]')",
            rusqlite::params![id, name],
        )
        .unwrap();
    }
    raw.execute_batch("COMMIT").unwrap();
    drop(raw);
    drop(store.writer().unwrap());
    let raw = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let count = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM person_word"), 4_000);
    assert_eq!(count("SELECT count(*) FROM person_word WHERE word = 'петр' AND program_id = 1"), 2_000);
    assert_eq!(count("SELECT member_id FROM person_word WHERE word = 'иванов2499'"), 2_499);
}
