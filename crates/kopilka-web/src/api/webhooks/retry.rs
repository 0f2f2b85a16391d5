//! `POST /v1/webhook-endpoints/{id}/deliveries/{event}/retry`: one event again.

use super::deliveries::DeliveryAnswer;
use super::named;
use crate::app::Desk;
use crate::asked::NamedDelivery;
use crate::problem::Problem;
use axum::Json;

/// Send one event again
///
/// Whatever has become of it. It is sent now, or once the earlier ones of the same member are done with.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{id}/deliveries/{event}/retry", tag = "webhooks",
    params(("id" = String, Path, description = "`wh_…`"),
        ("event" = String, Path, description = "`evt_…`, as the log tells it")),
    responses((status = 200, body = DeliveryAnswer)))]
pub async fn retry_delivery(
    desk: Desk,
    named_delivery: NamedDelivery,
) -> Result<Json<DeliveryAnswer>, Problem> {
    let NamedDelivery { endpoint, event } = named_delivery;
    let retried = desk.app.service.retry_delivery(desk.program_id(), named(&endpoint)?, &event).await;
    Ok(Json(DeliveryAnswer::of(retried.map_err(|error| desk.failed(error))?)))
}
