//! Orders that were made without a member, and how they become somebody's.

pub mod bind;
pub mod claim;
pub mod list;

use crate::app::Desk;
use crate::problem::Problem;
use crate::wire::answer::{BalanceAnswer, OrderAnswer};
use kopilka_core::ids::CodeId;
use kopilka_core::order::OrderKey;
use kopilka_core::refusal::Refusal;
use kopilka_service::Done;
use serde::Serialize;
use utoipa::ToSchema;

/// An order that is the member's from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestOrderWritten {
    pub member: String,
    pub order: OrderAnswer,
    /// What it earned, pending or not; absent while it is on its way to the member, for a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceAnswer>,
}

/// A member's token may use a code that was asked for in this member's name alone: ids of codes can be
/// guessed, and a shop's server knows whom it asks for.
async fn own_code(desk: &Desk, code: CodeId) -> Result<(), Problem> {
    let Some(member) = desk.caller.member else { return Ok(()) };
    let program = desk.program_id();
    let row = desk.read(move |reader| reader.code(program, code)).await?;
    match row.is_some_and(|row| row.subject == Some(member)) {
        true => Ok(()),
        false => Err(desk.refused(&Refusal::ContactUnconfirmed)),
    }
}

/// The order as it stands with its member.
async fn arrived(desk: &Desk, done: &Done, key: OrderKey) -> Result<GuestOrderWritten, Problem> {
    desk.app.service.carry(desk.program_id(), done).await;
    let (owner, order) = desk.order(key).await.map_err(|_| desk.refused(&Refusal::ClaimUnderWay))?;
    let program = desk.program_id();
    let row = desk.read(move |reader| reader.member(program, owner)).await?;
    let balance = row.map(|row| BalanceAnswer::of(&row.member.balance_at(desk.now), &desk.program));
    let is_there = order.claimed.is_some();
    Ok(GuestOrderWritten {
        member: owner.to_string(),
        points: is_there.then(|| desk.program.points.format(order.points_earned_net())),
        order: OrderAnswer::of(&order, &desk.program),
        balance: balance.filter(|_| is_there),
    })
}
