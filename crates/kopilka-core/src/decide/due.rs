//! What time itself brings: activation, expiry, lapse, write-off, birthdays, silences, schedules. Nothing
//! edits balances on a timer: each is a command issued because it is due, run before the member's next
//! command, each exactly once and in order of due time.

use super::complete::complete;
use super::draft::{Draft, program_of};
use super::unclaimed::Unclaimed;
use super::{Context, back, coupons, earn, referral, tiers, unclaimed};
use crate::book::{Book, EntryDraft};
use crate::ids::LotNo;
use crate::ledger::Event;
use crate::member::{Member, MemberStatus, PersonFacts};
use crate::order::OrderKey;
use crate::points::Points;
use crate::program::{Program, Schedule, Trigger};
use crate::record::{Closing, Entries, Recorder};
use crate::referral::News;
use crate::time::{Instant, Period};

/// A credit issued later than this after it was due starts its validity when it is issued.
const LATE_AFTER_SECONDS: i64 = 3600;
/// Two birthdays of one member are at least this far apart, whatever is corrected in between.
const BIRTHDAYS_APART: Period = Period::Days(300);

/// What is due, in the order in which things of one instant happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Before what the order brings becomes available.
    Completion(OrderKey),
    Activation(LotNo),
    HoldLapse(OrderKey),
    UsesLapse(OrderKey),
    Expiry(LotNo),
    DebtWriteOff,
    TierReview,
    News(News),
    Birthday {
        days: i32,
        year: i16,
    },
    Silence {
        days: i32,
        since: Instant,
    },
    Schedule(Schedule),
    Unclaimed(Unclaimed),
}

/// When the member's next due command is, if any.
pub fn next_due(program: &Program, member: &Member, person: &PersonFacts) -> Option<Instant> {
    earliest(program, member, person).map(|(at, _)| at)
}

/// The orders whose holds and reservations lapse by `now`, and those that are completed by then.
pub fn orders_of_due(member: &Member, now: Instant) -> Vec<OrderKey> {
    let holds = member.holds.iter().map(|h| (&h.order, h.lapses_at));
    let waiting = member.reserved.iter().chain(&member.completing).map(|(order, at)| (order, *at));
    let told = member.telling.iter().filter_map(|telling| match &telling.news {
        News::Order(order) => Some((order, telling.due_at)),
        News::Registered => None,
    });
    let waiting = holds.chain(waiting).chain(told).filter(|(_, at)| *at <= now);
    waiting.map(|(order, _)| order.clone()).collect()
}

/// Whether [`run_due`] would do anything.
pub fn is_due(ctx: Context<'_>, book: &Book) -> bool {
    let program = ctx.versions.at(ctx.now);
    program.and_then(|p| next_due(p, &book.member, &book.person)).is_some_and(|at| at <= ctx.now)
}

/// Runs every command of the member that is due by `ctx.now`, in order of due time, and applies them.
pub fn run_due(ctx: Context<'_>, book: &mut Book) -> Vec<EntryDraft> {
    let mut entries = Entries::default();
    run_due_into(ctx, book, &mut entries);
    entries.into_all()
}

/// As [`run_due`], for whoever listens.
pub fn run_due_into(ctx: Context<'_>, book: &mut Book, recorder: &mut dyn Recorder) {
    let Some(program) = ctx.versions.at(ctx.now) else { return };
    while let Some((at, due)) = earliest(program, &book.member, &book.person).filter(|(at, _)| *at <= ctx.now)
    {
        // An order goes by the version that decided it.
        let program = match &due {
            Due::Completion(key) | Due::UsesLapse(key) | Due::News(News::Order(key)) => {
                program_of(ctx, book.orders.get(key), at)
            }
            _ => program,
        };
        run(program, book, recorder, at, due, ctx.now);
    }
}

