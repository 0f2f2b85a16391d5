//! `/admin/keys`: the keys by which a shop's systems call the API.
//!
//! Invariant: a secret is shown on the one page that made it and nowhere after.

use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::{KeyInfo, NewKey};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::{EVERYTHING, POINT_OF_SALE, Scope, is_known};

/// A name that is longer names nothing.
const NAME_MAX: usize = 100;

pub struct KeyLine {
    pub id: String,
    pub name: String,
    pub shop: String,
    pub scopes: String,
    pub since: String,
    pub is_revoked: bool,
}

#[derive(Template)]
#[template(path = "admin/keys.html")]
pub struct KeysPage {
    pub frame: Frame,
    pub keys: Vec<KeyLine>,
    pub scopes: Vec<&'static str>,
    /// What was just made.
    pub secret: Option<String>,
    pub name: String,
    pub shop: String,
}

impl KeysPage {
    pub fn sample(language: Language) -> KeysPage {
        let key = |is_revoked| KeyLine {
            id: "k_1".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            shop: "Главный".to_owned(),
            scopes: POINT_OF_SALE.to_owned(),
            since: "2026-03-01 10:00 UTC".to_owned(),
            is_revoked,
        };
        KeysPage {
            frame: Frame::sample(language),
            keys: vec![key(false), key(true)],
            scopes: scopes(),
            secret: Some("kop_test_0123456789".to_owned()),
            name: String::new(),
            shop: String::new(),
        }
    }
}

fn scopes() -> Vec<&'static str> {
    Scope::ALL.iter().map(|scope| scope.name()).collect()
}

fn drawn(office: &Office, frame: Frame) -> KeysPage {
    let line = |key: KeyInfo| KeyLine {
        since: office.visit.stamp(key.created_at),
        scopes: key.scopes.join(", "),
        is_revoked: key.revoked_at.is_some(),
        id: key.id,
        name: key.name,
        shop: key.shop,
    };
    let keys = office.desk.app.service.keys(Some(office.desk.program_id()));
    // The newest first; those that are nobody's any more at the end.
    let mut keys: Vec<KeyLine> = keys.into_iter().rev().map(line).collect();
    keys.sort_by_key(|key| key.is_revoked);
    KeysPage { keys, scopes: scopes(), secret: None, name: String::new(), shop: "main".to_owned(), frame }
}

pub async fn page(office: Office) -> Page<KeysPage> {
    let frame = Frame::of(&office.visit, Some(Section::Keys));
    Page(drawn(&office, frame))
}

pub async fn create(office: Office, posted: Posted) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, Some(Section::Keys));
    let (name, shop) = (posted.text("name").to_owned(), posted.text("shop").to_owned());
    let scopes = match posted.text("kind") {
        // Rights that were ticked say that not everything was meant.
        "all" if !posted.is_set("scope") => vec![EVERYTHING.to_owned()],
        "till" if !posted.is_set("scope") => vec![POINT_OF_SALE.to_owned()],
        "all" | "till" => Vec::new(),
        _ => posted.all("scope").filter(|scope| is_known(scope)).map(str::to_owned).collect(),
    };
    let fits = |text: &str| text.chars().count() <= NAME_MAX && !text.chars().any(char::is_control);
    let wrong = if name.is_empty() || !fits(&name) || !fits(&shop) || shop.starts_with(':') {
        Some("keys-name-wrong")
    } else if scopes.is_empty() {
        Some("keys-no-scope")
    } else {
        None
    };
    if let Some(wrong) = wrong {
        let text = frame.say(wrong);
        let page = drawn(&office, frame.with_notice(Tone::Bad, text));
        return Ok(again(KeysPage { name, shop, ..page }, "key_refused"));
    }
    let new = NewKey { program: office.desk.program_id(), shop, name, scopes };
    let (_, secret) = office.desk.app.service.create_key(new).await.map_err(trouble)?;
    Ok(Page(KeysPage { secret: Some(secret), ..drawn(&office, frame) }).into_response())
}

pub async fn revoke(office: Office, posted: Posted) -> Result<Response, Response> {
    let id = posted.text("key");
    let service = &office.desk.app.service;
    // A key of another program is none of this page's.
    let is_ours = service.keys(Some(office.desk.program_id())).iter().any(|key| key.id == id);
    if !is_ours {
        return Err(Problem::of("key_unknown").into_response());
    }
    service.revoke_key(id).await.map_err(trouble)?;
    Ok(back_to("/admin/keys?done=saved"))
}
