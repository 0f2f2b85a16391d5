//! A whole database carried into an empty one of either engine.
//!
//! Invariant: rows are carried unread, in order of their keys, inside one transaction of the goal: either all
//! of them are there or none.

use crate::conn::Conn;
use crate::error::StoreError;
use crate::reader::Reader;
use crate::sql::session;
use crate::value::{Cell, Param, params};
use crate::writer::Writer;

/// Rows read at a time: a few megabytes of the widest table.
const PAGE: i64 = 1_000;

/// Statements of one table. Its rows are paged by a key of one to four columns, which stand first.
struct Table {
    name: &'static str,
    first: &'static str,
    next: &'static str,
    insert: &'static str,
    count: &'static str,
    keys: usize,
    columns: usize,
}

macro_rules! table {
    ($name:literal, $keys:expr, $key:literal, $after:literal, $limit:literal, $columns:expr, $list:literal,
     $values:literal) => {
        Table {
            name: $name,
            first: concat!("SELECT ", $list, " FROM ", $name, " ORDER BY ", $key, " LIMIT ?1"),
            next: concat!(
                "SELECT ",
                $list,
                " FROM ",
                $name,
                " WHERE (",
                $key,
                ") > (",
                $after,
                ") ORDER BY ",
                $key,
                " LIMIT ",
                $limit
            ),
            insert: concat!("INSERT INTO ", $name, " (", $list, ") VALUES (", $values, ")"),
            count: concat!("SELECT count(*) FROM ", $name),
            keys: $keys,
            columns: $columns,
        }
    };
}

