//! `GET /v1/rewards`: the catalogue of the program in force.

use crate::app::Desk;
use crate::asked::{ForMember, Query};
use crate::problem::Problem;
use crate::wire;
use axum::Json;
use kopilka_core::program::Gives;
use kopilka_core::words;
use kopilka_service::Offered;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct RewardsAnswer {
    /// In the order of the document.
    pub rewards: Vec<RewardAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RewardAnswer {
    pub id: String,
    /// In the caller's language.
    pub name: String,
    /// Points.
    pub cost: String,
    /// The campaign of the coupon that it gives; the shop hands it over where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many are left for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// Whether the member who was named can have it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_claim: Option<bool>,
    /// Why not: a code of the refusals, and its words in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

fn answer(offered: &Offered, desk: &Desk, for_member: bool) -> RewardAnswer {
    let (reward, refused) = (&offered.reward, offered.refused.as_ref());
    RewardAnswer {
        id: reward.id.to_string(),
        name: desk.language.of(&reward.name).to_owned(),
        cost: desk.program.points.format(reward.cost),
        coupon: match &reward.gives {
            Gives::Coupon(campaign) => Some(campaign.to_string()),
            Gives::HandedOver => None,
        },
        from: reward.from.map(|day| day.to_string()),
        to: reward.to.map(|day| day.to_string()),
        left: offered.left,
        can_claim: for_member.then_some(refused.is_none()),
        why: refused.map(|refusal| refusal.code()),
        words: refused.map(|refusal| desk.language.of(&words::refusal(&desk.program, refusal)).to_owned()),
    }
}

/// List rewards
///
/// With `member` it tells for each whether the member can have it now, and why not.
#[utoipa::path(get, path = "/v1/rewards", tag = "rewards", params(ForMember),
    responses((status = 200, body = RewardsAnswer)))]
pub async fn list_rewards(desk: Desk, asked: Query<ForMember>) -> Result<Json<RewardsAnswer>, Problem> {
    let member = asked.0.member.as_deref().map(|m| wire::member::by_text(m, &desk.program)).transpose()?;
    let member = desk.own(member)?;
    let for_member = member.is_some();
    let offered = desk.app.service.catalogue(desk.program_id(), member).await.map_err(|e| desk.failed(e))?;
    let rewards = offered.iter().map(|offered| answer(offered, &desk, for_member)).collect();
    Ok(Json(RewardsAnswer { rewards }))
}
