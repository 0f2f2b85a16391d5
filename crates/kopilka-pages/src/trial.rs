//! A cart to try rules with: what it is filled in with, and what the engine says of it.
//!
//! Invariant: nothing is reckoned here and nothing is kept: the engine quotes, these are its words.

use crate::admin::Said;
use crate::frame::Frame;
use crate::posted::Posted;
use crate::shown::Shown;
use askama::Template;
use kopilka_core::book::{Book, execute};
use kopilka_core::decide::{Adjustment, Command, Context};
use kopilka_core::decimal;
use kopilka_core::ids::MemberId;
use kopilka_core::member::Member;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Quantity};
use kopilka_core::points::Points;
use kopilka_core::program::{Program, Versions};
use kopilka_core::time::{Day, INSTANT_MIN, Instant};
use kopilka_core::trace::Step;
use kopilka_core::words::{self, Language};
use kopilka_service::{MemberRef, NO_ORDER, QuoteAnswer, Supposed};
use kopilka_web::SHOP_DEFAULT;
use kopilka_web::app::Desk;
use kopilka_web::guesses::{Guesser, wrong_of};
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use std::sync::Arc;

/// Lines of the form: enough to see what a second article changes.
const LINES: usize = 3;
/// A made-up member registered so long ago that being new explains nothing.
const MEMBER_SECONDS: i64 = 400 * 86_400;
/// And bought last so long ago.
const BOUGHT_SECONDS: i64 = 30 * 86_400;

/// One line as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CartLine {
    pub sku: String,
    pub price: String,
    pub quantity: String,
    pub category: String,
    pub brand: String,
}

/// The form as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CartForm {
    pub lines: Vec<CartLine>,
    /// `nobody`, `made-up` or `member`.
    pub who: String,
    pub member: String,
    pub has: String,
    pub orders: String,
    pub paid: String,
    pub tier: String,
    pub birth: String,
    pub date: String,
    pub channel: String,
    pub coupons: String,
    pub spend: String,
    /// As many points as may be.
    pub max: bool,
}

impl CartForm {
    /// Before anything was typed.
    pub fn begin(desk: &Desk) -> CartForm {
        let whole = match desk.program.currency.code() {
            "RUB" | "KZT" | "JPY" => "5000",
            _ => "100",
        };
        let first = CartLine { price: whole.to_owned(), quantity: "1".to_owned(), ..CartLine::default() };
        CartForm {
            lines: padded(vec![first]),
            who: "made-up".to_owned(),
            has: "500".to_owned(),
            orders: "1".to_owned(),
            date: desk.program.zone.day_of(desk.now).to_string(),
            max: true,
            ..CartForm::default()
        }
    }
    pub fn sample() -> CartForm {
        let line = CartLine { sku: "\"><script>alert(1)</script>".to_owned(), ..CartLine::default() };
        CartForm { lines: padded(vec![line]), who: "made-up".to_owned(), ..CartForm::default() }
    }
    pub fn of(posted: &Posted) -> CartForm {
        let all = |name: &str| -> Vec<String> { posted.all(name).map(str::to_owned).collect() };
        let (skus, prices, quantities) = (all("c-sku"), all("c-price"), all("c-quantity"));
        let (categories, brands) = (all("c-category"), all("c-brand"));
        let at = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_default();
        let lines = (0..prices.len().min(LINES)).map(|i| CartLine {
            sku: at(&skus, i),
            price: at(&prices, i),
            quantity: at(&quantities, i),
            category: at(&categories, i),
            brand: at(&brands, i),
        });
        let text = |name: &str| posted.text(name).to_owned();
        CartForm {
            lines: padded(lines.collect()),
            who: text("c-who"),
            member: text("c-member"),
            has: text("c-has"),
            orders: text("c-orders"),
            paid: text("c-paid"),
            tier: text("c-tier"),
            birth: text("c-birth"),
            date: text("c-date"),
            channel: text("c-channel"),
            coupons: text("c-coupons"),
            spend: text("c-spend"),
            max: posted.is_set("c-max"),
        }
    }
    pub fn is(&self, who: &str) -> bool {
        self.who == who
    }

