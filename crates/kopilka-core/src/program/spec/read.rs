//! Reads the `tests:` of a document.

use super::person::{Joins, member, person};
use super::{Action, Expected, Figure, Step, TEST_SHOP, Test};
use crate::ShortText;
use crate::coupon::{CouponCode, CouponRefusal};
use crate::decide::Adjustment;
use crate::gift::{GIFT_CARDS_MAX, GiftAsk};
use crate::offer::OFFERS_HELD_MAX;
use crate::order::{
    BodyStatus, LineBody, LineKind, OrderBody, OrderKey, PointsAsk, Pricing, Quantity, ReturnBody,
    ReturnedLines,
};
use crate::points::POINTS_MAX;
use crate::product::{OwnPoints, OwnTerms};
use crate::program::diagnostics::Findings;
use crate::program::document::node::Data;
use crate::program::document::vocabulary::{Block, Kind, meant, nearest_of};
use crate::program::document::*;
use crate::program::{Program, Text};
use crate::referral::LEVELS_MAX;
use crate::refusal;
use crate::time::Instant;

/// The article of an order that names only its price.
const TEST_SKU: &str = "goods";

/// More gifts of one order than a test could mean.
pub(in crate::program) const GIFTS_MAX: i64 = 100_000;

/// What a step can be; exactly one of them, or none: then only time passes.
const ACTIONS: [&str; 16] = [
    "order",
    "pay",
    "complete",
    "return",
    "cancel",
    "adjust",
    "transfer",
    "event",
    "person",
    "claim",
    "settle",
    "offer",
    "activate",
    "withdraw",
    "gift_card",
    "expect",
];

/// The tests of a document; complains of everything in them that cannot be run.
pub(crate) fn read_tests(document: &Fields<'_>, units: &Units, program: &Program) -> Vec<Test> {
    let Some(node) = document.optional("tests") else { return Vec::new() };
    let kind = Kind::List(&Kind::Map(Block::Test));
    let items = document.findings.items(node, kind, TESTS_MAX, Text::of("tests", "проверки"));
    let read = |item| test(&document.findings.fields(item, Block::Test)?, units, program);
    items.iter().filter_map(read).collect()
}

fn test(fields: &Fields<'_>, units: &Units, program: &Program) -> Option<Test> {
    let findings = fields.findings;
    let name = fields.required("name").and_then(|n| text(findings, n));
    let member = fields.required("member").and_then(|n| member(findings, n, &program.attributes));
    let steps = fields.required("steps")?;
    let kind = Kind::List(&Kind::Map(Block::Step));
    let items = findings.items(steps, kind, STEPS_MAX, Text::of("steps", "шаги"));
    let mut reader = Steps { findings, units, program, orders: Vec::new(), last: None };
    let steps: Vec<Step> = items.iter().filter_map(|item| reader.step(item)).collect();
    let Joins { registers, referred, in_control_group, person } = member?;
    let (name, place) = (name?, fields.place);
    Some(Test { name, place, registers, referred, in_control_group, person, steps })
}

/// Words that mean something only beside another.
fn companions(fields: &Fields<'_>) {
    for word in [
        "paid",
        "placed",
        "status",
        "points",
        "shop",
        "channel",
        "cashier",
        "gift_cards",
        "payment_method",
        "delivery_method",
    ] {
        fields.needs(word, "order");
    }
    fields.needs("delivery", "return");
    fields.needs("amount", "gift_card");
    fields.needs("data", "event");
    fields.needs("taken_back", "settle");
}

/// The steps of one test as they are read: orders named so far, and the time of the step above.
struct Steps<'a> {
    findings: &'a Findings,
    units: &'a Units,
    program: &'a Program,
    orders: Vec<(String, OrderBody)>,
    last: Option<Instant>,
}

