//! Levels: counted with every paid order, up at once, judged again when they are due, lost with a return.
//!
//! Invariant: a return looks only at what is stored (what each level was reached with, what it asked for), so
//! whatever empties an order leaves the levels as they were without it.

use super::draft::Draft;
use super::earn;
use crate::ShortText;
use crate::ledger::Event;
use crate::member::{Member, MemberStatus};
use crate::order::{LineState, OrderKey};
use crate::program::{ForOrder, Level, Over, Program, Tiers, Trigger, Way};
use crate::standing::{Counted, Figures, Granted, HeldLevel};
use crate::time::{Day, Instant};
use crate::trace::Step;
use serde::{Deserialize, Serialize};

/// Where a member stands among the levels, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierStanding {
    pub tier: ShortText,
    /// Absent in the lowest level, which everybody has.
    pub since: Option<Instant>,
    /// When it is judged again, if ever.
    pub until: Option<Instant>,
    pub counted: Counted,
    /// What counts now, in units of what is counted.
    pub sum: i64,
    pub next: Option<NextTier>,
}

/// The next level and what is missing to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextTier {
    pub tier: ShortText,
    pub from: i64,
    pub missing: i64,
}

/// The member's standing at an instant; `None` for guests and in a program without levels.
pub fn tier_standing(program: &Program, member: &Member, now: Instant) -> Option<TierStanding> {
    let tiers = program.tiers.as_ref()?;
    let level = level_of(program, member)?;
    let sum = member.standing.sum(tiers.by, tiers.window_start(&program.zone, now));
    let held = || member.standing.levels.iter().filter(|h| h.tier == level.id);
    // Held twice, by what was bought and by a gift, it lasts as long as the longer of the two.
    let until = if held().any(|h| h.until.is_none()) { None } else { held().filter_map(|h| h.until).max() };
    let rank = tiers.rank(&level.id).unwrap_or(0);
    // What counts now may be below the level held, and more than it asked for when it was judged.
    let next = tiers.levels.get(rank + 1).map(|next| NextTier {
        tier: next.id.clone(),
        from: next.from,
        missing: (next.from - sum).max(0),
    });
    Some(TierStanding {
        tier: level.id.clone(),
        since: held().map(|h| h.since).min(),
        until,
        counted: tiers.by,
        sum,
        next,
    })
}

/// The level a member has now: the highest held that the program still knows.
pub(super) fn level_of<'p>(program: &'p Program, member: &Member) -> Option<&'p Level> {
    let tiers = program.tiers.as_ref().filter(|_| member.status != MemberStatus::Guest)?;
    let held = member.standing.levels.iter().rev().find_map(|held| tiers.level(&held.tier));
    held.or(tiers.levels.first())
}

/// The level that decides the prices of a new order: as it is, or with what the order's lines come to before
/// the program's own discounts.
pub(super) fn level_for<'p>(
    program: &'p Program,
    member: &Member,
    lines: &[LineState],
    at: Instant,
) -> Option<&'p Level> {
    let tiers = program.tiers.as_ref()?;
    let now = level_of(program, member)?;
    if tiers.for_order == ForOrder::Before {
        return Some(now);
    }
    let paid = lines.iter().map(|l| l.discounted).sum();
    let own = Figures { paid, orders: 1, ..Figures::default() };
    let sum = member.standing.sum(tiers.by, tiers.window_start(&program.zone, at)) + own.of(tiers.by);
    let reached = tiers.levels.iter().rev().find(|l| l.from <= sum).unwrap_or(now);
    Some(if tiers.rank(&reached.id) > tiers.rank(&now.id) { reached } else { now })
}

/// The order that decides earning counts first where the program says so.
pub(super) fn counts_before_earning(program: &Program) -> bool {
    program.tiers.as_ref().is_some_and(|t| t.for_order == ForOrder::Including)
}