    /// The order that it stands for; a key of words where a figure cannot be read.
    fn body(&self, program: &Program) -> Result<OrderBody, &'static str> {
        let mut lines = Vec::new();
        for (i, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            let quantity = if line.quantity.is_empty() { "1" } else { line.quantity.as_str() };
            let quantity = decimal::parse_scaled(&figure(quantity), 3).map_err(|_| "try-bad-quantity")?;
            let price = program.currency.parse(&figure(&line.price)).map_err(|_| "try-bad-price")?;
            let id = (i + 1).to_string();
            let mut body = LineBody::goods(&id, &line.sku, Quantity(quantity), price);
            body.category = some(&line.category).map(Into::into);
            body.brand = some(&line.brand).map(Into::into);
            lines.push(body);
        }
        if lines.is_empty() {
            return Err("try-empty");
        }
        let key = OrderKey { shop: SHOP_DEFAULT.into(), order: NO_ORDER.into() };
        let coupons = self.coupons.split([',', ' ']).filter_map(some).map(Into::into).collect();
        let points = match (self.spend.as_str(), self.max) {
            _ if self.is("nobody") => None,
            (_, true) => Some(PointsAsk::Max),
            ("", _) => None,
            (text, _) => {
                let points = program.points.parse(&figure(text)).map_err(|_| "try-bad-points")?;
                Some(PointsAsk::UpTo(points))
            }
        };
        let channel = some(&self.channel).map(Into::into);
        Ok(OrderBody { channel, coupons, points, ..OrderBody::plain(key, BodyStatus::Placed, lines) })
    }

    /// When it is bought: the day that was told, at this time of day.
    fn moment(&self, program: &Program, now: Instant) -> Result<Option<Instant>, &'static str> {
        match some(&self.date) {
            None => Ok(None),
            Some(text) => {
                let day = Day::parse(text).ok_or("try-bad-date")?;
                Ok(Some(program.zone.at(day, program.zone.minute_of_day(now))))
            }
        }
    }

    fn named(&self) -> Option<MemberRef> {
        let text = some(&self.member).filter(|_| self.is("member"))?;
        Some(match text {
            _ if text.starts_with("m_") => match MemberId::parse(text) {
                Some(id) => MemberRef::Id(id),
                None => MemberRef::Card(text.to_owned()),
            },
            _ if text.contains('@') => MemberRef::Email(text.to_owned()),
            _ if text.starts_with('+') || text.starts_with('8') => MemberRef::Phone(text.to_owned()),
            _ => MemberRef::Card(text.to_owned()),
        })
    }

    /// The member that is only supposed.
    fn made_up(&self, program: &Program, now: Instant) -> Result<Book, Result<&'static str, Problem>> {
        let refused = |refusal| Err(Problem::refused(&refusal, program));
        let versions = Versions::only(program.clone());
        let ctx = Context { versions: &versions, now };
        let mut book = Book::new(Member::new(MemberId(0)));
        let before = Context { now: now.plus_seconds(-MEMBER_SECONDS), ..ctx };
        let register = Command::Register { welcome: false, referrer: None, former: false };
        execute(before, &mut book, &register).map_err(refused)?;
        let number = |text: &str, key| some(text).map_or(Ok(0), |text| text.parse().map_err(|_| Ok(key)));
        book.member.purchases.orders = number(&self.orders, "try-bad-orders")?;
        if book.member.purchases.orders > 0 {
            book.member.purchases.last = vec![now.plus_seconds(-BOUGHT_SECONDS)];
        }
        if let Some(paid) = some(&self.paid) {
            book.member.purchases.paid =
                program.currency.parse(&figure(paid)).map_err(|_| Ok("try-bad-price"))?;
        }
        if let Some(birth) = some(&self.birth) {
            book.person.birth_date = Some(Day::parse(birth).ok_or(Ok("try-bad-date"))?);
            book.person.birth_date_known_at = Some(INSTANT_MIN);
        }
        book.person.known.phone = true;
        if let Some(tier) = some(&self.tier) {
            let tier = Command::SetTier { tier: Some(tier.into()), until: None };
            execute(ctx, &mut book, &tier).map_err(refused)?;
        }
        let has = some(&self.has).map_or(Ok(Points::ZERO), |text| {
            program.points.parse(&figure(text)).map_err(|_| Ok("try-bad-points"))
        })?;
        if has > Points::ZERO {
            let has =
                Adjustment { points: has, active_at: None, expires_at: None, gift: false, allow_debt: false };
            execute(ctx, &mut book, &Command::Adjust(has)).map_err(refused)?;
        }
        Ok(book)
    }
}

