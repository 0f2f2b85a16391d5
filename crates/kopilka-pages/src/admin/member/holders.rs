//! Who uses the member's account beside its owner: shown and set by support.
//!
//! Invariant: whoever sets a holder says by which phone the account's points are spent, so the door asks for
//! the right to identifiers.

use super::acts::{done, member};
use crate::act::{word, words};
use crate::posted::Posted;
use crate::visit::Office;
use crate::words::Words;
use axum::extract::Path;
use axum::response::Response;
use kopilka_core::holder::{HolderNo, Rights};
use kopilka_core::member::Member;
use kopilka_core::refusal::Refusal;
use kopilka_service::rows::{HolderPerson, Person};
use kopilka_service::{Change, HolderChange, HolderTold};
use kopilka_web::problem::Problem;

/// A right to tick, and what it is called.
pub struct RightChoice {
    pub name: &'static str,
    pub label: String,
}

/// One holder as a row of the table.
pub struct HolderLine {
    pub no: u8,
    pub name: String,
    pub rights: String,
    pub known_by: String,
}

pub fn choices(words: Words) -> Vec<RightChoice> {
    let choice = |name: &'static str| RightChoice { name, label: words.say(&format!("holder-right-{name}")) };
    Rights::NAMES.into_iter().map(choice).collect()
}

pub fn lines(member: &Member, person: &Person, words: Words) -> Vec<HolderLine> {
    let line = |holder: &kopilka_core::holder::Holder| {
        let known = person.holders.iter().find(|known| known.no == holder.no);
        let rights: Vec<String> =
            holder.rights.names().map(|name| words.say(&format!("holder-right-{name}"))).collect();
        let by = known.map(|known| [&known.phones[..], &known.emails, &known.cards].concat());
        HolderLine {
            no: holder.no.0,
            name: known.and_then(|known| known.name.clone()).unwrap_or_default(),
            rights: if rights.is_empty() { words.say("holder-no-rights") } else { rights.join(", ") },
            known_by: by.unwrap_or_default().join(", "),
        }
    };
    member.holders.iter().map(line).collect()
}

/// `POST …/holders`: a holder is set, or taken off.
pub async fn holders(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = change(&office, &id, &posted);
    done(office, id, "holders", posted, asked).await
}

fn change(office: &Office, id: &str, posted: &Posted) -> Result<(&'static str, Change), Problem> {
    let no = posted.text("holder").parse().ok().and_then(HolderNo::new);
    let no = no.ok_or_else(|| office.desk.refused(&Refusal::HolderUnknown { holder: HolderNo(0) }))?;
    let to = match posted.text("act") {
        "off" => None,
        _ => {
            let rights = Rights::named(posted.all("right"));
            let person = HolderPerson {
                no,
                name: word(posted, "holder_name")?,
                phones: words(posted, "holder_phones"),
                emails: words(posted, "holder_emails"),
                cards: words(posted, "holder_cards"),
            };
            Some(HolderTold { rights: rights.ok_or_else(|| Problem::of("form_invalid"))?, person })
        }
    };
    let change = HolderChange { no, to };
    Ok(("members.holders", Change::SetHolder { member: member(&office.desk, id)?, change }))
}
