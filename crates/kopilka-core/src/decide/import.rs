//! A member who comes from another system, with points of their own dates.
//!
//! Invariant: what is told was before the program, so no rule gives anything for it unless it is asked to;
//! points come only as lots, each with the dates that were told.

use super::draft::{Draft, program_of};
use super::due::pass_moments;
use super::erase::is_somebody;
use super::{Context, Decision, Outcome, dates, earn, grants, order, profile, subscribed, tiers, unclaimed};
use crate::ShortText;
use crate::book::Book;
use crate::ledger::{Event, Lot};
use crate::money::{MONEY_MAX, Money};
use crate::order::Gave;
use crate::points::{POINTS_MAX, Points};
use crate::program::{Program, Trigger};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;

/// The source of lots that were brought along.
pub const IMPORT: &str = "import";

/// What another system knew of a member, and one of the lots that it had.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Now when absent; of a member who is known it says nothing new.
    pub registered_at: Option<Instant>,
    /// The rules of a registration fire.
    pub welcome: bool,
    /// Was a member here before and was erased.
    pub former: bool,
    pub lot: Option<ImportedLot>,
    /// Counts once, for who has bought nothing here yet.
    pub bought: Option<BroughtPurchases>,
    /// A level above the lowest, held until then, or as one that was reached today.
    pub tier: Option<ShortText>,
    pub tier_until: Option<Instant>,
    /// What the program declares.
    pub tags: Vec<ShortText>,
}

/// What was bought elsewhere, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BroughtPurchases {
    pub orders: u32,
    /// Minor units, not below zero.
    pub paid: Money,
    /// When the last of it was paid; it all counts on this day, or today.
    pub last_at: Option<Instant>,
}

/// Points with their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportedLot {
    /// Smallest point units, above zero.
    pub points: Points,
    /// When they were earned, or will be available; now when absent.
    pub active_at: Option<Instant>,
    pub end: LotEnd,
}

/// When points that were brought along end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LotEnd {
    /// As the program has it for points that are given today.
    #[default]
    Program,
    Never,
    At(Instant),
}

/// What is wrong with it whoever the member is: the ladder of an import, for who looks before importing.
pub fn judge_import(ctx: Context<'_>, imported: &Imported) -> Result<(), Refusal> {
    judge_points(ctx, imported)?;
    judge_marks(program_of(ctx, None, ctx.now), imported, ctx.now)
}

fn judge_points(ctx: Context<'_>, imported: &Imported) -> Result<(), Refusal> {
    order::moment(ctx, imported.registered_at)?;
    if let Some(bought) = imported.bought {
        order::moment(ctx, bought.last_at)?;
        if !(0..=MONEY_MAX).contains(&bought.paid.0) {
            return Err(Refusal::AmountOutOfRange { line: String::new() });
        }
    }
    let Some(lot) = imported.lot else { return Ok(()) };
    if !(1..=POINTS_MAX).contains(&lot.points.0) {
        return Err(Refusal::PointsOutOfRange);
    }
    match lot.end {
        LotEnd::At(end) if end <= ctx.now => Err(Refusal::PointsExpired),
        LotEnd::At(end) if lot.active_at.is_some_and(|at| end <= at) => Err(Refusal::PointsOutOfRange),
        _ => Ok(()),
    }
}

fn judge_marks(program: &Program, imported: &Imported, now: Instant) -> Result<(), Refusal> {
    if let Some(tier) = &imported.tier {
        let known = program.tiers.as_ref().and_then(|tiers| tiers.rank(tier));
        known.ok_or_else(|| Refusal::TierUnknown { tier: tier.to_string() })?;
    }
    if imported.tier_until.is_some_and(|until| until <= now) {
        return Err(Refusal::UntilPassed);
    }
    match imported.tags.iter().find(|tag| !program.tags.contains(tag)) {
        Some(tag) => Err(Refusal::TagUnknown { tag: tag.to_string() }),
        None => Ok(()),
    }
}

