//! Every SQL text of the store is held to the rules of the one subset: what breaks one stops working on a
//! sharded PostgreSQL, often silently.

use kopilka_store::{PLACEMENT, Store};
use std::collections::BTreeMap;

const FILES: [(&str, &str); 13] = [
    ("accrual", include_str!("../src/sql/accrual.rs")),
    ("codes", include_str!("../src/sql/codes.rs")),
    ("command", include_str!("../src/sql/command.rs")),
    ("batch", include_str!("../src/sql/batch.rs")),
    ("lookup", include_str!("../src/sql/lookup.rs")),
    ("projection", include_str!("../src/sql/projection.rs")),
    ("messages", include_str!("../src/sql/messages.rs")),
    ("proof", include_str!("../src/sql/proof.rs")),
    ("reference", include_str!("../src/sql/reference.rs")),
    ("servers", include_str!("../src/sql/servers.rs")),
    ("session", include_str!("../src/sql/session.rs")),
    ("team", include_str!("../src/sql/team.rs")),
    ("webhooks", include_str!("../src/sql/webhooks.rs")),
];
const SCHEMAS: [(&str, &str, &str); 23] = [
    (
        "0001",
        include_str!("../migrations/sqlite/0001_first.sql"),
        include_str!("../migrations/postgres/0001_first.sql"),
    ),
    (
        "0002",
        include_str!("../migrations/sqlite/0002_servers.sql"),
        include_str!("../migrations/postgres/0002_servers.sql"),
    ),
    (
        "0003",
        include_str!("../migrations/sqlite/0003_transfers.sql"),
        include_str!("../migrations/postgres/0003_transfers.sql"),
    ),
    (
        "0004",
        include_str!("../migrations/sqlite/0004_coupons.sql"),
        include_str!("../migrations/postgres/0004_coupons.sql"),
    ),
    (
        "0005",
        include_str!("../migrations/sqlite/0005_attributes.sql"),
        include_str!("../migrations/postgres/0005_attributes.sql"),
    ),
    (
        "0006",
        include_str!("../migrations/sqlite/0006_paid_at.sql"),
        include_str!("../migrations/postgres/0006_paid_at.sql"),
    ),
    (
        "0007",
        include_str!("../migrations/sqlite/0007_drafts.sql"),
        include_str!("../migrations/postgres/0007_drafts.sql"),
    ),
    (
        "0008",
        include_str!("../migrations/sqlite/0008_reports.sql"),
        include_str!("../migrations/postgres/0008_reports.sql"),
    ),
    (
        "0009",
        include_str!("../migrations/sqlite/0009_consents.sql"),
        include_str!("../migrations/postgres/0009_consents.sql"),
    ),
    (
        "0010",
        include_str!("../migrations/sqlite/0010_accruals.sql"),
        include_str!("../migrations/postgres/0010_accruals.sql"),
    ),
    (
        "0011",
        include_str!("../migrations/sqlite/0011_webhooks.sql"),
        include_str!("../migrations/postgres/0011_webhooks.sql"),
    ),
    (
        "0012",
        include_str!("../migrations/sqlite/0012_members.sql"),
        include_str!("../migrations/postgres/0012_members.sql"),
    ),
    (
        "0013",
        include_str!("../migrations/sqlite/0013_codes.sql"),
        include_str!("../migrations/postgres/0013_codes.sql"),
    ),
    (
        "0014",
        include_str!("../migrations/sqlite/0014_sites.sql"),
        include_str!("../migrations/postgres/0014_sites.sql"),
    ),
    (
        "0015",
        include_str!("../migrations/sqlite/0015_merges.sql"),
        include_str!("../migrations/postgres/0015_merges.sql"),
    ),
    (
        "0016",
        include_str!("../migrations/sqlite/0016_messages.sql"),
        include_str!("../migrations/postgres/0016_messages.sql"),
    ),
    (
        "0017",
        include_str!("../migrations/sqlite/0017_templates.sql"),
        include_str!("../migrations/postgres/0017_templates.sql"),
    ),
    (
        "0018",
        include_str!("../migrations/sqlite/0018_team.sql"),
        include_str!("../migrations/postgres/0018_team.sql"),
    ),
    (
        "0019",
        include_str!("../migrations/sqlite/0019_guests.sql"),
        include_str!("../migrations/postgres/0019_guests.sql"),
    ),
    (
        "0020",
        include_str!("../migrations/sqlite/0020_measures.sql"),
        include_str!("../migrations/postgres/0020_measures.sql"),
    ),
    (
        "0021",
        include_str!("../migrations/sqlite/0021_code_subject.sql"),
        include_str!("../migrations/postgres/0021_code_subject.sql"),
    ),
    (
        "0022",
        include_str!("../migrations/sqlite/0022_person_words.sql"),
        include_str!("../migrations/postgres/0022_person_words.sql"),
    ),
    (
        "0023",
        include_str!("../migrations/sqlite/0023_holders.sql"),
        include_str!("../migrations/postgres/0023_holders.sql"),
    ),
];

