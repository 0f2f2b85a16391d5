//! A shop's list of goods as a spreadsheet writes it: columns by name, in UTF-8 or Windows-1251.
//!
//! Invariant: a row is taken whole or told with its reason; no figure is rounded or guessed.

use crate::sheet::{Columns, Field, both, delimiter_of, plain_number, unfit, whole_text};
use kopilka_core::ShortText;
use kopilka_core::money::Rate;
use kopilka_core::product::{OwnPoints, OwnTerms, Product};
use kopilka_core::program::{Program, Text};
use std::collections::HashMap;

/// What a column can hold, and the headings it is known by; a mapping names others.
pub(crate) const FIELDS: [Field; 12] = [
    ("sku", &["sku", "article", "артикул", "код"]),
    ("name", &["name", "title", "название", "наименование", "номенклатура"]),
    ("category", &["category", "категория", "группа"]),
    ("also_in", &["also in", "categories", "другие категории"]),
    ("brand", &["brand", "бренд", "марка", "производитель"]),
    ("tags", &["tags", "метки", "теги"]),
    ("price", &["price", "цена"]),
    ("cost", &["cost", "себестоимость", "закупочная цена"]),
    ("points", &["points", "баллы"]),
    ("points_percent", &["points percent", "процент баллов"]),
    ("spend_share", &["spend share", "доля оплаты баллами"]),
    ("recommended_price", &["recommended price", "rrp", "ррц", "рекомендованная цена"]),
];
/// Texts of one cell are separated by these.
const LIST_SIGNS: [char; 2] = [';', '|'];
/// An article's texts are names, not descriptions.
const TEXT_CHARS_MAX: usize = 500;

pub use crate::sheet::SheetError as ListError;

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// In the file, the heading being the first.
    pub line: u64,
    pub why: Text,
    pub cells: Vec<String>,
}

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductList {
    pub heading: Vec<String>,
    /// Which column holds what, in words for people.
    pub columns: Vec<(String, String)>,
    pub products: Vec<Product>,
    pub refused: Vec<RefusedRow>,
}

