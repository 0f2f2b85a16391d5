//! Rules and their groups: *when – if – then – limits*.
//!
//! Invariant: a rule is taken only when its trigger has the data that its conditions, effects and limits
//! ask for; at run time nothing is silently false.

use super::conditions::Asked;
use super::node::Data;
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{
    EFFECTS_MAX, Fields, Node, RULES_MAX, Units, attributes, conditions, coupons, discounts, effects, grants,
    impossible, limits, moments, network, offers, rewards, segments, settings, tiers,
};
use crate::ShortText;
use crate::attribute::Attribute;
use crate::program::diagnostics::{Findings, Place};
use crate::program::{
    Achievement, Condition, ControlGroup, Coupons, CustomEvent, Discount, Group, GroupMode, Offer, Reward,
    Rule, Segment, Text, Tiers, Trigger, Way,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The rules that could be read, and where each effect of each stands, for the checks over the whole.
pub(super) struct RulesRead {
    pub rules: Vec<Rule>,
    pub discounts: Vec<Discount>,
    pub coupons: Coupons,
    pub tiers: Option<Tiers>,
    pub achievements: Vec<Achievement>,
    pub attributes: Vec<Attribute>,
    pub events: Vec<CustomEvent>,
    pub rewards: Vec<Reward>,
    pub offers: Vec<Offer>,
    pub tags: Vec<ShortText>,
    pub segments: Vec<Arc<Segment>>,
    pub control_group: Option<ControlGroup>,
    pub groups: Vec<Group>,
    /// For each rule its id's place and the places of its effects.
    pub places: Vec<RulePlaces>,
}

pub(super) struct RulePlaces {
    pub rule: Place,
    pub effects: Vec<Place>,
}

pub(super) fn read(document: &Fields<'_>, units: &Units) -> RulesRead {
    let findings = document.findings;
    let (groups, group_places) = groups(document);
    let (attributes, events) = (attributes::read(document), attributes::events(document));
    let (standing, names) = (tiers::read(document, units, &events), offers::names(document));
    let tags = grants::tags(document);
    let control_group = segments::control_group(document);
    let asked = Asked {
        units,
        when: Some(Trigger::OrderPaid),
        campaigns: &[],
        levels: standing.levels(),
        achievements: &standing.achievements,
        attributes: &attributes,
        events: &events,
        has_profile: document.has("profile"),
        offers: &names,
        tags: &tags,
        segments: &[],
        has_control_group: control_group.is_some(),
    };
    let segments = segments::read(document, asked);
    let asked = Asked { segments: &segments, ..asked };
    let offers = offers::read(document, asked);
    let of_coupons = coupons::read(document, asked, &groups);
    let asked = Asked { campaigns: &of_coupons.coupons.campaigns, ..asked };
    let mut discounts = discounts::read(document, asked, &groups);
    tiers::add_discounts(findings, &standing, &mut discounts);
    coupons::refuse_taken_ids(findings, &of_coupons, &discounts);
    let mut seen: HashMap<String, u32> = HashMap::new();
    let by_coupon = asked.campaigns.iter().filter_map(|c| c.discount.as_ref());
    let mut used: HashSet<usize> = discounts.iter().chain(by_coupon).filter_map(|d| d.group).collect();
    let (mut rules, mut places) = (Vec::new(), Vec::new());
    for item in items(document) {
        let Some(fields) = findings.fields(item, Block::Rule) else { continue };
        let id_place = fields.optional("id").map_or(item.place, |n| n.place);
        let rule = rule(&fields, asked, &groups);
        used.extend(rule.as_ref().and_then(|(r, _)| r.group));
        let Some((rule, effects)) = rule else { continue };
        if let Some(line) = seen.insert(rule.id.to_string(), id_place.line) {
            let arguments = [("id", Text::both(rule.id.clone())), ("line", Text::both(line.to_string()))];
            findings.report("duplicate_rule", id_place, &arguments);
        }
        places.push(RulePlaces { rule: id_place, effects });
        rules.push(rule);
    }
    tiers::judge_rates(findings, &standing, &rules, &named(document));
    judge_groups(findings, (&groups, &group_places), &used);
    let rewards = rewards::read(document, asked);
    let (tiers, achievements) = (standing.tiers, standing.achievements);
    let coupons = of_coupons.coupons;
    RulesRead {
        rules,
        discounts,
        coupons,
        tiers,
        achievements,
        attributes,
        events,
        rewards,
        offers,
        tags,
        segments,
        control_group,
        groups,
        places,
    }
}

/// Ids as they are written, also of rules that could not be read.
fn named(document: &Fields<'_>) -> Vec<String> {
    let id = |item: &Node| {
        let Data::Map(fields) = &item.data else { return None };
        let id = fields.iter().find(|field| field.word == "id")?;
        let Data::Scalar { text, .. } = &id.value.data else { return None };
        Some(text.clone())
    };
    match document.optional("rules").map(|node| &node.data) {
        Some(Data::List(items)) => items.iter().filter_map(id).collect(),
        _ => Vec::new(),
    }
}

/// A group that nothing names is a slip of the pen, unless what would name it could not be read.
fn judge_groups(findings: &Findings, (groups, places): (&[Group], &[Place]), used: &HashSet<usize>) {
    if findings.has_error() {
        return;
    }
    for i in (0..groups.len()).filter(|i| !used.contains(i)) {
        let group = Text::both(groups[i].id.clone());
        findings.report("unused_group", places[i], &[("group", group)]);
    }
}

fn items<'a>(document: &Fields<'a>) -> &'a [Node] {
    let kind = Kind::List(&Kind::Map(Block::Rule));
    let rules = |node| document.findings.items(node, kind, RULES_MAX, Text::of("rules", "правила"));
    document.optional("rules").map_or(&[][..], rules)
}

