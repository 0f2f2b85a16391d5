//! Limits of a rule beyond one order: for the member within a period, and for all members together.
//!
//! Invariant: what a rule has given is counted by the same events that give it, and counted back by what
//! takes it back; so a limit is never passed and a return gives its room again.

use super::draft::Draft;
use super::{Command, Context, coupons, gifts, rewards};
use crate::ShortText;
use crate::book::Book;
use crate::counters::of_gift_card;
use crate::ledger::Event;
use crate::order::{Credit, OrderKey, OrderState};
use crate::points::Points;
use crate::program::{Most, Program, Rule, Trigger};
use crate::time::Instant;

/// The counter of a rule, of the member or of all: in points or in times, as its limit counts.
fn counter(rule: &str, most: Most) -> ShortText {
    match most {
        Most::Points(_) => format!("rule:{rule}:points").into(),
        Most::Times(_) => format!("rule:{rule}:times").into(),
    }
}

/// Counters across members that a command reads, in one order; `None` stands for what is due. The codes and
/// the order must be in the book.
pub fn counters_to_load(ctx: Context<'_>, book: &Book, command: Option<&Command>) -> Vec<ShortText> {
    let mut all = match command {
        Some(Command::PutOrder { body, .. } | Command::Exchange { order: body, .. }) => {
            let mut all = coupons::counters_of_body(ctx, book, body);
            all.extend(gifts::counters_of_body(book, body));
            all
        }
        Some(Command::ClaimReward { reward, .. }) => return rewards::counters(ctx, reward),
        Some(Command::ChangeGiftCard { code, .. }) => return vec![of_gift_card(code.as_str())],
        // A return can change the level, and rules speak of that.
        Some(
            Command::Register { .. }
            | Command::Import(_)
            | Command::Happen { .. }
            | Command::ChangePerson
            | Command::SetHolder { .. }
            | Command::ReturnPieces(_)
            | Command::SetTier { .. }
            | Command::Hear(_)
            | Command::Join { .. }
            | Command::CancelOrder { .. }
            | Command::ClaimOrder { .. },
        )
        | None => Vec::new(),
        // Nothing else gives points by a rule; what a return takes back needs no reading.
        Some(_) => return Vec::new(),
    };
    // Of any version that may decide: an order goes by that of its placing.
    let fires = |rule: &&Rule| fires(rule.when, command);
    let versions = ctx.versions.all().filter(|_| ctx.versions.has_totals());
    let rules = versions.flat_map(|program| &program.rules).filter(fires);
    all.extend(rules.filter_map(|rule| rule.limits.total.map(|most| counter(&rule.id, most))));
    all.sort();
    all.dedup();
    all
}

/// Whether the command can fire rules of the trigger; `None` stands for what is due.
fn fires(when: Trigger, command: Option<&Command>) -> bool {
    match when {
        Trigger::MemberRegistered => {
            matches!(command, Some(Command::Register { .. } | Command::Import(_)))
        }
        Trigger::OrderPlaced | Trigger::OrderPaid => {
            matches!(
                command,
                Some(Command::PutOrder { .. } | Command::Exchange { .. } | Command::ClaimOrder { .. })
            )
        }
        Trigger::OrderCompleted => {
            matches!(
                command,
                Some(Command::PutOrder { .. } | Command::Exchange { .. } | Command::ClaimOrder { .. }) | None
            )
        }
        // A birth date that is told may make the day due at once.
        Trigger::MemberBirthday { .. } | Trigger::MemberInactive { .. } | Trigger::Schedule(_) => {
            matches!(command, None | Some(Command::ChangePerson | Command::SetHolder { .. }))
        }
        Trigger::ProfileCompleted | Trigger::MemberSubscribed { .. } => {
            matches!(
                command,
                Some(
                    Command::Register { .. }
                        | Command::Import(_)
                        | Command::ChangePerson
                        | Command::SetHolder { .. }
                )
            )
        }
        Trigger::ReferralOrdered | Trigger::ReferralRegistered => matches!(command, Some(Command::Hear(_))),
        Trigger::RewardClaimed | Trigger::OfferGiven | Trigger::SegmentAsked => false,
        Trigger::Event(_) => matches!(command, Some(Command::Happen { .. })),
        // A registration may give a level too.
        Trigger::TierChanged { .. } => true,
        Trigger::AchievementReached => {
            let counted = |c: &Command| {
                matches!(
                    c,
                    Command::PutOrder { .. }
                        | Command::Exchange { .. }
                        | Command::ClaimOrder { .. }
                        | Command::Happen { .. }
                )
            };
            // A completion that is due may reach one too.
            command.is_none_or(counted)
        }
    }
}

/// What a rule has given so far within one decision, before it is counted.
#[derive(Debug, Clone, Default)]
pub(super) struct GivenNow(Vec<(ShortText, Points, u32)>);

impl GivenNow {
    pub fn add(&mut self, rule: &ShortText, points: Points) {
        self.add_times(rule, points, 1);
    }
    /// Several credits of one rule are given together: for as many times.
    pub fn add_times(&mut self, rule: &ShortText, points: Points, times: u32) {
        match self.0.iter_mut().find(|(known, ..)| known == rule) {
            Some((_, given, _)) => *given += points,
            None => self.0.push((rule.clone(), points, times)),
        }
    }
    fn of(&self, rule: &str) -> Option<Points> {
        self.0.iter().find(|(known, ..)| known == rule).map(|(_, points, _)| *points)
    }

    /// Counts what was given.
    pub fn count(self, draft: &mut Draft<'_>, at: Instant) {
        for (rule, points, times) in self.0 {
            let rule = draft.program.rules.iter().find(|r| r.id == rule);
            if let Some(rule) = rule {
                count(draft, rule, at, points, i64::from(times));
            }
        }
    }
}

