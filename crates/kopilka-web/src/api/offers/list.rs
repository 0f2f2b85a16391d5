//! `GET /v1/members/{id}/offers`: what a member has been given.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::member::Member;
use kopilka_core::offer::HeldOffer;
use kopilka_core::program::{Program, Text};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct OffersAnswer {
    /// The oldest first. One that is over is told until others are given.
    pub offers: Vec<HeldOfferAnswer>,
    pub seq: i64,
}

/// An offer that a member holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldOfferAnswer {
    #[schema(example = "come-back")]
    pub offer: String,
    pub name: TextAnswer,
    /// What the member reads, where the program says anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<TextAnswer>,
    /// `to_activate`, `active`, `used_up` or `expired`.
    pub state: &'static str,
    pub given_at: TimeText,
    /// The first moment at which it is over.
    pub ends_at: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<TimeText>,
    /// Orders that use it, also those placed and not paid yet.
    pub used: i64,
    /// How many more may; absent where any number may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
}

/// A text in both languages.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextAnswer {
    pub en: String,
    pub ru: String,
}

impl TextAnswer {
    fn of(text: &Text) -> TextAnswer {
        TextAnswer { en: text.en.clone(), ru: text.ru.clone() }
    }
}

/// All that the member holds, the oldest first.
pub fn held_offers(member: &Member, program: &Program, now: Instant) -> Vec<HeldOfferAnswer> {
    member.offers.iter().map(|held| answer(held, member, program, now)).collect()
}

fn answer(held: &HeldOffer, member: &Member, program: &Program, now: Instant) -> HeldOfferAnswer {
    let declared = program.offers.iter().find(|offer| offer.id == held.offer);
    // One that the program no longer declares has no name but its id.
    let name = declared.map_or_else(|| Text::both(held.offer.as_str()), |offer| offer.name.clone());
    HeldOfferAnswer {
        offer: held.offer.to_string(),
        name: TextAnswer::of(&name),
        text: declared.and_then(|offer| offer.text.as_ref()).map(TextAnswer::of),
        state: member.offer_state(held, now).word(),
        given_at: TimeText(held.given_at),
        ends_at: TimeText(held.ends_at),
        activated_at: held.activated_at.map(TimeText),
        used: member.used(&held.counter(), None),
        left: member.uses_left(held),
    }
}

/// A member's offers
#[utoipa::path(get, path = "/v1/members/{id}/offers", tag = "offers",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = OffersAnswer)))]
pub async fn list_offers(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<OffersAnswer>, Problem> {
    let id = desk.member_id(&id.0).await?;
    desk.wait(id, asked.0.at_least_seq).await?;
    let program = desk.program_id();
    let row = desk.read(move |r| r.member(program, id)).await?;
    let row = row.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let offers = held_offers(&row.member, &desk.program, desk.now);
    Ok(Json(OffersAnswer { offers, seq: row.seq }))
}
