//! `POST /v1/senders/{channel}/test`: does anything arrive?

use super::{channel, failed};
use crate::app::Desk;
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::wire::Word;
use axum::Json;
use kopilka_service::TestMessage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMessageWire {
    /// An e-mail, a phone or the id of a chat.
    #[schema(value_type = String, example = "owner@shop.example")]
    pub to: Word,
}

/// What the test message has come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestMessageAnswer {
    #[schema(example = "msg_0000000000001")]
    pub id: String,
    /// The other side has taken it.
    pub sent: bool,
    /// The other side's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Why it was not taken, as in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TestMessageAnswer {
    pub fn of(tested: TestMessage) -> TestMessageAnswer {
        let sent = tested.answer.is_ok();
        let (receipt, reason) = match tested.answer {
            Ok(receipt) => (receipt, None),
            Err(reason) => (None, Some(reason)),
        };
        TestMessageAnswer { id: tested.id.to_string(), sent, receipt, reason }
    }
}

/// Send a test message
///
/// A message that means nothing, sent now and once, to an address of one's own.
#[utoipa::path(post, path = "/v1/senders/{channel}/test", tag = "messages", request_body = TestMessageWire,
    params(("channel" = String, Path, description = "`email`, `sms` or `telegram`")),
    responses((status = 200, body = TestMessageAnswer)))]
pub async fn test_sender(
    desk: Desk,
    named: Named,
    wire: Body<TestMessageWire>,
) -> Result<Json<TestMessageAnswer>, Problem> {
    let channel = channel(&named.0)?;
    let tested = desk.app.service.test_sender(desk.program_id(), channel, &wire.body.to.0).await;
    Ok(Json(TestMessageAnswer::of(tested.map_err(|error| failed(&desk, error))?)))
}
