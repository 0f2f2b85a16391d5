//! `PUT /v1/products`: adds or replaces products by sku.

use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::product::ProductWire;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A thousand articles fit into one body; more go in several.
pub const PRODUCTS_MAX: usize = 1_000;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductsWire {
    #[schema(max_items = 1000)]
    pub products: Vec<ProductWire>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProductsPut {
    /// How many were added or replaced.
    pub count: usize,
}

/// Put products
///
/// Order lines that are silent about category, brand and tags take them from here.
#[utoipa::path(put, path = "/v1/products", tag = "products", request_body = ProductsWire,
    responses((status = 200, body = ProductsPut)))]
pub async fn put_products(desk: Desk, wire: Body<ProductsWire>) -> Result<Json<ProductsPut>, Problem> {
    let list = &wire.body.products;
    if list.len() > PRODUCTS_MAX {
        return Err(Problem::of("too_many_products").with("limit", PRODUCTS_MAX).at("/products"));
    }
    let mut products = Vec::with_capacity(list.len());
    for (i, product) in list.iter().enumerate() {
        products.push(product.core(&desk.program).map_err(|p| p.under(&format!("/products/{i}")))?);
    }
    let count = products.len();
    desk.app.service.put_products(desk.program_id(), products).await.map_err(|e| desk.failed(e))?;
    Ok(Json(ProductsPut { count }))
}
