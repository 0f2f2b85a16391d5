//! What a member has beside points, and what points buy: coupons, offers, rewards.
//!
//! Invariant: a reward is claimed by the one way for claims, once for a form, and for this member alone.

use super::frame::{Frame, Room};
use super::gate::Own;
use super::home;
use crate::answer::{Page, again};
use crate::frame::Tone;
use crate::posted::Posted;
use crate::shown::Shown;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Outcome;
use kopilka_core::offer::OfferState;
use kopilka_core::points::Points;
use kopilka_core::words::{self, Language};
use kopilka_service::{Change, MemberRef, Offered};
use kopilka_web::api::coupons::of_member::coupons_of;
use kopilka_web::app::Envelope;
use kopilka_web::problem::Problem;

/// A coupon of the member's own.
pub struct CouponShown {
    pub name: String,
    pub code: String,
    pub until: Option<String>,
}

/// Something of the catalogue.
pub struct RewardShown {
    pub id: String,
    pub name: String,
    pub cost: String,
    pub left: Option<String>,
    /// Why not now; it can be claimed where nothing stands here.
    pub why_not: Option<String>,
}

/// An offer that the member holds.
pub struct OfferShown {
    pub id: String,
    pub name: String,
    pub text: Option<String>,
    pub until: String,
    pub to_activate: bool,
}

/// A reward that waits to be handed over.
pub struct Waiting {
    pub name: String,
    pub at: String,
    pub cost: String,
}

#[derive(Template)]
#[template(path = "cabinet/gifts.html")]
pub struct GiftsPage {
    pub frame: Frame,
    pub available: String,
    pub coupons: Vec<CouponShown>,
    pub offers: Vec<OfferShown>,
    pub rewards: Vec<RewardShown>,
    pub waiting: Vec<Waiting>,
}

impl GiftsPage {
    pub fn sample(language: Language) -> GiftsPage {
        let text = || "<script>alert(1)</script>".to_owned();
        let reward = |why_not: Option<&str>| RewardShown {
            id: "mug".to_owned(),
            name: text(),
            cost: "300".to_owned(),
            left: Some("4".to_owned()),
            why_not: why_not.map(str::to_owned),
        };
        let offer = OfferShown {
            id: "come-back".to_owned(),
            name: text(),
            text: Some(text()),
            until: "—".to_owned(),
            to_activate: true,
        };
        GiftsPage {
            frame: Frame::sample(language),
            available: "350".to_owned(),
            coupons: vec![CouponShown {
                name: text(), code: "1234".to_owned(), until: Some("—".to_owned())
            }],
            offers: vec![offer],
            rewards: vec![reward(None), reward(Some("—"))],
            waiting: vec![Waiting { name: text(), at: "—".to_owned(), cost: "300".to_owned() }],
        }
    }
}

async fn drawn(own: &Own, notice: Option<(Tone, String)>) -> Result<GiftsPage, Response> {
    let (desk, program, member) = (&own.guest.desk, own.guest.program(), own.member);
    let (row, _) = home::read(&own.guest, member).await?;
    let version = desk.program.clone();
    let coupons = desk.read(move |r| coupons_of(r, program, member, &version));
    let coupons = coupons.await.map_err(IntoResponse::into_response)?;
    let offered = desk.app.service.catalogue(program, Some(MemberRef::Id(member))).await;
    let offered = offered.map_err(|e| desk.failed(e).into_response())?;
    let shown = Shown::of(desk);
    let frame = Frame { notice, ..Frame::of(&own.guest, Some(Room::Gifts)) };
    let say = |text| shown.language.of(text).to_owned();
    let live = coupons
        .into_iter()
        .filter(|coupon| !coupon.blocked && coupon.expires_at.is_none_or(|end| end.0 > desk.now));
    let coupons = live.map(|coupon| CouponShown {
        name: desk.program.coupons.campaign(&coupon.campaign).map_or(coupon.campaign, |c| say(&c.name)),
        code: coupon.code,
        until: coupon.expires_at.map(|end| shown.until(end.0)),
    });
    let held = row.member.offers.iter().filter_map(|held| {
        let declared = desk.program.offers.iter().find(|offer| offer.id == held.offer)?;
        let state = row.member.offer_state(held, desk.now);
        matches!(state, OfferState::ToActivate | OfferState::Active).then(|| OfferShown {
            id: held.offer.to_string(),
            name: say(&declared.name),
            text: declared.text.as_ref().map(say),
            until: shown.until(held.ends_at),
            to_activate: state == OfferState::ToActivate,
        })
    });
    let name_of = |id: &str| {
        let known = desk.program.rewards.iter().find(|reward| reward.id == id);
        known.map_or_else(|| id.to_owned(), |reward| say(&reward.name))
    };
    let waiting = row.member.claims.iter().map(|claim| Waiting {
        name: name_of(&claim.reward),
        at: shown.moment(claim.at),
        cost: shown.points(claim.pieces.iter().map(|piece| piece.points).sum::<Points>()),
    });
    Ok(GiftsPage {
        available: shown.points(row.member.balance_at(desk.now).available),
        coupons: coupons.collect(),
        offers: held.collect(),
        rewards: offered.iter().map(|offered| reward(offered, &shown, &frame)).collect(),
        waiting: waiting.collect(),
        frame,
    })
}

