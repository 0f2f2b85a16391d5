//! Gift cards and rewards across members: what journals add up to, against counters, rows and answers.
//!
//! Invariant: what is left on a card and what orders have of it are what was put on it; as many claims stand
//! as are counted, and never more than the stock.

use super::Kept;
use crate::simulate::documents::{OWN, REWARDS, Reward, THANKS};
use crate::simulate::model::{CardRow, ClaimSeen, Purse, Told, demand};
use kopilka_core::attribute::AttributeValue;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Outcome, ReturnOutcome};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::time::Instant;
use kopilka_service::rows::{EntryRow, Person};
use kopilka_service::{Change, Done, Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What the store keeps of cards and rewards beside the members' rows.
#[derive(Debug, Default)]
pub struct ShelfKept {
    counters: BTreeMap<String, i64>,
    /// The row of each card's code.
    codes: BTreeMap<String, Option<(Option<Instant>, bool)>>,
    /// How many cards have money, and how much.
    left: (i64, i64),
}

pub fn read(r: &Reader, program: ProgramId, all: &[Kept]) -> Result<ShelfKept, StoreError> {
    let mut kept = ShelfKept { left: r.gift_cards_left(program)?, ..ShelfKept::default() };
    let whats = REWARDS.iter().map(|reward| format!("reward:{}", reward.id));
    for what in whats {
        kept.counters.insert(what.clone(), r.counter(program, &what)?);
    }
    for event in all.iter().flat_map(|kept| &kept.entries).flat_map(|entry| &entry.events) {
        if let Event::GiftCardIssued { code, .. } = event {
            let what = format!("gift:{}", code.as_str());
            kept.counters.insert(what.clone(), r.counter(program, &what)?);
            let row = r.coupon(program, code)?.filter(|row| row.campaign == "gift:card");
            kept.codes.insert(code.as_str().to_owned(), row.map(|row| (row.expires_at, row.blocked)));
        }
    }
    Ok(kept)
}

/// Whatever order entries of different members were written in.
pub fn prove(purses: &[Purse], shelf: &ShelfKept, scale: i64) -> Told {
    cards(purses, shelf)?;
    REWARDS.iter().try_for_each(|reward| stock(purses, shelf, reward, scale))?;
    codes(purses)
}

fn cards(purses: &[Purse], shelf: &ShelfKept) -> Told {
    let mut cards: BTreeMap<&str, &CardRow> = BTreeMap::new();
    let (mut took, mut counted): (BTreeMap<String, i64>, BTreeMap<&str, i64>) = Default::default();
    for purse in purses {
        for (code, card) in &purse.shelf.cards {
            demand(cards.insert(code, card).is_none(), || format!("card {code} was issued twice"))?;
        }
        for (code, by) in &purse.shelf.counted {
            *counted.entry(code).or_default() += by;
        }
        for (code, net) in purse.orders.values().flat_map(|order| order.cards.nets()) {
            *took.entry(code).or_default() += net;
        }
    }
    let unknown = took.keys().find(|code| !cards.contains_key(code.as_str()));
    demand(unknown.is_none(), || format!("orders have money of {unknown:?}, which nobody issued"))?;
    let mut left = (0, 0);
    for (code, card) in cards {
        let took = took.get(code).copied().unwrap_or_default();
        let on_card = card.face - took;
        demand(on_card >= 0, || format!("orders have {took} of card {code}, {} were on it", card.face))?;
        let by_events = counted.get(code).copied().unwrap_or_default();
        let row = shelf.counters.get(&format!("gift:{code}")).copied();
        demand(by_events == on_card && row == Some(on_card), || {
            format!("{on_card} must be left on {code}, events say {by_events}, the store says {row:?}")
        })?;
        let kept = shelf.codes.get(code).copied().flatten();
        demand(kept == Some((card.expires_at, card.blocked)), || {
            format!("the row of card {code} is {kept:?}, by the journal it is {card:?}")
        })?;
        left = (left.0 + i64::from(on_card > 0), left.1 + on_card);
    }
    demand(shelf.left == left, || format!("all cards have {left:?}, the store says {:?}", shelf.left))
}

fn stock(purses: &[Purse], shelf: &ShelfKept, reward: &Reward, scale: i64) -> Told {
    let what = format!("reward:{}", reward.id);
    let (mut all, mut counted) = (0, 0);
    for purse in purses {
        let of_reward = || purse.shelf.claims.values().filter(|claim| claim.reward == reward.id);
        let standing = of_reward().filter(|claim| claim.stands()).count() as i64;
        let own = purse.shelf.own_uses.get(&what).copied().unwrap_or_default();
        let each = reward.per_member.unwrap_or(i64::MAX);
        demand(standing == own && standing <= each, || {
            format!("{} has {standing} of {what}, at most {each}, counted are {own}", purse.member)
        })?;
        let wrong = of_reward().find(|claim| claim.points != reward.cost * scale);
        demand(wrong.is_none(), || format!("{what} costs {} points, not as in {wrong:?}", reward.cost))?;
        let coupon = of_reward().find(|claim| claim.code.is_some() != reward.coupon);
        demand(coupon.is_none(), || format!("{what} gave {coupon:?}"))?;
        all += standing;
        counted += purse.shelf.uses.get(&what).copied().unwrap_or_default();
    }
    let row = shelf.counters.get(&what).copied();
    demand(all <= reward.stock.unwrap_or(i64::MAX), || format!("{all} claims of {what} stand"))?;
    demand(counted == all && row == Some(all), || {
        format!("{all} claims of {what} stand, events say {counted}, the store says {row:?}")
    })
}

/// A code that a reward or a rule gave is one member's, and good for one order at a time.
fn codes(purses: &[Purse]) -> Told {
    let mut owners: BTreeMap<&str, MemberId> = BTreeMap::new();
    for purse in purses {
        let claimed = purse.shelf.claims.values().filter_map(|claim| claim.code.as_deref());
        for code in claimed.chain(purse.shelf.codes.keys().map(String::as_str)) {
            let before = owners.insert(code, purse.member);
            demand(before.is_none(), || format!("code {code} was given twice"))?;
        }
    }
    let mut uses: BTreeMap<&str, i64> = BTreeMap::new();
    for (what, by) in purses.iter().flat_map(|purse| &purse.shelf.uses) {
        if let Some(code) = what.strip_prefix("code:") {
            *uses.entry(code).or_default() += by;
            demand(owners.contains_key(code), || format!("code {code} was never given"))?;
        }
    }
    let more = uses.iter().find(|(_, uses)| !(0..=1).contains(*uses));
    demand(more.is_none(), || format!("a code of one use was used: {more:?}"))
}

/// The row of a member against its journal.
pub fn row(kept: &Kept, purse: &Purse) -> Told {
    let waiting = purse.shelf.claims.iter().filter(|(_, claim)| claim.waits());
    let waiting: Vec<(u32, i64)> = waiting.map(|(no, claim)| (*no, claim.points)).collect();
    let member = &kept.row.member;
    let of_row = member.claims.iter().map(|c| (c.no, c.pieces.iter().map(|p| p.points.0).sum()));
    let of_row: Vec<(u32, i64)> = of_row.collect();
    demand(of_row == waiting, || format!("the row has claims {of_row:?}, the journal {waiting:?}"))?;
    let newest = purse.shelf.claims.len() as u32;
    demand(member.last_claim == newest, || format!("claim {} is the newest", member.last_claim))?;
    let reserved: BTreeSet<_> = member.reserved.iter().map(|(order, until)| (order, *until)).collect();
    let open = purse.orders.iter().filter_map(|(key, order)| Some((key, order.reserved_until?)));
    let open: BTreeSet<_> = open.collect();
    demand(reserved == open, || format!("the row reserves for {reserved:?}, the journal for {open:?}"))?;
    for order in &kept.orders {
        let of_row = order.gift_cards.iter().map(|c| (c.code.as_str(), c.amount.0, c.came_back.0, c.taken));
        let seen = purse.orders.get(&order.key).map(|seen| seen.cards.0.as_slice()).unwrap_or_default();
        let seen = seen.iter().map(|c| (c.code.as_str(), c.amount, c.back, c.taken));
        demand(of_row.eq(seen), || format!("order {} has other cards than the journal", order.key))?;
        let strange = |c: &&kopilka_core::order::OrderCoupon| {
            let given = |claim: &ClaimSeen| claim.code.as_deref() == Some(&c.code);
            c.taken && c.campaign.as_deref() == Some(THANKS) && !purse.shelf.claims.values().any(given)
        };
        let of_another = |c: &&kopilka_core::order::OrderCoupon| {
            let given = purse.shelf.codes.contains_key(c.code.as_str());
            c.taken && c.campaign.as_deref() == Some(OWN) && !given
        };
        let coupons = || order.coupons.iter();
        let strange = coupons().find(strange).or_else(|| coupons().find(of_another));
        demand(strange.is_none(), || format!("order {} has somebody else's {strange:?}", order.key))?;
    }
    let tags: BTreeSet<String> = member.tags.iter().map(ToString::to_string).collect();
    demand(tags == purse.shelf.tags, || format!("the row is marked {tags:?}, not {:?}", purse.shelf.tags))?;
    let left =
        kept.orders.iter().find(|order| order.is_paid() && order.is_emptied() && !order.gave.is_empty());
    demand(left.is_none(), || format!("what an emptied order gave is left: {left:?}"))
}

/// Some rewards are for members of one group; `told` is what was known of the person at the time.
pub fn may_claim(reward: &str, told: Option<&Person>) -> Told {
    let vip = REWARDS.iter().any(|known| known.id == reward && known.vip);
    let group = told.and_then(|person| person.attributes.0.get("group"));
    let is_vip = matches!(group, Some(AttributeValue::Text(group)) if group == "vip");
    demand(!vip || is_vip, || format!("{reward} was given to somebody of the group {group:?}"))
}

/// What a return was answered: the buyer's part and the cards' make up what was paid.
pub fn answered(entry: &EntryRow, done: &Done) -> Told {
    let (Outcome::Returned(back) | Outcome::Exchanged { back, .. }) = &done.outcome else { return Ok(()) };
    if back.unchanged || done.entry != Some(entry.id) {
        return Ok(());
    }
    let ReturnOutcome { order, refund, to_gift_cards, .. } = back;
    let (mut paid, mut to_cards) = (0, 0);
    for event in &entry.events {
        match event {
            Event::PiecesReturned { order: of, refund, .. } if of == order => paid += refund.0,
            Event::GiftCardsBack { order: of, back } if of == order => {
                to_cards += back.iter().map(|(_, amount)| amount.0).sum::<i64>();
            }
            _ => {}
        }
    }
    let same = to_gift_cards.0 == to_cards && refund.0 == paid - to_cards && refund.0 >= 0;
    demand(same, || format!("{back:?}: of {paid} went {to_cards} to cards"))
}

/// What a card is worth at a moment, in the order of entries.
#[derive(Debug, Default)]
struct Moment {
    left: i64,
    expires_at: Option<Instant>,
    blocked: bool,
}

/// With one writer entries are in the order of time: at no moment was more taken than there was.
pub fn in_time(all: &[Kept], answers: &BTreeMap<EntryId, &Done>) -> Told {
    let mut entries: Vec<&EntryRow> = all.iter().flat_map(|kept| &kept.entries).collect();
    entries.sort_by_key(|entry| entry.id);
    let mut cards: BTreeMap<String, Moment> = BTreeMap::new();
    let mut claims: BTreeMap<String, i64> = BTreeMap::new();
    let mut of_orders = BTreeMap::new();
    for entry in entries {
        for event in &entry.events {
            match event {
                Event::GiftCardIssued { code, expires_at, .. } => {
                    let card = Moment { expires_at: *expires_at, ..Moment::default() };
                    cards.insert(code.as_str().to_owned(), card);
                }
                Event::GiftCardChanged { code, blocked, expires_at, .. } => {
                    let card = cards.entry(code.as_str().to_owned()).or_default();
                    (card.blocked, card.expires_at) = (*blocked, *expires_at);
                }
                Event::UseCounted { what, by } => {
                    if let Some(code) = what.strip_prefix("gift:") {
                        cards.entry(code.to_owned()).or_default().left += by;
                    } else if let Some(reward) = what.strip_prefix("reward:") {
                        *claims.entry(reward.to_owned()).or_default() += by;
                    }
                }
                Event::GiftCardsSet { order, cards: set } => {
                    let taken = set.iter().filter(|c| c.taken).map(|c| c.code.to_string());
                    let taken: BTreeSet<String> = taken.collect();
                    let before = of_orders.insert(order.clone(), taken.clone()).unwrap_or_default();
                    taken.difference(&before).try_for_each(|code| may_pay(cards.get(code), code, entry))?;
                }
                _ => {}
            }
        }
        let below = cards.iter().find(|(_, card)| card.left < 0);
        demand(below.is_none(), || format!("after entry {} {below:?} is left", entry.id))?;
        let most = |id: &str| REWARDS.iter().find(|r| r.id == id).and_then(|r| r.stock).unwrap_or(i64::MAX);
        let beyond = claims.iter().find(|(id, claims)| !(0..=most(id)).contains(*claims));
        demand(beyond.is_none(), || format!("after entry {} {beyond:?} claims stand", entry.id))?;
        if let Some(done) = answers.get(&entry.id) {
            told_of_card(done, &cards)?;
        }
    }
    Ok(())
}

/// A card that an order takes anew.
fn may_pay(card: Option<&Moment>, code: &str, entry: &EntryRow) -> Told {
    let card = card.ok_or_else(|| format!("card {code} paid before it was issued"))?;
    let over = card.expires_at.is_some_and(|end| end <= entry.effective_at);
    demand(!card.blocked && !over, || format!("entry {} takes of card {code}, which is {card:?}", entry.id))
}

/// The answer to an issue or a change says what is left.
fn told_of_card(done: &Done, cards: &BTreeMap<String, Moment>) -> Told {
    let Outcome::GiftCard { code, balance, expires_at, blocked } = &done.outcome else { return Ok(()) };
    let told = (balance.0, *expires_at, *blocked);
    let card = cards.get(code.as_str()).map(|card| (card.left, card.expires_at, card.blocked));
    demand(card == Some(told), || format!("card {code} was told as {told:?}, it is {card:?}"))
}

/// What was ever put on each card, by what was sent and answered alone.
pub fn faces<'s>(answered: impl Iterator<Item = (&'s Change, &'s Done)>) -> BTreeMap<CouponCode, i64> {
    let mut faces: BTreeMap<CouponCode, i64> = BTreeMap::new();
    for (change, _) in answered {
        match change {
            Change::IssueGiftCard { code, amount, .. } => {
                *faces.entry(code.clone()).or_default() += amount.0;
            }
            Change::ChangeGiftCard { code, change } => {
                *faces.entry(code.clone()).or_default() += change.by.0;
            }
            _ => {}
        }
    }
    faces
}
