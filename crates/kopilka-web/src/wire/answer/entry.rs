//! The journal as people read it: each entry, what it moved, and why.

use super::StepAnswer;
use super::steps;
use crate::wire::TimeText;
use kopilka_core::ledger::{Account, Event, postings};
use kopilka_core::order::OrderKey;
use kopilka_core::program::Program;
use kopilka_core::words::{self, Speaker};
use kopilka_service::rows::EntryRow;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A page of a member's journal, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntriesAnswer {
    pub entries: Vec<EntryAnswer>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    pub seq: i64,
}

/// One entry of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryAnswer {
    #[schema(example = "e_0000000000001")]
    pub id: String,
    pub member: String,
    /// 1, 2, 3 … within the member.
    pub seq: i64,
    /// The command: `order`, `return`, `cancel`, `adjustment`, `expiry` …
    pub cause: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// The program version that decided.
    pub version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it happened, and when it was written.
    pub effective_at: TimeText,
    pub recorded_at: TimeText,
    pub movements: Vec<MovementAnswer>,
}

/// What one event of an entry did.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementAnswer {
    /// `lot_issued`, `lot_expired`, `points_spent`, `pieces_returned` …
    pub kind: String,
    /// As a sentence in the caller's language; absent for marks that tell a person nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The lot or the rule it concerns, where it concerns one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Points from account to account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub postings: Vec<PostingAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PostingAnswer {
    /// `issued`, `pending`, `available`, `held`, `redeemed`, `expired`, `revoked`, `debt`, `shop_loss` …
    pub from: String,
    pub to: String,
    pub points: String,
}

/// Entries with the steps of their decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedAnswer {
    #[serde(flatten)]
    pub entry: EntryAnswer,
    pub trace: Vec<StepAnswer>,
}

impl EntryAnswer {
    pub fn of(row: &EntryRow, speaker: &Speaker<'_>) -> EntryAnswer {
        let key: Option<&OrderKey> = row.order.as_ref();
        EntryAnswer {
            id: row.id.to_string(),
            member: row.member.to_string(),
            seq: row.seq,
            cause: row.cause.clone(),
            order_id: key.map(|k| k.order.to_string()),
            shop: key.map(|k| k.shop.to_string()),
            version: row.version,
            operator: row.operator.clone(),
            reason: row.reason.clone(),
            effective_at: TimeText(row.effective_at),
            recorded_at: TimeText(row.recorded_at),
            movements: row.events.iter().map(|e| MovementAnswer::of(e, speaker)).collect(),
        }
    }
}

impl MovementAnswer {
    fn of(event: &Event, speaker: &Speaker<'_>) -> MovementAnswer {
        let (lot, source) = match event {
            Event::LotIssued { lot } => (Some(lot.no), Some(lot.source.to_string())),
            Event::LotRevoked { lot, rule, .. } => (Some(*lot), Some(rule.to_string())),
            Event::LotActivated { lot, .. } | Event::LotExpired { lot, .. } => (Some(*lot), None),
            _ => (None, None),
        };
        MovementAnswer {
            kind: kind(event),
            words: words::movement(speaker, event),
            lot,
            source,
            postings: moved(event, speaker.program),
        }
    }
}

/// The event's own tag: the one name it has in the journal, here and in the documentation.
fn kind(event: &Event) -> String {
    match serde_json::to_value(event) {
        Ok(Value::Object(fields)) => {
            fields.get("event").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

fn moved(event: &Event, program: &Program) -> Vec<PostingAnswer> {
    let name = |account: Account| format!("{account:?}");
    let name = |account| match name(account).as_str() {
        "ShopLoss" => "shop_loss".to_owned(),
        other => other.to_lowercase(),
    };
    postings(event)
        .into_iter()
        .map(|p| PostingAnswer {
            from: name(p.from),
            to: name(p.to),
            points: program.points.format(p.points),
        })
        .collect()
}

impl ExplainedAnswer {
    pub fn of(row: &EntryRow, speaker: &Speaker<'_>) -> ExplainedAnswer {
        ExplainedAnswer { entry: EntryAnswer::of(row, speaker), trace: steps::all(&row.trace, speaker) }
    }
}