fn reward(offered: &Offered, shown: &Shown, frame: &Frame) -> RewardShown {
    let reward = &offered.reward;
    let why_not = offered
        .refused
        .as_ref()
        .map(|refusal| shown.language.of(&words::refusal(&shown.program, refusal)).to_owned());
    RewardShown {
        id: reward.id.to_string(),
        name: shown.language.of(&reward.name).to_owned(),
        cost: shown.points(reward.cost),
        left: offered.left.map(|left| frame.say_of("cabinet-left", &frame.words.whole(left))),
        why_not,
    }
}

pub async fn page(own: Own) -> Result<Response, Response> {
    Ok(Page(drawn(&own, None).await?).into_response())
}

/// `POST /cabinet/{slug}/gifts/claim`.
pub async fn claim(own: Own, posted: Posted) -> Result<Response, Response> {
    match claimed(&own, &posted).await {
        Ok(code) => {
            let words = crate::Words(own.guest.look.language);
            let text = match code {
                Some(code) => words.say_with("cabinet-claimed-code", &[("value", &code)]),
                None => words.say("cabinet-claimed"),
            };
            Ok(Page(drawn(&own, Some((Tone::Good, text))).await?).into_response())
        }
        Err(problem) => refused(&own, &problem).await,
    }
}

async fn claimed(own: &Own, posted: &Posted) -> Result<Option<String>, Problem> {
    let desk = &own.guest.desk;
    let reward = posted.text("reward").to_owned();
    let code = desk.app.service.draw_code("").map_err(|e| desk.failed(e))?;
    let change = Change::ClaimReward { member: own.acting(), reward: reward.clone(), code };
    let done = desk.write(envelope(own, "cabinet.claim", posted, &reward)?, change).await?;
    let Outcome::RewardClaimed { code, .. } = &done.outcome else { return Ok(None) };
    Ok(code.as_ref().map(|code| CouponCode::read(code).map_or(code.to_string(), |code| code.printed())))
}

/// `POST /cabinet/{slug}/gifts/activate`.
pub async fn activate(own: Own, posted: Posted) -> Result<Response, Response> {
    let offer = posted.text("offer").to_owned();
    let change = Change::ActivateOffer { member: own.acting(), offer: offer.clone() };
    let envelope =
        envelope(&own, "cabinet.activate", &posted, &offer).map_err(IntoResponse::into_response)?;
    match own.guest.desk.write(envelope, change).await {
        Ok(_) => {
            let text = crate::Words(own.guest.look.language).say("cabinet-activated");
            Ok(Page(drawn(&own, Some((Tone::Good, text))).await?).into_response())
        }
        Err(problem) => refused(&own, &problem).await,
    }
}

async fn refused(own: &Own, problem: &Problem) -> Result<Response, Response> {
    let notice = Some((Tone::Bad, own.guest.told(problem)));
    Ok(again(drawn(own, notice).await?, problem.code))
}

/// A write of the member's own, once for a form.
pub fn envelope(
    own: &Own,
    endpoint: &'static str,
    posted: &Posted,
    input: &str,
) -> Result<Envelope, Problem> {
    let once = posted.some("once").ok_or_else(|| Problem::of("form_invalid"))?;
    Ok(Envelope {
        endpoint,
        key: Some(once.to_owned()),
        input_hash: kopilka_web::hash::of(&[own.member.to_string().as_bytes(), input.as_bytes()]),
        operator: None,
        reason: None,
    })
}