impl CartLine {
    fn is_empty(&self) -> bool {
        self.price.is_empty() && self.sku.is_empty()
    }
}

fn padded(mut lines: Vec<CartLine>) -> Vec<CartLine> {
    lines.resize_with(LINES, CartLine::default);
    lines
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A figure as people type it: with spaces, with a comma.
fn figure(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect()
}

/// One line of the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialLine {
    pub name: String,
    pub list: String,
    pub takes: Vec<(String, String)>,
    pub due: String,
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// What is wrong with the rules that were to be tried.
    pub problems: Vec<Said>,
    /// Why there is no receipt.
    pub refused: String,
    pub aloud: String,
    pub lines: Vec<TrialLine>,
    pub to_pay: String,
    pub earned: Vec<(String, String, String)>,
    pub earned_sum: String,
    pub most: String,
    pub why: Vec<String>,
    pub silent: Vec<String>,
    pub version: u32,
    pub of_draft: bool,
}

/// The receipt alone, as a script asks for it.
#[derive(Template)]
#[template(path = "trial.html")]
pub struct TrialPart {
    pub frame: Frame,
    pub trial: Trial,
}

impl Trial {
    pub fn refused(problems: Vec<Said>) -> Trial {
        Trial {
            problems: problems.into_iter().filter(|said| said.tone == "bad").collect(),
            ..Trial::default()
        }
    }
    pub fn sample(language: Language) -> Trial {
        let said = |en: &str, ru: &str| match language {
            Language::En => en.to_owned(),
            Language::Ru => ru.to_owned(),
        };
        Trial {
            aloud: said("4,500 RUB to pay.", "К оплате 4 500 ₽."),
            lines: vec![TrialLine {
                name: "<b>1</b>".to_owned(),
                list: "5 000".to_owned(),
                takes: vec![("sale".to_owned(), "−500".to_owned())],
                due: "4 500".to_owned(),
            }],
            to_pay: "4 500".to_owned(),
            earned: vec![("cashback".to_owned(), "+225".to_owned(), "14.03.2026".to_owned())],
            earned_sum: "+225".to_owned(),
            most: "900".to_owned(),
            why: vec![said("The rule fired.", "Правило сработало.")],
            silent: vec![said("The day is another.", "День не тот.")],
            version: 2,
            of_draft: true,
            ..Trial::default()
        }
    }

    /// Asks the engine, under rules that are only supposed where there are any.
    pub async fn of(desk: &Desk, cart: &CartForm, rules: Option<Program>) -> Trial {
        let program = rules.clone().map_or_else(|| desk.program.clone(), Arc::new);
        let words = crate::Words(desk.language);
        let told = |key: &'static str| Trial { refused: words.say(key), ..Trial::default() };
        let said = |problem: &Problem| Trial {
            refused: desk.language.of(&problem.detail).to_owned(),
            ..Trial::default()
        };
        let of_draft = rules.is_some();
        let (body, now) = match (cart.body(&program), cart.moment(&program, desk.now)) {
            (Ok(body), Ok(now)) => (body, now),
            (Err(key), _) | (_, Err(key)) => return told(key),
        };
        let book = match cart.is("made-up").then(|| cart.made_up(&program, now.unwrap_or(desk.now))) {
            None => None,
            Some(Ok(book)) => Some(book),
            Some(Err(Ok(key))) => return told(key),
            Some(Err(Err(problem))) => return said(&problem),
        };
        let member = cart.named();
        // A role that sees no person asks about none.
        if member.is_some() && desk.allow(Scope::MembersRead).is_err() {
            return told("try-no-person");
        }
        if cart.is("member") && member.is_none() {
            return told("try-no-member");
        }
        let units = |p: &Program| (p.currency, p.points.precision);
        if member.is_some() && units(&program) != units(&desk.program) {
            return told("try-other-units");
        }
        let supposed = Supposed { rules, now, book };
        match asked(desk, supposed, member, body).await {
            Ok(answer) => {
                let version = if of_draft { 0 } else { answer.quote.version };
                let shown = Shown { program, language: desk.language };
                Trial { of_draft, version, ..Trial::told(&answer, &shown, cart) }
            }
            Err(problem) => said(&problem),
        }
    }

