//! `/v1/members/{id}/holders`: who uses an account beside its owner, and what each may do with it.

use crate::app::{Desk, Envelope};
use crate::asked::Named;
use crate::json::Json as Body;
use crate::problem::Problem;
use crate::scopes::{self, Scope};
use crate::wire::answer::{HolderAnswer, HoldersAnswer};
use crate::wire::member::texts;
use crate::wire::{self, Word};
use axum::Json;
use axum::extract::Path;
use kopilka_core::holder::{HolderNo, Rights};
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::{Change, HolderChange, HolderTold};
use kopilka_store::rows::HolderPerson;
use serde::Deserialize;
use utoipa::ToSchema;

/// Longer names do not fit on a receipt.
const NAME_MAX: usize = 200;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderWire {
    /// How the holder is called on lists.
    #[schema(value_type = Option<String>)]
    pub name: Option<Word>,
    /// Of `earn`, `spend`, `see`, `statement`; none of them lets the holder do nothing.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Word>,
    /// By which it is this holder who comes. New ones become the account's; those left out leave it.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub phones: Vec<Word>,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub emails: Vec<Word>,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub cards: Vec<Word>,
    pub reason: Option<Word>,
    pub operator: Option<Word>,
}

/// List the holders of an account
#[utoipa::path(get, path = "/v1/members/{id}/holders", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = HoldersAnswer)))]
pub async fn list_holders(desk: Desk, id: Named) -> Result<Json<HoldersAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    Ok(Json(answer(&desk, member).await?))
}

/// Set a holder of an account
///
/// For families and companies: the holder earns and spends on this account as far as the rights say. An
/// order, a claim or a transfer that names the account by a holder's phone, e-mail or card is that holder's.
#[utoipa::path(put, path = "/v1/members/{id}/holders/{holder}", tag = "members", request_body = HolderWire,
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("holder" = u8, Path, description = "a number of your own: 1 to 99", minimum = 1, maximum = 99)),
    responses((status = 200, body = HoldersAnswer)))]
pub async fn put_holder(
    desk: Desk,
    Path((id, holder)): Path<(String, String)>,
    wire: Body<HolderWire>,
) -> Result<Json<HoldersAnswer>, Problem> {
    let no = numbered(&desk, &holder)?;
    let wire = wire.body;
    let rights = Rights::named(wire.rights.iter().map(|word| word.0.as_str()));
    let rights = rights.ok_or_else(|| Problem::of("holder_right_unknown").at("/rights"))?;
    let name = wire.name.map(|word| word.0);
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_MAX || name.chars().any(char::is_control))
    {
        return Err(Problem::of("invalid_text").with("limit", NAME_MAX).at("/name"));
    }
    let person = HolderPerson {
        no,
        name,
        phones: texts(&wire.phones, "/phones")?,
        emails: texts(&wire.emails, "/emails")?,
        cards: texts(&wire.cards, "/cards")?,
    };
    let change = HolderChange { no, to: Some(HolderTold { rights, person }) };
    set(&desk, &id, change, (wire.operator, wire.reason)).await
}

/// Take a holder off an account
///
/// The holder's phones, e-mails and cards leave the account; what was bought stays.
#[utoipa::path(delete, path = "/v1/members/{id}/holders/{holder}", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id"),
        ("holder" = u8, Path, description = "its number", minimum = 1, maximum = 99)),
    responses((status = 200, body = HoldersAnswer)))]
pub async fn delete_holder(
    desk: Desk,
    Path((id, holder)): Path<(String, String)>,
) -> Result<Json<HoldersAnswer>, Problem> {
    let change = HolderChange { no: numbered(&desk, &holder)?, to: None };
    set(&desk, &id, change, (None, None)).await
}

fn numbered(desk: &Desk, text: &str) -> Result<HolderNo, Problem> {
    let no = text.parse().ok().and_then(HolderNo::new);
    no.ok_or_else(|| desk.refused(&Refusal::HolderUnknown { holder: HolderNo(0) }))
}

/// Whoever sets a holder says by which phone the account's points may be spent.
async fn set(
    desk: &Desk,
    id: &str,
    change: HolderChange,
    (operator, reason): (Option<Word>, Option<Word>),
) -> Result<Json<HoldersAnswer>, Problem> {
    if !scopes::granted(&desk.caller.scopes, Scope::MembersIdentify) {
        return Err(Problem::of("scope_missing").with("scope", Scope::MembersIdentify.name()));
    }
    let member = wire::member::by_text(id, &desk.program)?;
    let envelope = Envelope {
        endpoint: "members.holders",
        operator: operator.map(|word| word.0),
        reason: reason.map(|word| word.0),
        ..Envelope::default()
    };
    let done = desk.write(envelope, Change::SetHolder { member, change }).await?;
    Ok(Json(answer(desk, done.member).await?))
}

async fn answer(desk: &Desk, member: MemberId) -> Result<HoldersAnswer, Problem> {
    let program = desk.program_id();
    let read = desk.read(move |r| Ok((r.member(program, member)?, r.person(program, member)?)));
    let (row, person) = read.await?;
    let row = row.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))?;
    let known = person.unwrap_or_default().holders;
    let holders = row.member.holders.iter().map(|holder| {
        let person = known.iter().find(|known| known.no == holder.no);
        HolderAnswer::of(holder, person)
    });
    Ok(HoldersAnswer { holders: holders.collect() })
}
