//! Achievements: reached while orders are paid and events told, taken back with what they gave when orders
//! come back.
//!
//! Invariant: a payment only reaches, a return only loses: a goal that a later version sets higher takes
//! nothing from anybody.

use super::clawback::{self, TakenBack};
use super::draft::Draft;
use super::{earn, limits};
use crate::ShortText;
use crate::ledger::Event;
use crate::member::Member;
use crate::points::{POINTS_MAX, Points};
use crate::program::Program;
use crate::standing::{Counted, Gift, Progress};
use crate::trace::Step;
use serde::{Deserialize, Serialize};

/// An achievement of a member, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AchievementStanding {
    pub achievement: ShortText,
    pub counted: Counted,
    /// Which events, where those are counted.
    pub event: Option<ShortText>,
    /// In units of what is counted.
    pub progress: i64,
    pub goal: i64,
    pub reached: u32,
}

/// All achievements of the program with the member's progress, as the document has them.
pub fn achievement_standings(program: &Program, member: &Member) -> Vec<AchievementStanding> {
    let standing = |achievement: &crate::program::Achievement| {
        let known = member.standing.progress(&achievement.id);
        AchievementStanding {
            achievement: achievement.id.clone(),
            counted: achievement.counts,
            event: achievement.event.clone(),
            progress: known.map_or(0, |p| p.value),
            goal: achievement.goal,
            reached: known.map_or(0, |p| p.reached),
        }
    };
    program.achievements.iter().map(standing).collect()
}

/// Achievements the member has none of yet begin with the order or event that is counted next.
pub(super) fn start(draft: &mut Draft<'_>) {
    let program = draft.program;
    let standing = &draft.member().standing;
    let new = |a: &&crate::program::Achievement| standing.progress(&a.id).is_none();
    let first = standing.orders + 1;
    let begin = |a: &crate::program::Achievement| Progress {
        achievement: a.id.clone(),
        by: a.counts,
        event: a.event.clone(),
        first,
        value: 0,
        reached: 0,
        but: Vec::new(),
    };
    let started: Vec<Progress> = program.achievements.iter().filter(new).map(begin).collect();
    if started.is_empty() {
        return;
    }
    let gone = |p: &&Progress| program.achievement(&p.achievement).is_none();
    let forgotten = standing.achievements.iter().filter(gone).map(|p| p.achievement.clone()).collect();
    draft.push(Event::AchievementsStarted { started, forgotten });
}

/// What an achievement's progress comes to: how often it is reached by now, and how often it was.
fn changes(draft: &Draft<'_>, changed: impl Fn(u32, u32) -> bool) -> Vec<(ShortText, u32, u32)> {
    let due = |p: &Progress| {
        let achievement = draft.program.achievement(&p.achievement)?;
        Some((p.achievement.clone(), achievement.times(p.value), p.reached))
    };
    let all = draft.member().standing.achievements.iter().filter_map(due);
    all.filter(|(_, due, before)| changed(*due, *before)).collect()
}

/// After an order or an event was counted.
pub(super) fn reach(draft: &mut Draft<'_>) -> Points {
    let mut given = Points::ZERO;
    for (achievement, times, before) in changes(draft, |due, before| due > before) {
        draft.push(Event::AchievementReached { achievement: achievement.clone(), times });
        draft.note(Step::AchievementReached { achievement: achievement.clone(), times });
        given += earn::earn_achievement(draft, &achievement, (before + 1, times));
    }
    given
}

/// After pieces came back.
pub(super) fn lose(draft: &mut Draft<'_>) -> TakenBack {
    lose_some(draft, |_| true)
}

/// As far as the names are meant.
pub(super) fn lose_some(draft: &mut Draft<'_>, meant: impl Fn(&ShortText) -> bool) -> TakenBack {
    let mut sum = TakenBack::default();
    let lost = changes(draft, |due, before| due < before).into_iter();
    for (achievement, times, _) in lost.filter(|(achievement, ..)| meant(achievement)) {
        draft.note(Step::AchievementLost { achievement: achievement.clone(), times });
        let of = |g: &&Gift| g.achievement == achievement;
        let mut gifts: Vec<Gift> = draft.member().standing.gifts.iter().filter(of).cloned().collect();
        // Several credits of one rule were one use of it for each time.
        let mut used: Vec<(ShortText, u32)> = Vec::new();
        for gift in &mut gifts {
            let lost = gift.last - gift.last.min(times.max(gift.first - 1));
            let taken = take_back(draft, gift, times);
            let again = used.contains(&(gift.rule.clone(), gift.first));
            used.push((gift.rule.clone(), gift.first));
            // What it gave beside points stays with the member, and so does the use.
            let stays = draft.program.rules.iter().any(|r| r.id == gift.rule && r.grants().next().is_some());
            let lost = if again || stays { 0 } else { lost };
            limits::count_back_given(draft, &gift.rule, gift.at, taken.points, lost);
            gift.taken += taken.points;
            gift.last = gift.last.min(times);
            sum.points += taken.points;
            sum.not_recovered += taken.not_recovered;
        }
        gifts.retain(|g| g.first <= g.last);
        draft.push(Event::AchievementLost { achievement, times, gifts });
    }
    sum
}

/// What burnt unspent is not taken again.
fn take_back(draft: &mut Draft<'_>, gift: &Gift, times: u32) -> TakenBack {
    let left = (gift.last.min(times) + 1).saturating_sub(gift.first);
    let burnt = draft.member().burnt_of(gift.lot);
    let points = gift.given - gift.given.min(times_each(gift.each, left)) - burnt - gift.taken;
    if points.0 <= 0 {
        return TakenBack::default();
    }
    draft.note(Step::CreditTakenBack { rule: gift.rule.clone(), points });
    let not_recovered = clawback::take_back(draft, &gift.rule, None, gift.lot, points);
    TakenBack { points, not_recovered }
}

/// Never more than a lot may hold.
pub(super) fn times_each(each: Points, times: u32) -> Points {
    let exact = i128::from(each.0) * i128::from(times);
    Points(exact.min(i128::from(POINTS_MAX)) as i64)
}
