//! `POST /v1/members/{id}/addresses`: a phone or e-mail becomes another, by codes to the old and the new.

use super::get::answer;
use crate::api::codes::code_id;
use crate::app::{Desk, Envelope};
use crate::asked::Named;
use crate::guesses::Guesser;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use crate::wire::answer::MemberAnswer;
use axum::Json;
use kopilka_service::{AddressChange, Change, CodeChannel, MemberRef, PersonPatch};
use serde::Deserialize;
use utoipa::ToSchema;

/// More codes than these prove nothing more.
const CODES_MAX: usize = 4;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressWire {
    /// The new phone, or
    pub phone: Option<Word>,
    /// the new e-mail address.
    pub email: Option<Word>,
    /// Codes that were told, by their ids: one that went to the new address, and one to a phone or e-mail of
    /// before. Both were asked for with this member.
    #[schema(max_items = 4)]
    pub codes: Vec<Word>,
    /// One of the member's cards; needed where the code of before went to an e-mail address.
    pub card: Option<Word>,
}

/// Change a phone or e-mail by codes
///
/// For pages where members change them themselves. The new one stands in the place of the first; others stay.
/// One that is another member's is not taken over. Five cards that are not the member's make one wait. The
/// same twice is once, so no `Idempotency-Key` is needed.
#[utoipa::path(post, path = "/v1/members/{id}/addresses", tag = "members", request_body = AddressWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = MemberAnswer)))]
pub async fn change_address(
    desk: Desk,
    id: Named,
    wire: Body<AddressWire>,
) -> Result<Json<MemberAnswer>, Problem> {
    let AddressWire { phone, email, codes, card } = wire.body;
    let new = match (phone, email) {
        (Some(phone), None) => (CodeChannel::Sms, phone.0),
        (None, Some(email)) => (CodeChannel::Email, email.0),
        _ => return Err(Problem::of("address_form_invalid")),
    };
    if codes.len() > CODES_MAX {
        return Err(Problem::of("too_many_items").with("limit", CODES_MAX).at("/codes"));
    }
    let ids: Vec<_> = codes
        .iter()
        .enumerate()
        .map(|(i, id)| code_id(&id.0, &format!("/codes/{i}")))
        .collect::<Result<_, _>>()?;
    let member = desk.member_id(&id.0).await?;
    let shows_card = card.is_some();
    let (channel, address) = new;
    let change = AddressChange { channel, address, codes: ids, card: card.map(|card| card.0) };
    let patch = PersonPatch { address: Some(change), ..PersonPatch::default() };
    let envelope = Envelope { endpoint: "members.addresses", input_hash: wire.hash, ..Envelope::default() };
    let work = desk.write(envelope, Change::PatchMember { member: MemberRef::Id(member), patch });
    let done = match shows_card {
        true => desk.app.guesses.watch((Guesser::of_cards(member), 1), work, |_| 0).await?,
        false => work.await?,
    };
    Ok(Json(answer(&desk, done.member).await?))
}
