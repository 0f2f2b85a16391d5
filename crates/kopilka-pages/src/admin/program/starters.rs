//! Rules that a new card begins with.

use kopilka_core::program::source::{Part, Source};
use kopilka_core::time::Day;

/// A beginning: its key in the words, the list it goes to, its text.
pub struct Starter {
    pub key: &'static str,
    pub list: &'static str,
    text: &'static str,
}

/// In the order of how often shops begin with them. `{day}` and `{later}` are today and in a month.
pub const STARTERS: &[Starter] = &[
    starter("cashback", "rules", "id: cashback\nwhen: order.paid\nthen: [{ credit: { percent: 5 } }]"),
    starter(
        "welcome",
        "rules",
        "id: welcome\nwhen: member.registered\nthen: [{ credit: { points: 500, active_after: 0 days } }]",
    ),
    starter(
        "birthday",
        "rules",
        "id: birthday\nwhen: member.birthday\nthen: [{ credit: { points: 1000, expires: 7 days, active_after: 0 days } }]",
    ),
    starter(
        "category",
        "rules",
        "id: more-for-category\nwhen: order.paid\nthen: [{ multiply: { by: 2, of: { category: [shoes] } } }]",
    ),
    starter(
        "table",
        "rules",
        "id: by-amount\nwhen: order.paid\nthen: [{ credit: { by_table: [{ from: 0, percent: 3 }, { from: 5000, percent: 5 }, { from: 10000, percent: 7 }] } }]",
    ),
    starter(
        "weekday",
        "rules",
        "id: quiet-days\nwhen: order.paid\nif: { weekday: [tue, wed] }\nthen: [{ multiply: { by: 2 } }]",
    ),
    starter(
        "first",
        "rules",
        "id: first-order\nwhen: order.paid\nif: { first_order: true }\nthen: [{ credit: { points: 300 } }]\nlimits: { per_member: { times: 1 } }",
    ),
    starter(
        "silent",
        "rules",
        "id: come-back\nwhen: { member.inactive: { days: 60 } }\nthen: [{ credit: { points: 300, expires: 14 days, active_after: 0 days } }]\nlimits: { per_member: { times: 1, per: year } }",
    ),
    starter(
        "friend",
        "rules",
        "id: friend\nwhen: referral.ordered\nthen: [{ credit: { to: referrer, points: 300 } }]\nlimits: { per_member: { times: 10, per: month } }",
    ),
    starter(
        "discount",
        "discounts",
        "id: sale\npercent: 10\nof: { category: [shoes] }\nif: { date: { from: {day}, to: {later} } }",
    ),
    starter(
        "volume",
        "discounts",
        "id: by-amount-off\nby_table: [{ from: 5000, percent: 3 }, { from: 10000, percent: 5 }]",
    ),
    starter("third", "discounts", "id: third-piece\npercent: 100\non: { nth: 3 }\nof: { category: [shoes] }"),
    starter(
        "coupon",
        "coupons",
        "id: spring\ncode: SPRING\nfrom: {day}\nto: {later}\ndiscount: { percent: 10 }\nlimits: { per_member: 1 }",
    ),
    starter("reward", "rewards", "id: gift\nname: { en: A gift, ru: Подарок }\ncost: 500"),
    starter("achievement", "achievements", "id: five-orders\ncounts: orders\ngoal: 5"),
    starter(
        "segment",
        "segments",
        "id: sleeping\nname: { en: Sleeping, ru: Спящие }\nif: { days_since_last_order: { from: 90 } }",
    ),
];

const fn starter(key: &'static str, list: &'static str, text: &'static str) -> Starter {
    Starter { key, list, text }
}

impl Starter {
    pub fn of(key: &str) -> Option<&'static Starter> {
        STARTERS.iter().find(|starter| starter.key == key)
    }

    /// The text with the new item at the end of its list, and where it stands.
    pub fn added(&self, source: &Source, today: Day) -> Option<(String, String)> {
        let text = self.text.replace("{day}", &today.to_string());
        let text = text.replace("{later}", &today.plus_days(30).to_string());
        if self.list == "coupons" {
            return campaign(source, &free(source, "/coupons/campaigns", text));
        }
        let at = format!("/{}", self.list);
        let item = free(source, &at, text);
        let place = source.part(&at).map_or(0, |list| list.items().len());
        Some((source.with_item_of(self.list, &item)?, format!("{at}/{place}")))
    }
}

fn campaign(source: &Source, item: &str) -> Option<(String, String)> {
    let at = "/coupons/campaigns";
    let place = source.part(at).map_or(0, |list| list.items().len());
    let text = match (source.part("/coupons"), place) {
        (Some(_), 0) => return None,
        (Some(_), _) => source.with_item(at, item)?,
        (None, _) => {
            let flow = Source::read(&format!("v:\n  {}", item.replace('\n', "\n  ")))?;
            let flow = flow.root.get("v").map(kopilka_core::program::source::flow)?;
            source.with_entry("", "coupons", &format!("{{ campaigns: [{flow}] }}"))?
        }
    };
    Some((text, format!("{at}/{place}")))
}

/// The item under an id that no other of its list has.
fn free(source: &Source, at: &str, text: String) -> String {
    let taken: Vec<&str> =
        source.part(at).map_or(&[][..], Part::items).iter().map(|item| item.said("id")).collect();
    let Some(id) = text.lines().next().and_then(|line| line.strip_prefix("id: ")).map(str::to_owned) else {
        return text;
    };
    let mut name = id.clone();
    let mut number = 2;
    while taken.contains(&name.as_str()) {
        name = format!("{id}-{number}");
        number += 1;
    }
    text.replacen(&format!("id: {id}"), &format!("id: {name}"), 1)
}
