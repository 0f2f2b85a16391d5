//! `GET /v1/members/{id}/network`: whom a member has brought, by level, people masked.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use crate::wire::member::referral_code;
use axum::Json;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Member;
use kopilka_core::order::OrderState;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::referral::{LEVELS_MAX, is_of_registration, whose};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_service::rows::Person;
use kopilka_service::{Reader, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Rows that are read for a network: a member with more has a trade, and asks for reports.
const ROWS_MAX: usize = 5_000;
/// People that are told one by one, the newest first.
const PEOPLE_MAX: usize = 100;

#[derive(Debug, Serialize, ToSchema)]
pub struct NetworkAnswer {
    /// What the member's own link ends with.
    #[schema(example = "0000000000001")]
    pub referral_code: String,
    /// Who brought this member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<ReferrerAnswer>,
    /// Visitors that came by the link, friends who registered by it, and paid orders of all friends.
    pub visits: u32,
    pub registered: u32,
    pub orders: u32,
    /// What each level brought.
    pub levels: Vec<LevelAnswer>,
    /// The newest first, a hundred at most.
    pub people: Vec<FriendAnswer>,
    /// There is more than is counted here.
    pub more: bool,
    pub seq: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReferrerAnswer {
    pub member: String,
    /// `link` or `coupon`.
    pub how: &'static str,
    pub at: TimeText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LevelAnswer {
    /// 1 is whom the member brought, 2 whom those brought.
    pub level: u8,
    pub people: usize,
    pub orders: usize,
    /// Points that wait, and those that are the member's.
    pub pending: String,
    pub paid: String,
}

/// Somebody of the network, masked: a friend's purchases are the friend's affair.
#[derive(Debug, Serialize, ToSchema)]
pub struct FriendAnswer {
    /// The beginning of the name, or the end of the phone.
    #[schema(example = "А***")]
    pub name: String,
    pub level: u8,
    pub since: TimeText,
    pub orders: usize,
    pub pending: String,
    pub paid: String,
}

/// What one friend brought, added up.
#[derive(Debug, Clone, Copy)]
struct Brought {
    since: Instant,
    orders: usize,
    pending: Points,
    paid: Points,
}

/// A member's network
#[utoipa::path(get, path = "/v1/members/{id}/network", tag = "referrals",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = NetworkAnswer)))]
pub async fn get_network(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<NetworkAnswer>, Problem> {
    let id = desk.member_id(&id.0).await?;
    desk.wait(id, asked.0.at_least_seq).await?;
    let (id_of_program, program, now) = (desk.program_id(), desk.program.clone(), desk.now);
    let network = desk.read(move |r| network_of(r, id_of_program, id, (&program, now))).await?;
    network.map(Json).ok_or_else(|| desk.refused(&Refusal::MemberUnknown))
}

/// A member's network as of now; `None` where there is no such member.
pub fn network_of(
    reader: &Reader,
    id_of_program: ProgramId,
    id: MemberId,
    (program, now): (&Program, Instant),
) -> Result<Option<NetworkAnswer>, StoreError> {
    let Some(row) = reader.member(id_of_program, id)? else { return Ok(None) };
    let mut rows = reader.heard_of(id_of_program, id, ROWS_MAX + 1)?;
    let more = rows.len() > ROWS_MAX;
    rows.truncate(ROWS_MAX);
    let all = added_up(&row.member, &rows, now);
    let mut newest: Vec<(u8, MemberId)> = all.keys().copied().collect();
    newest.sort_by_key(|friend| std::cmp::Reverse((all[friend].since, friend.1)));
    newest.truncate(PEOPLE_MAX);
    let mut people = Vec::with_capacity(newest.len());
    for friend in newest {
        let (person, brought) = (reader.person(id_of_program, friend.1)?, all[&friend]);
        people.push(FriendAnswer {
            name: masked(person.as_ref()),
            level: friend.0,
            since: TimeText(brought.since),
            orders: brought.orders,
            pending: program.points.format(brought.pending),
            paid: program.points.format(brought.paid),
        });
    }
    let member = &row.member;
    let levels = (1..=LEVELS_MAX).filter_map(|level| LevelAnswer::of(level, &all, program));
    let referrer = member.referrer.as_ref().map(|referrer| ReferrerAnswer {
        member: referrer.member.to_string(),
        how: referrer.how.word(),
        at: TimeText(referrer.at),
    });
    Ok(Some(NetworkAnswer {
        referral_code: referral_code(id),
        referrer,
        visits: member.invited.visits,
        registered: member.invited.registered,
        orders: member.invited.orders,
        levels: levels.collect(),
        people,
        more,
        seq: row.seq,
    }))
}

fn added_up(member: &Member, rows: &[OrderState], now: Instant) -> BTreeMap<(u8, MemberId), Brought> {
    let mut all: BTreeMap<(u8, MemberId), Brought> = BTreeMap::new();
    for row in rows {
        let Some(friend) = whose(&row.key) else { continue };
        let since = row.placed_at;
        let none = Brought { since, orders: 0, pending: Points::ZERO, paid: Points::ZERO };
        let brought = all.entry(friend).or_insert(none);
        brought.since = brought.since.min(since);
        brought.orders += usize::from(!is_of_registration(&row.key));
        for credit in &row.credits {
            let waits = member.lot(credit.lot).filter(|lot| lot.is_pending(now));
            let pending = waits.map_or(Points::ZERO, |lot| lot.free);
            brought.pending += pending;
            brought.paid += credit.issued - credit.taken - pending;
        }
    }
    all
}

impl LevelAnswer {
    fn of(level: u8, all: &BTreeMap<(u8, MemberId), Brought>, program: &Program) -> Option<LevelAnswer> {
        let of_level = || all.iter().filter(move |((of, _), _)| *of == level).map(|(_, brought)| brought);
        let sum = |of: fn(&Brought) -> Points| program.points.format(of_level().map(of).sum());
        let people = of_level().count();
        (people > 0).then(|| LevelAnswer {
            level,
            people,
            orders: of_level().map(|brought| brought.orders).sum(),
            pending: sum(|brought| brought.pending),
            paid: sum(|brought| brought.paid),
        })
    }
}

/// The first letter of the name, else the last two figures of a phone: enough to know a friend by.
fn masked(person: Option<&Person>) -> String {
    let name = person.and_then(|person| person.name.as_deref()?.chars().next());
    let phone = person.and_then(|person| person.phones.first());
    match (name, phone) {
        (Some(letter), _) => format!("{letter}***"),
        (None, Some(phone)) => format!("***{}", &phone[phone.len().saturating_sub(2)..]),
        (None, None) => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_by_name() {
        let person = |name: Option<&str>, phones: &[&str]| Person {
            name: name.map(str::to_owned),
            phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
            ..Person::default()
        };
        assert_eq!(masked(Some(&person(Some("Анна Петрова"), &["+79123456789"]))), "А***");
        assert_eq!(masked(Some(&person(None, &["+79123456789"]))), "***89");
        assert_eq!(masked(Some(&person(None, &[]))), "***");
        assert_eq!(masked(None), "***");
    }
}
