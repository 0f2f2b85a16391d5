//! `/admin/referral`: what members get for bringing friends, one member's network, and the sites from which
//! friends come.
//!
//! Invariant: figures are those that are kept with each member; nothing is counted over all members here.

pub mod sites;

use crate::act::may;
use crate::admin::members::references;
use crate::admin::people::name_of;
use crate::admin::program::{Ruled, ruled};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::program::explain::{Subject, told_of};
use kopilka_core::program::terms::capital;
use kopilka_core::program::{Condition, Program, ReferralClawback, Touch, Trigger};
use kopilka_core::time::Period;
use kopilka_core::words::Language;
use kopilka_web::api::referrals::network::{LevelAnswer, network_of};
use kopilka_web::api::sites::list::SiteAnswer;
use kopilka_web::scopes::Scope;
use sites::SiteCard;

/// Who was asked about.
pub struct Member {
    pub id: String,
    pub name: String,
    pub code: String,
    pub visits: u32,
    pub registered: u32,
    pub orders: u32,
    pub levels: Vec<LevelAnswer>,
    pub referrer: Option<String>,
    pub sites: Vec<SiteCard>,
}

#[derive(Template)]
#[template(path = "admin/referral.html")]
pub struct ReferralPage {
    pub frame: Frame,
    /// What those who bring friends get, and what the friends get.
    pub rules: Vec<Ruled>,
    /// Campaigns whose codes bring their owners friends: name, and what a code gives.
    pub campaigns: Vec<(String, String)>,
    /// What holds of all of it.
    pub terms: Vec<String>,
    pub finds: bool,
    pub changes: bool,
    pub find: String,
    pub member: Option<Member>,
    /// A site that came back to its field.
    pub site: String,
    pub may_write_program: bool,
}

