//! Earning without an order: a registration, a birthday, a level, an event of the shop's own.
//!
//! Invariant: such a rule gives fixed points, for each time that it may give at all.

use super::{fired, silence};
use crate::ShortText;
use crate::attribute::Attributes;
use crate::book::Book;
use crate::decide::achievements::times_each;
use crate::decide::dates::{NewLot, new_lot};
use crate::decide::draft::Draft;
use crate::decide::facts::{Facts, Place};
use crate::decide::grants;
use crate::decide::limits::{self, GivenNow};
use crate::ledger::Event;
use crate::points::Points;
use crate::program::{CreditAmount, Effect, Overflow, Program, Rule, Trigger};
use crate::standing::Gift;
use crate::time::{Instant, Period};
use crate::trace::{Silence, Step};

/// Credits of a trigger without an order (registration, birthday, a level). `from` is when the validity
/// starts.
pub(in crate::decide) fn earn_event(
    draft: &mut Draft<'_>,
    trigger: Trigger,
    from: Instant,
    at: Instant,
) -> Points {
    earn_on(draft, trigger, (from, at), Heard::default())
}

/// Credits of an event that was told with some data.
pub(in crate::decide) fn earn_told(draft: &mut Draft<'_>, trigger: Trigger, data: &Attributes) -> Points {
    let now = draft.now;
    earn_on(draft, trigger, (now, now), Heard { data: Some(data), ..Heard::default() })
}

/// What a trigger brings along beside its moment.
#[derive(Clone, Copy, Default)]
struct Heard<'a> {
    reached: Option<Reached<'a>>,
    data: Option<&'a Attributes>,
}

/// An achievement that is reached, and for which times: it gives once for each.
type Reached<'a> = (&'a ShortText, (u32, u32));

/// Credits of an achievement that was reached just now.
pub(in crate::decide) fn earn_achievement(
    draft: &mut Draft<'_>,
    achievement: &ShortText,
    times: (u32, u32),
) -> Points {
    let now = draft.now;
    let heard = Heard { reached: Some((achievement, times)), ..Heard::default() };
    earn_on(draft, Trigger::AchievementReached, (now, now), heard)
}

fn earn_on(
    draft: &mut Draft<'_>,
    trigger: Trigger,
    (from, at): (Instant, Instant),
    Heard { reached, data }: Heard<'_>,
) -> Points {
    let program = draft.program;
    let mut given = Points::ZERO;
    if draft.quiet {
        return given;
    }
    let mut now = GivenNow::default();
    let wanted = reached.map_or(1, |(_, (first, last))| last + 1 - first);
    for rule in program.rules_for(trigger) {
        let mut facts = Facts::new(draft, at, Place::default());
        facts.achievement = reached.map(|(achievement, _)| achievement.as_str());
        facts.told = data;
        if let Some(why) = silence(rule, &facts, &[]) {
            draft.note(Step::RuleSilent { rule: rule.id.clone(), why });
            continue;
        }
        let Some(times) = times_allowed(program, draft.book, rule, at, wanted) else {
            draft.note(Step::RuleSilent { rule: rule.id.clone(), why: Silence::OverLimit });
            continue;
        };
        grants::give_by_event(draft, rule, from, (&mut now, times));
        for effect in &rule.then {
            let Effect::Credit(effect) = effect else { continue };
            let CreditAmount::Fixed(each) = effect.amount else { continue };
            let points = times_each(each, times);
            let room = limits::room(program, draft.book, rule, at, &now).unwrap_or(points);
            let points = if rule.limits.overflow == Overflow::Cut { points.min(room) } else { points };
            if points > room || points.is_zero() {
                draft.note(Step::RuleSilent { rule: rule.id.clone(), why: Silence::OverLimit });
                continue;
            }
            now.add_times(&rule.id, points, times);
            let delay = effect.active_after.unwrap_or(Period::Days(0));
            let (no, source) = (draft.next_lot(), &rule.id);
            let new = NewLot { no, points, source, order: None, from, delay, awaits_payment: false };
            let lot = new_lot(draft, effect, new);
            draft.note(fired(rule, points, &lot, (None, None)));
            draft.push(Event::LotIssued { lot });
            if let Some((achievement, (first, _))) = reached {
                let gift = Gift {
                    achievement: achievement.clone(),
                    rule: rule.id.clone(),
                    lot: no,
                    at,
                    each,
                    given: points,
                    first,
                    last: first + times - 1,
                    taken: Points::ZERO,
                };
                draft.push(Event::AchievementGave { gift });
            }
            given += points;
        }
    }
    now.count(draft, at);
    draft.settle_debt();
    given
}

/// For how many of the wanted times a rule may still give; `None` where for none.
fn times_allowed(program: &Program, book: &Book, rule: &Rule, at: Instant, wanted: u32) -> Option<u32> {
    let Some(left) = limits::times_left(program, book, rule, at) else { return Some(wanted) };
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    let refused = left == 0 || left < wanted && rule.limits.overflow == Overflow::Refuse;
    (!refused).then(|| wanted.min(left))
}
