//! Whom a member brought, what was given beside points, and what was agreed to.

use super::Found;
use crate::act::may;
use crate::admin::people::Tag;
use crate::shown::Shown;
use crate::visit::Office;
use crate::words::Words;
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::coupon::MadeCode;
use kopilka_core::gift::ending;
use kopilka_core::offer::{HeldOffer, OfferState};
use kopilka_core::program::Text;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{Consent, live};
use kopilka_web::api::referrals::network::{FriendAnswer, LevelAnswer, network_of};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

/// Codes of a page: as many as the API tells.
const COUPONS_SHOWN: usize = 100;

pub struct Network {
    pub code: String,
    /// Who brought the member, and how.
    pub referrer: Option<String>,
    pub by_coupon: bool,
    pub visits: u32,
    pub registered: u32,
    pub orders: u32,
    pub levels: Vec<LevelAnswer>,
    pub people: Vec<(FriendAnswer, String)>,
}

pub struct CouponLine {
    pub code: String,
    pub campaign: String,
    pub until: String,
    pub blocked: bool,
}

pub struct OfferLine {
    pub id: String,
    pub name: String,
    pub state: Tag,
    pub until: String,
    pub used: String,
}

pub struct Gifts {
    pub coupons: Vec<CouponLine>,
    pub offers: Vec<OfferLine>,
    /// Rewards that wait to be handed over: name and since when.
    pub claims: Vec<(String, String)>,
    /// Gift cards that paid for orders: the end of the code, how much, for which order.
    pub cards: Vec<(String, String, String)>,
    pub may_withdraw: bool,
}

pub struct ConsentLine {
    pub what: String,
    pub given: bool,
    pub at: String,
    pub proof: Vec<String>,
}

pub struct Consents {
    /// What holds now, with the value of its choice.
    pub live: Vec<(String, String)>,
    pub records: Vec<ConsentLine>,
    pub may_withdraw: bool,
}

pub async fn network(office: &Office, found: &Found, shown: &Shown) -> Result<Network, Problem> {
    let desk = &office.desk;
    let (id, program, now) = (desk.program_id(), desk.program.clone(), desk.now);
    let member = found.row.member.id;
    let told = desk.read(move |r| network_of(r, id, member, (&program, now))).await?;
    let told = told.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let since = |friend: FriendAnswer| {
        let day = shown.day(desk.program.zone.day_of(friend.since.0));
        (friend, day)
    };
    Ok(Network {
        code: told.referral_code,
        by_coupon: told.referrer.as_ref().is_some_and(|referrer| referrer.how == "coupon"),
        referrer: told.referrer.map(|referrer| referrer.member),
        visits: told.visits,
        registered: told.registered,
        orders: told.orders,
        levels: told.levels,
        people: told.people.into_iter().map(since).collect(),
    })
}

pub async fn gifts(office: &Office, found: &Found, shown: &Shown, words: Words) -> Result<Gifts, Problem> {
    let desk = &office.desk;
    let (program, member) = (desk.program_id(), found.row.member.id);
    let read = move |r: &kopilka_service::Reader| {
        Ok((r.coupons_of(program, member, COUPONS_SHOWN)?, r.orders_of_member(program, member)?))
    };
    let (coupons, orders) = desk.read(read).await?;
    let row = &found.row.member;
    let reward = |id: &str| {
        let known = desk.program.rewards.iter().find(|reward| reward.id == *id);
        known.map_or_else(|| id.to_owned(), |known| desk.language.of(&known.name).to_owned())
    };
    let cards = orders.iter().flat_map(|order| {
        let of = order.key.order.to_string();
        order.gift_cards.iter().map(move |card| (ending(&card.code), shown.money(card.net()), of.clone()))
    });
    Ok(Gifts {
        coupons: coupons.iter().map(|made| coupon(office, made, shown, words)).collect(),
        offers: row.offers.iter().map(|held| offer(office, found, held, shown, words)).collect(),
        claims: row.claims.iter().map(|claim| (reward(&claim.reward), shown.moment(claim.at))).collect(),
        cards: cards.collect(),
        may_withdraw: may(desk, Scope::OffersGive),
    })
}

fn coupon(office: &Office, made: &MadeCode, shown: &Shown, words: Words) -> CouponLine {
    let campaign = office.desk.program.coupons.campaign(&made.campaign);
    let name = campaign.map(|campaign| office.desk.language.of(&campaign.name).to_owned());
    CouponLine {
        code: made.code.printed(),
        campaign: name.unwrap_or_else(|| made.campaign.to_string()),
        until: made.expires_at.map_or_else(|| words.say("member-never"), |end| shown.until(end)),
        blocked: made.blocked,
    }
}

fn offer(office: &Office, found: &Found, held: &HeldOffer, shown: &Shown, words: Words) -> OfferLine {
    let member = &found.row.member;
    let declared = office.desk.program.offers.iter().find(|offer| offer.id == held.offer);
    let name = declared.map_or_else(|| Text::both(held.offer.as_str()), |offer| offer.name.clone());
    let state = member.offer_state(held, office.desk.now);
    let tone = match state {
        OfferState::Active => "good",
        OfferState::ToActivate => "warn",
        OfferState::UsedUp | OfferState::Expired => "",
    };
    let key = format!("offer-{}", state.word().replace('_', "-"));
    let used = member.used(&held.counter(), None);
    let of = held.times.map_or_else(String::new, |times| format!(" / {}", words.whole(times)));
    OfferLine {
        id: held.offer.to_string(),
        name: office.desk.language.of(&name).to_owned(),
        state: Tag { label: words.say(&key), tone },
        until: shown.until(held.ends_at),
        used: format!("{}{of}", words.whole(used)),
    }
}

/// What is agreed to, in words.
fn agreed(words: Words, purpose: Purpose, channel: Option<Channel>) -> String {
    let what = words.say(&format!("consent-{}", purpose.name().replace('_', "-")));
    match channel {
        Some(channel) => format!("{what}: {}", words.say(&format!("channel-{}", channel.name()))),
        None => what,
    }
}

pub fn consents(office: &Office, found: &Found, shown: &Shown, words: Words) -> Consents {
    let all = &found.person.consents;
    let choice = |consent: &&Consent| {
        let channel = consent.channel.map_or("", Channel::name);
        let value = format!("{}:{channel}", consent.purpose.name());
        (value, agreed(words, consent.purpose, consent.channel))
    };
    let record = |consent: &Consent| {
        let proof = &consent.proof;
        let parts = [
            ("proof-text", &proof.text_version),
            ("proof-source", &proof.source),
            ("proof-ip", &proof.ip),
            ("proof-agent", &proof.user_agent),
            ("proof-proof", &proof.proof),
            ("proof-operator", &proof.operator),
        ];
        let told = parts
            .into_iter()
            .filter_map(|(key, value)| value.as_ref().map(|value| format!("{}: {value}", words.say(key))));
        ConsentLine {
            what: agreed(words, consent.purpose, consent.channel),
            given: consent.given,
            at: shown.moment(consent.at),
            proof: told.collect(),
        }
    };
    Consents {
        live: live(all).iter().map(choice).collect(),
        records: all.iter().rev().map(record).collect(),
        may_withdraw: may(&office.desk, Scope::ConsentsWrite),
    }
}