/// The most points the rule may still give at `at`; `None` where nothing bounds it.
pub(super) fn room(
    program: &Program,
    book: &Book,
    rule: &Rule,
    at: Instant,
    now: &GivenNow,
) -> Option<Points> {
    let given = now.of(&rule.id);
    let left = |most: Most, used: i64| match most {
        Most::Points(most) => Points((most.0 - used - given.map_or(0, |p| p.0)).max(0)),
        // Several credits of one rule are one time.
        Most::Times(most) if used < most || given.is_some() => Points(i64::MAX),
        Most::Times(_) => Points::ZERO,
    };
    let of_member = rule.limits.per_member.map(|limit| {
        let since = limit.span.start(&program.zone, at);
        left(limit.most, book.member.used(&counter(&rule.id, limit.most), since))
    });
    let of_all = rule.limits.total.map(|most| left(most, book.counters.value(&counter(&rule.id, most))));
    of_member.into_iter().chain(of_all).min()
}

fn count(draft: &mut Draft<'_>, rule: &Rule, at: Instant, points: Points, times: i64) {
    for event in counted(draft.program, rule, at, points, times) {
        draft.push(event);
    }
}

fn counted(program: &Program, rule: &Rule, at: Instant, points: Points, times: i64) -> Vec<Event> {
    let by = |most| match most {
        Most::Points(_) => points.0,
        Most::Times(_) => times,
    };
    let of_member = rule.limits.per_member.filter(|limit| by(limit.most) != 0).map(|limit| {
        let (what, since) = (counter(&rule.id, limit.most), limit.span.start(&program.zone, at));
        Event::MemberUseCounted { what, since, by: by(limit.most) }
    });
    let of_all = rule.limits.total.filter(|most| by(*most) != 0);
    let of_all = of_all.map(|most| Event::UseCounted { what: counter(&rule.id, most), by: by(most) });
    of_member.into_iter().chain(of_all).collect()
}

/// How many times the rule may still give at `at`; `None` where times are not limited.
pub(super) fn times_left(program: &Program, book: &Book, rule: &Rule, at: Instant) -> Option<i64> {
    let left = |most: Most, used: i64| match most {
        Most::Times(most) => Some((most - used).max(0)),
        Most::Points(_) => None,
    };
    let of_member = rule.limits.per_member.and_then(|limit| {
        let since = limit.span.start(&program.zone, at);
        left(limit.most, book.member.used(&counter(&rule.id, limit.most), since))
    });
    let total = rule.limits.total;
    let of_all = total.and_then(|most| left(most, book.counters.value(&counter(&rule.id, most))));
    of_member.into_iter().chain(of_all).min()
}

/// Counts back what an achievement's rule gave at `at` and what was taken of it.
pub(super) fn count_back_given(draft: &mut Draft<'_>, rule: &str, at: Instant, points: Points, times: u32) {
    let program = draft.program;
    if let Some(rule) = program.rules.iter().find(|r| r.id == rule) {
        count(draft, rule, at, Points(-points.0), -i64::from(times));
    }
}

/// Counts back what was taken of the order's credits, by position; a rule of which nothing is left has not
/// been used.
pub(super) fn count_back(draft: &mut Draft<'_>, key: &OrderKey, taken: &[(u16, Points)]) {
    let program = draft.program;
    let mut back = GivenNow::default();
    for (at, points) in taken {
        let rule = draft.order(key).credits[usize::from(*at)].rule.clone();
        back.add(&rule, *points);
    }
    for (id, points, _) in back.0 {
        let Some(rule) = program.rules.iter().find(|r| r.id == id) else { continue };
        let left = |c: &&Credit| c.rule == id && c.taken < c.issued;
        let order = draft.order(key);
        // What it gave beside points goes with the last of the order, and its use with that.
        let gave = order.gave.iter().any(|given| given.rule == id);
        let over = !gave && !order.credits.iter().any(|c| left(&c));
        let Some(given_at) = given_at(rule, order) else { continue };
        count(draft, rule, given_at, Points(-points.0), -i64::from(over));
    }
}

/// Counts back what rules gave an emptied order beside points: their credits waited for that.
pub(super) fn count_back_grants(draft: &mut Draft<'_>, key: &OrderKey, rules: &[ShortText]) {
    let program = draft.program;
    for rule in program.rules.iter().filter(|rule| rules.contains(&rule.id)) {
        let order = draft.order(key);
        if let Some(given_at) = given_at(rule, order) {
            count(draft, rule, given_at, Points::ZERO, -1);
        }
    }
}

/// The moment whose period counted what the rule gave to the order.
fn given_at(rule: &Rule, order: &OrderState) -> Option<Instant> {
    match rule.when {
        Trigger::OrderPlaced | Trigger::ReferralOrdered | Trigger::ReferralRegistered => {
            Some(order.placed_at)
        }
        Trigger::OrderCompleted => order.completed_at,
        _ => order.paid_at,
    }
}

/// What would count back all that the order's credits still have.
pub(super) fn counted_back(program: &Program, order: &OrderState) -> Vec<Event> {
    let mut left = GivenNow::default();
    for credit in order.credits.iter().filter(|c| c.taken < c.issued) {
        left.add(&credit.rule, credit.issued - credit.taken);
    }
    let back = |(id, points, times): (ShortText, Points, u32)| {
        let rule = program.rules.iter().find(|r| r.id == id)?;
        let at = given_at(rule, order)?;
        Some(counted(program, rule, at, Points(-points.0), -i64::from(times)))
    };
    left.0.into_iter().filter_map(back).flatten().collect()
}
