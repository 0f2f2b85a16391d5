//! What the sample shop tells its members: settings, words of its own, a few lines of a log.
//!
//! Invariant: the demo writes to nobody: when it is ready there is no sender, and what was queued is dropped.

use super::people;
use kopilka_core::consent::Channel;
use kopilka_core::ids::ProgramId;
use kopilka_core::words::Language;
use kopilka_service::messages::senders::{Bot, SenderSecrets, Settings, TELEGRAM_API, TOKEN};
use kopilka_service::messages::settings::{Cap, Messaging, Quiet, Telling};
use kopilka_service::messages::templates::Template;
use kopilka_service::messages::{NewMessage, Recipient};
use kopilka_service::{Class, Clock, MemberRef, Service, ServiceError, TemplateKey};
use serde_json::json;
use std::net::SocketAddr;

/// Members whose messages stand in the log.
const TOLD: u32 = 6;
/// The words of a shop that calls its points by name.
const SUBJECT: &str = "{{ points }} — ваши";
const TEXT: &str = "{{ name or \"Здравствуйте\" }}, вам начислено {{ points }}{% if order %} за заказ {{ order }}{% endif %}.\n{% if active_on %}Тратить можно с {{ active_on }}.{% endif %} {% if until %}Действуют {{ until }}.{% endif %}\n\nСейчас можно потратить: {{ balance }}.";

pub async fn tell(service: &Service, program: ProgramId, address: SocketAddr) -> Result<(), ServiceError> {
    let key = TemplateKey {
        event: "points_accrued".to_owned(),
        channel: Channel::Email,
        language: Language::Ru.tag().to_owned(),
    };
    let words = Template { subject: SUBJECT.to_owned(), text: TEXT.to_owned(), html: None };
    service.put_template(program, key, words).await?;
    log(service, program).await?;
    service.put_messaging(program, settings(address)).await
}

fn settings(address: SocketAddr) -> Messaging {
    let telling = |channels: &[Channel], class| Telling { channels: channels.to_vec(), class };
    let both = [Channel::Telegram, Channel::Email];
    Messaging {
        base_url: Some(format!("http://{address}")),
        quiet: Some(Quiet { from: 21 * 60, to: 10 * 60 }),
        cap: Some(Cap { messages: 2, days: 7 }),
        warn_days: vec![30, 7, 1],
        events: [
            ("points_accrued".to_owned(), telling(&both, Class::Service)),
            ("birthday_gift".to_owned(), telling(&both, Class::Service)),
            ("points_expiring".to_owned(), telling(&[Channel::Email, Channel::Sms], Class::Marketing)),
        ]
        .into(),
    }
}

/// Messages that were to go by a bot which the shop has put away again.
async fn log(service: &Service, program: ProgramId) -> Result<(), ServiceError> {
    let bot = Bot { api: TELEGRAM_API.to_owned(), language: Language::Ru, name: None };
    let secrets = SenderSecrets([(TOKEN.to_owned(), "0:demo".to_owned())].into());
    service.put_sender(program, Settings::Telegram(bot), secrets).await?;
    for number in 1..=TOLD {
        let found = service.find_member(program, MemberRef::Ext(people::ext(number))).await;
        let Ok(member) = found else { continue };
        let data = json!({ "points": "25 бонусов", "active_on": null, "until": null, "order": null });
        let new = NewMessage {
            to: Recipient::Member(member),
            channel: Channel::Telegram,
            event: if number % 3 == 0 { "birthday_gift" } else { "points_accrued" }.to_owned(),
            class: Class::Service,
            language: None,
            data: data.as_object().cloned().unwrap_or_default(),
            expires_at: Clock::System.now().plus_seconds(3_600),
        };
        service.queue_message(program, new).await?;
    }
    service.delete_sender(program, Channel::Telegram).await
}
