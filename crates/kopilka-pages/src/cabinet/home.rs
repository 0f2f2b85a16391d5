//! The first page: what a member has, when it can be spent, and when it burns.
//!
//! Invariant: dates and sums are the account's own as of now, whether or not a job has booked them.

use super::barcode;
use super::enter::EnterPage;
use super::frame::{Frame, Room};
use super::gate::{Entry, Guest};
use crate::answer::Page;
use crate::shown::Shown;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::decide::{AchievementStanding, TierStanding, achievement_standings, tier_standing};
use kopilka_core::ids::MemberId;
use kopilka_core::member::Member;
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::standing::Counted;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_service::identifiers::of_holder;
use kopilka_service::rows::{MemberRow, Person};
use kopilka_web::problem::Problem;
use std::collections::BTreeMap;

/// Dates that are told apart; what comes later is far away.
const DATES_SHOWN: usize = 6;

/// Points that come or go together.
pub struct Dated {
    pub points: String,
    pub when: String,
}

/// The level, and the way to the next.
pub struct LevelShown {
    pub name: String,
    pub until: Option<String>,
    pub next: Option<Way>,
}

/// How far it is to something.
pub struct Way {
    pub name: String,
    /// What is missing, in words; what there is and the goal where nothing is said.
    pub told: String,
    pub done: i64,
    pub goal: i64,
    /// Reached so often.
    pub reached: u32,
}

/// The card for a till.
pub struct Card {
    pub number: String,
    pub bars: Option<String>,
    pub square: String,
}

#[derive(Template)]
#[template(path = "cabinet/home.html")]
pub struct HomePage {
    pub frame: Frame,
    pub name: Option<String>,
    pub available: String,
    pub worth: String,
    pub held: Option<String>,
    pub debt: Option<String>,
    /// Why nothing can be earned or spent, where the account is not open.
    pub closed: Option<String>,
    pub pending: Vec<Dated>,
    /// Promised by orders that are not paid yet.
    pub promised: Option<String>,
    pub burning: Vec<Dated>,
    pub level: Option<LevelShown>,
    pub achievements: Vec<Way>,
    /// Of a holder only a card of its own: another would be taken for the owner's.
    pub card: Option<Card>,
}

impl HomePage {
    pub fn sample(language: Language) -> HomePage {
        let dated = || vec![Dated { points: "40".to_owned(), when: "—".to_owned() }];
        let way = |reached| Way {
            name: "Sports <bonus>".to_owned(),
            told: "—".to_owned(),
            done: 3,
            goal: 10,
            reached,
        };
        HomePage {
            frame: Frame::sample(language),
            name: Some("<script>alert(1)</script>".to_owned()),
            available: "350".to_owned(),
            worth: "350".to_owned(),
            held: Some("10".to_owned()),
            debt: Some("5".to_owned()),
            closed: Some("—".to_owned()),
            pending: dated(),
            promised: Some("7".to_owned()),
            burning: dated(),
            level: Some(LevelShown {
                name: "Кафе".to_owned(),
                until: Some("—".to_owned()),
                next: Some(way(0)),
            }),
            achievements: vec![way(0), way(2)],
            card: Some(Card::of("2000000000015")),
        }
    }

    fn of(guest: &Guest, row: &MemberRow, person: &Person) -> HomePage {
        let (member, now) = (&row.member, guest.desk.now);
        let shown = Shown::of(&guest.desk);
        let frame = Frame::of(guest, Some(Room::Home));
        let balance = member.balance_at(now);
        let some = |points: Points| (points > Points::ZERO).then(|| shown.points(points));
        let status = kopilka_web::wire::answer::member::status_name(member.status);
        let promised = member.lots.iter().filter(|lot| lot.awaits_payment).map(|lot| lot.free).sum();
        let holder = guest.session.as_ref().and_then(|session| session.holder);
        let [_, _, cards] = of_holder(person, holder);
        let number = cards.first().cloned().or_else(|| holder.is_none().then(|| member.id.to_string()));
        let of = |no| person.holders.iter().find(|known| known.no == no).and_then(|known| known.name.clone());
        HomePage {
            name: holder.map_or_else(|| person.name.clone(), of),
            available: shown.points(balance.available),
            worth: shown.money(shown.program.points.worth(balance.available)),
            held: some(balance.held),
            debt: some(balance.debt),
            closed: frame.words.say_if_known(&format!("cabinet-closed-{status}")),
            pending: pending(member, now, &shown, &frame),
            promised: some(promised),
            burning: burning(member, now, &shown),
            level: level(member, now, &shown, &frame),
            achievements: achievements(member, &shown),
            card: number.as_deref().map(Card::of),
            frame,
        }
    }
}

