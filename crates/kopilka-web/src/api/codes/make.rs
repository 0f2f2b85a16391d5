//! `POST /v1/codes`: a one-time code is made and sent.
//!
//! Invariant: it takes no idempotency key: within a minute a second one to the same address is refused, so
//! a repeated request sends nothing twice.

use super::problem;
use crate::app::Desk;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::scopes::Scope;
use crate::wire::member::MemberName;
use crate::wire::{DecimalText, TimeText, Word, figures};
use axum::Json;
use kopilka_service::{CodeChannel, CodeFor, CodeMade, masked};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Either an order's points that a member is to agree to, or one address that is to be confirmed: by itself,
/// or with the `member` whose phone or e-mail is to change, both to the new one and to one of before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeWire {
    /// Who is to agree, with `order_id` and `points`; or whose phone or e-mail is to change.
    pub member: Option<MemberName>,
    /// The order that the points are to pay, whether it is placed or not.
    pub order_id: Option<Word>,
    /// The shop of the order, for a key that is bound to none.
    pub shop: Option<Word>,
    /// So many at most.
    pub points: Option<DecimalText>,
    /// By SMS where the member has a phone, else by e-mail, when left out.
    pub channel: Option<ChannelWire>,
    /// A phone that is to be confirmed.
    pub phone: Option<Word>,
    /// An e-mail address that is to be confirmed.
    pub email: Option<Word>,
    /// `false`: the answer has the code and the caller sends it; needs the scope `codes:reveal`.
    pub send: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelWire {
    Sms,
    Email,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CodeAnswer {
    /// Tell it with the code, and with what it has confirmed.
    pub id: String,
    /// `sms` or `email`.
    pub channel: &'static str,
    /// Where it goes, masked.
    pub to: String,
    pub expires_at: TimeText,
    /// Before that no other code goes there.
    pub again_at: TimeText,
    /// The code itself, where the caller sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where it is to be sent, where the caller does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl CodeWire {
    fn asked(&self, desk: &Desk) -> Result<CodeFor, Problem> {
        let text = |word: &Word| word.0.clone();
        match (&self.member, &self.order_id, &self.points, &self.phone, &self.email) {
            (Some(member), Some(order), Some(points), None, None) => {
                let points = figures::points(&desk.program, points, "/points")?;
                if points.0 <= 0 {
                    return Err(Problem::of("out_of_range").at("/points"));
                }
                Ok(CodeFor::Spending {
                    member: member.reference(&desk.program, "/member")?,
                    order: desk.order_key(&order.0, self.shop.as_ref().map(|w| w.0.as_str()))?,
                    points,
                    channel: self.channel.map(ChannelWire::core),
                })
            }
            (None, None, None, Some(phone), None) => Ok(CodeFor::Phone(text(phone))),
            (None, None, None, None, Some(email)) => Ok(CodeFor::Email(text(email))),
            (Some(member), None, None, Some(phone), None) => {
                CodeWire::change(desk, member, CodeChannel::Sms, phone)
            }
            (Some(member), None, None, None, Some(email)) => {
                CodeWire::change(desk, member, CodeChannel::Email, email)
            }
            _ => Err(Problem::of("code_form_invalid")),
        }
    }
}

impl CodeWire {
    fn change(
        desk: &Desk,
        member: &MemberName,
        channel: CodeChannel,
        address: &Word,
    ) -> Result<CodeFor, Problem> {
        let member = member.reference(&desk.program, "/member")?;
        Ok(CodeFor::Change { member, channel, address: address.0.clone() })
    }
}

impl ChannelWire {
    fn core(self) -> CodeChannel {
        match self {
            ChannelWire::Sms => CodeChannel::Sms,
            ChannelWire::Email => CodeChannel::Email,
        }
    }
}

/// Send a one-time code
///
/// Six digits that hold for five minutes and five tries. Bound to the order and its points, or to the
/// address. Another one goes to the same address after a minute at the earliest.
#[utoipa::path(post, path = "/v1/codes", tag = "codes", request_body = CodeWire,
    responses((status = 200, body = CodeAnswer)))]
pub async fn make_code(desk: Desk, wire: Body<CodeWire>) -> Result<Json<CodeAnswer>, Problem> {
    let wire = wire.body;
    let send = wire.send.unwrap_or(true);
    if !send {
        desk.allow(Scope::CodesReveal)?;
    }
    let what = wire.asked(&desk)?;
    let asking = (desk.caller.key_id.clone(), send);
    let made = desk.app.service.make_code(desk.program_id(), what, asking).await;
    let made = made.map_err(|e| desk.failed(e))?.map_err(problem)?;
    let CodeMade { id, channel, address, digits, expires_at, again_at } = made;
    Ok(Json(CodeAnswer {
        id: id.to_string(),
        channel: channel.name(),
        to: masked(channel, &address),
        expires_at: TimeText(expires_at),
        again_at: TimeText(again_at),
        code: (!send).then_some(digits),
        address: (!send).then_some(address),
    }))
}
