//! The numbered migrations, alike for every engine; additive, never edited once released.
//!
//! Invariant: a step of the same number makes the same tables and columns everywhere (a test compares them).

/// One step by its two texts.
pub(crate) struct Step {
    pub sqlite: &'static str,
    pub postgres: &'static str,
    /// The words of the names that are there already are filled with it: no engine folds letters alike.
    pub fills_words: bool,
}

macro_rules! step {
    ($file:literal) => {
        step!($file, false)
    };
    ($file:literal, $fills_words:literal) => {
        Step {
            fills_words: $fills_words,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
        }
    };
}

pub(crate) const STEPS: [Step; 23] = [
    step!("0001_first.sql"),
    step!("0002_servers.sql"),
    step!("0003_transfers.sql"),
    step!("0004_coupons.sql"),
    step!("0005_attributes.sql"),
    step!("0006_paid_at.sql"),
    step!("0007_drafts.sql"),
    step!("0008_reports.sql"),
    step!("0009_consents.sql"),
    step!("0010_accruals.sql"),
    step!("0011_webhooks.sql"),
    step!("0012_members.sql"),
    step!("0013_codes.sql"),
    step!("0014_sites.sql"),
    step!("0015_merges.sql"),
    step!("0016_messages.sql"),
    step!("0017_templates.sql"),
    step!("0018_team.sql"),
    step!("0019_guests.sql"),
    step!("0020_measures.sql"),
    step!("0021_code_subject.sql"),
    step!("0022_person_words.sql", true),
    step!("0023_holders.sql"),
];

/// The newest schema this program knows.
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// What a sharded PostgreSQL must be told of each table: `table,place,column,why`.
pub const PLACEMENT: &str = include_str!("../migrations/postgres/placement.csv");

/// The statements of a step, one at a time.
pub(crate) fn statements(step: &str) -> impl Iterator<Item = &str> {
    step.split(";\n").map(str::trim).filter(|text| !text.is_empty())
}
