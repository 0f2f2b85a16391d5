//! `GET /v1/members/{id}/consents`: what a member agreed to and took back, with what proves it.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::consent::Channel;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{Consent, Person, live};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentsAnswer {
    /// What holds now.
    pub live: Vec<ConsentAnswer>,
    /// Everything that was told, the oldest first.
    pub records: Vec<ConsentAnswer>,
    pub seq: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentAnswer {
    /// `marketing`, `personal_data` or `profiling`.
    pub purpose: &'static str,
    /// `email`, `sms`, `telegram`, `push` or `call`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static str>,
    /// `false`: taken back.
    pub given: bool,
    /// When the person said so.
    pub at: TimeText,
    pub recorded_at: TimeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

impl ConsentAnswer {
    pub fn of(consent: &Consent) -> ConsentAnswer {
        let proof = consent.proof.clone();
        ConsentAnswer {
            purpose: consent.purpose.name(),
            channel: consent.channel.map(Channel::name),
            given: consent.given,
            at: TimeText(consent.at),
            recorded_at: TimeText(consent.recorded_at),
            text_version: proof.text_version,
            source: proof.source,
            ip: proof.ip,
            user_agent: proof.user_agent,
            proof: proof.proof,
            operator: proof.operator,
        }
    }
}

/// A member's consents
#[utoipa::path(get, path = "/v1/members/{id}/consents", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = ConsentsAnswer)))]
pub async fn list_consents(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<ConsentsAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    Ok(Json(answer(&desk, member).await?))
}

/// As they stand now.
pub async fn answer(desk: &Desk, member: MemberId) -> Result<ConsentsAnswer, Problem> {
    let program = desk.program_id();
    let (head, person) =
        desk.read(move |r| Ok((r.head(program, member)?, r.person(program, member)?))).await?;
    let (seq, _) = head.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let Person { consents, .. } = person.unwrap_or_default();
    Ok(ConsentsAnswer {
        live: live(&consents).into_iter().map(ConsentAnswer::of).collect(),
        records: consents.iter().map(ConsentAnswer::of).collect(),
        seq,
    })
}
