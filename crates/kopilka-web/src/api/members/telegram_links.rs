//! `POST /v1/members/{id}/telegram-links`: a link by which a member tells the bot which chat is theirs.

use crate::app::Desk;
use crate::asked::Named;
use crate::problem::Problem;
use crate::wire::TimeText;
use axum::Json;
use kopilka_core::member::MemberStatus;
use kopilka_core::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct TelegramLinkAnswer {
    /// Opened in Telegram it starts the bot, and the chat is kept with the member.
    #[schema(example = "https://t.me/shop_bot?start=…")]
    pub link: String,
    pub expires_at: TimeText,
}

/// Make a link to Telegram
///
/// It is good for a quarter of an hour and once. It is stored nowhere: a repeated request only makes another
/// one. A chat is an address and no consent.
#[utoipa::path(post, path = "/v1/members/{id}/telegram-links", tag = "members",
    params(("id" = String, Path, description = "`m_…`, or `ext:` and the shop's own id")),
    responses((status = 200, body = TelegramLinkAnswer)))]
pub async fn make_telegram_link(desk: Desk, id: Named) -> Result<Json<TelegramLinkAnswer>, Problem> {
    let member = desk.member_id(&id.0).await?;
    let program = desk.program_id();
    let row = desk.read(move |reader| reader.member(program, member)).await?;
    match row.map(|row| row.member.status) {
        None | Some(MemberStatus::Guest) => return Err(desk.refused(&Refusal::MemberUnknown)),
        Some(MemberStatus::Anonymized) => return Err(desk.refused(&Refusal::MemberAnonymized)),
        Some(_) => {}
    }
    let made = desk.app.service.telegram_link(program, member).await;
    let (link, expires_at) = made.map_err(|error| desk.failed(error))?;
    Ok(Json(TelegramLinkAnswer { link, expires_at: TimeText(expires_at) }))
}
