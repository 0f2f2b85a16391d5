//! Balances and lots.

use crate::wire::TimeText;
use kopilka_core::ledger::Lot;
use kopilka_core::measures::Lifetime;
use kopilka_core::member::Balance;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::referral::is_of_others;
use kopilka_core::time::Instant;
use kopilka_service::rows::MemberRow;
use serde::Serialize;
use utoipa::ToSchema;

/// Points by what can be done with them. `balance` = `available` − `debt`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BalanceAnswer {
    #[schema(example = "350")]
    pub balance: String,
    pub available: String,
    /// Not active yet.
    pub pending: String,
    /// Reserved by placed orders.
    pub held: String,
    pub debt: String,
}

impl BalanceAnswer {
    pub fn of(balance: &Balance, program: &Program) -> BalanceAnswer {
        let text = |points| program.points.format(points);
        BalanceAnswer {
            balance: text(balance.net()),
            available: text(balance.available),
            pending: text(balance.pending),
            held: text(balance.held),
            debt: text(balance.debt),
        }
    }
}

/// One credit and what is left of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotAnswer {
    /// Its number within the member.
    pub no: u32,
    /// `pending`, `active` or `expired` (held points of an expired lot stay until their order is settled).
    pub state: &'static str,
    /// Neither held nor gone.
    pub free: String,
    pub held: String,
    /// The rule that gave it, `adjustment`, `import`, or `transfer`.
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// Absent while the points wait for the payment of the order that promised them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_at: Option<TimeText>,
    /// Absent: never. At this instant the points are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeText>,
    pub gift: bool,
}

/// Lots in the order they would be spent, and the sums of the whole life.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotsAnswer {
    pub lots: Vec<LotAnswer>,
    pub lifetime: LifetimeAnswer,
    pub balance: BalanceAnswer,
    pub seq: i64,
    pub now: TimeText,
}

impl LotsAnswer {
    /// In the order they would be spent.
    pub fn of(row: &MemberRow, program: &Program, now: Instant) -> LotsAnswer {
        let mut lots: Vec<_> = row.member.lots.iter().collect();
        lots.sort_by_key(|lot| lot.spending_rank());
        LotsAnswer {
            lots: lots.into_iter().map(|lot| LotAnswer::of(lot, program, now)).collect(),
            lifetime: LifetimeAnswer::of(&row.member.lifetime, program),
            balance: BalanceAnswer::of(&row.member.balance_at(now), program),
            seq: row.seq,
            now: TimeText(now),
        }
    }
}

/// `issued + regranted + written_off + received − sent − spent + come_back − expired − revoked` is what is
/// outstanding.
#[derive(Debug, Serialize, ToSchema)]
pub struct LifetimeAnswer {
    pub issued: String,
    pub regranted: String,
    pub written_off: String,
    pub spent: String,
    pub come_back: String,
    pub expired: String,
    pub revoked: String,
    pub shop_loss: String,
    /// To other members, less what came back.
    pub sent: String,
    /// From other members.
    pub received: String,
}

impl LifetimeAnswer {
    pub fn of(sums: &Lifetime, program: &Program) -> LifetimeAnswer {
        let text = |points: Points| program.points.format(points);
        LifetimeAnswer {
            issued: text(sums.issued),
            regranted: text(sums.regranted),
            written_off: text(sums.written_off),
            spent: text(sums.spent),
            come_back: text(sums.come_back),
            expired: text(sums.expired),
            revoked: text(sums.revoked),
            shop_loss: text(sums.shop_loss),
            sent: text(sums.sent),
            received: text(sums.received),
        }
    }
}

impl LotAnswer {
    pub fn of(lot: &Lot, program: &Program, now: Instant) -> LotAnswer {
        let state = match (lot.is_pending(now), lot.is_dead(now)) {
            (true, _) => "pending",
            (_, true) => "expired",
            _ => "active",
        };
        // Whose order brought a reward, and which, is the friend's affair.
        let order = lot.order.as_ref().filter(|key| !is_of_others(key));
        LotAnswer {
            no: lot.no,
            state,
            free: program.points.format(lot.free),
            held: program.points.format(lot.held),
            source: lot.source.to_string(),
            order_id: order.map(|k| k.order.to_string()),
            shop: order.map(|k| k.shop.to_string()),
            active_at: (!lot.awaits_payment).then_some(TimeText(lot.active_at)),
            expires_at: lot.expires_at.map(TimeText),
            gift: lot.gift,
        }
    }
}
