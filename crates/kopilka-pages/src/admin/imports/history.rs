//! An order history at work: what members bought, told customer by customer.
//!
//! Invariant: every row of the file is in an order, in a return, or among the rows that are told with why
//! they are in neither.

use super::columns;
use super::job::{Figure, Job};
use super::pass::{Pass, Stopped, month_text};
use kopilka_core::program::Text;
use kopilka_service::MemberRef;
use kopilka_service::import::{Bought, OrderImport, OrderRow, OrderStep, OrderTally, RefusedStep};
use kopilka_service::sheet::{self, RefusedRow, Sheet};
use kopilka_sim::{Log, Map, SimError, Told, ToldStep, Unused};
use std::collections::BTreeMap;

/// What customers of a history can be named by.
pub const NAMED_BY: [&str; 4] = ["ext", "phone", "email", "card"];

impl From<SimError> for Stopped {
    fn from(error: SimError) -> Stopped {
        let en = error.to_string();
        let ru = match &error {
            SimError::Empty => "файл пуст: нужна строка заголовка".to_owned(),
            SimError::ColumnMissing { column, .. } => format!("столбца «{column}» нет"),
            SimError::NothingToReplay => "в файле нет ни одного заказа известного покупателя".to_owned(),
            SimError::Row { row, what } => format!("строка {row}: {what}"),
            _ => format!("файл не читается: {en}"),
        };
        Stopped(Text { en, ru })
    }
}

/// The mapping of `replay` that the columns of a job make.
pub fn map_of(job: &Job, delimiter: char) -> Result<Map, SimError> {
    let columns: serde_json::Map<String, serde_json::Value> = job
        .map
        .iter()
        .filter(|(field, _)| field != sheet::NO_FIELD)
        .map(|(field, column)| (field.clone(), column.clone().into()))
        .collect();
    let map = serde_json::json!({
        "timezone": job.options.zone,
        "delimiter": delimiter,
        "columns": columns,
        "returns": { "negative": job.options.negative_returns },
        "shop": job.options.shop,
    });
    Map::parse(&map.to_string())
}

pub async fn run(pass: &mut Pass) -> Result<(), Stopped> {
    let sheet = Sheet::open(&pass.jobs.list_file(&pass.job))?;
    let map = map_of(&pass.job, sheet.delimiter())?;
    let log = kopilka_sim::read_telling(sheet.text()?, Some(map))?;
    pass.head_errors(&sheet.heading)?;
    let mut import = OrderImport::new(&pass.service, pass.program, pass.asked())?;
    let currency = pass.in_force.currency;
    let mut steps = kopilka_sim::told(&log, &currency, pass.job.options.earn);
    let mut refused: Vec<RefusedStep> = Vec::new();
    let mut page: Vec<OrderRow> = Vec::with_capacity(import.page());
    let mut done = 0;
    loop {
        let next = steps.next();
        let ended = next.is_none();
        let by = pass.job.options.by.as_str();
        page.extend(next.into_iter().flatten().map(|step| row(step, by)));
        if page.len() >= import.page() || ended {
            done += page.len() as u64;
            let rows = std::mem::take(&mut page);
            let back = if pass.gives { import.give(rows).await } else { import.look(rows).await };
            refused.extend(back?);
            pass.come_to(done)?;
        }
        if ended {
            break;
        }
    }
    let unused = steps.unused();
    tell(pass, &log, &unused, &refused)?;
    let tally = &import.tally;
    pass.job.figures = figures(tally, &unused);
    let unreadable = unused.iter().any(|unused| unused.code == "row_unreadable");
    let adds_up = tally.months.values().all(kopilka_service::import::OrderMonth::adds_up);
    pass.job.holds = adds_up && tally.refused.is_empty() && !unreadable;
    Ok(())
}

fn row(step: ToldStep, by: &str) -> OrderRow {
    let ToldStep { customer, rows, told } = step;
    let who = match by {
        "phone" => MemberRef::Phone(customer),
        "email" => MemberRef::Email(customer),
        "card" => MemberRef::Card(customer),
        _ => MemberRef::Ext(customer),
    };
    let step = match told {
        Told::Order(body) => OrderStep::Order(body),
        Told::Return(body) => OrderStep::Return(body),
    };
    OrderRow { who, rows, step }
}

/// Every row that is in nothing, as it stands in the file: a second look at it.
fn tell(pass: &mut Pass, log: &Log, unused: &[Unused], refused: &[RefusedStep]) -> Result<(), Stopped> {
    let mut why: BTreeMap<u64, (&'static str, Text)> = BTreeMap::new();
    for unused in unused {
        why.insert(unused.row, (unused.code, unused.why.clone()));
    }
    for step in refused {
        for row in &step.rows {
            why.insert(u64::from(*row), (step.code, step.why.clone()));
        }
    }
    let source = sheet::text(&pass.jobs.list_file(&pass.job))?;
    let wanted = |row| why.contains_key(&row);
    let mut failed = Ok(());
    kopilka_sim::rows_of(source, log.map().delimiter, &wanted, &mut |line, cells| {
        if let (Some((code, why)), Ok(())) = (why.get(&line), &failed) {
            failed = pass.refuse(&RefusedRow { line, code, why: why.clone(), cells });
        }
    })?;
    failed
}

fn figures(tally: &OrderTally, unused: &[Unused]) -> Vec<Figure> {
    let sum = tally.sum();
    let orders = |key: &str, of: &Bought| Figure::new(key, of.orders).money(of.money.0);
    let mut out = vec![
        Figure::new("customers", tally.customers),
        orders("orders", &sum.all),
        Figure::new("returns", sum.all.returns),
        orders("given-orders", &sum.given),
        Figure::new("given-returns", sum.given.returns),
        orders("before-orders", &sum.before),
        orders("refused-orders", &sum.refused),
    ];
    out.extend(tally.refused.iter().map(|(code, count)| Figure::new("code", *count).of(*code)));
    let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
    for unused in unused {
        *left_out.entry(unused.code).or_default() += 1;
    }
    out.push(Figure::new("left-out", unused.len() as u64));
    out.extend(left_out.into_iter().map(|(code, count)| Figure::new("code", count).of(code)));
    let wrong = tally.months.iter().filter(|(_, month)| !month.adds_up());
    out.extend(wrong.map(|(month, of)| orders("month-differs", &of.all).of(month_text(*month))));
    out
}

/// What a column of a history can hold, with headings it is known by.
pub const FIELDS: [columns::Known; 9] = [
    ("order", &["order", "order id", "order_id", "invoice", "заказ", "номер заказа", "чек", "номер чека"]),
    (
        "customer",
        &[
            "customer",
            "customer id",
            "customer_id",
            "client",
            "id",
            "клиент",
            "код клиента",
            "покупатель",
            "карта",
        ],
    ),
    ("time", &["time", "date", "datetime", "created at", "дата", "время", "дата и время", "дата заказа"]),
    ("sku", &["sku", "article", "stock code", "артикул", "код товара", "товар"]),
    ("quantity", &["quantity", "qty", "количество", "кол-во"]),
    ("price", &["price", "unit price", "цена"]),
    ("amount", &["amount", "total", "sum", "сумма", "стоимость"]),
    ("category", &["category", "категория", "группа"]),
    ("brand", &["brand", "бренд", "марка"]),
];
