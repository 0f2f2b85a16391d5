//! Who a member is, what there is on the account, and when it burns.

use super::{Figure, Found};
use crate::admin::people::{Sight, counted, level_name, order_address, source};
use crate::shown::Shown;
use crate::visit::Office;
use crate::words::Words;
use kopilka_core::attribute::AttributeValue;
use kopilka_core::decide::{achievement_standings, tier_standing};
use kopilka_core::points::Points;
use kopilka_core::referral::is_of_others;
use kopilka_web::wire::member::referral_code;

/// A fact about the person.
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// Points that came together.
pub struct LotLine {
    pub points: String,
    pub held: Option<String>,
    pub source: String,
    pub order: Option<(String, String)>,
    /// From when they can be spent, where that is still to come.
    pub from: Option<String>,
    pub until: String,
}

pub struct Overview {
    pub facts: Vec<Fact>,
    pub lots: Vec<LotLine>,
    /// Sums of the whole life.
    pub life: Vec<Fact>,
    pub masked: bool,
}

/// How far an achievement has come.
pub struct Achievement {
    pub name: String,
    pub progress: String,
    pub goal: String,
    pub reached: String,
}

/// The level, and what is missing to the next.
pub fn level(
    office: &Office,
    found: &Found,
    shown: &Shown,
    words: Words,
) -> (Option<String>, Option<String>) {
    let desk = &office.desk;
    let Some(held) = tier_standing(&desk.program, &found.row.member, desk.now) else { return (None, None) };
    let mut name = level_name(&desk.program, desk.language, &held.tier);
    if let Some(until) = held.until {
        name = format!("{name}, {}", shown.until(until));
    }
    let next = held.next.map(|next| {
        let missing = counted(shown, words, held.counted, next.missing);
        let level = level_name(&desk.program, desk.language, &next.tier);
        words.say_with("member-next-level", &[("level", &level), ("missing", &missing)])
    });
    (Some(name), next)
}

pub fn figures(office: &Office, found: &Found, shown: &Shown, words: Words) -> Vec<Figure> {
    let member = &found.row.member;
    let now = office.desk.now;
    let balance = member.balance_at(now);
    let figure = |key: &str, points: Points, note: String| Figure {
        label: words.say(key),
        value: shown.amount(points),
        note,
        main: false,
    };
    let worth = shown.money(office.desk.program.points.worth(balance.available));
    let mut out = vec![Figure {
        main: true,
        ..figure("member-available", balance.available, words.say_with("member-worth", &[("value", &worth)]))
    }];
    let waiting = member.lots.iter().filter(|lot| lot.is_pending(now) && lot.free > Points::ZERO);
    let dated = waiting.clone().filter(|lot| !lot.awaits_payment).map(|lot| lot.active_at).min();
    let note = match dated {
        Some(from) => words.say_with("member-pending-from", &[("value", &shown.moment(from))]),
        None if waiting.count() > 0 => words.say("member-pending-payment"),
        None => String::new(),
    };
    out.push(figure("member-pending", balance.pending, note));
    out.push(figure("member-held", balance.held, String::new()));
    let burns = member.lots.iter().filter(|lot| !lot.is_dead(now) && !lot.awaits_payment);
    let first = burns.filter(|lot| lot.free > Points::ZERO).filter_map(|lot| lot.expires_at).min();
    if let Some(end) = first {
        out.push(figure("member-burns", member.burning_at(end), shown.until(end)));
    }
    if balance.debt > Points::ZERO {
        out.push(figure("member-debt", balance.debt, words.say("member-debt-note")));
    }
    out
}

impl Overview {
    pub fn of(office: &Office, found: &Found, shown: &Shown, words: Words) -> Overview {
        let sight = Sight::of(&office.desk);
        Overview {
            facts: facts(office, found, shown, words, sight),
            lots: lots(office, found, shown, words),
            life: life(found, shown, words),
            masked: !sight.whole,
        }
    }
}

