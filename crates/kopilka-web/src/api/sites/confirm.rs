//! `POST /v1/members/{id}/sites/confirm`: a site is asked whose it is.
//!
//! Invariant: who has a site asked again and again must wait, so nobody makes this server call on another
//! one all day.

use super::list::{SitesAnswer, answer};
use crate::app::{Desk, Envelope};
use crate::asked::Named;
use crate::guesses::Guesser;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::SiteProof;
use kopilka_service::{Change, MemberRef, PersonPatch, SiteChange, SiteProblem, identifiers};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteConfirmWire {
    #[schema(value_type = String, example = "blog.example")]
    pub site: Word,
    /// Where to look.
    pub by: SiteProofWire,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteProofWire {
    /// The file under `/.well-known/`.
    File,
    /// The tag in the head of the first page.
    Meta,
    /// The text record of the name.
    Dns,
}

/// Confirm a site
///
/// The site is asked over https, as it is named and with `www.`; redirects are not followed. Or its name is
/// asked for the text. From then on it
/// is this member's alone, and `POST /v1/referrals/visits` with `site` counts its visitors for the member.
#[utoipa::path(post, path = "/v1/members/{id}/sites/confirm", tag = "referrals",
    request_body = SiteConfirmWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = SitesAnswer)))]
pub async fn confirm_site(
    desk: Desk,
    id: Named,
    wire: Body<SiteConfirmWire>,
) -> Result<Json<SitesAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let host = identifiers::site(&wire.body.site.0).map_err(|why| desk.refused(&why).at("/site"))?;
    let proof = match wire.body.by {
        SiteProofWire::File => SiteProof::File,
        SiteProofWire::Meta => SiteProof::Meta,
        SiteProofWire::Dns => SiteProof::Dns,
    };
    let named = MemberRef::Id(member);
    let work = async {
        let shown = desk.app.service.check_site(desk.program_id(), member, host.clone(), proof).await;
        shown.map_err(|e| desk.failed(e))?.map_err(|why| problem(&desk, why))
    };
    let site = desk.app.guesses.watch((Guesser::of(&desk, Some(&named)), 1), work, |_| 0).await?;
    let envelope =
        Envelope { endpoint: "members.sites.confirm", input_hash: wire.hash, ..Envelope::default() };
    let site = SiteChange::Confirm { host, token: site.token, proof };
    let patch = PersonPatch { site: Some(site), ..PersonPatch::default() };
    let done = desk.write(envelope, Change::PatchMember { member: named, patch }).await?;
    Ok(Json(answer(&desk, done.member).await?))
}

fn problem(desk: &Desk, problem: SiteProblem) -> Problem {
    let why = match problem {
        SiteProblem::Unknown => return desk.refused(&Refusal::SiteUnknown),
        SiteProblem::Silent(failure) => failure.code().to_owned(),
        SiteProblem::Status(status) => status.to_string(),
        SiteProblem::TokenMissing => "token_missing".to_owned(),
    };
    Problem::of("site_not_confirmed").with("why", why)
}
