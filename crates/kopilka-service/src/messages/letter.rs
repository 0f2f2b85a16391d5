//! Letters as RFC 5322 wants them.
//!
//! Invariant: a letter's `Message-ID` is the message's own id, so that one that is sent again is the same
//! letter; nothing of its content can become a header.

use super::Said;
use super::senders::Smtp;
use kopilka_core::ids::MessageId;
use kopilka_core::time::Instant;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use std::time::{Duration, UNIX_EPOCH};

/// A letter ready to be handed over.
pub(crate) struct Letter {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
}

/// A domain stands in every id of a letter; the sender's own is what receivers expect.
fn domain_of(mailbox: &Mailbox) -> &str {
    mailbox.email.domain()
}

/// How the server calls itself to a mail server.
pub(super) fn own_name(smtp: &Smtp) -> String {
    smtp.from.parse::<Mailbox>().map_or_else(|_| "localhost".to_owned(), |from| domain_of(&from).to_owned())
}

impl Letter {
    /// `unsubscribe` is the address that takes the consent back at once. `None` where an address is none.
    pub fn new(
        smtp: &Smtp,
        (id, to, now): (MessageId, &str, Instant),
        said: &Said,
        unsubscribe: Option<&str>,
    ) -> Option<Letter> {
        let from: Mailbox = smtp.from.parse().ok()?;
        let to = Mailbox::new(None, to.parse().ok()?);
        let seconds = u64::try_from(now.0.div_euclid(1_000_000)).unwrap_or_default();
        let mut builder = Message::builder()
            .message_id(Some(format!("<{id}@{}>", domain_of(&from))))
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .subject(one_line(&said.subject))
            .raw_header(plain("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = &smtp.reply_to {
            builder = builder.reply_to(reply_to.parse().ok()?);
        }
        if let Some(url) = unsubscribe {
            // On one line: folded, it breaks signatures on the way.
            builder = builder
                .raw_header(plain("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let builder = builder.from(from).to(to);
        let text = SinglePart::plain(said.text.clone());
        let built = match &said.html {
            Some(html) => builder.multipart(
                MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.clone())),
            ),
            None => builder.singlepart(text),
        };
        let message = built.ok()?;
        Some(Letter { envelope: message.envelope().clone(), bytes: message.formatted() })
    }
}

/// A subject is a header: whatever breaks a line becomes a space.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control())
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A header of our own words or an address that has been checked, written as it is.
fn plain(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::senders::Encryption;
    use super::*;
    use kopilka_core::words::Language;
    use mail_parser::MessageParser;

    fn smtp() -> Smtp {
        Smtp {
            host: "mail.shop.example".to_owned(),
            port: 587,
            encryption: Encryption::Starttls,
            from: "Спортмагазин <shop@shop.example>".to_owned(),
            reply_to: Some("care@shop.example".to_owned()),
            language: Language::Ru,
        }
    }

    #[test]
    fn a_letter_is_read_by_others_as_it_was_meant() {
        let said = Said {
            subject: "Начислено 25 бонусов\r\nBcc: everybody@shop.example".to_owned(),
            text: "Здравствуйте!\n\n.\nНачислено 25 бонусов.\n".to_owned(),
            html: Some("<p>Начислено <b>25&nbsp;бонусов</b></p>".to_owned()),
        };
        let now = Instant::parse("2026-03-01T12:00:00+03:00").unwrap();
        let url = format!("https://shop.example/unsubscribe/{}", "x".repeat(120));
        let to = (MessageId(77), "anna@person.example", now);
        let letter = Letter::new(&smtp(), to, &said, Some(&url)).unwrap();
        let again = Letter::new(&smtp(), to, &said, Some(&url)).unwrap();
        assert!(letter.bytes.is_ascii(), "any mail server takes it");
        let read = MessageParser::default().parse(&letter.bytes).unwrap();
        let from = read.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some("Спортмагазин"));
        assert_eq!(from.address(), Some("shop@shop.example"));
        assert_eq!(read.to().unwrap().first().unwrap().address(), Some("anna@person.example"));
        assert!(read.bcc().is_none());
        assert_eq!(read.subject(), Some("Начислено 25 бонусов Bcc: everybody@shop.example"));
        assert_eq!(read.message_id(), Some(&*format!("{}@shop.example", MessageId(77))));
        assert_eq!(MessageParser::default().parse(&again.bytes).unwrap().message_id(), read.message_id());
        assert_eq!(read.date().unwrap().to_rfc3339(), "2026-03-01T09:00:00Z");
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), said.text);
        assert_eq!(read.body_html(0).unwrap().trim_end(), said.html.clone().unwrap());
        let raw = String::from_utf8(letter.bytes.clone()).unwrap();
        assert!(raw.contains(&format!("List-Unsubscribe: <{url}>\r\n")), "{raw}");
        assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
        assert_eq!(letter.envelope.to().len(), 1);
    }
}