/// What a sharded database cannot do, does by node, or does by a clock or dice of its own.
const FORBIDDEN: [&str; 24] = [
    "SERIAL",
    "SEQUENCE",
    "NEXTVAL",
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "ADVISORY",
    "LISTEN",
    "NOTIFY",
    "DEFERRABLE",
    "MERGE",
    "SKIP LOCKED",
    "SERIALIZABLE",
    "NOW()",
    "CURRENT_TIMESTAMP",
    "CLOCK_TIMESTAMP",
    "RANDOM",
    "GEN_RANDOM_UUID",
    "DATETIME(",
    "STRFTIME",
    " / ",
    "ROUND(",
    "REAL",
    "DOUBLE",
];

/// A statement of the store: where it stands, its name, its text on one line.
struct Statement {
    file: &'static str,
    name: String,
    text: String,
}

fn statements() -> Vec<Statement> {
    let mut out = Vec::new();
    for (file, source) in FILES {
        for piece in source.split("pub const ").skip(1) {
            let Some((name, rest)) = piece.split_once(": &str =") else { continue };
            let text: Vec<&str> = rest.split('"').collect();
            let text = text.get(1).copied().unwrap_or_default().replace("\\\n", " ");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            out.push(Statement { file, name: name.to_owned(), text });
        }
    }
    assert!(out.len() > 80, "only {} statements were found", out.len());
    out
}

/// Table → its columns, and the columns of its primary key, as a schema says.
fn tables(schema: &str) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let mut tables: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    let plain: String =
        schema.lines().filter(|l| !l.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    for statement in plain.split(';').map(str::trim) {
        if let Some(rest) = statement.strip_prefix("CREATE TABLE ") {
            let (name, body) = rest.split_once('(').unwrap();
            let table = tables.entry(name.trim().to_owned()).or_default();
            for line in body.lines().map(str::trim) {
                if let Some(key) = line.strip_prefix("PRIMARY KEY (") {
                    table.1 = key.split(')').next().unwrap().split(", ").map(str::to_owned).collect();
                } else if let Some(column) = line.split_whitespace().next()
                    && column.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
                {
                    table.0.push(column.to_owned());
                    if line.contains("PRIMARY KEY") {
                        table.1 = vec![column.to_owned()];
                    }
                }
            }
        } else if let Some(rest) = statement.strip_prefix("ALTER TABLE ") {
            let words: Vec<&str> = rest.split_whitespace().collect();
            tables.entry(words[0].to_owned()).or_default().0.push(words[3].to_owned());
        }
    }
    tables
}

fn all_tables(
    of: fn(&(&'static str, &'static str, &'static str)) -> &'static str,
) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let mut out = BTreeMap::new();
    for step in &SCHEMAS {
        for (name, (columns, key)) in tables(of(step)) {
            let table: &mut (Vec<String>, Vec<String>) = out.entry(name).or_default();
            table.0.extend(columns);
            if !key.is_empty() {
                table.1 = key;
            }
        }
    }
    out
}

/// A migration that nobody reads here could say anything.
#[test]
fn every_migration_is_read() {
    for engine in ["sqlite", "postgres"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut numbers: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".sql").map(|n| n[..4].to_owned())).collect();
        numbers.sort();
        let read: Vec<&str> = SCHEMAS.iter().map(|(number, ..)| *number).collect();
        assert_eq!(numbers, read, "{engine}");
    }
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    for step in &SCHEMAS {
        let columns = |schema| -> BTreeMap<String, Vec<String>> {
            tables(schema).into_iter().map(|(name, (columns, _))| (name, columns)).collect()
        };
        assert_eq!(columns(step.1), columns(step.2), "migration {}", step.0);
    }
    let (sqlite, postgres) = (all_tables(|s| s.1), all_tables(|s| s.2));
    for (name, (_, key)) in &sqlite {
        // A journal in a file is kept in order of time; on a server it lies with its member.
        if name != "entry" {
            assert_eq!(*key, postgres[name].1, "{name}");
        }
    }
}

