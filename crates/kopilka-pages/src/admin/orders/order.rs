//! `/admin/orders/{shop}/{id}`: an order with its lines, its points and why; pieces come back, it is
//! cancelled.
//!
//! Invariant: what is told of the points is the trace of the entries that touched the order.

use crate::act::{envelope, may};
use crate::admin::people::{Tag, name_of, order_address, order_tag};
use crate::admin::receipt::Receipt;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ShortText;
use kopilka_core::decimal;
use kopilka_core::gift::ending;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::order::{
    LineKind, LineState, OrderKey, OrderState, OrderStatus, Quantity, ReturnBody, ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::words::Language;
use kopilka_service::Change;
use kopilka_service::rows::EntryRow;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// Thousandths: grams of a kilogram.
const QUANTITY_DECIMALS: u32 = 3;
/// Goods of one order that are told by name, each a read by its key: longer orders show articles below.
const NAMED_MAX: usize = 200;

pub struct Line {
    pub id: String,
    pub sku: String,
    /// As the shop's table of goods has it; nothing where it has none.
    pub goods: String,
    pub kind: Option<String>,
    pub quantity: String,
    pub gone: Option<String>,
    pub price: String,
    pub discounts: Vec<(String, String)>,
    pub by_points: String,
    pub due: String,
    /// What can still come back.
    pub left: Option<String>,
}

/// A sum under the lines.
pub struct Sum {
    pub label: String,
    pub value: String,
    pub is_last: bool,
}

/// What one rule gave.
pub struct Credit {
    pub rule: String,
    pub issued: String,
    pub taken: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/order.html")]
pub struct OrderPage {
    pub frame: Frame,
    pub id: String,
    pub shop: String,
    pub address: String,
    pub status: Tag,
    pub times: Vec<(String, String)>,
    /// Whose it is: name and page.
    pub member: Option<(String, String)>,
    pub is_guest: bool,
    pub lines: Vec<Line>,
    pub sums: Vec<Sum>,
    pub credits: Vec<Credit>,
    pub earned: String,
    pub spent: String,
    pub coupons: Vec<(String, bool)>,
    pub receipts: Vec<Receipt>,
    pub may_return: bool,
    pub may_cancel: bool,
    pub has_delivery: bool,
    pub typed: Posted,
}

impl OrderPage {
    pub fn sample(language: Language) -> OrderPage {
        let frame = Frame::sample(language);
        let line = |sku: &str| Line {
            id: "\"><script>".to_owned(),
            sku: sku.to_owned(),
            goods: "<b>Кроссовки</b>".to_owned(),
            kind: None,
            quantity: "2".to_owned(),
            gone: Some("1".to_owned()),
            price: "4 990 ₽".to_owned(),
            discounts: vec![("<script>".to_owned(), "−499 ₽".to_owned())],
            by_points: "100 ₽".to_owned(),
            due: "4 391 ₽".to_owned(),
            left: Some("1".to_owned()),
        };
        let sum = |is_last| Sum { label: frame.say("order-to-pay"), value: "4 391 ₽".to_owned(), is_last };
        OrderPage {
            id: "<script>alert(1)</script>".to_owned(),
            shop: "<script>".to_owned(),
            address: "/admin/orders/main/1".to_owned(),
            status: order_tag(frame.words, OrderStatus::Paid),
            times: vec![(frame.say("order-placed-at"), "1.03.2026".to_owned())],
            member: Some(("<script>".to_owned(), "m_1".to_owned())),
            is_guest: false,
            lines: vec![line("<script>alert(1)</script>"), line("\"><b>2</b>")],
            sums: vec![sum(false), sum(true)],
            credits: vec![Credit {
                rule: "<script>".to_owned(),
                issued: "37".to_owned(),
                taken: Some("10".to_owned()),
            }],
            earned: "27".to_owned(),
            spent: "100".to_owned(),
            coupons: vec![("<script>".to_owned(), false)],
            receipts: vec![Receipt::sample(frame.words)],
            may_return: true,
            may_cancel: true,
            has_delivery: true,
            typed: Posted::default(),
            frame,
        }
    }
}

/// What was read of an order.
struct Seen {
    order: OrderState,
    entries: Vec<EntryRow>,
    name: Option<String>,
    member: MemberId,
    is_guest: bool,
    /// Names of goods by their articles.
    goods: BTreeMap<String, String>,
}

async fn seen(office: &Office, key: &OrderKey, words: Words) -> Result<Seen, Problem> {
    let desk = &office.desk;
    let (member, order) = desk.order(key.clone()).await?;
    let (program, key) = (desk.program_id(), key.clone());
    let skus: BTreeSet<String> = order.lines.iter().map(|line| line.sku.to_string()).collect();
    let read = move |r: &kopilka_service::Reader| {
        let (row, person) = (r.member(program, member)?, r.person(program, member)?.unwrap_or_default());
        let mut goods = BTreeMap::new();
        for sku in skus.into_iter().filter(|sku| !sku.is_empty()).take(NAMED_MAX) {
            if let Some(product) = r.product(program, &sku)? {
                goods.insert(sku, product.name);
            }
        }
        Ok((row, person, r.entries_of_order(program, &key)?, goods))
    };
    let (row, person, entries, goods) = desk.read(read).await?;
    let is_guest = row.as_ref().is_none_or(|row| row.member.status == MemberStatus::Guest);
    let name = row.filter(|_| !is_guest).map(|row| name_of(words, &row.member, &person));
    Ok(Seen { order, entries, name, member, is_guest, goods })
}

async fn drawn(office: &Office, key: &OrderKey, frame: Frame) -> Result<OrderPage, Problem> {
    let (desk, shown, words) = (&office.desk, Shown::of(&office.desk), frame.words);
    let Seen { order, entries, name, member, is_guest, goods } = seen(office, key, words).await?;
    let writes = may(desk, Scope::OrdersWrite);
    let left = order.lines.iter().any(|line| line.remaining().0 > 0 && line.kind != LineKind::Delivery);
    Ok(OrderPage {
        id: order.key.order.to_string(),
        shop: order.key.shop.to_string(),
        address: order_address(&order.key),
        status: order_tag(words, order.status),
        times: times(&order, &shown, words),
        member: name.filter(|_| may(desk, Scope::MembersRead)).map(|name| (name, member.to_string())),
        is_guest,
        lines: order.lines.iter().map(|line| of_line(line, (&order, &goods), &shown, words)).collect(),
        sums: sums(&order, &shown, words),
        credits: credits(&order, &shown),
        earned: shown.points(order.points_earned_net()),
        spent: shown.points(order.points_spent_net()),
        coupons: order
            .coupons
            .iter()
            .map(|coupon| (coupon.code.to_string(), coupon.refused.is_none()))
            .collect(),
        receipts: entries.iter().map(|row| Receipt::of(row, &shown, words)).collect(),
        may_return: writes && order.is_paid() && !order.is_closed() && left,
        may_cancel: writes && !order.is_closed(),
        has_delivery: order
            .lines
            .iter()
            .any(|line| line.kind == LineKind::Delivery && line.remaining().0 > 0),
        typed: Posted::default(),
        frame,
    })
}

fn times(order: &OrderState, shown: &Shown, words: Words) -> Vec<(String, String)> {
    let all = [
        ("order-placed-at", Some(order.placed_at)),
        ("order-paid-at", order.paid_at),
        ("order-completed-at", order.completed_at),
        ("order-ended-at", order.ended_at),
    ];
    let told = all.into_iter().filter_map(|(key, at)| Some((words.say(key), shown.moment(at?))));
    let by = [("order-channel", &order.channel), ("order-cashier", &order.cashier)];
    let by = by.into_iter().filter_map(|(key, value)| Some((words.say(key), value.as_ref()?.to_string())));
    let version = (words.say("order-version"), order.version.to_string());
    told.chain(by).chain([version]).collect()
}

fn of_line(
    line: &LineState,
    (order, goods): (&OrderState, &BTreeMap<String, String>),
    shown: &Shown,
    words: Words,
) -> Line {
    let off = |amount| format!("−{}", shown.money(amount));
    let own =
        (!line.shop_discount.is_zero()).then(|| (words.say("order-shop-discount"), off(line.shop_discount)));
    let discounts = line.discounts.iter().map(|one| (one.discount.to_string(), off(one.amount)));
    let returnable = order.is_paid() && line.remaining().0 > 0 && line.kind != LineKind::Delivery;
    Line {
        id: line.id.to_string(),
        sku: line.sku.to_string(),
        goods: goods.get(line.sku.as_str()).cloned().unwrap_or_default(),
        kind: match line.kind {
            LineKind::Goods => None,
            LineKind::Delivery => Some(words.say("order-delivery")),
            LineKind::GiftCard => Some(words.say("order-gift-card")),
        },
        quantity: line.quantity.text(),
        gone: (line.gone.0 > 0).then(|| line.gone.text()),
        price: shown.money(line.price),
        discounts: own.into_iter().chain(discounts).collect(),
        by_points: if line.by_points.is_zero() { String::new() } else { off(line.by_points) },
        due: shown.money(line.due),
        left: returnable.then(|| line.remaining().text()),
    }
}

fn sums(order: &OrderState, shown: &Shown, words: Words) -> Vec<Sum> {
    let mut out = Vec::new();
    let mut add = |label: String, value: String| out.push(Sum { label, value, is_last: false });
    let list = order.lines.iter().map(|line| line.list).sum();
    add(words.say("order-list"), shown.money(list));
    let cheaper = list - order.lines.iter().map(|line| line.discounted).sum();
    if !cheaper.is_zero() {
        add(words.say("order-discounts"), format!("−{}", shown.money(cheaper)));
    }
    let by_points = order.lines.iter().map(|line| line.by_points).sum::<kopilka_core::money::Money>();
    if !by_points.is_zero() {
        add(words.say("order-by-points"), format!("−{}", shown.money(by_points)));
    }
    for card in &order.gift_cards {
        let label = words.say_with("receipt-card", &[("value", &ending(&card.code))]);
        add(label, format!("−{}", shown.money(card.net())));
    }
    if !order.refunded.is_zero() {
        add(words.say("order-refunded"), format!("−{}", shown.money(order.refunded)));
    }
    out.push(Sum {
        label: words.say("order-to-pay"),
        value: shown.money(order.to_pay_remaining()),
        is_last: true,
    });
    out
}

fn credits(order: &OrderState, shown: &Shown) -> Vec<Credit> {
    let credit = |credit: &kopilka_core::order::Credit| Credit {
        rule: credit.rule.to_string(),
        issued: shown.signed(credit.issued),
        taken: (credit.taken > Points::ZERO).then(|| shown.signed(Points(-credit.taken.0))),
    };
    order.credits.iter().map(credit).collect()
}

fn frame(office: &Office) -> Frame {
    Frame::of(&office.visit, Some(Section::Orders))
}

/// `GET /admin/orders/{shop}/{id}`.
pub async fn page(office: Office, Path((shop, id)): Path<(String, String)>) -> Result<Response, Response> {
    let key = office.desk.order_key(&id, Some(&shop)).map_err(IntoResponse::into_response)?;
    let page = drawn(&office, &key, frame(&office)).await.map_err(IntoResponse::into_response)?;
    Ok(Page(page).into_response())
}

/// Does it, and goes back to the order; what is refused is said there.
async fn done(
    office: &Office,
    key: OrderKey,
    posted: Posted,
    asked: Result<(&'static str, Change), Problem>,
) -> Result<Response, Response> {
    let written = match asked {
        Ok((endpoint, change)) => match envelope(office, endpoint, &posted, &key.to_string()) {
            Ok(envelope) => office.desk.write(envelope, change).await.map(|_| ()),
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    match written {
        Ok(()) => Ok(back_to(&format!("{}?done=saved", order_address(&key)))),
        Err(problem) if problem.status.is_server_error() => Err(problem.into_response()),
        Err(problem) => {
            let said = office.desk.language.of(&problem.detail).to_owned();
            let page = drawn(office, &key, frame(office).with_notice(Tone::Bad, said)).await;
            let page = page.map_err(IntoResponse::into_response)?;
            Ok(again(OrderPage { typed: posted, ..page }, problem.code))
        }
    }
}

/// `POST …/return`: the pieces that were named, or all that remain.
pub async fn back(
    office: Office,
    Path((shop, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Response> {
    let key = office.desk.order_key(&id, Some(&shop)).map_err(IntoResponse::into_response)?;
    let asked = returned(&key, &posted).map(|body| ("orders.return", Change::Return(body)));
    done(&office, key, posted, asked).await
}

fn returned(key: &OrderKey, posted: &Posted) -> Result<ReturnBody, Problem> {
    let delivery = posted.is_set("delivery");
    let all = posted.text("what") == "all";
    let mut lines: Vec<(ShortText, Quantity)> = Vec::new();
    for (line, typed) in posted.under("pieces:").filter(|(_, typed)| !typed.is_empty()) {
        let text = typed.replace(',', ".");
        let read = decimal::parse_scaled(&text, QUANTITY_DECIMALS);
        let quantity = read.map(Quantity).map_err(|_| Problem::of("not_a_decimal").with("value", typed))?;
        // A line that grew before it was paid stands twice, under one id.
        match lines.iter_mut().find(|(known, _): &&mut (ShortText, Quantity)| known == line) {
            Some((_, sum)) => *sum = Quantity(sum.0.saturating_add(quantity.0)),
            None if quantity.0 != 0 => lines.push((line.into(), quantity)),
            None => {}
        }
    }
    if !all && lines.is_empty() && !delivery {
        return Err(Problem::of("return_form_invalid"));
    }
    let lines = if all { ReturnedLines::All } else { ReturnedLines::Lines(lines) };
    Ok(ReturnBody { key: key.clone(), lines, delivery, occurred_at: None })
}

/// `POST …/cancel`.
pub async fn cancel(
    office: Office,
    Path((shop, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Response> {
    let key = office.desk.order_key(&id, Some(&shop)).map_err(IntoResponse::into_response)?;
    // Only an order that is there: a cancel ahead of its order is the shop's own word.
    office.desk.order(key.clone()).await.map_err(IntoResponse::into_response)?;
    let asked = Ok(("orders.cancel", Change::Cancel { key: key.clone(), occurred_at: None }));
    done(&office, key, posted, asked).await
}
