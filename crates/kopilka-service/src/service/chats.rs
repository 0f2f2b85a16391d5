//! Members' chats with the program's bot: the bot is told where to tell what it hears, and who starts it with
//! a link of theirs has the chat kept with the person.
//!
//! Invariant: only who knows the bot's own secret tells this server anything, and only a member's own link
//! changes a chat, by the one way of every write. A chat is an address and no consent.

use super::Service;
use crate::error::ServiceError;
use crate::messages::chat_link::{self, CHAT_LINK_SECONDS};
use crate::messages::senders::{Bot, SenderSecrets, Settings, TOKEN};
use crate::messages::telegram::connect;
use crate::service::messages::opened;
use crate::write::{Change, MemberRef, PersonPatch, Write};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::program::Text;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_store::messages::SenderRow;
use subtle::ConstantTimeEq;

/// Where a bot tells what it hears, before the program's name.
pub const CHATS_PATH: &str = "/telegram/";

/// A bot that tells this server what it hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedBot {
    /// As links name it.
    pub name: String,
    /// Where it tells what it hears.
    pub url: String,
}

/// Whose bot has told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardFrom {
    pub program: ProgramId,
    pub name: Text,
    /// Of who tells none.
    pub language: Language,
}

/// What has become of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    Done,
    /// The chat was the member's before.
    Already,
    /// Too old.
    Over,
    /// Not one of this program's, or used.
    Unknown,
}

impl Service {
    /// Has the program's bot tell this server what it hears, under the address of the settings.
    pub async fn connect_telegram(&self, program: ProgramId) -> Result<ConnectedBot, ServiceError> {
        let (row, bot, secrets) = self.bot(program).await?;
        let slug = self.shared.program(program)?.row.slug.clone();
        let base = self.messaging(program).await?.base_url;
        let base = base.ok_or(ServiceError::MessagingInvalid("base_url"))?;
        let url = format!("{}{CHATS_PATH}{slug}", base.trim_end_matches('/'));
        let secret = self.secret_of_bot(program, &secrets)?;
        let name = connect(&self.shared.outside.separate(), &bot, &secrets, (&url, &secret)).await;
        let name = name.map_err(ServiceError::TelegramRefused)?;
        let settings = Settings::Telegram(Bot { name: Some(name.clone()), ..bot });
        let settings = serde_json::to_string(&settings).map_err(|e| ServiceError::Storage(e.to_string()))?;
        let row = SenderRow { settings, ..row };
        self.alone(move |engine| engine.transaction(|engine| engine.writer.put_sender(&row))).await??;
        Ok(ConnectedBot { name, url })
    }

    /// A link that the member opens in Telegram, and when it ends.
    pub async fn telegram_link(
        &self,
        program: ProgramId,
        member: MemberId,
    ) -> Result<(String, Instant), ServiceError> {
        let (_, bot, _) = self.bot(program).await?;
        let name = bot.name.ok_or(ServiceError::TelegramNotConnected)?;
        let person = self.read(move |reader| reader.person(program, member)).await?;
        let chat = person.and_then(|person| person.telegram);
        let expires_at = self.shared.system_now().plus_seconds(CHAT_LINK_SECONDS);
        let token = chat_link::write(&self.shared.secret, (program, member, expires_at), chat.as_deref());
        Ok((format!("https://t.me/{name}?start={token}"), expires_at))
    }

    /// The program whose bot this is; nothing where the secret is not the bot's.
    pub async fn heard_from(&self, slug: &str, secret: &str) -> Result<Option<HeardFrom>, ServiceError> {
        let Some(known) = self.programs().into_iter().find(|program| program.slug == slug) else {
            return Ok(None);
        };
        let (_, bot, secrets) = match self.bot(known.id).await {
            Err(ServiceError::SenderUnknown) => return Ok(None),
            found => found?,
        };
        let own = self.secret_of_bot(known.id, &secrets)?;
        if !bool::from(own.as_bytes().ct_eq(secret.as_bytes())) {
            return Ok(None);
        }
        let name = self.units_of(known.id)?.name.clone();
        Ok(Some(HeardFrom { program: known.id, name, language: bot.language }))
    }

    /// Keeps the chat with the member whose link it is.
    pub async fn link_chat(
        &self,
        program: ProgramId,
        token: &str,
        chat: i64,
    ) -> Result<Linked, ServiceError> {
        let Some(link) = chat_link::read(token) else { return Ok(Linked::Unknown) };
        // The account may have become part of another one since the link was made.
        let member = match self.find_member(program, MemberRef::Id(link.member)).await {
            Err(ServiceError::Refused(Refusal::MemberUnknown)) => return Ok(Linked::Unknown),
            found => found?,
        };
        let person = self.read(move |reader| reader.person(program, member)).await?;
        let known = person.and_then(|person| person.telegram);
        let chat = chat.to_string();
        // Told twice, a link has done what it was for.
        if known.as_ref() == Some(&chat) {
            return Ok(Linked::Already);
        }
        if !link.is_ours(&self.shared.secret, program, known.as_deref()) {
            return Ok(Linked::Unknown);
        }
        if self.shared.system_now() >= link.expires_at {
            return Ok(Linked::Over);
        }
        let patch = PersonPatch { telegram: Some(Some(chat)), ..PersonPatch::default() };
        let write = Write {
            program,
            scope: "telegram".to_owned(),
            key: None,
            input_hash: [0; 16],
            operator: None,
            reason: None,
            change: Change::PatchMember { member: MemberRef::Id(member), patch },
        };
        match self.write(write).await {
            Ok(_) => Ok(Linked::Done),
            Err(ServiceError::Refused(_)) => Ok(Linked::Unknown),
            Err(error) => Err(error),
        }
    }

    async fn bot(&self, program: ProgramId) -> Result<(SenderRow, Bot, SenderSecrets), ServiceError> {
        let row = self.sender_row(program, Channel::Telegram).await?;
        match opened(&self.shared.secrets, &row)? {
            (Settings::Telegram(bot), secrets) => Ok((row, bot, secrets)),
            _ => Err(ServiceError::SenderUnknown),
        }
    }

    /// What the bot shows when it tells something: another one for another bot.
    fn secret_of_bot(&self, program: ProgramId, secrets: &SenderSecrets) -> Result<String, ServiceError> {
        let token = secrets.0.get(TOKEN).ok_or(ServiceError::SenderUnknown)?;
        let hash = self.shared.secret.hash(&[b"telegram-bot", &program.0.to_be_bytes(), token.as_bytes()]);
        Ok(URL_SAFE_NO_PAD.encode(hash))
    }
}