/// Registers whoever is new, and adds the lot, the level and the marks.
pub(super) fn import(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    imported: &Imported,
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    judge_points(ctx, imported)?;
    is_somebody(book)?;
    judge_marks(program, imported, ctx.now)?;
    // After this point it succeeds.
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.quiet = !imported.welcome;
    if draft.member().registered_at.is_none() {
        register(&mut draft, imported);
    }
    // What is told of before is no time in which somebody could have claimed a card here.
    unclaimed::count_anew(&mut draft, ctx.now);
    bring(&mut draft, imported);
    pass_moments(&mut draft);
    let points = imported.lot.map_or(Points::ZERO, |lot| issue(&mut draft, lot));
    mark(&mut draft, imported);
    draft.settle_debt();
    Ok(draft.finish(Outcome::Imported { points }, ctx.now, None))
}

fn register(draft: &mut Draft<'_>, imported: &Imported) {
    let now = draft.now;
    let at = imported.registered_at.map_or(now, |at| at.min(now));
    draft.push(Event::MemberRegistered { at, former: imported.former });
    if !imported.former {
        earn::earn_event(draft, Trigger::MemberRegistered, now, now);
        subscribed::welcome(draft);
        profile::complete(draft);
    }
}

/// What was bought elsewhere counts for levels and for "the n-th order"; a level that is reached by it gives
/// nothing.
fn bring(draft: &mut Draft<'_>, imported: &Imported) {
    let Some(bought) = imported.bought.filter(|_| draft.member().purchases.is_none()) else { return };
    let (program, now) = (draft.program, draft.now);
    let last_at = bought.last_at.map(|at| at.min(now));
    let at = last_at.unwrap_or(now);
    let zone = &program.zone;
    let (on, keep_from) = match &program.tiers {
        Some(tiers) => (tiers.counted_on(zone, at), Some(tiers.window_start(zone, now))),
        None => (zone.day_of(at), None),
    };
    let BroughtPurchases { orders, paid, .. } = bought;
    draft.push(Event::PurchasesBrought { orders, paid, last_at, on, keep_from });
    tiers::rise(draft);
}

fn issue(draft: &mut Draft<'_>, lot: ImportedLot) -> Points {
    let now = draft.now;
    let active_at = lot.active_at.unwrap_or(now);
    let (expires_at, renewal) = match lot.end {
        LotEnd::At(end) => (Some(end), None),
        LotEnd::Never => (None, None),
        // Nobody loses by the move what the old system had not dated: it lives as if given today.
        LotEnd::Program => dates::end_of_life(draft, draft.program.validity(), active_at.max(now)),
    };
    let lot = Lot {
        no: draft.next_lot(),
        free: lot.points,
        held: Points::ZERO,
        source: IMPORT.into(),
        order: None,
        active_at,
        expires_at,
        booked_active: active_at <= now,
        gift: false,
        regranted: false,
        renewal,
        awaits_payment: false,
    };
    let points = lot.free;
    draft.push(Event::LotIssued { lot });
    points
}

/// A level that is held already, and longer, is not given again by the member's further rows.
fn mark(draft: &mut Draft<'_>, imported: &Imported) {
    let rank = |tier: &ShortText| draft.program.tiers.as_ref().and_then(|tiers| tiers.rank(tier));
    if let Some(tier) = imported.tier.as_ref().filter(|tier| rank(tier).is_some_and(|rank| rank > 0)) {
        let until = imported.tier_until.or_else(|| grants::held_until(draft, None, draft.now));
        let by = crate::standing::Granted::default();
        if let Some(levels) = tiers::with_granted(draft, tier, until, by) {
            draft.note(Step::TierGiven { rule: None, tier: tier.clone(), until });
            tiers::settle(draft, levels);
        }
    }
    for tag in &imported.tags {
        if !draft.member().has_tag(tag) {
            draft.note(Step::Tagged { rule: None, tag: tag.clone(), on: true });
            let gave = Gave::Tag { tag: tag.clone(), on: true };
            draft.push(Event::Granted { gave, rule: None, order: None, back: false });
        }
    }
}
