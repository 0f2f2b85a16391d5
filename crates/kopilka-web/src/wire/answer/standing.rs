//! Levels and achievements of a member.

use crate::wire::TimeText;
use kopilka_core::decide::{AchievementStanding, TierStanding, achievement_standings, tier_standing};
use kopilka_core::member::Member;
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::standing::Counted;
use kopilka_core::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// The member's level now, and the way to the next.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierAnswer {
    #[schema(example = "silver")]
    pub tier: String,
    /// Absent in the first level, which everybody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<TimeText>,
    /// When it is judged again; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<TimeText>,
    /// What is counted: `money_paid`, `orders` or `points_earned`.
    pub by: &'static str,
    /// How much of it counts now.
    #[schema(example = "21000.00")]
    pub counted: String,
    /// Absent in the highest level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTierAnswer>,
}

/// The next level and what is missing to it now.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextTierAnswer {
    pub tier: String,
    pub from: String,
    pub missing: String,
}

/// An achievement with the member's progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct AchievementAnswer {
    pub achievement: String,
    /// What is counted: `money_paid`, `orders`, `pieces`, `points_earned` or `events`.
    pub counts: &'static str,
    /// Which events, where those are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    pub progress: String,
    pub goal: String,
    /// How often it has been reached.
    pub reached: u32,
}

fn word(counted: Counted) -> &'static str {
    match counted {
        Counted::MoneyPaid => "money_paid",
        Counted::Orders => "orders",
        Counted::PointsEarned => "points_earned",
        Counted::Pieces => "pieces",
        Counted::Events => "events",
    }
}

fn amount(program: &Program, counted: Counted, value: i64) -> String {
    match counted {
        Counted::MoneyPaid => program.currency.format(Money(value)),
        Counted::PointsEarned => program.points.format(Points(value)),
        Counted::Orders | Counted::Events => value.to_string(),
        Counted::Pieces => kopilka_core::decimal::format_trimmed(value, 3),
    }
}

impl TierAnswer {
    pub fn of(member: &Member, program: &Program, now: Instant) -> Option<TierAnswer> {
        let TierStanding { tier, since, until, counted, sum, next } = tier_standing(program, member, now)?;
        let text = |value| amount(program, counted, value);
        Some(TierAnswer {
            tier: tier.to_string(),
            since: since.map(TimeText),
            until: until.map(TimeText),
            by: word(counted),
            counted: text(sum),
            next: next.map(|next| NextTierAnswer {
                tier: next.tier.to_string(),
                from: text(next.from),
                missing: text(next.missing),
            }),
        })
    }
}

impl AchievementAnswer {
    pub fn all(member: &Member, program: &Program) -> Vec<AchievementAnswer> {
        let answer = |standing: AchievementStanding| {
            let AchievementStanding { achievement, counted, event, progress, goal, reached } = standing;
            AchievementAnswer {
                achievement: achievement.to_string(),
                counts: word(counted),
                event: event.map(|event| event.to_string()),
                progress: amount(program, counted, progress),
                goal: amount(program, counted, goal),
                reached,
            }
        };
        achievement_standings(program, member).into_iter().map(answer).collect()
    }
}