/// Every table but those about running servers; what an engine adds for itself is not carried.
const TABLES: [Table; 40] = [
    table!(
        "program",
        1,
        "program_id",
        "?1",
        "?2",
        4,
        "program_id, slug, sandbox, created_at",
        "?1, ?2, ?3, ?4"
    ),
    table!(
        "version",
        2,
        "program_id, version",
        "?1, ?2",
        "?3",
        8,
        "program_id, version, effective_from, published_at, author, note, armed, document",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
    ),
    table!(
        "draft",
        2,
        "program_id, name",
        "?1, ?2",
        "?3",
        7,
        "program_id, name, revision, author, note, updated_at, document",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7"
    ),
    table!(
        "accrual",
        2,
        "program_id, name",
        "?1, ?2",
        "?3",
        11,
        "program_id, name, state, body, cursor, members, points, given, given_points, refused, undone",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"
    ),
    table!(
        "accrual_member",
        3,
        "member_id, program_id, name",
        "?1, ?2, ?3",
        "?4",
        7,
        "member_id, program_id, name, points, state, entry_id, why",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7"
    ),
    table!("clock", 1, "program_id", "?1", "?2", 2, "program_id, stands_at", "?1, ?2"),
    table!("product", 2, "program_id, sku", "?1, ?2", "?3", 3, "program_id, sku, body", "?1, ?2, ?3"),
    table!(
        "coupon",
        2,
        "program_id, code",
        "?1, ?2",
        "?3",
        7,
        "program_id, code, campaign, owner_id, expires_at, blocked, created_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7"
    ),
    table!("counter", 2, "program_id, what", "?1, ?2", "?3", 3, "program_id, what, used", "?1, ?2, ?3"),
    table!(
        "api_key",
        1,
        "key_id",
        "?1",
        "?2",
        8,
        "key_id, program_id, shop, name, scopes, secret_hash, created_at, revoked_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
    ),
    table!(
        "webhook_endpoint",
        2,
        "program_id, endpoint_id",
        "?1, ?2",
        "?3",
        12,
        "program_id, endpoint_id, url, events, description, state, secret, old_secret, old_until, reached, \
         failing_since, created_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
    ),
    table!(
        "webhook_delivery",
        4,
        "member_id, endpoint_id, entry_id, position",
        "?1, ?2, ?3, ?4",
        "?5",
        11,
        "member_id, endpoint_id, entry_id, position, program_id, event, state, tries, at, status, failure",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"
    ),
    table!(
        "one_time_code",
        2,
        "program_id, code_id",
        "?1, ?2",
        "?3",
        14,
        "program_id, code_id, owner_id, address, caller, shop, order_id, points, digest, state, tries, \
         sent_at, confirmed_at, subject_id",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14"
    ),
    table!(
        "guest_contact",
        4,
        "program_id, address, shop, order_id",
        "?1, ?2, ?3, ?4",
        "?5",
        5,
        "program_id, address, shop, order_id, kept_until",
        "?1, ?2, ?3, ?4, ?5"
    ),
    table!(
        "sender",
        2,
        "program_id, channel",
        "?1, ?2",
        "?3",
        5,
        "program_id, channel, settings, secrets, changed_at",
        "?1, ?2, ?3, ?4, ?5"
    ),
    table!(
        "message",
        2,
        "member_id, message_id",
        "?1, ?2",
        "?3",
        15,
        "member_id, message_id, program_id, channel, event, class, state, tries, at, expires_at, created_at, \
         address, data, reason, receipt",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15"
    ),
    table!(
        "messaging",
        1,
        "program_id",
        "?1",
        "?2",
        5,
        "program_id, settings, reached, warned_on, changed_at",
        "?1, ?2, ?3, ?4, ?5"
    ),
    table!(
        "template",
        4,
        "program_id, event, channel, language",
        "?1, ?2, ?3, ?4",
        "?5",
        8,
        "program_id, event, channel, language, subject, body, html, changed_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
    ),
    table!(
        "operator",
        1,
        "operator_id",
        "?1",
        "?2",
        11,
        "operator_id, login, name, grants, language, password, totp, totp_on, totp_step, \
         created_at, disabled_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"
    ),
    table!(
        "operator_session",
        1,
        "token",
        "?1",
        "?2",
        7,
        "token, session_id, operator_id, chosen_program, agent, created_at, seen_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7"
    ),
    table!(
        "operator_invitation",
        1,
        "token",
        "?1",
        "?2",
        7,
        "token, name, grants, operator_id, made_by, first, expires_at",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7"
    ),
    table!("operator_try", 1, "name", "?1", "?2", 3, "name, wrong, first_at", "?1, ?2, ?3"),
    table!(
        "operator_audit",
        1,
        "audit_id",
        "?1",
        "?2",
        9,
        "audit_id, at, program_id, operator_id, login, session_id, action, subject, outcome",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
    ),
    table!("settings", 1, "name", "?1", "?2", 2, "name, value", "?1, ?2"),
    table!(
        "member",
        1,
        "member_id",
        "?1",
        "?2",
        23,
        "member_id, program_id, format, status, seq, head, next_due, pending, available, held, debt, issued, \
         regranted, written_off, spent, come_back, expired, revoked, shop_loss, sent, received, recent_keys, \
         body",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
         ?23"
    ),
    table!(
        "entry",
        1,
        "entry_id",
        "?1",
        "?2",
        19,
        "entry_id, program_id, member_id, format, seq, prev, cause, version, effective_at, recorded_at, \
         key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19"
    ),
    table!(
        "orders",
        3,
        "member_id, shop, order_id",
        "?1, ?2, ?3",
        "?4",
        8,
        "member_id, shop, order_id, program_id, format, status, paid_at, body",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
    ),
    table!(
        "person",
        1,
        "member_id",
        "?1",
        "?2",
        19,
        "member_id, program_id, name, birth_date, birth_date_known_at, language, ext, phones, emails, cards, \
         attributes, region, consents, subscribed, blocked_cards, sites, other_exts, telegram, holders",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19"
    ),
    table!(
        "person_word",
        2,
        "member_id, word",
        "?1, ?2",
        "?3",
        3,
        "member_id, word, program_id",
        "?1, ?2, ?3"
    ),
    table!(
        "directory",
        3,
        "program_id, kind, value",
        "?1, ?2, ?3",
        "?4",
        5,
        "program_id, kind, value, member_id, entry_id",
        "?1, ?2, ?3, ?4, ?5"
    ),
    table!(
        "former",
        2,
        "program_id, value",
        "?1, ?2",
        "?3",
        3,
        "program_id, value, kept_until",
        "?1, ?2, ?3"
    ),
    table!("cursor", 1, "name", "?1", "?2", 2, "name, entry_id", "?1, ?2"),
    table!(
        "r_key",
        2,
        "member_id, key_hash",
        "?1, ?2",
        "?3",
        4,
        "member_id, key_hash, program_id, entry_id",
        "?1, ?2, ?3, ?4"
    ),
    table!("r_due", 1, "member_id", "?1", "?2", 3, "member_id, program_id, due_at", "?1, ?2, ?3"),
    table!(
        "r_order_entry",
        4,
        "member_id, shop, order_id, entry_id",
        "?1, ?2, ?3, ?4",
        "?5",
        5,
        "member_id, shop, order_id, entry_id, program_id",
        "?1, ?2, ?3, ?4, ?5"
    ),
    table!(
        "r_lot",
        2,
        "member_id, lot",
        "?1, ?2",
        "?3",
        6,
        "member_id, lot, program_id, month, points, ends_at",
        "?1, ?2, ?3, ?4, ?5, ?6"
    ),
    table!(
        "r_purchase",
        3,
        "member_id, shop, order_id",
        "?1, ?2, ?3",
        "?4",
        8,
        "member_id, shop, order_id, program_id, bought_at, cashier, money, points",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
    ),
    table!(
        "r_liability",
        2,
        "program_id, month",
        "?1, ?2",
        "?3",
        3,
        "program_id, month, points",
        "?1, ?2, ?3"
    ),
    table!(
        "r_day",
        3,
        "program_id, day, what",
        "?1, ?2, ?3",
        "?4",
        4,
        "program_id, day, what, value",
        "?1, ?2, ?3, ?4"
    ),
    table!(
        "r_report",
        2,
        "program_id, name",
        "?1, ?2",
        "?3",
        4,
        "program_id, name, as_of, body",
        "?1, ?2, ?3, ?4"
    ),
];