#[test]
fn every_table_has_its_place_on_a_cluster() {
    let tables = all_tables(|s| s.2);
    let places: BTreeMap<&str, Vec<&str>> = PLACEMENT
        .lines()
        .skip(1)
        .map(|line| (line.split(',').next().unwrap(), line.split(',').collect()))
        .collect();
    for (table, (columns, key)) in &tables {
        let place = places.get(table.as_str()).unwrap_or_else(|| panic!("{table} has no place"));
        if place[1] == "distributed" {
            assert!(columns.iter().any(|c| c == place[2]), "{table} has no column {}", place[2]);
            assert!(key.iter().any(|c| c == place[2]), "the key of {table} lacks {}", place[2]);
        } else {
            assert_eq!(place[1], "reference", "{table}");
        }
        assert!(place.len() > 3 && !place[3].is_empty(), "{table} has no reason");
    }
    for table in places.keys().filter(|t| **t != "schema_version") {
        assert!(tables.contains_key(*table), "{table} is no table");
    }
}

#[test]
fn a_members_tables_begin_their_key_with_the_member() {
    for (table, (columns, key)) in all_tables(|s| s.2) {
        let of_member = columns.iter().any(|c| c == "member_id") && table != "directory";
        assert_eq!(of_member, key.first().is_some_and(|c| c == "member_id"), "{table}: {key:?}");
        let team = ["operator", "operator_session", "operator_invitation", "operator_try"];
        let installation =
            ["settings", "cursor", "server", "lease"].into_iter().chain(team).any(|t| t == table);
        assert!(installation || columns.iter().any(|c| c == "program_id"), "{table} names no program");
    }
}