/// Counts the paid order as it stands by now; the first time only for those who earn.
pub(super) fn count(draft: &mut Draft<'_>, key: &OrderKey) {
    let program = draft.program;
    let order = draft.order(key);
    if order.progress.is_none() && !program.counts_orders() {
        return;
    }
    let (Some(paid_at), figures) = (order.paid_at, order.figures()) else { return };
    let event = match order.progress {
        Some(known) if known.figures == figures => return,
        Some(known) => (known.number, known.on, None),
        None => {
            let earns = matches!(draft.member().status, MemberStatus::Active | MemberStatus::Frozen);
            if !earns {
                return;
            }
            let number = draft.member().standing.orders + 1;
            match &program.tiers {
                Some(tiers) => {
                    let start = tiers.window_start(&program.zone, draft.now);
                    (number, tiers.counted_on(&program.zone, paid_at), Some(start))
                }
                None => (number, program.zone.day_of(paid_at), None),
            }
        }
    };
    let (number, on, keep_from) = event;
    draft.push(Event::OrderCounted { order: key.clone(), number, on, keep_from, figures });
}

/// Up at once: after an order was counted.
pub(super) fn rise(draft: &mut Draft<'_>) {
    let program = draft.program;
    let Some(tiers) = &program.tiers else { return };
    let before = draft.member().standing.levels.clone();
    let mut levels = before.clone();
    add_reached(draft, tiers, &mut levels, &before);
    settle(draft, levels);
}

/// What has come to its time is judged again by what counts now.
pub(super) fn review(draft: &mut Draft<'_>) {
    let program = draft.program;
    let before = draft.member().standing.levels.clone();
    let mut levels: Vec<HeldLevel> =
        before.iter().filter(|held| held.until.is_none_or(|until| until > draft.now)).cloned().collect();
    if let Some(tiers) = &program.tiers {
        add_reached(draft, tiers, &mut levels, &before);
    }
    settle(draft, levels);
}

/// Levels that what counts now is enough for, and that are not held; in a calendar period a level held from
/// the one before is reached anew.
fn add_reached(draft: &Draft<'_>, tiers: &Tiers, levels: &mut Vec<HeldLevel>, before: &[HeldLevel]) {
    let (zone, now, standing) = (&draft.program.zone, draft.now, &draft.member().standing);
    let start = tiers.window_start(zone, now);
    let sum = standing.sum(tiers.by, start);
    let whole = matches!(tiers.over, Over::Calendar(_));
    for (rank, level) in tiers.levels.iter().enumerate().skip(1).take_while(|(_, l)| l.from <= sum) {
        let held = |h: &HeldLevel| h.granted.is_none() && h.tier == level.id && (!whole || h.start == start);
        if levels.iter().any(held) {
            continue;
        }
        let since = before.iter().find(|h| h.tier == level.id).map_or(now, |h| h.since);
        let reached = HeldLevel {
            tier: level.id.clone(),
            by: tiers.by,
            from: level.from,
            since,
            until: tiers.held_until(zone, draft.program.ends, now),
            sum,
            start,
            upto: standing.orders,
            after: 0,
            whole,
            granted: None,
        };
        insert(tiers, levels, rank, reached);
    }
}

/// After another account's orders were taken in: its levels beside one's own, and what both together reach.
pub(super) fn join(draft: &mut Draft<'_>, theirs: &[HeldLevel]) {
    let program = draft.program;
    let Some(tiers) = &program.tiers else { return };
    let mut levels = draft.member().standing.levels.clone();
    for level in theirs {
        if let Some(rank) = tiers.rank(&level.tier) {
            insert(tiers, &mut levels, rank, level.clone());
        }
    }
    let before = levels.clone();
    add_reached(draft, tiers, &mut levels, &before);
    settle(draft, levels);
}

fn insert(tiers: &Tiers, levels: &mut Vec<HeldLevel>, rank: usize, level: HeldLevel) {
    let below = |h: &HeldLevel| tiers.rank(&h.tier).unwrap_or(0) <= rank;
    let place = levels.iter().rposition(below).map_or(0, |at| at + 1);
    levels.insert(place, level);
}

/// A level that nobody had to reach: nothing was asked for, so no return takes it.
fn granted(
    draft: &Draft<'_>,
    tiers: &Tiers,
    (tier, until): (&str, Option<Instant>),
    by: Granted,
) -> HeldLevel {
    HeldLevel {
        tier: tier.into(),
        by: tiers.by,
        from: 0,
        since: draft.now,
        until,
        sum: 0,
        start: Day::EPOCH,
        upto: 0,
        after: 0,
        whole: false,
        granted: Some(by),
    }
}

/// Levels that were given and may stand in one row: one that gives way to a longer one of its kind leaves it.
const GRANTED_MAX: usize = 16;

