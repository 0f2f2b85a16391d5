//! `POST /v1/members/{id}/sites` and `…/sites/remove`: a member claims a site, or lets it go.
//!
//! Invariant: each says what shall be, so sent twice it is once and needs no key.

use super::list::{SitesAnswer, answer};
use crate::app::{Desk, Envelope};
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::{self, Word};
use axum::Json;
use kopilka_service::{Change, PersonPatch, SiteChange};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteWire {
    /// Its name, or the address of any of its pages.
    #[schema(value_type = String, example = "https://blog.example/")]
    pub site: Word,
}

/// Claim a site
///
/// The answer says what the site is to show. Until it is confirmed it brings nobody, and any number of
/// members may claim it.
#[utoipa::path(post, path = "/v1/members/{id}/sites", tag = "referrals", request_body = SiteWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = SitesAnswer)))]
pub async fn claim_site(desk: Desk, id: Named, wire: Body<SiteWire>) -> Result<Json<SitesAnswer>, Problem> {
    change(&desk, &id, "members.sites", |host| SiteChange::Claim { host }, wire).await
}

/// Remove a site
///
/// Visitors from there are brought by nobody from now on; who came before stays whose they were.
#[utoipa::path(post, path = "/v1/members/{id}/sites/remove", tag = "referrals", request_body = SiteWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = SitesAnswer)))]
pub async fn remove_site(desk: Desk, id: Named, wire: Body<SiteWire>) -> Result<Json<SitesAnswer>, Problem> {
    change(&desk, &id, "members.sites.remove", |host| SiteChange::Remove { host }, wire).await
}

async fn change(
    desk: &Desk,
    id: &Named,
    endpoint: &'static str,
    to: fn(String) -> SiteChange,
    wire: Body<SiteWire>,
) -> Result<Json<SitesAnswer>, Problem> {
    let member = wire::member::by_text(&id.0, &desk.program)?;
    let envelope = Envelope { endpoint, input_hash: wire.hash, ..Envelope::default() };
    let patch = PersonPatch { site: Some(to(wire.body.site.0)), ..PersonPatch::default() };
    let done = desk.write(envelope, Change::PatchMember { member, patch }).await?;
    Ok(Json(answer(desk, done.member).await?))
}
