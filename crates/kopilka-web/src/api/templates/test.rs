//! `POST /v1/templates/{event}/{channel}/{language}/test`: the message as it arrives.

use super::super::senders::test::TestMessageAnswer;
use super::{NamedWords, failed};
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestTemplateWire {
    /// An e-mail, a phone or the id of a chat.
    #[schema(value_type = String, example = "owner@shop.example")]
    pub to: Word,
    /// As of a preview.
    #[schema(value_type = Option<String>)]
    pub member: Option<Word>,
}

/// Send a preview
///
/// Now and once, to an address of one's own.
#[utoipa::path(post, path = "/v1/templates/{event}/{channel}/{language}/test", tag = "messages",
    request_body = TestTemplateWire,
    params(("event" = String, Path), ("channel" = String, Path), ("language" = String, Path)),
    responses((status = 200, body = TestMessageAnswer)))]
pub async fn test_template(
    desk: Desk,
    named: NamedWords,
    wire: Body<TestTemplateWire>,
) -> Result<Json<TestMessageAnswer>, Problem> {
    let member = match &wire.body.member {
        Some(word) => Some(desk.member_id(&word.0).await?),
        None => None,
    };
    let to = &wire.body.to.0;
    let tested = desk.app.service.test_template(desk.program_id(), named.0, member, to).await;
    Ok(Json(TestMessageAnswer::of(tested.map_err(|error| failed(&desk, error))?)))
}