impl Steps<'_> {
    fn step(&mut self, node: &Node) -> Option<Step> {
        let fields = self.findings.fields(node, Block::Step)?;
        let at = fields.read("at", |f, n| moment(f, n, self.units));
        if let (Some(at), Some(last)) = (at, self.last)
            && at < last
        {
            let arguments = [("at", Text::both(at.to_string())), ("before", Text::both(last.to_string()))];
            self.findings.report(
                "test_time_backwards",
                fields.place_of("at").unwrap_or(node.place),
                &arguments,
            );
        }
        self.last = at.or(self.last);
        for (i, first) in ACTIONS.iter().enumerate() {
            for second in &ACTIONS[i + 1..] {
                fields.not_both(first, second);
            }
        }
        let action = self.action(&fields)?;
        Some(Step { place: node.place, at, action })
    }

    fn action(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let findings = self.findings;
        companions(fields);
        let named = ACTIONS.iter().find_map(|word| Some((*word, fields.optional(word)?)));
        let Some((word, node)) = named else {
            if fields.present().next().is_none() {
                fields.missing("at");
            }
            return Some(Action::Wait);
        };
        match word {
            "order" => self.order(fields, node).map(|body| Action::Order(Box::new(body))),
            "pay" => {
                let (_, body) = self.known(node)?;
                Some(Action::Order(Box::new(OrderBody { status: BodyStatus::Paid, ..body })))
            }
            "complete" => {
                let (_, body) = self.known(node)?;
                Some(Action::Order(Box::new(OrderBody { status: BodyStatus::Completed, ..body })))
            }
            "return" => self.back(fields, node).map(Action::Return),
            "cancel" => self.known(node).map(|(_, body)| Action::Cancel(body.key)),
            "adjust" => {
                let most = POINTS_MAX;
                let precision = self.units.points.precision;
                let points = number(findings, node, Kind::Points, precision, (-most, most))?;
                let points = crate::points::Points(points);
                let plain =
                    Adjustment { points, active_at: None, expires_at: None, gift: false, allow_debt: false };
                Some(Action::Adjust(plain))
            }
            // One that nobody declared is refused, as it would be over the API.
            "event" => {
                let event = id(findings, node)?;
                let declared =
                    self.program.events.iter().find(|e| e.id == event).map_or(&[][..], |e| &e.data);
                let data = fields.read("data", |f, n| attributes::values(f, n, declared));
                Some(Action::Happen(event.into(), data.unwrap_or_default()))
            }
            "person" => person(findings, node, &self.program.attributes).map(Action::Person),
            "offer" => id(findings, node).map(|offer| Action::GiveOffer(offer.into())),
            "activate" => id(findings, node).map(|offer| Action::ActivateOffer(offer.into())),
            "withdraw" => id(findings, node).map(|offer| Action::WithdrawOffer(offer.into())),
            "claim" => id(findings, node).map(|reward| Action::Claim(reward.into())),
            "settle" => {
                let claim = number(findings, node, Kind::Whole { from: 1, to: 1_000 }, 0, (1, 1_000))?;
                let taken_back = fields.read("taken_back", truth).unwrap_or(false);
                let claim = u32::try_from(claim).ok()?;
                Some(Action::Settle { claim, handed_over: !taken_back })
            }
            "gift_card" => {
                let amount = fields.required("amount").and_then(|n| money(findings, n, self.units, 0));
                let code = code(findings, node)?;
                Some(Action::IssueGiftCard { code, amount: amount? })
            }
            "transfer" => points(findings, node, self.units, 1).map(Action::Transfer),
            _ => expectations(&findings.fields(node, Block::Expect)?, self.units).map(Action::Expect),
        }
    }

    /// An order: of one article at a price, or of lines.
    fn order(&mut self, fields: &Fields<'_>, node: &Node) -> Option<OrderBody> {
        let findings = self.findings;
        let name = text(findings, node)?;
        for (first, second) in [
            ("paid", "placed"),
            ("paid", "lines"),
            ("placed", "lines"),
            ("paid", "status"),
            ("placed", "status"),
        ] {
            fields.not_both(first, second);
        }
        let (status, lines) = if fields.has("lines") {
            let status = fields.read("status", |f, n| choice(f, n, Block::StepStatus));
            (status_of(status.unwrap_or("paid")), self.lines(fields.optional("lines")?)?)
        } else {
            let word = if fields.has("placed") { "placed" } else { "paid" };
            let price = money(findings, fields.required(word)?, self.units, 0)?;
            (status_of(word), vec![LineBody::goods("1", TEST_SKU, Quantity::ONE, price)])
        };
        let shop = fields.read("shop", text).unwrap_or_else(|| TEST_SHOP.to_owned());
        let key = OrderKey { shop: shop.into(), order: name.as_str().into() };
        let body = OrderBody {
            channel: fields.read("channel", text).map(ShortText::from),
            cashier: fields.read("cashier", text).map(ShortText::from),
            // What a test tries is the program: an order that is paid at once has its discounts too.
            pricing: Some(Pricing::Engine),
            coupons: fields.read("coupons", names).unwrap_or_default().into_iter().map(Into::into).collect(),
            payment_methods: fields
                .read("payment_method", names)
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            delivery_method: fields.read("delivery_method", text).map(Into::into),
            gift_cards: fields.read("gift_cards", |f, n| gift_asks(f, n, self.units)).unwrap_or_default(),
            points: fields.read("points", |f, n| ask(f, n, self.units)),
            ..OrderBody::plain(key, status, lines)
        };
        self.orders.retain(|(known, _)| *known != name);
        self.orders.push((name, body.clone()));
        Some(body)
    }

    fn lines(&self, node: &Node) -> Option<Vec<LineBody>> {
        let kind = Kind::List(&Kind::Map(Block::TestLine));
        let items = self.findings.items(node, kind, crate::order::LINES_MAX, Text::of("lines", "строки"));
        let read = |(i, item): (usize, &Node)| self.line(i, &self.findings.fields(item, Block::TestLine)?);
        let lines: Vec<LineBody> = items.iter().enumerate().filter_map(read).collect();
        if items.is_empty() && matches!(node.data, Data::List(_)) {
            self.findings.report("empty_list", node.place, &[]);
        }
        (!lines.is_empty() && lines.len() == items.len()).then_some(lines)
    }

    fn line(&self, position: usize, fields: &Fields<'_>) -> Option<LineBody> {
        let amount = |f: &Findings, n: &Node| money(f, n, self.units, 0);
        let id = fields.read("id", text).unwrap_or_else(|| (position + 1).to_string());
        let sku = fields.read("sku", text).unwrap_or_else(|| TEST_SKU.to_owned());
        let price = fields.required("price").and_then(|n| amount(self.findings, n));
        let mut line =
            LineBody::goods(&id, &sku, fields.read("quantity", quantity).unwrap_or(Quantity::ONE), price?);
        line.shop_discount = fields.read("discount", amount).unwrap_or_default();
        line.kind = match fields.read("kind", |f, n| choice(f, n, Block::LineKind)) {
            Some("delivery") => LineKind::Delivery,
            Some("gift_card") => LineKind::GiftCard,
            _ => LineKind::Goods,
        };
        line.category = fields.read("category", text).map(ShortText::from);
        line.brand = fields.read("brand", text).map(ShortText::from);
        line.tags = fields.read("tag", names).unwrap_or_default();
        line.own = self.own(fields).filter(|own| !own.is_none()).map(Box::new);
        Some(line)
    }

    /// What the article has of its own.
    fn own(&self, fields: &Fields<'_>) -> Option<OwnTerms> {
        let share = |f: &Findings, n: &Node| percent(f, n, true);
        let points = fields.map("own_points", Block::OwnPoints).and_then(|own| {
            own.only_one_of(&["percent", "per_piece"]);
            let percent = own.read("percent", share).map(OwnPoints::Percent);
            let each = own.read("per_piece", |f, n| points(f, n, self.units, 1)).map(OwnPoints::PerPiece);
            percent.or(each)
        });
        Some(OwnTerms {
            also_in: fields.read("also_in", names).unwrap_or_default(),
            points,
            spend_share: fields.read("spend_share", share),
            recommended_price: fields.read("recommended_price", |f, n| money(f, n, self.units, 0)),
        })
    }

    fn back(&self, fields: &Fields<'_>, node: &Node) -> Option<ReturnBody> {
        let (_, body) = self.known(node)?;
        let lines = match fields.optional("lines") {
            None => ReturnedLines::All,
            Some(node) => {
                let kind = Kind::List(&Kind::Map(Block::ReturnedLine));
                let most = crate::order::LINES_MAX;
                let items = self.findings.items(node, kind, most, Text::of("lines", "строки"));
                let read = |item: &Node| {
                    let line = self.findings.fields(item, Block::ReturnedLine)?;
                    let id = line.required("id").and_then(|n| text(self.findings, n))?;
                    Some((id.into(), line.read("quantity", quantity).unwrap_or(Quantity::ONE)))
                };
                ReturnedLines::Lines(items.iter().filter_map(read).collect())
            }
        };
        let delivery = fields.read("delivery", truth).unwrap_or(false);
        Some(ReturnBody { key: body.key, lines, delivery, occurred_at: None })
    }

    /// An order that a step above has named.
    fn known(&self, node: &Node) -> Option<(String, OrderBody)> {
        let name = text(self.findings, node)?;
        let found = self.orders.iter().find(|(known, _)| *known == name).cloned();
        if found.is_none() {
            self.findings.report("test_order_unknown", node.place, &[("order", Text::both(name))]);
        }
        found
    }
}