/// The levels with one that a rule gives; `None` where it is given for as long already, or there is none.
pub(super) fn with_granted(
    draft: &Draft<'_>,
    tier: &str,
    until: Option<Instant>,
    by: Granted,
) -> Option<Vec<HeldLevel>> {
    let tiers = draft.program.tiers.as_ref()?;
    let rank = tiers.rank(tier).filter(|rank| *rank > 0)?;
    let mut levels = draft.member().standing.levels.clone();
    let as_long = |h: &HeldLevel| h.until.is_none_or(|end| until.is_some_and(|until| end >= until));
    let given = |h: &HeldLevel| h.granted.is_some() && h.tier == tier;
    let of_order = |h: &HeldLevel| h.granted.as_ref().is_some_and(|g| g.order.is_some());
    // One that falls with its order does not stand in the way of one that stays.
    if levels.iter().any(|h| given(h) && as_long(h) && (by.order.is_some() || !of_order(h))) {
        return None;
    }
    // One that no order takes back is not missed beside a longer one of its kind.
    levels.retain(|h| !given(h) || of_order(h) || by.order.is_some());
    let granted = granted(draft, tiers, (tier, until), by);
    insert(tiers, &mut levels, rank, granted);
    if levels.iter().filter(|h| h.granted.is_some()).count() > GRANTED_MAX {
        let soonest = levels.iter().filter(|h| h.granted.is_some()).filter_map(|h| h.until).min();
        let place = levels.iter().position(|h| h.granted.is_some() && h.until == soonest)?;
        levels.remove(place);
    }
    Some(levels)
}

/// The levels with what an operator gives, or without, instead of all that was given but by orders.
pub(super) fn with_operators(
    draft: &Draft<'_>,
    gives: Option<(&ShortText, Option<Instant>)>,
) -> Vec<HeldLevel> {
    let mut levels = draft.member().standing.levels.clone();
    levels.retain(|h| h.granted.as_ref().is_none_or(|g| g.order.is_some()));
    if let (Some(tiers), Some((tier, until))) = (&draft.program.tiers, gives) {
        let granted = granted(draft, tiers, (tier.as_str(), until), Granted::default());
        insert(tiers, &mut levels, tiers.rank(tier).unwrap_or(0), granted);
    }
    levels
}

/// After pieces came back: from the top, a level falls that neither what it was reached with nor what counts
/// now is enough for; and what the rules of an emptied order gave.
pub(super) fn fall(draft: &mut Draft<'_>, emptied: Option<&OrderKey>) {
    let program = draft.program;
    let standing = &draft.member().standing;
    let start = match &program.tiers {
        Some(tiers) => tiers.window_start(&program.zone, draft.now),
        None => standing.kept_from.unwrap_or(Day::EPOCH),
    };
    let lost = |h: &HeldLevel| h.sum < h.from && standing.sum(h.by, start) < h.from;
    let reached = || standing.levels.iter().filter(|h| h.granted.is_none());
    let highest = reached().collect::<Vec<_>>().iter().rposition(|h| !lost(h));
    let mut left = highest.map_or(0, |at| at + 1);
    let stays = |h: &&HeldLevel| match &h.granted {
        Some(granted) => granted.order.is_none() || granted.order.as_ref() != emptied,
        None => {
            let kept = left > 0;
            left = left.saturating_sub(1);
            kept
        }
    };
    let levels = standing.levels.iter().filter(stays).cloned().collect();
    settle(draft, levels);
}

/// Writes the levels down and lets the rules of `tier.changed` speak.
pub(super) fn settle(draft: &mut Draft<'_>, levels: Vec<HeldLevel>) {
    if levels == draft.member().standing.levels {
        return;
    }
    let program = draft.program;
    let before = level_of(program, draft.member()).map(|l| l.id.clone());
    draft.push(Event::TierChanged { tier: levels.last().map(|h| h.tier.clone()), levels });
    let after = level_of(program, draft.member()).map(|l| l.id.clone());
    let (Some(tiers), Some(from), Some(to)) = (&program.tiers, before, after) else { return };
    if from == to {
        return;
    }
    let up = tiers.rank(&to) > tiers.rank(&from);
    draft.note(Step::TierChanged { tier: to, up });
    for way in [Way::Both, if up { Way::Up } else { Way::Down }] {
        earn::earn_event(draft, Trigger::TierChanged { way }, draft.now, draft.now);
    }
}