#[test]
fn no_statement_uses_what_a_cluster_cannot_do() {
    let mut texts: Vec<(String, String)> =
        statements().into_iter().map(|s| (format!("{}::{}", s.file, s.name), s.text)).collect();
    texts.extend(SCHEMAS.iter().map(|s| (format!("postgres {}", s.0), s.2.to_owned())));
    for (name, text) in texts {
        let code: String = text.lines().filter(|l| !l.trim_start().starts_with("--")).collect();
        let upper = code.to_uppercase();
        for word in FORBIDDEN {
            assert!(!upper.contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn a_conflict_names_the_whole_key() {
    let tables = all_tables(|s| s.2);
    let mut seen = 0;
    for statement in statements() {
        let Some((before, after)) = statement.text.split_once("ON CONFLICT ") else { continue };
        let table = before.strip_prefix("INSERT INTO ").unwrap().split([' ', '(']).next().unwrap();
        let named: Vec<&str> =
            after.strip_prefix('(').unwrap().split(')').next().unwrap().split(", ").collect();
        assert_eq!(tables[table].1, named, "{}::{}", statement.file, statement.name);
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

/// Whether a text binds a column to a value of its own, to a row of arrays, or inserts it.
fn binds(text: &str, column: &str) -> bool {
    let bound = |after: &str| {
        after.starts_with('?')
            || after.starts_with("w.")
            || after.starts_with("n.")
            || after.starts_with("ANY(?")
    };
    text.match_indices(column).any(|(at, _)| {
        let rest = &text[at + column.len()..];
        // A sum with nothing keeps the planner from an index on the column.
        rest.strip_prefix(" + 0").unwrap_or(rest).strip_prefix(" = ").is_some_and(bound)
    }) || text.starts_with("INSERT INTO") && text.split(')').next().unwrap_or_default().contains(column)
}

#[test]
fn every_statement_of_a_command_names_its_member_or_a_directory_row_by_its_full_key() {
    let tables = all_tables(|s| s.2);
    for statement in statements() {
        let command = statement.file == "command" || statement.file == "batch";
        if !command {
            continue;
        }
        let name = format!("{}::{}", statement.file, statement.name);
        let text = &statement.text;
        assert!(binds(text, "program_id"), "{name} does not name its program");
        let member = binds(text, "member_id");
        let by_key =
            ["directory", "product", "coupon", "counter", "former", "guest_contact"].iter().any(|table| {
                let of = [format!("FROM {table}"), format!("INTO {table}"), format!("JOIN {table}")];
                of.iter().any(|from| text.contains(from.as_str()))
                    && tables[*table].1.iter().all(|column| binds(text, column))
            });
        assert!(member || by_key, "{name} names neither its member nor a row by its full key");
    }
}

#[test]
fn every_query_of_a_tenants_data_names_its_program() {
    let tables = all_tables(|s| s.2);
    // The journal's consumers and the proof's last question go over all programs, and say so.
    let over_all = [
        "ENTRY_NEWEST",
        "MEMBER_NEWEST",
        "NAMES_AFTER",
        "ENTRIES_AFTER",
        "ENTRY_MEMBERS_AFTER",
        "ENTRY_DAYS_AFTER",
        "RELAYED_AFTER",
        "STRAY_MEMBERS",
        "PROGRAMS",
        "API_KEYS",
        "API_KEY_REVOKE",
        "WEBHOOKS_OF_ALL",
        "SENDERS_OF_ALL",
        "MESSAGING_OF_ALL",
        "STRETCH_END",
        // What was done in the installation as a whole belongs to no program.
        "AUDIT_END",
        "AUDIT_OF_ALL",
    ];
    for statement in statements().into_iter().filter(|s| s.file != "session" && s.file != "servers") {
        let of_tenant = tables.iter().any(|(table, (columns, _))| {
            let named = [format!("FROM {table} "), format!("INTO {table} "), format!("UPDATE {table} ")];
            columns.iter().any(|c| c == "program_id")
                && named.iter().any(|n| format!("{} ", statement.text).contains(n.as_str()))
        });
        if of_tenant && !over_all.contains(&statement.name.as_str()) {
            let name = format!("{}::{}", statement.file, statement.name);
            assert!(binds(&statement.text, "program_id"), "{name} does not name its program");
        }
    }
}

/// Queries that walk or sort on SQLite all the same, and why they may.
const WALKS: [(&str, &str); 20] = [
    ("MEMBER_EXISTS", "stops at the first member"),
    ("ORDERS_PAID", "sorts the orders of one member"),
    ("COUPONS_OF_MEMBER", "sorts the codes of one member"),
    ("COUPONS_BY_CAMPAIGN", "counts all codes, in the background"),
    ("FLAGGED", "groups the purchases of the days that are asked for"),
    ("JOURNAL", "PostgreSQL alone asks it, where the key begins with the member"),
    ("ENTRY_COUNT", "verify counts everything"),
    ("ORDER_COUNT", "verify counts everything"),
    ("STRAY_MEMBERS", "verify counts everything"),
    ("PROGRAMS", "a few rows, read at the start"),
    ("API_KEYS", "a few rows, read at the start"),
    ("SENDERS_OF_ALL", "a few rows, read at the start"),
    ("MESSAGING_OF_ALL", "a few rows, read at the start"),
    ("WEBHOOKS_OF_ALL", "a few rows, read at the start"),
    ("SERVERS", "a row a server"),
    ("LEASES", "a row a job"),
    ("OPERATORS", "a row a person of the team"),
    ("OPERATORS_COUNT", "a row a person of the team"),
    ("INVITATIONS", "a row a person who is to come"),
    ("SESSIONS", "sorts the sessions of one person"),
];

#[test]
fn queries_follow_an_index_as_sqlite_plans_them_without_statistics() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("kopilka.db"));
    drop(store.writer().unwrap());
    let file = rusqlite::Connection::open(store.path().unwrap()).unwrap();
    let (mut walks, mut unknown): (Vec<String>, Vec<String>) = Default::default();
    // Batches and locks are for PostgreSQL.
    let asked =
        |s: &Statement| s.text.starts_with("SELECT") && s.file != "batch" && !s.text.contains(" FOR ");
    for statement in statements().into_iter().filter(asked) {
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text)).unwrap();
        let nothing = vec![rusqlite::types::Null; plan.parameter_count()];
        let steps =
            plan.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        if steps.iter().any(|step| step.starts_with("SCAN") || step.starts_with("USE TEMP B-TREE")) {
            let known = WALKS.iter().any(|(name, _)| *name == statement.name);
            if !known {
                unknown.push(format!("{}::{} walks: {steps:?}", statement.file, statement.name));
            }
            walks.push(statement.name);
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    for (name, _) in WALKS {
        assert!(walks.iter().any(|walk| walk == name), "{name} follows an index: it needs no excuse");
    }
}