    fn told(answer: &QuoteAnswer, shown: &Shown, cart: &CartForm) -> Trial {
        let quote = &answer.quote;
        let speaker = shown.speaker();
        let order = &quote.order;
        let lines = order.lines.iter().map(|line| {
            let mut takes: Vec<(String, String)> = line
                .discounts
                .iter()
                .map(|taken| (taken.discount.to_string(), shown.money(Money(-taken.amount.0))))
                .collect();
            if line.by_points > Money::ZERO {
                let name = shown.language.of(&shown.program.points_name).to_owned();
                takes.push((name, shown.money(Money(-line.by_points.0))));
            }
            let own = cart.lines.iter().zip(1..).find(|(_, n)| n.to_string() == line.id.as_str());
            let named = [line.sku.as_str(), own.map_or("", |(line, _)| line.category.as_str())];
            let name = named.into_iter().find(|name| !name.is_empty()).unwrap_or("");
            let name = match line.quantity {
                Quantity::ONE => format!("{}. {name}", line.id),
                quantity => format!("{}. {name} × {}", line.id, quantity.text()),
            };
            TrialLine { name, list: shown.money(line.list), takes, due: shown.money(line.due) }
        });
        let earned = quote.trace.iter().filter_map(|step| match step {
            Step::RuleFired { rule, points, active_at, expires_at, .. } => {
                let mut dates = shown.moment(*active_at);
                if let Some(end) = expires_at {
                    dates = format!("{dates}, {}", shown.until(*end));
                }
                Some((rule.to_string(), shown.signed(*points), dates))
            }
            _ => None,
        });
        let silent = |step: &&Step| {
            matches!(
                step,
                Step::RuleSilent { .. } | Step::DiscountSilent { .. } | Step::PromotionSilent { .. }
            )
        };
        let sum: Points = quote.earned.iter().map(|earned| earned.points).sum();
        let known = answer.member.is_some();
        let balance = answer.member.as_ref().map(|(_, balance)| balance);
        Trial {
            aloud: words::read_aloud(&speaker, quote, balance),
            lines: lines.collect(),
            to_pay: shown.money(order.to_pay_remaining()),
            earned: earned.collect(),
            earned_sum: shown.signed(sum),
            most: quote.limit.filter(|_| known).map_or_else(String::new, |l| shown.points(l.limit)),
            why: quote.trace.iter().filter(|s| !silent(s)).map(|s| words::step(&speaker, s)).collect(),
            silent: quote.trace.iter().filter(silent).map(|s| words::step(&speaker, s)).collect(),
            ..Trial::default()
        }
    }
}

/// Who tries codes here waits like everybody who guesses.
async fn asked(
    desk: &Desk,
    supposed: Supposed,
    member: Option<MemberRef>,
    body: OrderBody,
) -> Result<QuoteAnswer, Problem> {
    let who = Guesser::of_order(desk, member.as_ref(), &body);
    let work = async {
        let quote = desk.app.service.quote_supposed(desk.program_id(), supposed, member, body).await;
        quote.map_err(|error| desk.failed(error))
    };
    match who {
        Some(who) => desk.app.guesses.watch(who, work, |answer| wrong_of(&answer.quote.order.coupons)).await,
        None => work.await,
    }
}
