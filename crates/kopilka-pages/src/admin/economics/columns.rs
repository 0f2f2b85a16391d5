//! Which column is what: guessed from the heading, chosen by a person, told as the mapping that the replay
//! reads.
//!
//! Invariant: what is chosen goes through the same checks as a mapping file of the command line.

use super::history::History;
use crate::posted::Posted;
use kopilka_core::time::Zone;
use kopilka_sim::Map;
use serde_json::{Value, json};

/// What a column can be, with words of its name by which it is guessed; those that are surest come first.
const FIELDS: [(&str, &[&str]); 9] = [
    ("customer", &["customer", "client", "member", "buyer", "card", "покуп", "клиент", "карт", "телефон"]),
    ("time", &["date", "time", "created", "paid_at", "sold", "дата", "время"]),
    ("quantity", &["quantity", "qty", "pieces", "count", "кол"]),
    ("price", &["price", "цена"]),
    ("amount", &["amount", "total", "sum", "revenue", "сумма", "стоимость", "итог"]),
    ("category", &["category", "group", "категор", "групп", "раздел"]),
    ("brand", &["brand", "бренд", "марка", "производит"]),
    ("sku", &["sku", "article", "item", "product", "stock_code", "артикул", "товар", "код"]),
    ("order", &["order", "invoice", "receipt", "check", "document", "заказ", "чек", "документ"]),
];
/// In the order in which the form asks for them.
pub const ASKED: [&str; 9] =
    ["customer", "time", "order", "price", "amount", "quantity", "sku", "category", "brand"];
const PREFIX_MAX: usize = 40;

/// What was chosen, as it stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// By field: the place of its column, from 0.
    columns: Vec<(&'static str, usize)>,
    pub zone: String,
    /// `none`, `negative` or `prefix`.
    pub returns: String,
    pub prefix: String,
    /// As a log is known to be, whatever else is chosen.
    pub as_known: bool,
    pub spend: String,
    pub welcome: bool,
    /// The versions that are replayed; the second may be none.
    pub first: String,
    pub second: String,
}

impl Chosen {
    pub fn guessed(history: &History, zone: &Zone) -> Chosen {
        let mut columns: Vec<(&'static str, usize)> = Vec::new();
        for (field, words) in FIELDS {
            // One of the two says the money.
            if field == "amount" && columns.iter().any(|(known, _)| *known == "price") {
                continue;
            }
            let free = |place: &usize| columns.iter().all(|(_, taken)| taken != place);
            let named = |word: &&str| {
                let mut places = (0..history.header.len()).filter(free);
                places.find(|place| history.header[*place].to_lowercase().contains(*word))
            };
            if let Some(place) = words.iter().find_map(named) {
                columns.push((field, place));
            }
        }
        Chosen {
            columns,
            zone: zone.name().to_owned(),
            returns: "negative".to_owned(),
            as_known: history.known.is_some(),
            spend: "max".to_owned(),
            first: "now".to_owned(),
            ..Chosen::default()
        }
    }

    pub fn of(posted: &Posted) -> Chosen {
        let place = |field: &'static str| {
            let place = posted.text(&format!("column-{field}")).parse().ok()?;
            Some((field, place))
        };
        let text = |name: &str| posted.text(name).to_owned();
        Chosen {
            columns: ASKED.into_iter().filter_map(place).collect(),
            zone: text("zone"),
            returns: text("returns"),
            prefix: text("prefix"),
            as_known: posted.is_set("known"),
            spend: text("spend"),
            welcome: posted.is_set("welcome"),
            first: text("first"),
            second: text("second"),
        }
    }

    pub fn column(&self, field: &str) -> Option<usize> {
        self.columns.iter().find(|(known, _)| *known == field).map(|(_, place)| *place)
    }

    /// The mapping; a key of words where something is missing or wrong.
    pub fn map(&self, history: &History, currency: &str) -> Result<Map, &'static str> {
        if let Some(known) = history.known.clone().filter(|_| self.as_known) {
            return Ok(known);
        }
        let name = |field: &str| self.column(field).and_then(|place| history.header.get(place));
        let both = (name("price").is_some(), name("amount").is_some());
        let wrong = match both {
            _ if name("customer").is_none() => Some("economics-no-customer"),
            _ if name("time").is_none() => Some("economics-no-time"),
            (false, false) => Some("economics-no-money"),
            (true, true) => Some("economics-two-moneys"),
            _ if Zone::by_name(&self.zone).is_none() => Some("economics-no-zone"),
            _ if self.returns != "prefix" => None,
            _ if self.prefix.is_empty() || self.prefix.chars().count() > PREFIX_MAX => {
                Some("economics-no-prefix")
            }
            _ if name("order").is_none() => Some("economics-prefix-without-order"),
            _ => None,
        };
        if let Some(key) = wrong {
            return Err(key);
        }
        let columns: serde_json::Map<String, Value> = ASKED
            .into_iter()
            .filter_map(|field| Some((field.to_owned(), Value::from(name(field)?.as_str()))))
            .collect();
        let returns = match self.returns.as_str() {
            "negative" => json!({ "negative": true }),
            "prefix" => json!({ "order_prefix": self.prefix }),
            _ => json!({}),
        };
        let told = json!({
            "name": history.name(),
            "currency": currency,
            "timezone": self.zone,
            "delimiter": history.sheet.delimiter(),
            "columns": columns,
            "returns": returns,
        });
        // All that a mapping can be refused for was looked at; a new reason is told as a table that is none.
        Map::parse(&told.to_string()).map_err(|_| "economics-no-table")
    }
}
