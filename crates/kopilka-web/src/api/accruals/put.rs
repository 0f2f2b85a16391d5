//! `PUT /v1/accruals/{name}`: who is to get how many points, and why.

use super::answer::{AccrualAnswer, problem};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::member::MemberName;
use crate::wire::{DecimalText, TimeText, Word, figures};
use axum::Json;
use kopilka_core::ids::MemberId;
use kopilka_core::points::Points;
use kopilka_service::{AccrualAsked, Acting, LISTED_MAX, Recipients};
use serde::Deserialize;
use utoipa::ToSchema;

/// Longer names do not fit on a button.
const NAME_MAX: usize = 64;

/// Either a `segment` with `points` for each of it, or `members` with their points.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccrualWire {
    pub segment: Option<Word>,
    pub points: Option<DecimalText>,
    /// At most 10,000, each once.
    pub members: Option<Vec<AccrualMemberWire>>,
    pub reason: Word,
    pub operator: Word,
    /// When the points become available; at once when left out.
    pub active_at: Option<TimeText>,
    /// When they are gone; as the program says when left out.
    pub expires_at: Option<TimeText>,
    /// Given points do not repay a debt.
    #[serde(default)]
    pub gift: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccrualMemberWire {
    pub member: MemberName,
    pub points: DecimalText,
}

/// Ask for a mass accrual
///
/// Nobody gets anything yet: it is written down whom it is for, so that it can be looked at, and
/// `…/start` lets it run. The same body again answers with what has become of it; another body under
/// the name is refused.
#[utoipa::path(put, path = "/v1/accruals/{name}", tag = "accruals", request_body = AccrualWire,
    params(("name" = String, Path, description = "a name of your own: a–z, 0–9 and `-`")),
    responses((status = 200, body = AccrualAnswer)))]
pub async fn put_accrual(
    desk: Desk,
    name: Named,
    wire: Body<AccrualWire>,
) -> Result<Json<AccrualAnswer>, Problem> {
    judge_name(&name.0)?;
    let input = wire.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let wire = wire.body;
    let recipients = recipients(&desk, &wire).await?;
    let asked = AccrualAsked {
        name: name.0,
        recipients,
        active_at: wire.active_at.map(|at| at.0),
        expires_at: wire.expires_at.map(|at| at.0),
        gift: wire.gift,
        reason: wire.reason.0,
        input,
    };
    let acting = Acting { operator: wire.operator.0, key: desk.caller.key_id.clone() };
    let row = desk.app.service.put_accrual(desk.program_id(), asked, acting).await;
    let row = row.map_err(|e| desk.failed(e))?.map_err(|why| problem(&desk, why))?;
    Ok(Json(AccrualAnswer::of(&row, &desk.program)))
}

/// A name that stands in an address as it is.
pub fn judge_name(name: &str) -> Result<(), Problem> {
    let fits = (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(Problem::of("invalid_text").with("limit", NAME_MAX)) }
}

async fn recipients(desk: &Desk, wire: &AccrualWire) -> Result<Recipients, Problem> {
    match (&wire.segment, &wire.points, &wire.members) {
        (Some(segment), Some(points), None) => Ok(Recipients::Segment {
            segment: segment.0.clone(),
            points: figures::points(&desk.program, points, "/points")?,
        }),
        (None, None, Some(members)) => listed(desk, members).await.map(Recipients::Listed),
        _ => Err(Problem::of("accrual_form_invalid")),
    }
}

async fn listed(desk: &Desk, members: &[AccrualMemberWire]) -> Result<Vec<(MemberId, Points)>, Problem> {
    if !(1..=LISTED_MAX).contains(&members.len()) {
        return Err(Problem::of("too_many_items").with("limit", LISTED_MAX).at("/members"));
    }
    let mut names = Vec::with_capacity(members.len());
    for (n, one) in members.iter().enumerate() {
        names.push(one.member.reference(&desk.program, &format!("/members/{n}/member"))?);
    }
    let found = desk.app.service.members_listed(desk.program_id(), names).await;
    let found = found.map_err(|e| desk.failed(e))?;
    let mut listed = Vec::with_capacity(members.len());
    for (n, (one, member)) in members.iter().zip(found).enumerate() {
        let unknown = || {
            let refusal = kopilka_core::refusal::Refusal::MemberUnknown;
            desk.refused(&refusal).at(format!("/members/{n}/member"))
        };
        let points = figures::points(&desk.program, &one.points, &format!("/members/{n}/points"))?;
        listed.push((member.ok_or_else(unknown)?, points));
    }
    Ok(listed)
}
