//! `GET /v1/products`: the product table by pages.

use crate::app::Desk;
use crate::asked::{PageAsked, Query};
use crate::problem::Problem;
use crate::wire::product::ProductWire;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ProductsAnswer {
    /// In order of sku.
    pub products: Vec<ProductWire>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// List products
#[utoipa::path(get, path = "/v1/products", tag = "products", params(PageAsked),
    responses((status = 200, body = ProductsAnswer)))]
pub async fn list_products(desk: Desk, asked: Query<PageAsked>) -> Result<Json<ProductsAnswer>, Problem> {
    let limit = asked.0.limit()?;
    let (program, after) = (desk.program_id(), asked.0.cursor);
    // One more than the page tells whether there is a next one.
    let mut found = desk.read(move |r| r.products(program, after.as_deref(), limit + 1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|p| p.sku.clone());
    let products = found.iter().map(|p| ProductWire::of(p, &desk.program)).collect();
    Ok(Json(ProductsAnswer { products, next }))
}