/// A code of the author's own, in any spelling.
fn code(findings: &Findings, node: &Node) -> Option<CouponCode> {
    let written = text(findings, node)?;
    let code = CouponCode::read(&written);
    if code.is_none() {
        findings.report("bad_coupon_code", node.place, &[("code", Text::both(written))]);
    }
    code
}

/// Cards by their codes, each with the most it is to pay where that is said.
fn gift_asks(findings: &Findings, node: &Node, units: &Units) -> Option<Vec<GiftAsk>> {
    let kind = Kind::List(&Kind::Either(&[Kind::Text, Kind::Map(Block::GiftAsk)]));
    let items = findings.items(node, kind, GIFT_CARDS_MAX, Text::of("gift cards", "подарочных карт"));
    let read = |item: &Node| {
        if let Data::Map(_) = item.data {
            let fields = findings.fields(item, Block::GiftAsk)?;
            let amount = fields.read("amount", |f, n| money(f, n, units, 0));
            let code = fields.required("code").and_then(|n| code(findings, n))?;
            return Some(GiftAsk { code: code.as_str().into(), amount });
        }
        Some(GiftAsk { code: code(findings, item)?.as_str().into(), amount: None })
    };
    Some(items.iter().filter_map(read).collect())
}

fn status_of(word: &str) -> BodyStatus {
    match word {
        "reserved" => BodyStatus::Reserved,
        "placed" => BodyStatus::Placed,
        "shipped" => BodyStatus::Shipped,
        "completed" => BodyStatus::Completed,
        _ => BodyStatus::Paid,
    }
}

