//! `POST /v1/members/{id}/adjustments`: an operator gives or takes points, or takes an adjustment back.

use crate::app::{Desk, Envelope};
use crate::asked::{Explain, IdempotencyKey, Named, Query};
use crate::headers::replayed;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::answer::PointsWritten;
use crate::wire::{self, DecimalText, TimeText, Word, figures};
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::EntryId;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_service::Change;
use serde::Deserialize;
use utoipa::ToSchema;

/// Either `points`, or the entry that is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentWire {
    /// Signed: positive gives, negative takes.
    pub points: Option<DecimalText>,
    /// The entry of an adjustment that is taken back.
    #[schema(value_type = Option<String>, example = "e_0000000000001")]
    pub reverses: Option<Word>,
    pub reason: Word,
    pub operator: Word,
    /// When given points become available; now when left out.
    pub active_at: Option<TimeText>,
    /// When given points are gone; never when left out.
    pub expires_at: Option<TimeText>,
    /// Given points do not repay a debt.
    #[serde(default)]
    pub gift: bool,
    /// What is taken beyond the available points becomes a debt instead of a refusal.
    #[serde(default)]
    pub allow_debt: bool,
}

/// Adjust points
#[utoipa::path(post, path = "/v1/members/{id}/adjustments", tag = "members", request_body = AdjustmentWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        Explain, ("Idempotency-Key" = String, Header, description = "makes a repeated request one")),
    responses((status = 201, body = PointsWritten)))]
pub async fn adjust_points(
    desk: Desk,
    id: Named,
    asked: Query<Explain>,
    key: IdempotencyKey,
    wire: Body<AdjustmentWire>,
) -> Result<impl IntoResponse, Problem> {
    let change = wire.body.change(&desk, &id.0).await?;
    let envelope = Envelope {
        operator: Some(wire.body.operator.0.clone()),
        reason: Some(wire.body.reason.0.clone()),
        ..Envelope::keyed("members.adjust", key, crate::hash::of(&[id.0.as_bytes(), &wire.hash]))
    };
    let done = desk.write(envelope, change).await?;
    let trace = desk.trace(&done, asked.0.explain).await?;
    let answer = PointsWritten { trace, ..PointsWritten::of(&done, &desk.program) };
    Ok((StatusCode::CREATED, replayed(&done), Json(answer)))
}

impl AdjustmentWire {
    async fn change(&self, desk: &Desk, member: &str) -> Result<Change, Problem> {
        match (&self.points, &self.reverses) {
            (Some(points), None) => Ok(Change::Adjust {
                member: wire::member::by_text(member, &desk.program)?,
                adjustment: self.adjustment(points, &desk.program)?,
            }),
            (None, Some(entry)) => {
                let unknown = || desk.refused(&Refusal::EntryUnknown).at("/reverses");
                let entry = EntryId::parse(&entry.0).ok_or_else(unknown)?;
                // The address names the member, so an entry of somebody else is unknown here.
                let named = desk.member_id(member).await?;
                let row = desk.entry(entry).await.map_err(|p| p.at("/reverses"))?;
                if row.member == named {
                    Ok(Change::Reverse { member: named, entry })
                } else {
                    Err(unknown())
                }
            }
            _ => Err(Problem::of("adjustment_form_invalid").at("/points")),
        }
    }

    fn adjustment(&self, points: &DecimalText, program: &Program) -> Result<Adjustment, Problem> {
        Ok(Adjustment {
            points: figures::points(program, points, "/points")?,
            active_at: self.active_at.map(|t| t.0),
            expires_at: self.expires_at.map(|t| t.0),
            gift: self.gift,
            allow_debt: self.allow_debt,
        })
    }
}
