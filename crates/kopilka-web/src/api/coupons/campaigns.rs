//! `GET /v1/campaigns`: the coupon campaigns of the program in force, with their uses.

use crate::app::Desk;
use crate::problem::Problem;
use axum::Json;
use kopilka_core::program::{Campaign, Program};
use kopilka_core::words::Language;
use kopilka_service::CampaignUses;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignsAnswer {
    /// In the order of the document.
    pub campaigns: Vec<CampaignAnswer>,
}

/// A campaign and how far its limits are used. Limits that it does not have are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignAnswer {
    pub id: String,
    /// In the caller's language.
    pub name: String,
    /// Codes that everybody may know; none where each is made.
    pub codes: Vec<String>,
    /// It acts by itself, without a code.
    pub automatic: bool,
    /// The first and the last day, both included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Orders that have a coupon of it, also reserved.
    pub uses: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_member: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// Money of the budget that is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_used: Option<String>,
}

impl CampaignAnswer {
    fn of(campaign: &Campaign, uses: &CampaignUses, name: String, program: &Program) -> CampaignAnswer {
        let limits = campaign.limits;
        CampaignAnswer {
            id: campaign.id.to_string(),
            name,
            codes: campaign.codes.iter().map(|code| code.written.clone()).collect(),
            automatic: campaign.automatic,
            from: campaign.from.map(|day| day.to_string()),
            to: campaign.to.map(|day| day.to_string()),
            uses: uses.uses,
            per_code: limits.per_code,
            per_member: limits.per_member,
            total: limits.total,
            budget: limits.budget.map(|money| program.currency.format(money)),
            budget_used: uses.money.map(|money| program.currency.format(money)),
        }
    }
}

/// List coupon campaigns
#[utoipa::path(get, path = "/v1/campaigns", tag = "coupons",
    responses((status = 200, body = CampaignsAnswer)))]
pub async fn list_campaigns(desk: Desk) -> Result<Json<CampaignsAnswer>, Problem> {
    let list = &desk.program.coupons.campaigns;
    let uses = desk.app.service.campaign_uses(desk.program_id(), list).await.map_err(|e| desk.failed(e))?;
    let name = |c: &Campaign| match desk.language {
        Language::En => c.name.en.clone(),
        Language::Ru => c.name.ru.clone(),
    };
    let campaigns =
        list.iter().zip(&uses).map(|(c, uses)| CampaignAnswer::of(c, uses, name(c), &desk.program));
    Ok(Json(CampaignsAnswer { campaigns: campaigns.collect() }))
}
