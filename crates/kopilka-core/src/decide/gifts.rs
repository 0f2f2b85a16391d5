//! Gift cards that pay for an order: how much of each, when it is taken, what of it comes back.
//!
//! Invariant: cards pay at most what the order's lines cost without the gift cards it sells, and at most what
//! is on them; a return gives back the share of what has been returned so far, all of it at the end.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome};
use crate::ShortText;
use crate::book::Book;
use crate::counters::of_gift_card;
use crate::coupon::{CouponCode, MadeCode};
use crate::gift::{GIFT_CARD, GIFT_CARDS_MAX, GiftAsk, GiftPayment, ending};
use crate::ledger::{Event, evolve};
use crate::money::{MONEY_MAX, Money};
use crate::order::{LineKind, LineState, OrderBody, OrderKey, OrderState};
use crate::program::Program;
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;

/// A new card with money on it.
pub(super) fn issue(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (code, amount, expires_at): (&CouponCode, Money, Option<Instant>),
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    let terms = program.gift_cards.as_ref().ok_or(Refusal::GiftCardsOff)?;
    if !(terms.min..=terms.max).contains(&amount) {
        return Err(Refusal::GiftCardAmount { minimum: terms.min, maximum: terms.max });
    }
    let own = || terms.expires.map(|period| program.zone.end_of(ctx.now, period, program.ends));
    let expires_at = expires_at.or_else(own);
    if expires_at.is_some_and(|end| end <= ctx.now) {
        return Err(Refusal::GiftCardExpired { code: ending(code.as_str()) });
    }
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.push(Event::GiftCardIssued { code: code.clone(), amount, expires_at });
    draft.push(Event::UseCounted { what: of_gift_card(code.as_str()), by: amount.0 });
    let outcome =
        Outcome::GiftCard { code: code.as_str().into(), balance: amount, expires_at, blocked: false };
    Ok(draft.finish(outcome, ctx.now, None))
}

/// What is to change about a card; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GiftCardChange {
    /// Money put on the card, or taken off it with a minus.
    pub by: Money,
    pub blocked: Option<bool>,
    pub expires_at: Option<Instant>,
}

/// An operator's change. The ladder: there is such a card, and it can bear the change.
pub(super) fn change(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    code: &CouponCode,
    change: GiftCardChange,
) -> Result<Decision, Refusal> {
    let program = program_of(ctx, None, ctx.now);
    let made = card_of(book, code).ok_or_else(|| Refusal::GiftCardUnknown { code: ending(code.as_str()) })?;
    let (blocked, expires_at) = (made.blocked, made.expires_at);
    let what = of_gift_card(code.as_str());
    let left = book.counters.value(&what);
    if left + change.by.0 < 0 {
        let (available, wanted) = (Money(left), Money(-change.by.0));
        return Err(Refusal::GiftCardInsufficient { code: ending(code.as_str()), available, wanted });
    }
    let most = program.gift_cards.as_ref().map_or(Money(MONEY_MAX), |terms| terms.max);
    if change.by.0 > 0 && left + change.by.0 > most.0 {
        return Err(Refusal::GiftCardAmount { minimum: Money::ZERO, maximum: most });
    }
    let (blocked, expires_at) = (change.blocked.unwrap_or(blocked), change.expires_at.or(expires_at));
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.push(Event::GiftCardChanged { code: code.clone(), by: change.by, blocked, expires_at });
    if change.by.0 != 0 {
        draft.push(Event::UseCounted { what, by: change.by.0 });
    }
    let balance = Money(left + change.by.0);
    let outcome = Outcome::GiftCard { code: code.as_str().into(), balance, expires_at, blocked };
    Ok(draft.finish(outcome, ctx.now, None))
}

fn card_of<'b>(book: &'b Book, code: &CouponCode) -> Option<&'b MadeCode> {
    book.codes.iter().find(|c| c.code == *code && c.campaign == GIFT_CARD)
}

/// Codes of cards that the body names, spelt one way.
pub(super) fn codes_of(body: &OrderBody) -> impl Iterator<Item = CouponCode> + '_ {
    body.gift_cards.iter().filter_map(|ask| CouponCode::read(&ask.code))
}