/// How many rows of a table were carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub table: &'static str,
    pub rows: u64,
}

/// Carries every row. Both are read as of one moment each; `from` should not be written to meanwhile, or the
/// copy is of the moment it began. The goal must be empty. `progress` is told the table and its rows so far.
pub fn copy(from: &Reader, to: &Writer, progress: &dyn Fn(&str, u64)) -> Result<Vec<Copied>, StoreError> {
    to.begin()?;
    let copied = from.snapshot(|from| copy_all(from, to, progress));
    let ended = copied.and_then(|copied| to.commit().map(|()| copied));
    match (&ended, &to.reads().conn) {
        // The server plans its first queries by what it knows of the tables.
        (Ok(_), Conn::Postgres(link)) => link.run(session::POSTGRES_ANALYZE)?,
        (Ok(_), Conn::Sqlite(_)) => {}
        (Err(_), _) => to.rollback()?,
    }
    ended
}

fn copy_all(from: &Reader, to: &Writer, progress: &dyn Fn(&str, u64)) -> Result<Vec<Copied>, StoreError> {
    if let Conn::Postgres(link) = &to.reads().conn {
        link.run(session::POSTGRES_COPY)?;
    }
    for table in &TABLES {
        if to.reads().number(table.count, &[])? != Some(0) {
            return Err(StoreError::NotEmpty(table.name));
        }
    }
    let mut out = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let mut rows = 0;
        let mut page = read_page(from, table, &[])?;
        while let Some(last) = page.last().map(|row| row[..table.keys].to_vec()) {
            insert_page(to, table, &page)?;
            rows += page.len() as u64;
            progress(table.name, rows);
            page = read_page(from, table, &last)?;
        }
        out.push(Copied { table: table.name, rows });
    }
    Ok(out)
}

fn read_page(from: &Reader, table: &Table, after: &[Cell]) -> Result<Vec<Vec<Cell>>, StoreError> {
    let read = |row: &dyn crate::value::Columns| (0..table.columns).map(|at| row.cell(at)).collect();
    if after.is_empty() {
        return from.many(table.first, params![PAGE], read);
    }
    let mut values: Vec<Param<'_>> = after.iter().map(Cell::param).collect();
    values.push(Param::Int(PAGE));
    from.many(table.next, &values, read)
}

fn insert_page(to: &Writer, table: &Table, page: &[Vec<Cell>]) -> Result<(), StoreError> {
    let conn = &to.reads().conn;
    if let Conn::Postgres(link) = conn {
        return link.fly(table.insert, page);
    }
    for row in page {
        let values: Vec<Param<'_>> = row.iter().map(Cell::param).collect();
        conn.execute(table.insert, &values)?;
    }
    Ok(())
}