impl Card {
    fn of(number: &str) -> Card {
        Card { number: number.to_owned(), bars: barcode::bars(number), square: barcode::square(number) }
    }
}

/// What waits, by the day it can be spent from.
fn pending(member: &Member, now: Instant, shown: &Shown, frame: &Frame) -> Vec<Dated> {
    let mut dates: BTreeMap<Instant, Points> = BTreeMap::new();
    let waits = member.lots.iter().filter(|lot| lot.is_pending(now) && !lot.awaits_payment);
    for lot in waits.filter(|lot| lot.free > Points::ZERO) {
        *dates.entry(lot.active_at).or_default() += lot.free;
    }
    let dated = |(at, points): (Instant, Points)| Dated {
        points: shown.points(points),
        when: frame.say_of("cabinet-from", &shown.moment(at)),
    };
    dates.into_iter().map(dated).take(DATES_SHOWN).collect()
}

/// What burns, by the day it is gone after.
fn burning(member: &Member, now: Instant, shown: &Shown) -> Vec<Dated> {
    let mut dates: BTreeMap<Instant, Points> = BTreeMap::new();
    let lives = member.lots.iter().filter(|lot| !lot.is_dead(now) && !lot.awaits_payment);
    for lot in lives.filter(|lot| lot.free > Points::ZERO) {
        if let Some(end) = lot.expires_at {
            *dates.entry(end).or_default() += lot.free;
        }
    }
    let dated =
        |(end, points): (Instant, Points)| Dated { points: shown.points(points), when: shown.until(end) };
    dates.into_iter().map(dated).take(DATES_SHOWN).collect()
}

fn level(member: &Member, now: Instant, shown: &Shown, frame: &Frame) -> Option<LevelShown> {
    let TierStanding { tier, until, counted, sum, next, .. } = tier_standing(&shown.program, member, now)?;
    let levels = &shown.program.tiers.as_ref()?.levels;
    let name = |id: &str| {
        let level = levels.iter().find(|level| level.id == id);
        level.map_or(id.to_owned(), |level| shown.language.of(&level.name).to_owned())
    };
    let next = next.map(|next| Way {
        name: name(&next.tier),
        told: frame.say_of("cabinet-missing", &amount(shown, counted, next.missing)),
        done: sum.min(next.from),
        goal: next.from,
        reached: 0,
    });
    Some(LevelShown { name: name(&tier), until: until.map(|end| shown.until(end)), next })
}

fn achievements(member: &Member, shown: &Shown) -> Vec<Way> {
    let way = |standing: AchievementStanding| {
        let AchievementStanding { achievement, counted, progress, goal, reached, .. } = standing;
        let known = shown.program.achievements.iter().find(|known| known.id == achievement);
        // What is reached again and again is told by how far the next time is, what is reached once no more.
        let again = known.is_some_and(|known| known.repeat);
        let done = if again && goal > 0 { progress.rem_euclid(goal) } else { progress.min(goal) };
        let told = || format!("{} / {}", amount(shown, counted, done), amount(shown, counted, goal));
        Way {
            name: known.map_or(achievement.to_string(), |known| shown.language.of(&known.name).to_owned()),
            told: if reached > 0 && !again { String::new() } else { told() },
            done,
            goal,
            reached,
        }
    };
    achievement_standings(&shown.program, member).into_iter().map(way).collect()
}

/// A figure in the units of what is counted.
fn amount(shown: &Shown, counted: Counted, value: i64) -> String {
    match counted {
        Counted::MoneyPaid => shown.money(Money(value)),
        Counted::PointsEarned => shown.points(Points(value)),
        Counted::Orders | Counted::Events => shown.language.number(value, 0),
        Counted::Pieces => shown.language.number(value, 3),
    }
}

/// `GET /cabinet/{slug}`: the account, or the way in.
pub async fn page(guest: Guest) -> Result<Response, Response> {
    let Some(session) = guest.session.clone() else {
        return Ok(Page(EnterPage::of(&guest)).into_response());
    };
    if !guest.may(Entry::Seeing) {
        return Err(Problem::of("holder_right_missing").into_response());
    }
    let (row, person) = read(&guest, session.member).await?;
    Ok(Page(HomePage::of(&guest, &row, &person)).into_response())
}

pub async fn read(guest: &Guest, member: MemberId) -> Result<(MemberRow, Person), Response> {
    let program = guest.program();
    let read = guest.desk.read(move |r| Ok((r.member(program, member)?, r.person(program, member)?)));
    let (row, person) = read.await.map_err(IntoResponse::into_response)?;
    let row = row.ok_or_else(|| guest.desk.refused(&Refusal::MemberUnknown).into_response())?;
    Ok((row, person.unwrap_or_default()))
}
