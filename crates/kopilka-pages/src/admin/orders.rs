//! `/admin/orders`: the newest purchases of members, and any order by its id.
//!
//! Invariant: guests' orders are found by their id alone: they are nobody's history.

pub mod order;

use crate::admin::members::address;
use crate::admin::people::{names_of, order_address};
use crate::answer::Page;
use crate::frame::{Frame, Tone};
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::order::OrderKey;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_service::PurchaseRow;
use kopilka_web::SHOP_DEFAULT;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::collections::BTreeSet;

/// Rows of a page.
const ROWS: usize = 50;

/// One purchase.
pub struct OrderRow {
    pub id: String,
    pub shop: String,
    pub address: String,
    pub at: String,
    pub cashier: String,
    pub money: String,
    pub points: String,
    /// Whose it is, for whoever may see members: name and page.
    pub member: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/orders.html")]
pub struct OrdersPage {
    pub frame: Frame,
    pub find: String,
    pub lines: Vec<OrderRow>,
    pub next: Option<String>,
    /// Several orders of one id, in different shops.
    pub found: bool,
}

impl OrdersPage {
    pub fn sample(language: Language) -> OrdersPage {
        let frame = Frame::sample(language);
        let row = |id: &str| OrderRow {
            id: id.to_owned(),
            shop: "\"><script>".to_owned(),
            address: "/admin/orders/main/1042".to_owned(),
            at: "1.03.2026, 10:00".to_owned(),
            cashier: "<b>7</b>".to_owned(),
            money: "4 990 ₽".to_owned(),
            points: "+249".to_owned(),
            member: Some(("<script>alert(1)</script>".to_owned(), "m_0000000000001".to_owned())),
        };
        OrdersPage {
            lines: vec![row("1042"), row("<script>alert(1)</script>")],
            find: "\"><script>".to_owned(),
            next: Some("/admin/orders?at=1".to_owned()),
            found: false,
            frame: frame.with_notice(Tone::Warn, "—"),
        }
    }
    pub fn sample_empty(language: Language) -> OrdersPage {
        OrdersPage { lines: Vec::new(), next: None, ..OrdersPage::sample(language) }
    }
}

/// `GET /admin/orders`: the newest, or the order that is asked for.
pub async fn page(office: Office) -> Result<Response, Response> {
    let find = asked(&office.visit.path, "find").filter(|text| !text.is_empty());
    let page = match find {
        Some(text) => {
            let keys = found(&office, &text).await.map_err(IntoResponse::into_response)?;
            if let [key] = &keys[..] {
                return Ok(back_to(&order_address(key)));
            }
            several(&office, text, keys)
        }
        None => newest(&office).await.map_err(IntoResponse::into_response)?,
    };
    Ok(Page(page).into_response())
}

/// Where the page before ended.
fn place(path: &str) -> Option<(Instant, MemberId, OrderKey)> {
    let at = asked(path, "at")?.parse().map(Instant).ok()?;
    let member = MemberId::parse(&asked(path, "member")?)?;
    let key = OrderKey { shop: asked(path, "shop")?.into(), order: asked(path, "order")?.into() };
    Some((at, member, key))
}

async fn newest(office: &Office) -> Result<OrdersPage, Problem> {
    let desk = &office.desk;
    let (program, before) = (desk.program_id(), place(&office.visit.path));
    let (sees_members, words) = (crate::act::may(desk, Scope::MembersRead), Words(desk.language));
    let read = move |r: &kopilka_service::Reader| {
        let (rows, more) = r.purchases_newest(program, before, ROWS)?;
        let members = rows.iter().map(|row| row.member).filter(|_| sees_members);
        let names = names_of(r, program, words, members)?;
        Ok((rows, names, more))
    };
    let (rows, names, more) = desk.read(read).await?;
    let next = rows.last().filter(|_| more).map(|row| {
        let (at, member) = (row.bought_at.0.to_string(), row.member.to_string());
        let end =
            [("at", at.as_str()), ("member", &member), ("shop", &row.key.shop), ("order", &row.key.order)];
        address("/admin/orders", &end)
    });
    let shown = Shown::of(desk);
    let line = |row: &PurchaseRow| OrderRow {
        id: row.key.order.to_string(),
        shop: row.key.shop.to_string(),
        address: order_address(&row.key),
        at: shown.moment(row.bought_at),
        cashier: row.cashier.clone(),
        money: shown.money(row.money),
        points: shown.signed(row.points),
        member: names.get(&row.member).map(|name| (name.clone(), row.member.to_string())),
    };
    Ok(OrdersPage {
        frame: Frame::of(&office.visit, Some(Section::Orders)),
        find: String::new(),
        lines: rows.iter().map(line).collect(),
        next,
        found: false,
    })
}

/// Orders of this id: in the shop that is named before a slash, or in any shop that the keys know.
async fn found(office: &Office, text: &str) -> Result<Vec<OrderKey>, Problem> {
    let desk = &office.desk;
    let program = desk.program_id();
    let mut keys: Vec<OrderKey> = Vec::new();
    let shops: BTreeSet<String> = desk
        .app
        .service
        .keys(Some(program))
        .into_iter()
        .map(|key| key.shop)
        .filter(|shop| !shop.is_empty())
        .chain([SHOP_DEFAULT.to_owned()])
        .collect();
    keys.extend(shops.iter().filter_map(|shop| desk.order_key(text, Some(shop)).ok()));
    if let Some((shop, order)) = text.split_once('/') {
        keys.extend(desk.order_key(order, Some(shop)).ok());
    }
    desk.read(move |r| {
        let mut there = Vec::new();
        for key in keys {
            if r.order(program, &key)?.is_some() {
                there.push(key);
            }
        }
        Ok(there)
    })
    .await
}

fn several(office: &Office, find: String, keys: Vec<OrderKey>) -> OrdersPage {
    let line = |key: OrderKey| OrderRow {
        address: order_address(&key),
        id: key.order.to_string(),
        shop: key.shop.to_string(),
        at: String::new(),
        cashier: String::new(),
        money: String::new(),
        points: String::new(),
        member: None,
    };
    let mut frame = Frame::of(&office.visit, Some(Section::Orders));
    if keys.is_empty() {
        let said = frame.say_of("orders-not-found", &find);
        frame = frame.with_notice(Tone::Warn, said);
    }
    OrdersPage { lines: keys.into_iter().map(line).collect(), find, next: None, found: true, frame }
}