impl ReferralPage {
    pub fn sample(language: Language) -> ReferralPage {
        let frame = Frame::sample(language);
        let script = "\"><script>alert(1)</script>";
        let level =
            LevelAnswer { level: 1, people: 2, orders: 3, pending: "10".to_owned(), paid: "20".to_owned() };
        ReferralPage {
            rules: vec![Ruled {
                id: "friend".to_owned(),
                when: frame.say("referral-nobody"),
                only_if: String::new(),
                then: frame.say("referral-nobody"),
            }],
            campaigns: vec![(script.to_owned(), frame.say("referral-nobody"))],
            terms: vec![frame.say("referral-touch-last")],
            finds: true,
            changes: true,
            find: script.to_owned(),
            member: Some(Member {
                id: "m_1".to_owned(),
                name: script.to_owned(),
                code: "0000000000001".to_owned(),
                visits: 12,
                registered: 3,
                orders: 4,
                levels: vec![level],
                referrer: Some("m_2".to_owned()),
                sites: SiteCard::samples(frame.words),
            }),
            site: script.to_owned(),
            may_write_program: true,
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> ReferralPage {
        let page = ReferralPage::sample(language);
        ReferralPage { rules: Vec::new(), campaigns: Vec::new(), terms: Vec::new(), member: None, ..page }
    }
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.campaigns.is_empty()
    }
}

/// Whether a condition asks if somebody brought the member.
fn asks_of_friends(condition: &Condition) -> bool {
    match condition {
        Condition::Referred(_) => true,
        Condition::All(inner) | Condition::Any(inner) | Condition::None(inner) => {
            inner.iter().any(asks_of_friends)
        }
        _ => false,
    }
}

fn rules(program: &Program, language: Language) -> Vec<Ruled> {
    let about = |trigger: Trigger, only_if: &Condition| trigger.is_of_referrer() || asks_of_friends(only_if);
    let of = program.rules.iter().filter(|rule| about(rule.when, &rule.only_if));
    of.map(|rule| ruled(program, rule, language)).collect()
}

fn campaigns(program: &Program, language: Language) -> Vec<(String, String)> {
    let refers = program.coupons.campaigns.iter().filter(|campaign| campaign.refers);
    let told = |id: &str| told_of(program, Subject::Campaign, id).map(|text| capital(language.of(&text)));
    refers
        .map(|campaign| {
            let name = language.of(&campaign.name).to_owned();
            (name, told(&campaign.id).unwrap_or_default())
        })
        .collect()
}

/// How long a visit counts, whose of two links counts, and what a return takes.
fn terms(program: &Program, words: Words) -> Vec<String> {
    let (key, count) = match program.referral.within {
        Period::Minutes(n) => ("referral-within-minutes", i64::from(n)),
        Period::Hours(n) => ("referral-within-hours", i64::from(n)),
        Period::Days(n) => ("referral-within-days", i64::from(n)),
        Period::Months(n) => ("referral-within-months", i64::from(n)),
    };
    let touch = match program.referral.touch {
        Touch::First => "referral-touch-first",
        Touch::Last => "referral-touch-last",
    };
    let back = match program.returns.referral {
        ReferralClawback::OwnLot => "referral-back-own",
        ReferralClawback::Debt => "referral-back-debt",
        ReferralClawback::Off => "referral-back-off",
    };
    vec![words.say_n(key, count), words.say(touch), words.say(back)]
}

async fn drawn(office: &Office, id: Option<&str>, frame: Frame) -> Result<ReferralPage, Response> {
    let (desk, program) = (&office.desk, &office.desk.program);
    let finds = may(desk, Scope::MembersRead);
    let member = match id.filter(|_| finds) {
        Some(id) => member(office, id, frame.words).await?,
        None => None,
    };
    let mut page = ReferralPage {
        rules: rules(program, desk.language),
        campaigns: campaigns(program, desk.language),
        terms: terms(program, frame.words),
        finds,
        changes: may(desk, Scope::ReferralsWrite),
        find: String::new(),
        member,
        site: String::new(),
        may_write_program: may(desk, Scope::ProgramWrite),
        frame,
    };
    if page.is_empty() {
        page.terms.clear();
    }
    Ok(page)
}

/// A member with the sums of the network and the sites; `None` where there is no such member.
async fn member(office: &Office, id: &str, words: Words) -> Result<Option<Member>, Response> {
    let desk = &office.desk;
    let Some(id) = MemberId::parse(id) else { return Ok(None) };
    let (of, program, now) = (desk.program_id(), desk.program.clone(), desk.now);
    let read = move |r: &kopilka_service::Reader| {
        let id = r.survivor(of, id)?;
        let network = network_of(r, of, id, (&program, now))?;
        Ok((network, r.member(of, id)?, r.person(of, id)?))
    };
    let (network, row, person) = desk.read(read).await.map_err(IntoResponse::into_response)?;
    let Some((network, row)) = network.zip(row) else { return Ok(None) };
    let person = person.unwrap_or_default();
    let shown = Shown::of(desk);
    let site = |site| SiteCard::of(words, &shown, &SiteAnswer::of(site));
    Ok(Some(Member {
        id: row.member.id.to_string(),
        name: name_of(words, &row.member, &person),
        code: network.referral_code,
        visits: network.visits,
        registered: network.registered,
        orders: network.orders,
        levels: network.levels,
        referrer: network.referrer.map(|referrer| referrer.member),
        sites: person.sites.iter().map(site).collect(),
    }))
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let id = asked(&office.visit.path, "member");
    let frame = Frame::of(&office.visit, Some(Section::Referral));
    Ok(Page(drawn(&office, id.as_deref(), frame).await?).into_response())
}

/// `POST /admin/referral/find`: what was typed leads to a member, and stands in no address itself.
pub async fn find(office: Office, posted: Posted) -> Result<Response, Response> {
    let text = posted.text("find");
    let mut found: Vec<MemberId> = Vec::new();
    for reference in references(text) {
        match office.desk.find(reference).await {
            Ok(member) if !found.contains(&member) => found.push(member),
            Err(problem) if problem.status.is_server_error() => return Err(problem.into_response()),
            Ok(_) | Err(_) => {}
        }
    }
    match found[..] {
        [member] => Ok(back_to(&format!("/admin/referral?member={member}"))),
        _ => {
            let frame = Frame::of(&office.visit, Some(Section::Referral));
            let key = if found.is_empty() { "referral-not-found" } else { "referral-several" };
            let said = frame.say(key);
            let page = drawn(&office, None, frame.with_notice(Tone::Bad, said)).await?;
            Ok(again(ReferralPage { find: text.to_owned(), ..page }, "member_unknown"))
        }
    }
}
