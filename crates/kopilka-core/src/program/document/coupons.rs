//! Coupon campaigns of a document.
//!
//! Invariant: no code leads to two campaigns, and no campaign shares its id with a discount: an order's line
//! names either by its id alone.

use super::conditions::{Asked, COUNT_MAX, condition};
use super::discounts::taken_off;
use super::scalars::*;
use super::settings::line_match;
use super::vocabulary::{Block, Kind};
use super::{CAMPAIGNS_MAX, Fields, Node, Units, impossible};
use crate::coupon::CouponCode;
use crate::program::diagnostics::{Findings, Place};
use crate::program::{
    Campaign, Condition, CouponLimits, Coupons, Discount, Gift, Group, SharedCode, Text, Together,
};
use std::cell::RefCell;
use std::collections::HashMap;

/// More of one gift is a purchase.
pub(super) const GIFT_PIECES_MAX: i64 = 100;
/// Campaigns that act by themselves: every order asks each of them, and locks the counters of each.
const AUTOMATIC_MAX: usize = 20;

/// Codes that have been read, and the lines they stand on.
type Known = RefCell<HashMap<CouponCode, u32>>;

/// The campaigns and the places of their ids.
#[derive(Default)]
pub(super) struct CouponsRead {
    pub coupons: Coupons,
    places: Vec<Place>,
}

pub(super) fn read(document: &Fields<'_>, asked: Asked<'_>, groups: &[Group]) -> CouponsRead {
    let mut read = CouponsRead::default();
    let Some(fields) = document.map("coupons", Block::Coupons) else { return read };
    let findings = document.findings;
    read.coupons.together = match fields.read("together", |f, n| choice(f, n, Block::Together)) {
        Some("best") => Together::Best,
        Some("last") => Together::Last,
        _ => Together::All,
    };
    let Some(node) = fields.required("campaigns") else { return read };
    let kind = Kind::List(&Kind::Map(Block::Campaign));
    let items = findings.items(node, kind, CAMPAIGNS_MAX, Text::of("campaigns", "кампании"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let known = Known::default();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Campaign) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let Some(campaign) = campaign(&fields, asked, groups, &known) else { continue };
        if let Some(line) = seen.insert(campaign.id.to_string(), place.line) {
            let arguments =
                [("id", Text::both(campaign.id.as_str())), ("line", Text::both(line.to_string()))];
            findings.report("duplicate_rule", place, &arguments);
        }
        read.coupons.campaigns.push(campaign);
        read.places.push(place);
    }
    let automatic = read.coupons.automatic().count();
    if automatic > AUTOMATIC_MAX {
        let what = Text::of("campaigns without a code", "кампаний без кода");
        let arguments = [("what", what), ("limit", Text::both(AUTOMATIC_MAX.to_string()))];
        findings.report("too_many", node.place, &arguments);
    }
    read
}

/// An order's line names what lowered it by an id: a discount and a campaign cannot share one.
pub(super) fn refuse_taken_ids(findings: &Findings, read: &CouponsRead, discounts: &[Discount]) {
    for (campaign, place) in read.coupons.campaigns.iter().zip(&read.places) {
        if discounts.iter().any(|d| d.id == campaign.id) {
            let argument = [("id", Text::both(campaign.id.as_str()))];
            findings.report("campaign_named_as_discount", *place, &argument);
        }
    }
}