/// Counters of the cards that a body names and that its order has.
pub(super) fn counters_of_body(book: &Book, body: &OrderBody) -> Vec<ShortText> {
    let known = book.orders.get(&body.key).into_iter().flat_map(|order| &order.gift_cards);
    let known = known.map(|card| of_gift_card(&card.code));
    codes_of(body).map(|code| of_gift_card(code.as_str())).chain(known).collect()
}

/// Refuses more cards than a command may name.
pub(super) fn check(body: &OrderBody) -> Result<(), Refusal> {
    match body.gift_cards.len() {
        cards if cards > GIFT_CARDS_MAX => Err(Refusal::TooManyGiftCards { cards }),
        _ if body
            .gift_cards
            .iter()
            .any(|ask| ask.amount.is_some_and(|a| !(0..=MONEY_MAX).contains(&a.0))) =>
        {
            Err(Refusal::AmountOutOfRange { line: "gift_cards".to_owned() })
        }
        _ => Ok(()),
    }
}

/// What cards may pay for: a card cannot buy a card.
fn payable(lines: &[LineState]) -> Money {
    lines.iter().filter(|l| l.kind != LineKind::GiftCard).map(|l| l.left_of(l.due)).sum()
}

/// How much each card pays, in the order they are named. `before` are cards that the order has taken
/// already: they are known, and what they pay is theirs to give again.
pub(super) fn plan(
    program: &Program,
    book: &Book,
    (asks, before): (&[GiftAsk], &[GiftPayment]),
    lines: &[LineState],
    at: Instant,
) -> Result<Vec<GiftPayment>, Refusal> {
    if !asks.is_empty() && before.is_empty() && program.gift_cards.is_none() {
        return Err(Refusal::GiftCardsOff);
    }
    let mut left = payable(lines);
    let mut planned: Vec<GiftPayment> = Vec::with_capacity(asks.len());
    for ask in asks {
        let shown = || ending(&ask.code);
        let code = CouponCode::read(&ask.code).ok_or_else(|| Refusal::GiftCardUnknown { code: shown() })?;
        if planned.iter().any(|card| card.code == code.as_str()) {
            return Err(Refusal::GiftCardRepeated { code: shown() });
        }
        let held = before.iter().find(|card| card.code == code.as_str() && card.taken);
        if held.is_none() {
            let made = card_of(book, &code).ok_or_else(|| Refusal::GiftCardUnknown { code: shown() })?;
            if made.blocked {
                return Err(Refusal::GiftCardBlocked { code: shown() });
            }
            if made.expires_at.is_some_and(|end| end <= at) {
                return Err(Refusal::GiftCardExpired { code: shown() });
            }
        }
        let free = Money(book.counters.value(&of_gift_card(code.as_str())));
        let available = free + held.map_or(Money::ZERO, GiftPayment::net);
        let wanted = ask.amount.unwrap_or(available).min(left);
        if wanted > available {
            return Err(Refusal::GiftCardInsufficient { code: shown(), available, wanted });
        }
        left -= wanted;
        planned.push(GiftPayment {
            code: code.as_str().into(),
            asked: ask.amount,
            amount: wanted,
            came_back: Money::ZERO,
            taken: false,
        });
    }
    Ok(planned)
}

/// Takes what was planned off the cards. After the ladder of its caller it succeeds.
pub(super) fn take(draft: &mut Draft<'_>, key: &OrderKey, planned: Vec<GiftPayment>) {
    if planned.is_empty() {
        return;
    }
    let cards: Vec<_> = planned.into_iter().map(|card| GiftPayment { taken: true, ..card }).collect();
    set(draft, key, cards);
}