fn earliest(program: &Program, member: &Member, person: &PersonFacts) -> Option<(Instant, Due)> {
    let mut best: Option<(Instant, Due)> = None;
    let mut offer = |at: Instant, due: Due| {
        if best.as_ref().is_none_or(|(b, d)| (at, &due) < (*b, d)) {
            best = Some((at, due));
        }
    };
    for lot in member.lots.iter().filter(|lot| !lot.awaits_payment) {
        if !lot.booked_active {
            offer(lot.active_at, Due::Activation(lot.no));
        } else if lot.free.0 > 0
            && let Some(expires_at) = lot.expires_at
        {
            offer(expires_at, Due::Expiry(lot.no));
        }
    }
    for hold in &member.holds {
        if best_is_after(hold.lapses_at, &best) {
            best = Some((hold.lapses_at, Due::HoldLapse(hold.order.clone())));
        }
    }
    for (order, lapses_at) in &member.reserved {
        if best_is_after(*lapses_at, &best) {
            best = Some((*lapses_at, Due::UsesLapse(order.clone())));
        }
    }
    for (order, completes_at) in &member.completing {
        let due = Due::Completion(order.clone());
        if best.as_ref().is_none_or(|(b, d)| (*completes_at, &due) < (*b, d)) {
            best = Some((*completes_at, due));
        }
    }
    if let Some(since) = member.debts.iter().filter(|d| !d.open.is_zero()).map(|d| d.since).min() {
        let at = program.zone.plus(since, program.returns.debt_write_off);
        if best_is_after(at, &best) {
            best = Some((at, Due::DebtWriteOff));
        }
    }
    if let Some(at) = member.standing.levels.iter().filter_map(|h| h.until).min()
        && best_is_after(at, &best)
    {
        best = Some((at, Due::TierReview));
    }
    if let Some((at, days, year)) = next_birthday(program, member, person)
        && best_is_after(at, &best)
    {
        best = Some((at, Due::Birthday { days, year }));
    }
    next_moments(program, member, &mut best);
    next_news(member, &mut best);
    if let Some((at, next)) = unclaimed::next(program, member, person)
        && best_is_after(at, &best)
    {
        best = Some((at, Due::Unclaimed(next)));
    }
    best
}

fn best_is_after(at: Instant, best: &Option<(Instant, Due)>) -> bool {
    best.as_ref().is_none_or(|(b, _)| at < *b)
}

fn next_news(member: &Member, best: &mut Option<(Instant, Due)>) {
    for telling in &member.telling {
        if best_is_after(telling.due_at, best) {
            *best = Some((telling.due_at, Due::News(telling.news.clone())));
        }
    }
}

/// The next silence and the next schedule to deal with; none from before a rule spoke of it.
fn next_moments(program: &Program, member: &Member, best: &mut Option<(Instant, Due)>) {
    let Some(registered) = member.registered_at else { return };
    if !matches!(member.status, MemberStatus::Active | MemberStatus::Frozen) {
        return;
    }
    let zone = &program.zone;
    for (days, ruled_since) in &program.moments.silences {
        let since = member.purchases.last.last().copied().unwrap_or(registered).max(registered);
        let done = member.moments.silences.iter().find(|(known, _)| known == days);
        let at = zone.start_of(zone.day_of(since).plus_days(*days));
        let new = done.is_none_or(|(_, before)| *before < since);
        if new && at >= *ruled_since && best_is_after(at, best) {
            *best = Some((at, Due::Silence { days: *days, since }));
        }
    }
    for (schedule, ruled_since) in &program.moments.schedules {
        let done = member.moments.schedules.iter().find(|(known, _)| known == schedule);
        let after = done.map_or(registered, |(_, at)| *at).max(*ruled_since);
        if let Some(at) = schedule.next_after(zone, after)
            && best_is_after(at, best)
        {
            *best = Some((at, Due::Schedule(*schedule)));
        }
    }
}

/// What rules wait for and what lies before now is not made up for to who comes from elsewhere: it is marked
/// as dealt with.
pub(super) fn pass_moments(draft: &mut Draft<'_>) {
    loop {
        let mut next = None;
        next_moments(draft.program, draft.member(), &mut next);
        draft.push(match next.filter(|(at, _)| *at <= draft.now) {
            Some((_, Due::Silence { days, since })) => Event::SilencePassed { days, since },
            Some((_, Due::Schedule(schedule))) => Event::ScheduleCame { schedule, at: draft.now },
            _ => return,
        });
    }
}

