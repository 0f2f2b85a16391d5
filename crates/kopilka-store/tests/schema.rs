//! Which files the store opens.

use kopilka_store::{SCHEMA_VERSION, Store, StoreError, check_file};

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