fn groups(document: &Fields<'_>) -> (Vec<Group>, Vec<Place>) {
    let (mut groups, mut places) = (Vec::new(), Vec::new());
    let Some(node) = document.optional("groups") else { return (groups, places) };
    let Data::Map(fields) = &node.data else {
        document.findings.wrong_kind(node, Kind::Groups);
        return (groups, places);
    };
    for field in fields {
        if !is_id(&field.word) {
            bad_id(document.findings, &field.word, field.place);
        }
        let mode = match choice(document.findings, &field.value, Block::GroupMode) {
            Some("first") => GroupMode::First,
            Some("sum") => GroupMode::Sum,
            Some("exclusive") => GroupMode::Exclusive,
            _ => GroupMode::Best,
        };
        groups.push(Group { id: field.word.clone(), mode });
        places.push(field.place);
    }
    (groups, places)
}

fn rule(fields: &Fields<'_>, asked: Asked<'_>, groups: &[Group]) -> Option<(Rule, Vec<Place>)> {
    let findings = fields.findings;
    let id = fields.required("id").and_then(|n| id(findings, n));
    let when = fields.required("when").and_then(|n| trigger(findings, n, asked));
    let (when, to) = when.map_or((None, None), |(when, to)| (Some(when), to));
    let asked = Asked { when, ..asked };
    let group = fields.read("group", |f, n| group(f, n, groups));
    let base = fields.read("base", settings::base);
    let only_if = fields.read("if", |f, n| conditions::condition(f, n, asked));
    let only_if = match (to, only_if) {
        (Some(to), Some(only_if)) => Condition::All(vec![to, only_if]),
        (to, only_if) => to.or(only_if).unwrap_or(Condition::Always),
    };
    let (then, places) =
        fields.required("then").map_or_else(Default::default, |n| then(findings, n, asked, &only_if));
    let limits = limits::read(fields, asked, &then);
    limits::multiplies_alone(fields, &then);
    grants::has_no_group(fields, &then);
    if let Some(when) = when.filter(|w| !w.is_of_order()) {
        for word in ["base", "group"] {
            // A group picks among what one order brings; a birthday brings each rule's points by itself.
            if let Some(place) = fields.place_of(word) {
                effects::without_data(findings, place, word, when);
            }
        }
    }
    if let (Some(Trigger::OrderPlaced), Some(place)) = (when, fields.place_of("group")) {
        effects::not_when_placed(findings, place, "group");
    }
    network::refuse_others(findings, when, fields.place_of("group").map(|place| ("group", place)));
    let id = id?;
    impossible::refuse_impossible(
        findings,
        fields.optional("if").map_or(fields.place, |n| n.place),
        &id,
        when,
        &only_if,
    );
    Some((Rule { id: id.into(), when: when?, only_if, then, limits, group, base }, places))
}

