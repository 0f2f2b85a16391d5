//! Purchases that the engine has reckoned, in sentences.

use crate::book::{Book, execute, quote};
use crate::decide::{Adjustment, Command, Context, Quote};
use crate::ids::MemberId;
use crate::member::Member;
use crate::money::Money;
use crate::order::{BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Quantity};
use crate::points::{POINTS_MAX, Points};
use crate::program::{Program, Versions};
use crate::time::Instant;
use crate::trace::Step;
use crate::words::{Language, Speaker};

/// Whole units of money of the examples, where a unit buys little: a pair of shoes, not a button.
const SMALL_UNITS: &[&str] = &["RUB", "KZT", "JPY", "AMD", "KGS", "UZS", "KRW", "HUF", "INR", "RSD"];
const AMOUNTS_SMALL: [i64; 2] = [1_000, 10_000];
const AMOUNTS: [i64; 2] = [20, 200];
/// Pays any example many times over.
const ENOUGH: i64 = 100_000;

/// What two purchases cost and bring, and how far points pay for the larger.
pub(super) fn told(speaker: &Speaker<'_>, now: Instant) -> Vec<String> {
    let program = speaker.program;
    let versions = Versions::only(program.clone());
    let ctx = Context { versions: &versions, now };
    let whole = match SMALL_UNITS.contains(&program.currency.code()) {
        true => AMOUNTS_SMALL,
        false => AMOUNTS,
    };
    let scale = 10_i64.pow(program.currency.exponent);
    let amounts = whole.map(|amount| Money(amount * scale));
    let mut lines: Vec<String> = amounts
        .iter()
        .filter_map(|amount| Some(bought(speaker, *amount, &asked(ctx, &member(), *amount, None)?)))
        .collect();
    lines.extend(paid_with_points(speaker, ctx, amounts[1]));
    lines
}

/// Somebody who has bought before, so that what comes once is not in it.
fn member() -> Book {
    let mut member = Member::new(MemberId(1));
    member.registered_at = Some(Instant(0));
    member.purchases.orders = 1;
    let mut book = Book::new(member);
    book.person.known.phone = true;
    book
}

fn asked(ctx: Context<'_>, book: &Book, amount: Money, points: Option<PointsAsk>) -> Option<Quote> {
    let line = LineBody::goods("1", "", Quantity::ONE, amount);
    let key = OrderKey { shop: "main".into(), order: "example".into() };
    let body = OrderBody { points, ..OrderBody::plain(key, BodyStatus::Placed, vec![line]) };
    quote(ctx, book, &body).ok()
}

fn brings(quote: &Quote) -> Points {
    quote.earned.iter().map(|earned| earned.points).sum()
}

fn bought(speaker: &Speaker<'_>, amount: Money, quote: &Quote) -> String {
    let (price, due) = (speaker.money(amount), quote.order.to_pay_remaining());
    let points = brings(quote);
    let mut line = match (speaker.language, due == amount) {
        (Language::En, true) => format!("A purchase of {price}"),
        (Language::En, false) => format!("A purchase of {price} costs {} and", speaker.money(due)),
        (Language::Ru, true) => format!("Покупка на {price}"),
        (Language::Ru, false) => format!("Покупка на {price} обойдётся в {} и", speaker.money(due)),
    };
    line.push_str(&match (speaker.language, points.0 > 0) {
        (Language::En, true) => format!(" brings {}", speaker.points(points)),
        (Language::En, false) => " brings nothing".to_owned(),
        (Language::Ru, true) => format!(" принесёт {}", speaker.points(points)),
        (Language::Ru, false) => " ничего не принесёт".to_owned(),
    });
    line.push_str(&dates(speaker, quote));
    line.push('.');
    line
}

/// From when and until when what a purchase brings can be spent, if it is paid at once.
fn dates(speaker: &Speaker<'_>, quote: &Quote) -> String {
    let fired = quote.trace.iter().find_map(|step| match step {
        Step::RuleFired { active_at, expires_at, points, .. } if points.0 > 0 => {
            Some((*active_at, *expires_at))
        }
        _ => None,
    });
    let Some((from, until)) = fired else { return String::new() };
    let zone = &speaker.program.zone;
    let from = speaker.day(zone.day_of(from));
    match (speaker.language, until) {
        (Language::En, None) => format!("; paid today, they can be spent from {from} on"),
        (Language::Ru, None) => format!("; при оплате сегодня тратить их можно с {from}"),
        (Language::En, Some(end)) => {
            format!("; paid today, they can be spent from {from} {}", speaker.until(end))
        }
        (Language::Ru, Some(end)) => {
            format!("; при оплате сегодня тратить их можно с {from} {}", speaker.until(end))
        }
    }
}

fn paid_with_points(speaker: &Speaker<'_>, ctx: Context<'_>, amount: Money) -> Option<String> {
    let program: &Program = speaker.program;
    if !program.spending.allowed {
        return None;
    }
    let mut book = member();
    let many = program.points.scale().saturating_mul(ENOUGH).min(POINTS_MAX);
    let points = Adjustment {
        points: Points(many),
        active_at: None,
        expires_at: None,
        gift: false,
        allow_debt: false,
    };
    execute(ctx, &mut book, &Command::Adjust(points)).ok()?;
    let quote = asked(ctx, &book, amount, Some(PointsAsk::Max))?;
    let spent = quote.order.points_spent_net();
    if spent.is_zero() {
        return None;
    }
    let (price, due) = (speaker.money(amount), speaker.money(quote.order.to_pay_remaining()));
    let (spent, brings) = (speaker.points(spent), brings(&quote));
    let mut line = match speaker.language {
        Language::En => {
            format!("Up to {spent} can be used on a purchase of {price}; {due} are left to pay in money")
        }
        Language::Ru => {
            format!("За покупку на {price} можно потратить не больше {spent}; деньгами останется {due}")
        }
    };
    if brings.0 > 0 {
        let brings = speaker.points(brings);
        line.push_str(&match speaker.language {
            Language::En => format!(", which bring {brings}"),
            Language::Ru => format!(", и за них придёт {brings}"),
        });
    }
    line.push('.');
    Some(line)
}
