//! `/admin/rewards`: what points buy beside orders, how much of it is left, and the claims that wait.
//!
//! Invariant: a claim is offered to be settled as it stands now: those counted earlier and settled meanwhile
//! are left out. By what a person is found never stands in an address.

use super::campaign::found;
use super::{Counted, Editor, coupons, editor, standings, term};
use crate::act::{envelope, may};
use crate::admin::people::{Tag, name_of};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::counters::of_reward;
use kopilka_core::ids::MemberId;
use kopilka_core::measures::Claims;
use kopilka_core::member::Member;
use kopilka_core::points::Points;
use kopilka_core::program::{Gives, Reward};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Day;
use kopilka_core::words::Language;
use kopilka_service::rows::Person;
use kopilka_service::{Change, MemberRef};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::collections::BTreeSet;

/// Claims of a page: what is handed over in a day.
const CLAIMS_SHOWN: usize = 50;

/// One reward of the catalogue.
pub struct RewardLine {
    pub id: String,
    pub name: String,
    pub price: String,
    /// What the member gets, and the page of its campaign.
    pub gives: String,
    pub campaign: Option<String>,
    pub state: Tag,
    pub term: String,
    pub left: String,
    /// Claimed in all, those taken back not counted.
    pub claimed: String,
    pub waiting: String,
    /// Claimed times the price of now.
    pub points: String,
}

/// A claim that waits.
pub struct ClaimLine {
    pub member: String,
    pub who: String,
    pub claim: u32,
    pub reward: String,
    pub at: String,
    pub points: String,
}

#[derive(Template)]
#[template(path = "admin/market/rewards.html")]
pub struct RewardsPage {
    pub frame: Frame,
    pub lines: Vec<RewardLine>,
    pub counted: Counted,
    pub editor: Option<Editor>,
    /// None where the role sees no members.
    pub claims: Option<Vec<ClaimLine>>,
    /// More claims wait than are shown.
    pub more: Option<String>,
    pub find: String,
    /// The claims are those of this member.
    pub of_member: Option<String>,
    pub may_settle: bool,
}