impl ProductList {
    /// The refused rows as a list of their own: the same columns, and the reason.
    pub fn errors_csv(&self, russian: bool) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let row = |cells: &[String], line: &str, why: &str| {
            let mut row: Vec<String> = vec![line.to_owned(), why.to_owned()];
            row.extend(cells.iter().cloned());
            row
        };
        // What is written to memory does not fail.
        let _ = out.write_record(row(&self.heading, "line", "error"));
        for refused in &self.refused {
            let why = if russian { &refused.why.ru } else { &refused.why.en };
            let _ = out.write_record(row(&refused.cells, &refused.line.to_string(), why));
        }
        out.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// Reads a list. `map` names columns for fields: `("sku", "Артикул")`; others are found by their headings.
pub fn read(bytes: &[u8], map: &[(String, String)], program: &Program) -> Result<ProductList, ListError> {
    let text = whole_text(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter_of(&text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let heading: Vec<String> =
        reader.headers().map_err(|_| ListError::NoHeading)?.iter().map(str::to_owned).collect();
    if heading.iter().all(String::is_empty) {
        return Err(ListError::NoHeading);
    }
    let columns = Columns::find(&heading, map, &FIELDS, &[])?;
    if !columns.has("sku") {
        return Err(ListError::ColumnMissing("sku"));
    }
    let named = columns.named(&heading);
    let mut list = ProductList { columns: named, products: Vec::new(), refused: Vec::new(), heading };
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let why = both("the row cannot be read", "строка не читается");
                list.refused.push(RefusedRow { line, why, cells: Vec::new() });
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let read = ProductRows(&columns).product(&record, program).and_then(|product| {
            match seen.insert(product.sku.clone(), line) {
                Some(first) => Err(both(
                    format!("the sku stands in line {first} too"),
                    format!("такой артикул уже есть в строке {first}"),
                )),
                None => Ok(product),
            }
        });
        match read {
            Ok(product) => list.products.push(product),
            Err(why) => {
                let cells = record.iter().map(str::to_owned).collect();
                list.refused.push(RefusedRow { line, why, cells });
            }
        }
    }
    Ok(list)
}

/// The product of a row.
struct ProductRows<'a>(&'a Columns);

impl ProductRows<'_> {
    fn product(&self, record: &csv::StringRecord, program: &Program) -> Result<Product, Text> {
        let sku = self.0.cell(record, "sku").ok_or_else(|| both("the sku is missing", "нет артикула"))?;
        let text = |field| {
            let Some(text) = self.0.cell(record, field) else { return Ok(None) };
            match text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control) {
                true => Ok(Some(text.to_owned())),
                false => Err(unfit(field, text)),
            }
        };
        let list = |field| -> Vec<String> {
            let cell = self.0.cell(record, field).unwrap_or_default();
            let each = cell.split(LIST_SIGNS).map(str::trim).filter(|text| !text.is_empty());
            each.map(str::to_owned).collect()
        };
        let money = |field| {
            let Some(text) = self.0.cell(record, field) else { return Ok(None) };
            let read = program.currency.parse(&plain_number(text)).ok().filter(|amount| amount.0 >= 0);
            read.map(Some).ok_or_else(|| unfit(field, text))
        };
        let percent = |field| {
            let Some(text) = self.0.cell(record, field) else { return Ok(None) };
            let read = Rate::parse_percent(&plain_number(text.trim_end_matches('%'))).ok();
            let read = read.filter(|rate| (0..=Rate::ONE).contains(&rate.0));
            read.map(Some).ok_or_else(|| unfit(field, text))
        };
        let per_piece = match self.0.cell(record, "points") {
            None => None,
            Some(text) => {
                let read = program.points.parse(&plain_number(text)).ok().filter(|points| points.0 > 0);
                Some(OwnPoints::PerPiece(read.ok_or_else(|| unfit("points", text))?))
            }
        };
        let of_price = percent("points_percent")?.map(OwnPoints::Percent);
        if per_piece.is_some() && of_price.is_some() {
            return Err(both(
                "points and a percent of points are both given",
                "заданы и баллы, и процент баллов",
            ));
        }
        let path = |text: String| {
            text.replace(['>', '\\'], "/").split('/').map(str::trim).collect::<Vec<_>>().join("/")
        };
        Ok(Product {
            sku: text("sku")?.unwrap_or_else(|| sku.to_owned()),
            name: text("name")?.unwrap_or_else(|| sku.to_owned()),
            category: text("category")?.map(path).map(ShortText::from),
            brand: text("brand")?.map(ShortText::from),
            tags: list("tags"),
            price: money("price")?,
            cost: money("cost")?,
            terms: OwnTerms {
                also_in: list("also_in").into_iter().map(path).collect(),
                points: per_piece.or(of_price),
                spend_share: percent("spend_share")?,
                recommended_price: money("recommended_price")?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::money::Money;
    use kopilka_core::points::Points;

    fn program() -> Program {
        let text = "program: p\ncurrency: RUB\ntimezone: UTC\nrules: []\n";
        kopilka_core::program::compile(text).program.unwrap()
    }

    #[test]
    fn a_list_of_an_accounting_program_is_read_as_it_is() {
        let text = "Артикул;Наименование;Группа;Цена;РРЦ;Метки\r\n\
                    A-1;Ботинки;Обувь > Беговые;1 234,50;1 000;new|sale\r\n\
                    A-2;\"Мяч; синий\";Мячи;99;;\r\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        for bytes in [bytes.as_ref(), text.as_bytes()] {
            let list = read(bytes, &[], &program()).unwrap();
            assert_eq!(list.refused, []);
            let boots = &list.products[0];
            assert_eq!((boots.sku.as_str(), boots.category.as_deref()), ("A-1", Some("Обувь/Беговые")));
            assert_eq!(
                (boots.price, boots.terms.recommended_price),
                (Some(Money(123_450)), Some(Money(100_000)))
            );
            assert_eq!(boots.tags, ["new", "sale"]);
            assert_eq!(list.products[1].name, "Мяч; синий");
        }
    }

    #[test]
    fn a_mapping_names_columns_and_bad_rows_are_told_with_their_lines() {
        let text = "code,what,cost now,bonus\n1,One,10.00,5\n,No sku,1,\n1,Again,1,\n2,Two,1.234,\n3,Three,,x\n4,Four,,\n";
        let map = [("sku", "code"), ("name", "what"), ("price", "Cost Now"), ("points", "bonus")];
        let map: Vec<(String, String)> = map.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let list = read(text.as_bytes(), &map, &program()).unwrap();
        let skus: Vec<&str> = list.products.iter().map(|p| p.sku.as_str()).collect();
        assert_eq!(skus, ["1", "4"]);
        assert_eq!(list.products[0].terms.points, Some(OwnPoints::PerPiece(Points(5))));
        let lines: Vec<u64> = list.refused.iter().map(|r| r.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        let errors = list.errors_csv(true);
        assert!(
            errors.starts_with("line,error,code,what,cost now,bonus\n3,нет артикула,,No sku,1,\n"),
            "{errors}"
        );
        assert!(errors.contains("такой артикул уже есть в строке 2"), "{errors}");
    }

    #[test]
    fn what_cannot_be_a_list_is_refused() {
        let read = |text: &str, map: &[(String, String)]| read(text.as_bytes(), map, &program()).unwrap_err();
        assert_eq!(read("", &[]), ListError::NoHeading);
        assert_eq!(read("name,price\n", &[]), ListError::ColumnMissing("sku"));
        let map = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
        let unknown = read("sku\n", &map("colour", "sku"));
        assert!(matches!(unknown, ListError::FieldUnknown { field, .. } if field == "colour"));
        assert_eq!(read("sku\n", &map("name", "title")), ListError::ColumnUnknown("title".into()));
    }
}
