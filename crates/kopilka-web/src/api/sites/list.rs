//! `GET /v1/members/{id}/sites`: the sites that a member has claimed, and what each is to show.

use crate::app::Desk;
use crate::asked::{MemberAsked, Named, Query};
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{Person, Site};
use kopilka_service::{SITE_FILE, SITE_META, SITE_RECORD};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct SitesAnswer {
    pub sites: Vec<SiteAnswer>,
    pub seq: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SiteAnswer {
    #[schema(example = "blog.example")]
    pub site: String,
    /// What the site is to show.
    pub token: String,
    /// Here as the only content of a file, or
    #[schema(example = "https://blog.example/.well-known/kopilka-site.txt")]
    pub file: String,
    /// so in the head of the first page,
    #[schema(example = "<meta name=\"kopilka-site\" content=\"…\">")]
    pub meta: String,
    /// or as the text (TXT) of this name.
    #[schema(example = "_kopilka.blog.example")]
    pub record: String,
    pub claimed_at: TimeText,
    /// Since then visitors from there are brought by the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<TimeText>,
    /// `file`, `meta` or `dns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<&'static str>,
}

impl SiteAnswer {
    pub fn of(site: &Site) -> SiteAnswer {
        let Site { host, token, claimed_at, confirmed } = site;
        SiteAnswer {
            site: host.clone(),
            token: token.clone(),
            file: format!("https://{host}{SITE_FILE}"),
            meta: format!("<meta name=\"{SITE_META}\" content=\"{token}\">"),
            record: format!("{SITE_RECORD}.{host}"),
            claimed_at: TimeText(*claimed_at),
            confirmed_at: confirmed.map(|(at, _)| TimeText(at)),
            confirmed_by: confirmed.map(|(_, proof)| proof.name()),
        }
    }
}

/// A member's sites
#[utoipa::path(get, path = "/v1/members/{id}/sites", tag = "referrals",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"), MemberAsked),
    responses((status = 200, body = SitesAnswer)))]
pub async fn list_sites(
    desk: Desk,
    id: Named,
    asked: Query<MemberAsked>,
) -> Result<Json<SitesAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    desk.wait(member, asked.0.at_least_seq).await?;
    Ok(Json(answer(&desk, member).await?))
}

/// As they stand now.
pub async fn answer(desk: &Desk, member: MemberId) -> Result<SitesAnswer, Problem> {
    let program = desk.program_id();
    let (head, person) =
        desk.read(move |r| Ok((r.head(program, member)?, r.person(program, member)?))).await?;
    let (seq, _) = head.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let Person { sites, .. } = person.unwrap_or_default();
    Ok(SitesAnswer { sites: sites.iter().map(SiteAnswer::of).collect(), seq })
}