impl RewardsPage {
    pub fn sample(language: Language) -> RewardsPage {
        let frame = Frame::sample(language);
        let line = |name: &str, key: &str, tone: &'static str| RewardLine {
            id: "a".to_owned(),
            name: name.to_owned(),
            price: "500".to_owned(),
            gives: frame.say("rewards-handed-over"),
            campaign: Some("/admin/coupons/a".to_owned()),
            state: Tag { label: frame.say(key), tone },
            term: "1.03.2026 – 31.03.2026".to_owned(),
            left: "3 / 20".to_owned(),
            claimed: "17".to_owned(),
            waiting: "2".to_owned(),
            points: "8 500".to_owned(),
        };
        let claim = |who: &str| ClaimLine {
            member: "m_0000000000001".to_owned(),
            who: who.to_owned(),
            claim: 1,
            reward: "\"><script>".to_owned(),
            at: "1.03.2026, 10:00".to_owned(),
            points: "500".to_owned(),
        };
        RewardsPage {
            lines: vec![
                line("<script>alert(1)</script>", "rewards-offered", "good"),
                line("<b>2</b>", "rewards-gone", "warn"),
            ],
            counted: Counted::sample("rewards"),
            editor: Some(Editor::sample(Some("reward"))),
            claims: Some(vec![claim("<script>alert(1)</script>"), claim("Анна")]),
            more: Some("120".to_owned()),
            find: "\"><script>".to_owned(),
            of_member: None,
            may_settle: true,
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> RewardsPage {
        let page = RewardsPage::sample(language);
        let counted = Counted { page: "rewards", at: None };
        RewardsPage { lines: Vec::new(), claims: Some(Vec::new()), more: None, counted, ..page }
    }
}

fn frame(office: &Office) -> Frame {
    Frame::of(&office.visit, Some(Section::Rewards))
}

/// `GET /admin/rewards`: the catalogue and the oldest claims, or those of one member.
pub async fn page(office: Office) -> Result<Response, Response> {
    let member = asked(&office.visit.path, "member").and_then(|text| MemberId::parse(&text));
    Ok(Page(drawn(&office, frame(&office), member).await?).into_response())
}

/// `POST /admin/rewards/find`: whom the field names.
pub async fn find(office: Office, posted: Posted) -> Result<Response, Response> {
    let text = posted.text("find");
    if text.is_empty() {
        return Ok(back_to("/admin/rewards"));
    }
    match found(&office, text).await {
        Ok(member) => Ok(back_to(&format!("/admin/rewards?member={member}"))),
        Err(problem) => refused(&office, None, text, problem).await,
    }
}

/// The page once more, with what was refused.
async fn refused(
    office: &Office,
    member: Option<MemberId>,
    find: &str,
    problem: Problem,
) -> Result<Response, Response> {
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = office.desk.language.of(&problem.detail).to_owned();
    let page = drawn(office, frame(office).with_notice(Tone::Bad, said), member).await?;
    Ok(again(RewardsPage { find: find.to_owned(), ..page }, problem.code))
}

async fn drawn(office: &Office, frame: Frame, member: Option<MemberId>) -> Result<RewardsPage, Response> {
    let desk = &office.desk;
    let shown = Shown::of(desk);
    let (standings, counted) = standings(office, "rewards").await?;
    let (program, rewards) = (desk.program_id(), desk.program.clone());
    let read = move |r: &kopilka_service::Reader| {
        rewards.rewards.iter().map(|reward| r.counter(program, &of_reward(&reward.id))).collect()
    };
    let claimed: Vec<i64> = desk.read(read).await.map_err(IntoResponse::into_response)?;
    let today = desk.program.zone.day_of(desk.now);
    let waits = |reward: &Reward| standings.claims.get(&reward.id).copied().unwrap_or_default();
    let lines = desk.program.rewards.iter().zip(claimed);
    let lines =
        lines.map(|(reward, claimed)| line(&shown, frame.words, today, (reward, claimed, waits(reward))));
    let lines: Vec<RewardLine> = lines.collect();
    let all: u32 = standings.claims.values().map(|claims| claims.count).sum();
    let (mut claims, mut more) = (None, None);
    if may(desk, Scope::MembersRead) {
        let named = match member {
            None => standings.waiting.iter().map(|waiting| waiting.member).collect(),
            Some(member) => vec![member],
        };
        let found = claims_of(office, named, &shown, frame.words).await;
        let found = found.map_err(IntoResponse::into_response)?;
        let is_long = member.is_none() && all as usize > CLAIMS_SHOWN;
        more = is_long.then(|| frame.words.whole(i64::from(all)));
        claims = Some(found);
    }
    Ok(RewardsPage {
        lines,
        counted,
        editor: editor(office, Some("reward"), "/rewards").await?,
        claims,
        more,
        of_member: member.map(|member| member.to_string()),
        find: String::new(),
        may_settle: may(desk, Scope::RewardsSettle),
        frame,
    })
}

fn line(shown: &Shown, words: Words, today: Day, of: (&Reward, i64, Claims)) -> RewardLine {
    let (reward, claimed, waits) = of;
    let program = &shown.program;
    let campaign = match &reward.gives {
        Gives::Coupon(campaign) => program.coupons.campaign(campaign),
        Gives::HandedOver => None,
    };
    let gives = match campaign {
        Some(campaign) => words.say_with("rewards-coupon", &[("value", shown.language.of(&campaign.name))]),
        None => words.say("rewards-handed-over"),
    };
    let is_coupon = matches!(reward.gives, Gives::Coupon(_));
    RewardLine {
        id: reward.id.to_string(),
        name: shown.language.of(&reward.name).to_owned(),
        price: shown.amount(reward.cost),
        gives,
        campaign: campaign.map(|campaign| coupons::address(&campaign.id)),
        state: state(words, reward, claimed, today),
        term: term(shown, words, reward.from, reward.to),
        left: reward.stock.map_or_else(
            || words.say("rewards-no-limit"),
            |stock| coupons::of_most(words, (stock - claimed).max(0), Some(stock)),
        ),
        claimed: words.whole(claimed),
        waiting: if is_coupon { String::new() } else { words.whole(i64::from(waits.count)) },
        points: shown.amount(Points(reward.cost.0.saturating_mul(claimed))),
    }
}

fn state(words: Words, reward: &Reward, claimed: i64, today: Day) -> Tag {
    let (key, tone) = match () {
        () if reward.to.is_some_and(|to| to < today) => ("rewards-ended", ""),
        () if reward.from.is_some_and(|from| today < from) => ("rewards-to-come", "warn"),
        () if reward.stock.is_some_and(|stock| claimed >= stock) => ("rewards-gone", "warn"),
        () => ("rewards-offered", "good"),
    };
    Tag { label: words.say(key), tone }
}

/// Claims of these members as they stand now, the oldest first.
async fn claims_of(
    office: &Office,
    members: Vec<MemberId>,
    shown: &Shown,
    words: Words,
) -> Result<Vec<ClaimLine>, Problem> {
    let program = office.desk.program_id();
    let read = move |r: &kopilka_service::Reader| {
        let mut seen = BTreeSet::new();
        let mut found: Vec<(Member, Person)> = Vec::new();
        let mut claims = 0;
        for id in members {
            if claims >= CLAIMS_SHOWN || !seen.insert(id) {
                continue;
            }
            let Some(row) = r.member(program, id)?.filter(|row| !row.member.claims.is_empty()) else {
                continue;
            };
            claims += row.member.claims.len();
            found.push((row.member, r.person(program, id)?.unwrap_or_default()));
        }
        Ok(found)
    };
    let found = office.desk.read(read).await?;
    let name = |id: &str| {
        let known = shown.program.rewards.iter().find(|reward| reward.id == *id);
        known.map_or_else(|| id.to_owned(), |known| shown.language.of(&known.name).to_owned())
    };
    let mut all: Vec<_> = found
        .iter()
        .flat_map(|(member, person)| member.claims.iter().map(move |claim| (claim, member, person)))
        .collect();
    all.sort_by_key(|(claim, member, _)| (claim.at, member.id));
    let line = |(claim, member, person): (&kopilka_core::member::Claim, &Member, &Person)| ClaimLine {
        member: member.id.to_string(),
        who: name_of(words, member, person),
        claim: claim.no,
        reward: name(&claim.reward),
        at: shown.moment(claim.at),
        points: shown.amount(claim.pieces.iter().map(|piece| piece.points).sum()),
    };
    Ok(all.into_iter().take(CLAIMS_SHOWN).map(line).collect())
}

/// `POST /admin/rewards/settle`: handed over, or taken back with its points.
pub async fn settle(office: Office, posted: Posted) -> Result<Response, Response> {
    let of = MemberId::parse(posted.text("of"));
    match settled(&office, &posted).await {
        Ok(()) => Ok(back_to(&match of {
            Some(member) => format!("/admin/rewards?member={member}&done=saved"),
            None => "/admin/rewards?done=saved".to_owned(),
        })),
        Err(problem) => refused(&office, of, "", problem).await,
    }
}

async fn settled(office: &Office, posted: &Posted) -> Result<(), Problem> {
    let desk = &office.desk;
    let member = MemberId::parse(posted.text("member"));
    let member = member.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let claim = posted.text("claim").parse().map_err(|_| desk.refused(&Refusal::ClaimUnknown))?;
    let handed_over = match posted.text("act") {
        "hand" => true,
        "back" => false,
        _ => return Err(Problem::of("form_invalid")),
    };
    let of = format!("{member} {claim}");
    let envelope = envelope(office, "rewards.settle", posted, &of)?;
    let change = Change::SettleClaim { member: MemberRef::Id(member), claim, handed_over };
    desk.write(envelope, change).await.map(|_| ())
}
