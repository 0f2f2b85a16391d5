//! `PATCH /v1/members/{id}`: changes what is known of the person.

use super::get::answer;
use crate::app::{Desk, Envelope};
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::scopes::{self, Scope};
use crate::wire;
use crate::wire::answer::MemberAnswer;
use crate::wire::member::PatchWire;
use axum::Json;
use kopilka_service::{Change, Identifying, PersonPatch};

/// Change a member
///
/// A field that is left out stays, `null` takes it away, a list replaces the list. The same patch twice is
/// once, so no `Idempotency-Key` is needed. Points are not touched. `ext`, `phones`, `emails` and `cards`
/// need the scope `members:identify`, but for the first phone or e-mail of a member who has neither.
#[utoipa::path(patch, path = "/v1/members/{id}", tag = "members", request_body = PatchWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = MemberAnswer)))]
pub async fn patch_member(
    desk: Desk,
    id: Named,
    wire: Body<PatchWire>,
) -> Result<Json<MemberAnswer>, Problem> {
    if !wire.body.attributes.is_empty() || wire.body.region.is_some() {
        desk.allow(Scope::AttributesWrite)?;
    }
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let envelope = Envelope { endpoint: "members.patch", input_hash: wire.hash, ..Envelope::default() };
    let identifying = match scopes::granted(&desk.caller.scopes, Scope::MembersIdentify) {
        true => Identifying::All,
        false => Identifying::FirstContact,
    };
    let change = Change::PatchMember { member, patch: PersonPatch { identifying, ..wire.body.core()? } };
    let done = desk.write(envelope, change).await?;
    Ok(Json(answer(&desk, done.member).await?))
}