fn facts(office: &Office, found: &Found, shown: &Shown, words: Words, sight: Sight) -> Vec<Fact> {
    let (member, person) = (&found.row.member, &found.person);
    let mut out = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            out.push(Fact { label: words.say(key), value });
        }
    };
    let joined = |list: &[String], one: &dyn Fn(&str) -> String| {
        list.iter().map(|text| one(text)).collect::<Vec<_>>().join(", ")
    };
    add("member-id", member.id.to_string());
    add("member-phones", joined(&person.phones, &|text| sight.phone(text)));
    add("member-emails", joined(&person.emails, &|text| sight.email(text)));
    add("member-cards", joined(&person.cards, &|text| sight.card(text)));
    add("member-blocked-cards", joined(&person.blocked_cards, &|text| sight.card(text)));
    add("member-ext", person.ext.iter().chain(&person.other_exts).cloned().collect::<Vec<_>>().join(", "));
    let holders = super::holders::lines(member, person, words).into_iter();
    let holders =
        holders.map(|line| format!("№ {} {} ({})", line.no, line.name, line.rights).replace("  ", " "));
    add("member-holders", holders.collect::<Vec<_>>().join("; "));
    let born = person.birth_date.map(|day| match sight.whole {
        true => shown.day(day),
        false => words.say("member-known"),
    });
    add("member-birth-date", born.unwrap_or_default());
    let spoken = person
        .language
        .as_ref()
        .map(|tag| words.say_if_known(&format!("language-{tag}")).unwrap_or_else(|| tag.clone()));
    add("member-language", spoken.unwrap_or_default());
    add("member-region", person.region.clone().unwrap_or_default());
    for (id, value) in &person.attributes.0 {
        let value = match value {
            AttributeValue::YesNo(yes) => words.say(if *yes { "yes" } else { "no" }),
            AttributeValue::Number(number) => words.whole(*number),
            AttributeValue::Text(text) => text.to_string(),
        };
        out.push(Fact { label: id.to_string(), value });
    }
    let mut add = |key: &str, value: String| out.push(Fact { label: words.say(key), value });
    if let Some(at) = member.registered_at {
        add("member-since", shown.day(office.desk.program.zone.day_of(at)));
    }
    let bought = &member.purchases;
    if bought.orders > 0 {
        let last = bought.last.last().map(|at| shown.day(office.desk.program.zone.day_of(*at)));
        let orders = words.say_n("count-orders", i64::from(bought.orders));
        let parts = [Some(orders), Some(shown.money(bought.paid)), last];
        add("member-bought", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    add("member-code", referral_code(member.id));
    out
}

fn lots(office: &Office, found: &Found, shown: &Shown, words: Words) -> Vec<LotLine> {
    let now = office.desk.now;
    let there = |lot: &&kopilka_core::ledger::Lot| {
        lot.held > Points::ZERO || (lot.free > Points::ZERO && !lot.is_dead(now))
    };
    let mut lots: Vec<_> = found.row.member.lots.iter().filter(there).collect();
    lots.sort_by_key(|lot| (lot.awaits_payment, lot.expires_at.is_none(), lot.expires_at, lot.no));
    let line = |lot: &kopilka_core::ledger::Lot| {
        // Whose order brought a reward, and which, is the friend's affair.
        let order = lot.order.as_ref().filter(|key| !is_of_others(key));
        let from = match lot.awaits_payment {
            true => Some(words.say("member-pending-payment")),
            false => lot.is_pending(now).then(|| shown.moment(lot.active_at)),
        };
        let end = lot.expires_at.filter(|_| !lot.awaits_payment);
        LotLine {
            points: shown.amount(lot.free),
            held: (lot.held > Points::ZERO).then(|| shown.amount(lot.held)),
            source: source(words, &lot.source),
            order: order.map(|key| (key.order.to_string(), order_address(key))),
            from,
            until: end.map_or_else(|| words.say("member-never"), |end| shown.until(end)),
        }
    };
    lots.into_iter().map(line).collect()
}

fn life(found: &Found, shown: &Shown, words: Words) -> Vec<Fact> {
    let sums = &found.row.member.lifetime;
    let all = [
        ("life-issued", sums.issued + sums.regranted),
        ("life-spent", sums.spent - sums.come_back),
        ("life-expired", sums.expired),
        ("life-revoked", sums.revoked),
        ("life-received", sums.received),
        ("life-sent", sums.sent),
        ("life-written-off", sums.written_off),
    ];
    let told = all.into_iter().filter(|(_, points)| !points.is_zero());
    told.map(|(key, points)| Fact { label: words.say(key), value: shown.amount(points) }).collect()
}

pub fn achievements(office: &Office, found: &Found, shown: &Shown, words: Words) -> Vec<Achievement> {
    let program = &office.desk.program;
    let name = |id: &str| {
        let known = program.achievements.iter().find(|achievement| achievement.id == *id);
        known.map_or_else(|| id.to_owned(), |known| office.desk.language.of(&known.name).to_owned())
    };
    let line = |standing: kopilka_core::decide::AchievementStanding| Achievement {
        name: name(&standing.achievement),
        progress: counted(shown, words, standing.counted, standing.progress),
        goal: counted(shown, words, standing.counted, standing.goal),
        reached: words.say_n("achievement-reached", i64::from(standing.reached)),
    };
    achievement_standings(program, &found.row.member).into_iter().map(line).collect()
}
