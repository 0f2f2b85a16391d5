//! What a member has bought, and what moved on the account.

use super::Found;
use crate::admin::members::address;
use crate::admin::people::{Tag, order_address, order_tag};
use crate::admin::receipt::cause;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use crate::words::Words;
use kopilka_core::ids::EntryId;
use kopilka_core::order::OrderState;
use kopilka_core::referral::is_of_others;
use kopilka_core::words::{Speaker, movement};
use kopilka_service::rows::EntryRow;
use kopilka_web::problem::Problem;

/// Orders of a page: the newest; older ones are found by their id.
const ORDERS_SHOWN: usize = 100;
/// Entries of a page.
const ENTRIES_SHOWN: usize = 50;

pub struct OrderLine {
    pub id: String,
    pub address: String,
    pub at: String,
    pub status: Tag,
    pub money: String,
    pub spent: String,
    pub earned: String,
}

pub struct Orders {
    pub lines: Vec<OrderLine>,
    pub more: bool,
}

/// One entry of the journal.
pub struct EntryLine {
    pub id: String,
    pub at: String,
    pub title: String,
    pub movements: Vec<String>,
    pub operator: Option<String>,
    pub reason: Option<String>,
    pub order: Option<(String, String)>,
}

pub struct Journal {
    pub lines: Vec<EntryLine>,
    pub next: Option<String>,
    pub explains: bool,
}

pub async fn orders(office: &Office, found: &Found, shown: &Shown, words: Words) -> Result<Orders, Problem> {
    let (program, member) = (office.desk.program_id(), found.row.member.id);
    let mut rows = office.desk.read(move |r| r.orders_of_member(program, member)).await?;
    rows.retain(|order| !is_of_others(&order.key));
    rows.sort_by_key(|order| std::cmp::Reverse(order.placed_at));
    let more = rows.len() > ORDERS_SHOWN;
    rows.truncate(ORDERS_SHOWN);
    let line = |order: &OrderState| OrderLine {
        id: order.key.order.to_string(),
        address: order_address(&order.key),
        at: shown.moment(order.placed_at),
        status: order_tag(words, order.status),
        money: shown.money(order.to_pay_remaining()),
        spent: shown.amount(order.points_spent_net()),
        earned: shown.amount(order.points_earned_net()),
    };
    Ok(Orders { lines: rows.iter().map(line).collect(), more })
}

pub async fn journal(
    office: &Office,
    found: &Found,
    shown: &Shown,
    words: Words,
) -> Result<Journal, Problem> {
    let desk = &office.desk;
    let before = asked(&office.visit.path, "before").and_then(|text| EntryId::parse(&text));
    let (program, member) = (desk.program_id(), found.row.member.id);
    let read = desk.read(move |r| r.entries_of_all(program, member, before, ENTRIES_SHOWN + 1));
    let mut rows = read.await?;
    let more = rows.len() > ENTRIES_SHOWN;
    rows.truncate(ENTRIES_SHOWN);
    let next = rows.last().filter(|_| more).map(|row| {
        let page = format!("/admin/members/{member}");
        address(&page, &[("tab", "journal"), ("before", &row.id.to_string())])
    });
    let speaker = shown.speaker();
    Ok(Journal {
        lines: rows.iter().map(|row| entry(row, shown, words, &speaker)).collect(),
        next,
        explains: crate::act::may(desk, kopilka_web::scopes::Scope::OrdersRead),
    })
}

fn entry(row: &EntryRow, shown: &Shown, words: Words, speaker: &Speaker<'_>) -> EntryLine {
    let order = row.order.as_ref().filter(|key| !is_of_others(key));
    EntryLine {
        id: row.id.to_string(),
        at: shown.moment(row.effective_at),
        title: cause(words, &row.cause),
        movements: row.events.iter().filter_map(|event| movement(speaker, event)).collect(),
        operator: row.operator.clone(),
        reason: row.reason.clone(),
        order: order.map(|key| (key.order.to_string(), order_address(key))),
    }
}