/// The trigger, and the levels it speaks of where it names some: that is a condition like any other.
fn trigger(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<(Trigger, Option<Condition>)> {
    let (trigger, to, place) = match node.data {
        Data::Map(_) => {
            let fields = findings.fields(node, Block::WhenMap)?;
            let field = fields.only_word()?;
            let (trigger, to) = match field.word.as_str() {
                "tier.changed" => tier_changed(findings, &field.value, asked)?,
                "event" => (event(findings, &field.value, asked.events)?, None),
                "coupon.used" => {
                    (Trigger::OrderPaid, Some(conditions::coupon_used(findings, &field.value, asked)?))
                }
                "member.subscribed" => (segments::subscribed(findings, &field.value)?, None),
                "member.inactive" => (moments::inactive(findings, field)?, None),
                "schedule" => (moments::schedule(findings, field)?, None),
                _ => (birthday(findings, &field.value)?, None),
            };
            (trigger, to, field.place)
        }
        _ => (named_trigger(findings, node)?, None, node.place),
    };
    let missing = match trigger {
        Trigger::TierChanged { .. } if asked.levels.is_empty() => Some("tiers"),
        Trigger::ProfileCompleted if !asked.has_profile => Some("profile"),
        Trigger::AchievementReached if asked.achievements.is_empty() => Some("achievements"),
        _ => None,
    };
    if let Some(word) = missing {
        let arguments = [("trigger", conditions::trigger_name(trigger)), ("word", Text::both(word))];
        findings.report("trigger_never_happens", place, &arguments);
    }
    Some((trigger, to))
}

fn named_trigger(findings: &Findings, node: &Node) -> Option<Trigger> {
    Some(match choice(findings, node, Block::When)? {
        "member.registered" => Trigger::MemberRegistered,
        "member.birthday" => Trigger::MemberBirthday { days: 0 },
        "member.profile_completed" => Trigger::ProfileCompleted,
        "member.subscribed" => Trigger::MemberSubscribed { channel: None },
        "tier.changed" => Trigger::TierChanged { way: Way::Both },
        "achievement.reached" => Trigger::AchievementReached,
        "order.completed" => Trigger::OrderCompleted,
        "order.placed" => Trigger::OrderPlaced,
        "referral.ordered" => Trigger::ReferralOrdered,
        "referral.registered" => Trigger::ReferralRegistered,
        _ => Trigger::OrderPaid,
    })
}

fn birthday(findings: &Findings, node: &Node) -> Option<Trigger> {
    let birthday = findings.fields(node, Block::BirthdayWhen)?;
    let most = conditions::BIRTHDAY_DAYS_MAX;
    let days = birthday.required("days")?;
    let days = number(findings, days, Kind::Whole { from: -most, to: most }, 0, (-most, most))?;
    Some(Trigger::MemberBirthday { days: i32::try_from(days).unwrap_or(0) })
}

fn event(findings: &Findings, node: &Node, events: &[CustomEvent]) -> Option<Trigger> {
    let name = id(findings, node)?;
    findings.knows(&name, node.place, events.iter().map(|e| e.id.as_str()), ("unknown_event", "event"));
    let number = events.iter().position(|e| e.id == name)?;
    u16::try_from(number).ok().map(Trigger::Event)
}

fn tier_changed(findings: &Findings, node: &Node, asked: Asked<'_>) -> Option<(Trigger, Option<Condition>)> {
    let fields = findings.fields(node, Block::TierWhen)?;
    let way = match fields.read("way", |f, n| choice(f, n, Block::TierWay)) {
        Some("up") => Way::Up,
        Some("down") => Way::Down,
        _ => Way::Both,
    };
    let to = fields.read("to", |f, n| conditions::levels(f, n, asked));
    Some((Trigger::TierChanged { way }, to))
}

pub(super) fn group(findings: &Findings, node: &Node, groups: &[Group]) -> Option<usize> {
    let name = id(findings, node)?;
    findings.knows(&name, node.place, groups.iter().map(|g| g.id.as_str()), ("unknown_group", "group"));
    groups.iter().position(|g| g.id == name)
}

fn then(
    findings: &Findings,
    node: &Node,
    asked: Asked<'_>,
    only_if: &Condition,
) -> (Vec<crate::program::Effect>, Vec<Place>) {
    let kind = Kind::List(&Kind::Map(Block::Effect));
    let items = findings.items(node, kind, EFFECTS_MAX, Text::of("effects", "действия"));
    if items.is_empty() && matches!(node.data, Data::List(_)) {
        findings.report("empty_list", node.place, &[]);
    }
    let read = |item| effects::effect(findings, item, asked, only_if);
    items.iter().filter_map(|item| Some((read(item)?, item.place))).unzip()
}