fn campaign(fields: &Fields<'_>, asked: Asked<'_>, groups: &[Group], known: &Known) -> Option<Campaign> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let name = fields.read("name", localized);
    fields.not_both("code", "codes");
    if !fields.has("code") && !fields.has("codes") {
        fields.missing_one_of(&["code", "codes"]);
    }
    let codes = fields.read("code", |f, n| codes(f, n, known)).unwrap_or_default();
    let automatic = fields.read("codes", |f, n| choice(f, n, Block::Codes)) == Some("none");
    let (from, to) = (fields.read("from", day), fields.read("to", day));
    if let (Some(first), Some(last)) = (from, to)
        && last < first
    {
        let arguments = [("from", Text::both(first.to_string())), ("to", Text::both(last.to_string()))];
        findings.report("window_reversed", fields.place_of("to").unwrap_or(fields.place), &arguments);
    }
    let units = asked.units;
    let only_if = fields.read("if", |f, n| condition(f, n, asked)).unwrap_or(Condition::Always);
    let discount = fields.map("discount", Block::Off).map(|f| taken_off(&f, units, groups, only_if.clone()));
    let gift = fields.map("gift", Block::Gift).map(|f| gift(&f, units));
    let refers = fields.read("refers", truth).unwrap_or(false);
    let limits = limits(fields, units, (automatic, refers));
    if automatic && !fields.has("discount") && !fields.has("gift") {
        fields.missing_one_of(&["discount", "gift"]);
    }
    if refers && let Some(place) = fields.place_of("refers").filter(|_| automatic || fields.has("code")) {
        let both = [("word", Text::both("refers")), ("companion", Text::both("codes: made"))];
        findings.report("word_without_companion", place, &both);
    }
    let back = fields.read("on_return", |f, n| choice(f, n, Block::CouponOnReturn)) == Some("give_back");
    let id = id?;
    let place = fields.optional("if").map_or(fields.place, |n| n.place);
    impossible::refuse_impossible(findings, place, &id, asked.when, &only_if);
    let discount = match discount {
        None => None,
        Some(read) => Some(Discount { id: id.as_str().into(), ..read? }),
    };
    let name = name.unwrap_or_else(|| Text::both(id.clone()));
    let gift = match gift {
        None => None,
        Some(read) => Some(read?),
    };
    Some(Campaign {
        id: id.into(),
        name,
        codes,
        automatic,
        from,
        to,
        only_if,
        discount,
        gift,
        limits,
        refers,
        back_on_return: back,
    })
}

/// Goods that are given.
fn gift(fields: &Fields<'_>, units: &Units) -> Option<Gift> {
    let pieces = |fields: &Fields<'_>, word| {
        let kind = Kind::Whole { from: 1, to: GIFT_PIECES_MAX };
        let read = fields.read(word, |f, n| number(f, n, kind, 0, (1, GIFT_PIECES_MAX)));
        read.and_then(|n| u32::try_from(n).ok())
    };
    let sku = fields.required("sku").and_then(|n| text(fields.findings, n));
    let for_each = fields.map("for_each", Block::Bought).map(|each| {
        let many = each.required("pieces").and_then(|_| pieces(&each, "pieces"));
        let of = each.read("of", |f, n| line_match(f, n, units)).unwrap_or_default();
        Some((of, many?))
    });
    let for_each = match for_each {
        None => None,
        Some(read) => Some(read?),
    };
    Some(Gift { sku: sku?.into(), pieces: pieces(fields, "pieces").unwrap_or(1), for_each })
}

fn codes(findings: &Findings, node: &Node, known: &Known) -> Option<Vec<SharedCode>> {
    one_or_many(findings, node, Text::of("codes", "коды"), |findings, node| {
        let text = scalar(findings, node, Kind::Text)?;
        let argument = ("code", Text::both(super::node::shortened(text)));
        let Some(code) = CouponCode::read(text) else {
            findings.report("bad_coupon_code", node.place, &[argument]);
            return None;
        };
        if let Some(line) = known.borrow_mut().insert(code.clone(), node.place.line) {
            let line = ("line", Text::both(line.to_string()));
            findings.report("duplicate_coupon_code", node.place, &[argument, line]);
        }
        Some(SharedCode { code, written: text.trim().to_owned() })
    })
}

/// A made code is for one order unless the document says otherwise, an invitation for one of each friend.
fn limits(fields: &Fields<'_>, units: &Units, (automatic, refers): (bool, bool)) -> CouponLimits {
    let made = fields.has("codes") && !automatic && !refers;
    let per_member = refers.then_some(1);
    let mut limits = CouponLimits { per_code: made.then_some(1), per_member, ..CouponLimits::default() };
    let Some(fields) = fields.map("limits", Block::CouponLimits) else { return limits };
    let uses = |word| {
        let kind = Kind::Whole { from: 1, to: COUNT_MAX };
        fields.read(word, |f, n| number(f, n, kind, 0, (1, COUNT_MAX)))
    };
    limits.per_code = uses("per_code").or(limits.per_code);
    if automatic && let Some(place) = fields.place_of("per_code") {
        let both = [("first", Text::both("codes: none")), ("second", Text::both("per_code"))];
        fields.findings.report("words_conflict", place, &both);
    }
    limits.per_member = uses("per_member").or(limits.per_member);
    limits.total = uses("total");
    limits.budget = fields.read("budget", |f, n| money(f, n, units, 1));
    limits
}
