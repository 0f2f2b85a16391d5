//! Which column of a log is what: a mapping file, or one of the presets, which are mapping files too.

use crate::error::SimError;
use kopilka_core::time::Zone;
use serde::Deserialize;

/// A description of a log. In JSON; unknown words are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// What the report calls the log.
    #[serde(default)]
    pub name: String,
    /// The whole header, for logs recognised without `--map`.
    #[serde(default)]
    pub header: Vec<String>,
    /// What the log's amounts are in; they are taken one to one in the program's currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// IANA zone of times without an offset.
    pub timezone: String,
    /// In words: how the order id is formed.
    #[serde(default)]
    pub order_id: Option<String>,
    /// `HH:MM` for days without a time of day.
    #[serde(default = "noon")]
    pub time_of_day: String,
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The log is known to end with a line end: a file that does not is cut off.
    #[serde(default)]
    pub final_newline: bool,
    pub columns: Columns,
    #[serde(default)]
    pub returns: Returns,
    /// Beginnings of ids of documents that are neither orders nor returns.
    #[serde(default)]
    pub other_documents: Vec<String>,
    /// Articles that are not goods.
    #[serde(default)]
    pub codes: Vec<Code>,
    /// The shop and channel that conditions see.
    #[serde(default = "log")]
    pub shop: String,
    #[serde(default)]
    pub channel: Option<String>,
}

fn noon() -> String {
    "12:00".to_owned()
}
fn comma() -> char {
    ','
}
fn log() -> String {
    "log".to_owned()
}

/// Names of columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Absent: every row is an order of its own, named by its row number.
    #[serde(default)]
    pub order: Option<String>,
    pub customer: String,
    pub time: String,
    #[serde(default)]
    pub sku: Option<String>,
    /// Absent: one piece.
    #[serde(default)]
    pub quantity: Option<String>,
    /// Of one piece.
    #[serde(default)]
    pub price: Option<String>,
    /// Of the whole row. One of `price` and `amount` is needed.
    #[serde(default)]
    pub amount: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub brand: Option<String>,
}

/// How returns are told, and which purchase they are matched to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Documents whose id begins so are returns.
    #[serde(default)]
    pub order_prefix: Option<String>,
    /// Rows with a negative quantity (or amount) are returns.
    #[serde(default)]
    pub negative: bool,
    #[serde(default, rename = "match")]
    pub matching: Matching,
}

/// Which earlier purchase of the same customer and article a return takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    #[default]
    Newest,
    Oldest,
}

/// Articles by code or by how their code begins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    #[serde(default)]
    pub sku: Vec<String>,
    #[serde(default)]
    pub prefix: Option<String>,
    pub is: CodeKind,
    /// The reason the rows are counted under.
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// A line of the order's delivery.
    Delivery,
    /// A gift card sold: earns nothing, takes no points.
    GiftCard,
    /// Left out of the order.
    NotGoods,
}

const PRESETS: [&str; 2] =
    [include_str!("../presets/online-retail.json"), include_str!("../presets/cdnow.json")];

impl Map {
    /// Reads a mapping file.
    pub fn parse(text: &str) -> Result<Map, SimError> {
        let map: Map = serde_json::from_str(text).map_err(|e| SimError::Map(e.to_string()))?;
        let fail = |what: String| Err(SimError::Map(what));
        if Zone::by_name(&map.timezone).is_none() {
            return fail(format!("`{}` is not an IANA time zone", map.timezone));
        }
        if map.minute_of_day().is_none() {
            return fail(format!("time_of_day `{}` is not HH:MM", map.time_of_day));
        }
        if !map.delimiter.is_ascii() || matches!(map.delimiter, '"' | '\n' | '\r') {
            return fail("the delimiter must be one ASCII character".to_owned());
        }
        if map.columns.price.is_none() && map.columns.amount.is_none() {
            return fail("columns need `price` (of one piece) or `amount` (of the row)".to_owned());
        }
        if map.columns.price.is_some() && map.columns.amount.is_some() {
            return fail("columns may have `price` or `amount`, not both".to_owned());
        }
        if map.returns.order_prefix.is_some() && map.columns.order.is_none() {
            return fail("returns.order_prefix needs columns.order".to_owned());
        }
        if let Some(code) = map.codes.iter().find(|c| c.sku.is_empty() && c.prefix.is_none()) {
            return fail(format!("the code `{}` names neither sku nor prefix", code.why));
        }
        Ok(map)
    }
    /// The preset whose header this is.
    pub fn for_header(header: &[String]) -> Option<Map> {
        PRESETS.iter().filter_map(|text| Map::parse(text).ok()).find(|map| map.header == header)
    }
    pub(crate) fn zone(&self) -> Zone {
        Zone::by_name(&self.timezone).unwrap_or_else(Zone::utc)
    }
    pub(crate) fn minute_of_day(&self) -> Option<i64> {
        let (hour, minute) = self.time_of_day.split_once(':')?;
        let number = |text: &str, below: i64| {
            text.parse::<i64>().ok().filter(|n| text.len() == 2 && (0..below).contains(n))
        };
        Some(number(hour, 24)? * 60 + number(minute, 60)?)
    }
    /// The position in [`Map::codes`] of what an article is, if it is not goods.
    pub(crate) fn code_of(&self, sku: &str) -> Option<usize> {
        self.codes.iter().position(|code| {
            code.sku.iter().any(|s| s == sku)
                || code.prefix.as_ref().is_some_and(|p| sku.starts_with(p.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_mapping_files() {
        for text in PRESETS {
            let map = Map::parse(text).unwrap();
            assert!(map.currency.is_some() && map.order_id.is_some() && !map.header.is_empty());
            assert_eq!(Map::for_header(&map.header).unwrap().name, map.name);
        }
        assert!(Map::for_header(&["customer_id".to_owned()]).is_none());
    }

    #[test]
    fn wrong_mapping_files_say_what_is_wrong() {
        let cases = [
            ("{", "EOF"),
            (
                r#"{"timezone":"UTC","columns":{"customer":"c","time":"t","price":"p","colour":"x"}}"#,
                "colour",
            ),
            (r#"{"timezone":"Mars","columns":{"customer":"c","time":"t","price":"p"}}"#, "Mars"),
            (r#"{"timezone":"UTC","columns":{"customer":"c","time":"t"}}"#, "price"),
            (
                r#"{"timezone":"UTC","time_of_day":"7","columns":{"customer":"c","time":"t","amount":"a"}}"#,
                "time_of_day",
            ),
        ];
        for (text, part) in cases {
            let message = Map::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
