//! Where a case is played: a fresh database, its server, the clock, and what the case has named so far.

use super::Theatre;
use super::order::Cart;
use super::program::{self, Translated};
use super::words::Trouble;
use crate::api::{self, Client, Shop};
use crate::http::Answer;
use kopilka_core::time::Instant;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;

/// Who asks in a case that names nobody: an existing member without a history.
pub const ANYONE: &str = "anyone";
/// The moment of a case that names none.
const ANY_MOMENT: &str = "2026-01-15T12:00:00Z";

/// An order or a cart as the case told it.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub cart: Cart,
    /// The body as it was sent last.
    pub body: Map<String, Value>,
    pub shop: Option<String>,
}

/// A member as the runner knows it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub id: String,
    pub cards: Vec<String>,
}

/// An adjustment the case gave a name.
#[derive(Debug, Clone)]
pub struct Credit {
    pub member: String,
    pub entry: String,
}

#[derive(Debug)]
pub struct Stage {
    shop: Shop,
    pub client: Client,
    pub program: Translated,
    pub now: Instant,
    pub members: BTreeMap<String, Known>,
    pub orders: BTreeMap<String, Told>,
    pub carts: BTreeMap<String, Told>,
    pub credits: BTreeMap<String, Credit>,
    /// Codes of the gift cards that the case issued.
    pub gift_cards: Vec<String>,
    /// The case's code of one member → the code that was made for that member.
    pub made_codes: BTreeMap<String, String>,
    /// Visitor → the members by whose links that one came.
    pub clicks: BTreeMap<String, BTreeSet<String>>,
    /// Whose report of referrals was asked for last.
    pub reported: Option<String>,
    /// Whom the case spoke of last.
    pub subject: Option<String>,
    /// The newest journal entry that an answer named.
    pub newest_entry: String,
    keys: u64,
    // Dropped last: the server lives in it.
    _folder: TempDir,
}

impl Stage {
    /// A fresh database with the program, its clock at the first moment the case names.
    pub fn open(
        theatre: &Theatre<'_>,
        program: Translated,
        start: Option<Instant>,
    ) -> Result<Stage, Trouble> {
        let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
        let data = folder.path().join("data");
        let installation = theatre.databases.installation(theatre.binary, data)?;
        let shop = Shop::open(&installation, &program.document.to_string(), program::SLUG)?;
        let client = shop.client();
        let now = start.or_else(|| Instant::parse(ANY_MOMENT)).unwrap_or_default();
        let mut stage = Stage {
            shop,
            client,
            program,
            now,
            members: BTreeMap::new(),
            orders: BTreeMap::new(),
            carts: BTreeMap::new(),
            credits: BTreeMap::new(),
            gift_cards: Vec::new(),
            made_codes: BTreeMap::new(),
            clicks: BTreeMap::new(),
            reported: None,
            subject: None,
            newest_entry: String::new(),
            keys: 0,
            _folder: folder,
        };
        stage.set_clock(now)?;
        Ok(stage)
    }

    /// Another caller of the same shop, for steps at the same moment.
    pub fn another_client(&self) -> Client {
        self.shop.client()
    }

    /// An idempotency key nobody used.
    pub fn fresh_key(&mut self) -> String {
        self.keys += 1;
        format!("case-{}", self.keys)
    }

    fn set_clock(&mut self, to: Instant) -> Result<(), Trouble> {
        let key = self.fresh_key();
        let body = json!({ "now": to.to_string() });
        api::accepted(self.client.post("/v1/clock", &key, &body)?).map_err(|e| format!("the clock: {e}"))?;
        self.now = to;
        Ok(())
    }

    /// Moves the clock to a step's moment. A moment that has passed stays in the past: the step is then told
    /// late, with the instant that is given back here.
    pub fn come_to(&mut self, at: Option<Instant>) -> Result<Option<Instant>, Trouble> {
        match at {
            Some(at) if at > self.now => self.set_clock(at).map(|()| None),
            Some(at) if at < self.now => Ok(Some(at)),
            _ => Ok(None),
        }
    }

    /// A member that was there before the case began.
    pub fn existing_member(&mut self, name: &str) -> Result<String, Trouble> {
        self.existing_with(name, json!({}))
    }

    /// The same with attributes.
    pub fn existing_with(&mut self, name: &str, attributes: Value) -> Result<String, Trouble> {
        if let Some(known) = self.members.get(name) {
            return Ok(known.id.clone());
        }
        let id = self.client.register(name, attributes).map_err(|e| format!("registering {name}: {e}"))?;
        self.members.insert(name.to_owned(), Known { id: id.clone(), cards: Vec::new() });
        Ok(id)
    }

    pub fn member(&self, name: &str) -> Result<String, Trouble> {
        let known = self.members.get(name).map(|k| k.id.clone());
        known.ok_or_else(|| Trouble::differs(format!("nobody registered {name}")))
    }

    /// A read that must succeed.
    pub fn read(&mut self, path: &str) -> Result<Value, Trouble> {
        let answer: Answer = self.client.get(path)?;
        Ok(api::accepted(answer).map_err(|e| format!("{path}: {e}"))?)
    }

    pub fn read_order(&mut self, name: &str) -> Result<Value, Trouble> {
        let told = self.orders.get(name).ok_or_else(|| Trouble::unknown(format!("order {name}")))?;
        let path = order_path(name, "", told.shop.as_deref());
        self.read(&path)
    }

    /// The whole journal of a member, oldest first.
    pub fn journal(&mut self, member: &str) -> Result<Vec<Value>, Trouble> {
        let mut entries = Vec::new();
        let mut path = format!("/v1/members/{member}/entries?limit=500");
        loop {
            let page = self.read(&path)?;
            entries.extend(page["entries"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => path = format!("/v1/members/{member}/entries?limit=500&cursor={next}"),
                None => break,
            }
        }
        entries.reverse();
        Ok(entries)
    }
}

/// `/v1/orders/o1/returns?shop=online`
pub fn order_path(name: &str, tail: &str, shop: Option<&str>) -> String {
    let query = shop.map(|shop| format!("?shop={}", escaped(shop))).unwrap_or_default();
    format!("/v1/orders/{}{tail}{query}", escaped(name))
}

/// A word inside an address.
pub fn escaped(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for byte in word.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A moment of a case: RFC 3339, or a bare date standing for its midnight in UTC.
pub fn moment(text: &str) -> Result<Instant, Trouble> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Instant::parse(&whole).ok_or_else(|| Trouble::unknown(format!("moment {text}")))
}
