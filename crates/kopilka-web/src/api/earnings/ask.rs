//! `POST /v1/earnings`: “you earn N” for the articles of a listing, in one call.

use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::member::MemberName;
use crate::wire::{DecimalText, Word, figures};
use axum::Json;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, Pricing, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Articles of one call: a page of a shop shows no more.
pub const ITEMS_MAX: usize = 200;
/// The order of an article that nobody buys yet; it can be no order's.
const NO_ORDER: &str = "\u{1}listing";

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarningsWire {
    /// For whom; for somebody new when left out.
    pub member: Option<MemberName>,
    pub shop: Option<Word>,
    pub channel: Option<Word>,
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<ItemWire>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemWire {
    pub sku: Word,
    /// Of one piece; the product table's when left out.
    pub price: Option<DecimalText>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EarningsAnswer {
    /// In the order of the items.
    pub earnings: Vec<EarningAnswer>,
}

/// One piece, bought alone and paid now. Without a price nothing can be told.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarningAnswer {
    pub sku: String,
    /// What it costs after discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_pay: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
}

/// Ask what a listing would bring
#[utoipa::path(post, path = "/v1/earnings", tag = "quote", request_body = EarningsWire,
    responses((status = 200, body = EarningsAnswer)))]
pub async fn ask_earnings(desk: Desk, wire: Body<EarningsWire>) -> Result<Json<EarningsAnswer>, Problem> {
    let asked = &wire.body;
    if !(1..=ITEMS_MAX).contains(&asked.items.len()) {
        return Err(Problem::of("too_many_items").with("limit", ITEMS_MAX).at("/items"));
    }
    let shop = asked.shop.as_ref().map(|w| w.0.as_str());
    let key = OrderKey { order: NO_ORDER.into(), ..desk.order_key("listing", shop)? };
    let member = asked.member.as_ref().map(|m| m.reference(&desk.program, "/member")).transpose()?;
    let member = desk.own(member)?;
    let mut bodies = Vec::with_capacity(asked.items.len());
    for (i, item) in asked.items.iter().enumerate() {
        let pointer = format!("/items/{i}/price");
        let price = item.price.as_ref().map(|p| figures::money(&desk.program, p, &pointer)).transpose()?;
        if price.is_some_and(|price| price.0 < 0) {
            return Err(Problem::of("out_of_range").at(pointer));
        }
        // What is not told is taken from the product table.
        let price = price.unwrap_or(Money(-1));
        let lines = vec![LineBody::goods("1", &item.sku.0, Quantity::ONE, price)];
        bodies.push(OrderBody {
            channel: asked.channel.as_ref().map(|w| w.0.as_str().into()),
            pricing: Some(Pricing::Engine),
            ..OrderBody::plain(key.clone(), BodyStatus::Paid, lines)
        });
    }
    let found = desk.app.service.earnings(desk.program_id(), member, bodies).await;
    let found = found.map_err(|e| desk.failed(e))?;
    let answer = |(item, earning): (&ItemWire, &kopilka_service::Earning)| EarningAnswer {
        sku: item.sku.0.clone(),
        to_pay: earning.to_pay.map(|money| desk.program.currency.format(money)),
        points: earning.points.map(|points| desk.program.points.format(points)),
    };
    Ok(Json(EarningsAnswer { earnings: asked.items.iter().zip(&found).map(answer).collect() }))
}