/// Sets the order's cards; counters change by the difference.
fn set(draft: &mut Draft<'_>, key: &OrderKey, cards: Vec<GiftPayment>) {
    let before = draft.order(key).gift_cards.clone();
    let net = |list: &[GiftPayment], code: &str| {
        list.iter().filter(|card| card.code == code).map(GiftPayment::net).sum::<Money>()
    };
    let mut codes: Vec<&ShortText> = before.iter().chain(&cards).map(|card| &card.code).collect();
    codes.sort();
    codes.dedup();
    for code in codes {
        let by = net(&before, code) - net(&cards, code);
        if by.0 != 0 {
            draft.push(Event::UseCounted { what: of_gift_card(code), by: by.0 });
        }
    }
    for card in cards.iter().filter(|card| card.net() != net(&before, &card.code)) {
        draft.note(Step::GiftCardPays { card: ending(&card.code).into(), amount: card.net() });
    }
    draft.push(Event::GiftCardsSet { order: key.clone(), cards });
}

/// Fits the cards to a changed order: to those the body names, or to what the order had.
pub(super) fn refit(
    draft: &mut Draft<'_>,
    key: &OrderKey,
    asks: &[GiftAsk],
    at: Instant,
) -> Result<(), Refusal> {
    let order = draft.order(key);
    if asks.is_empty() && !order.gift_cards.iter().any(|card| card.taken) {
        return Ok(());
    }
    let before = order.gift_cards.clone();
    let known: Vec<GiftAsk> = before.iter().filter(|card| card.taken).map(GiftPayment::asks).collect();
    let asks = if asks.is_empty() { &known } else { asks };
    let planned = plan(draft.program, draft.book, (asks, &before), &order.lines, at)?;
    let cards: Vec<_> = planned.into_iter().map(|card| GiftPayment { taken: true, ..card }).collect();
    if cards != before {
        set(draft, key, cards);
    }
    Ok(())
}

/// An unpaid order ends or lapses: all goes back to the cards.
pub(super) fn free(draft: &mut Draft<'_>, key: &OrderKey) {
    let order = draft.order(key);
    if order.gift_cards.iter().any(|card| card.taken) {
        let cards = order.gift_cards.iter().map(|card| GiftPayment { taken: false, ..card.clone() });
        let cards = cards.collect();
        set(draft, key, cards);
    }
}

/// What of the cards must have come back by now: their share of the money returned so far, all of it once
/// nothing paid remains.
fn due_back(order: &OrderState) -> Money {
    let all: Money = order.gift_cards.iter().filter(|card| card.taken).map(|card| card.amount).sum();
    let paid: Money = order.lines.iter().map(|l| l.counted).sum();
    // Refunds may be less than what the pieces cost, where a discount is withheld.
    let refunded = order.refunded;
    if refunded >= paid {
        return all;
    }
    Money((i128::from(all.0) * i128::from(refunded.0) / i128::from(paid.0)) as i64)
}

/// After pieces were returned: gives the cards their share, the last card first. Answers how much.
pub(super) fn give_back_due(draft: &mut Draft<'_>, key: &OrderKey) -> Money {
    let order = draft.order(key);
    if order.gift_cards.is_empty() {
        return Money::ZERO;
    }
    let mut left = due_back(order);
    let mut back: Vec<(ShortText, Money)> = Vec::new();
    for card in order.gift_cards.iter().rev().filter(|card| card.taken) {
        let by_now = left.min(card.amount);
        left -= by_now;
        if by_now > card.came_back {
            back.push((card.code.clone(), by_now - card.came_back));
        }
    }
    let all = back.iter().map(|(_, amount)| *amount).sum();
    if back.is_empty() {
        return all;
    }
    for (code, amount) in &back {
        draft.note(Step::GiftCardBack { card: ending(code).into(), amount: *amount });
        draft.push(Event::UseCounted { what: of_gift_card(code), by: amount.0 });
    }
    draft.push(Event::GiftCardsBack { order: key.clone(), back });
    all
}

/// For a quote of an order that stands: what its cards pay is theirs again.
pub(crate) fn uncount(book: &mut Book, order: &OrderState) {
    for card in order.gift_cards.iter().filter(|card| card.taken) {
        let event = Event::UseCounted { what: of_gift_card(&card.code), by: card.net().0 };
        evolve(book, event);
    }
}