/// The next birthday to deal with: not before the birth date had been known long enough, once a year of
/// its own, never twice in 300 days.
fn next_birthday(program: &Program, member: &Member, person: &PersonFacts) -> Option<(Instant, i32, i16)> {
    let born = person.birth_date?;
    let registered = member.registered_at?;
    if !matches!(member.status, MemberStatus::Active | MemberStatus::Frozen) {
        return None;
    }
    let zone = &program.zone;
    let known = zone.plus(person.birth_date_known_at.unwrap_or(registered), program.birthday.known_for);
    // The day itself counts from its first moment, for who became known or registered during it.
    // Who was erased may have had this year's already.
    let registered = if member.former { zone.plus(registered, BIRTHDAYS_APART) } else { registered };
    let since = known.max(registered).max(program.birthday_since);
    let first = zone.start_of(zone.day_of(since));
    let mut next: Option<(Instant, i32, i16)> = None;
    for days in program.birthday_distances() {
        let done = member.birthdays.iter().find(|b| b.days == days);
        let from_year = done.map_or(zone.day_of(first).year() - 1, |d| d.year + 1);
        for year in from_year..from_year + 4 {
            let Some(day) = born.in_year(year) else { continue };
            let at = zone.start_of(day.plus_days(days));
            let far_enough = done.is_none_or(|d| at >= zone.plus(d.at, BIRTHDAYS_APART));
            if at >= first && far_enough {
                if next.is_none_or(|(best, ..)| at < best) {
                    next = Some((at, days, year));
                }
                break;
            }
        }
    }
    next
}

fn run(program: &Program, book: &mut Book, recorder: &mut dyn Recorder, at: Instant, due: Due, now: Instant) {
    let mut draft = Draft::new(program, at, book, recorder);
    let mut order = None;
    let late = now > at.plus_seconds(LATE_AFTER_SECONDS);
    let since = if late { now } else { at };
    let cause = match due {
        Due::Completion(key) => {
            draft.quiet = draft.earns_nothing(&key);
            complete(&mut draft, &key, at, since);
            order = Some(key);
            "completion"
        }
        Due::Activation(lot) => {
            let points = draft.member().lot(lot).map_or(Points::ZERO, |l| l.free);
            draft.push(Event::LotActivated { lot, points });
            draft.settle_debt();
            "activation"
        }
        Due::Expiry(lot) => {
            let points = draft.member().lot(lot).map_or(Points::ZERO, |l| l.free);
            draft.push(Event::LotExpired { lot, points });
            "expiry"
        }
        Due::HoldLapse(key) => {
            let held = draft.member().hold_of(&key).map_or(Points::ZERO, |h| h.points);
            draft.push(Event::HoldLapsed { order: key.clone() });
            back::release(&mut draft, &key, held);
            order = Some(key);
            "hold_lapse"
        }
        Due::UsesLapse(key) => {
            coupons::lapse(&mut draft, &key);
            order = Some(key);
            "reservation_lapse"
        }
        Due::DebtWriteOff => {
            write_off(&mut draft, at);
            "debt_write_off"
        }
        Due::TierReview => {
            tiers::review(&mut draft);
            "tier_review"
        }
        Due::News(news) => {
            order = referral::tell(&mut draft, news);
            "referral"
        }
        Due::Birthday { days, year } => {
            draft.push(Event::BirthdayPassed { days, year, at });
            earn::earn_event(&mut draft, Trigger::MemberBirthday { days }, since, at);
            "birthday"
        }
        Due::Silence { days, since } => {
            draft.push(Event::SilencePassed { days, since });
            earn::earn_event(&mut draft, Trigger::MemberInactive { days }, unless_late(at, now), at);
            "inactivity"
        }
        Due::Schedule(schedule) => {
            draft.push(Event::ScheduleCame { schedule, at });
            earn::earn_event(&mut draft, Trigger::Schedule(schedule), unless_late(at, now), at);
            "schedule"
        }
        Due::Unclaimed(next) => unclaimed::pass(&mut draft, next, now),
    };
    recorder.close(Closing { cause, order, version: program.version, effective_at: at });
}

/// The oldest debt, with all that is as old.
fn write_off(draft: &mut Draft<'_>, at: Instant) {
    let before = draft.member().debts.iter().filter(|d| !d.open.is_zero()).map(|d| d.since).min();
    let before = before.unwrap_or(at);
    let open = |d: &&crate::ledger::Debt| d.since <= before;
    let points = draft.member().debts.iter().filter(open).map(|d| d.open).sum();
    draft.push(Event::DebtWrittenOff { points, before });
}

/// When the validity of what is given begins.
fn unless_late(at: Instant, now: Instant) -> Instant {
    if now > at.plus_seconds(LATE_AFTER_SECONDS) { now } else { at }
}