/// `max`, a number (that many or refused), or one of the two in words.
fn ask(findings: &Findings, node: &Node, units: &Units) -> Option<PointsAsk> {
    let number = |node: &Node| points(findings, node, units, 1);
    match &node.data {
        Data::Scalar { text, .. } if text == "max" => Some(PointsAsk::Max),
        Data::Map(_) => {
            let fields = findings.fields(node, Block::Ask)?;
            let field = fields.only_word()?;
            let points = number(&field.value)?;
            Some(if field.word == "exact" { PointsAsk::Exact(points) } else { PointsAsk::UpTo(points) })
        }
        _ => number(node).map(PointsAsk::Exact),
    }
}

fn expectations(fields: &Fields<'_>, units: &Units) -> Option<Vec<Expected>> {
    let read: Vec<Option<Expected>> = fields
        .present()
        .map(|field| {
            let figure = figure(fields.findings, &field.word, &field.value, units)?;
            Some(Expected { place: field.value.place, figure })
        })
        .collect();
    if read.is_empty() {
        fields.findings.report("empty_list", fields.place, &[]);
    }
    read.into_iter().collect()
}

fn figure(findings: &Findings, word: &str, node: &Node, units: &Units) -> Option<Figure> {
    let signed = || {
        let (most, precision) = (POINTS_MAX, units.points.precision);
        number(findings, node, Kind::Points, precision, (-most, most)).map(crate::points::Points)
    };
    Some(match word {
        "pending" => Figure::Pending(signed()?),
        "available" => Figure::Available(signed()?),
        "held" => Figure::Held(signed()?),
        "debt" => Figure::Debt(signed()?),
        "balance" => Figure::Balance(signed()?),
        "expired" => Figure::Expired(signed()?),
        "spent" => Figure::Spent(signed()?),
        "issued" => Figure::Issued(signed()?),
        "earned" => Figure::Earned(signed()?),
        "discount" => Figure::Discount(money(findings, node, units, 0)?),
        "to_pay" => Figure::ToPay(money(findings, node, units, 0)?),
        "referrers" => {
            let kind = Kind::List(&Kind::Points);
            let what = Text::of("levels", "уровней");
            let items = findings.items(node, kind, usize::from(LEVELS_MAX), what);
            Figure::Referrers(items.iter().filter_map(|item| points(findings, item, units, 0)).collect())
        }
        "refund" => Figure::Refund(money(findings, node, units, 0)?),
        "gifts" => {
            let kind = Kind::Whole { from: 0, to: GIFTS_MAX };
            Figure::Gifts(number(findings, node, kind, 0, (0, GIFTS_MAX))?)
        }
        "paid_by_gift_cards" => Figure::PaidByGiftCards(money(findings, node, units, 0)?),
        "gift_cards_left" => Figure::GiftCardsLeft(money(findings, node, units, 0)?),
        "offers" => {
            let what = Text::of("offers", "предложений");
            Figure::Offers(ids_in_any_order(findings, node, OFFERS_HELD_MAX, what))
        }
        "tags" => Figure::Tags(ids_in_any_order(findings, node, NAMES_MAX, Text::of("tags", "меток"))),
        "messages" => {
            Figure::Messages(ids_in_any_order(findings, node, NAMES_MAX, Text::of("messages", "сообщений")))
        }
        "webhooks" => {
            Figure::Webhooks(ids_in_any_order(findings, node, NAMES_MAX, Text::of("webhooks", "вебхуков")))
        }
        "segments" => {
            Figure::Segments(ids_in_any_order(findings, node, NAMES_MAX, Text::of("segments", "сегментов")))
        }
        "coupons" => {
            Figure::Coupons(ids_in_any_order(findings, node, NAMES_MAX, Text::of("campaigns", "кампаний")))
        }
        "tier" => Figure::Tier(id(findings, node)?),
        "coupon_refused" => {
            let word = choice(findings, node, Block::CouponRefusal)?;
            Figure::CouponRefused(*CouponRefusal::ALL.iter().find(|r| r.code() == word)?)
        }
        "refused" => Figure::Refused(refusal_code(findings, node)?),
        // Told already when the map was opened.
        _ => return None,
    })
}

/// Names in any order.
fn ids_in_any_order(findings: &Findings, node: &Node, most: usize, what: Text) -> Vec<String> {
    let items = findings.items(node, Kind::List(&Kind::Id), most, what);
    let mut names: Vec<String> = items.iter().filter_map(|item| id(findings, item)).collect();
    names.sort();
    names
}

fn refusal_code(findings: &Findings, node: &Node) -> Option<String> {
    let code = scalar(findings, node, Kind::Refusal)?;
    if refusal::CODES.contains(&code) {
        return Some(code.to_owned());
    }
    let argument = [("word", Text::both(code))];
    let fix = match nearest_of(code, refusal::CODES.iter().copied()) {
        Some(near) => meant(near),
        None => Text::of("see docs/reference/refusals.md", "см. docs/reference/refusals.md"),
    };
    findings.report_with_fix("unknown_word", node.place, &argument, fix);
    None
}
