//! A comparison in words: the figures, each rule, each discount, the orders that changed most.
//!
//! Invariant: every figure is one that the replay read or a difference of two of them.

use super::run::{Month, OF_MEMBER_MAX, ORDERS_MAX, Tried};
use super::{Outcome, shown};
use crate::act::may;
use crate::admin::people::order_address;
use crate::frame::Frame;
use crate::shown::Shown;
use crate::visit::Office;
use kopilka_core::ShortText;
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::explain::{Subject, told_of};
use kopilka_core::program::{OWN_POINTS, Program};
use kopilka_sim::{Came, Changed, Did, Sums};
use kopilka_web::scopes::Scope;
use std::collections::BTreeMap;

/// A figure under both versions.
pub struct Row {
    pub name: String,
    pub before: String,
    pub after: String,
    pub difference: String,
    pub is_sum: bool,
}

/// A rule or a discount under both versions.
pub struct Act {
    pub id: String,
    pub sentence: String,
    /// Only one of the versions has it.
    pub tag: Option<(&'static str, String)>,
    pub before: (String, String),
    pub after: (String, String),
    pub difference: String,
}

/// An order that changed.
pub struct Change {
    pub id: String,
    pub address: String,
    pub at: String,
    pub points: (String, String),
    pub discounts: (String, String),
    pub pays: (String, String),
    pub refused: String,
}

struct Teller<'a> {
    frame: &'a Frame,
    shown: Shown,
    month: &'a Month,
}

pub fn outcome(office: &Office, frame: &Frame, month: &Month, is_old: bool) -> Outcome {
    let teller = Teller { frame, shown: shown(office, frame), month };
    let words = frame.words;
    let [before, after] = &month.compared.sums;
    let day = |at| teller.shown.day(month.programs[0].zone.day_of(at));
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let about = words.say_with(
        "beside-replayed",
        &[
            ("orders", &words.say_n("beside-orders-n", number(before.orders + refusals(before)))),
            ("members", &words.say_n("beside-members-n", number(month.compared.members))),
            ("from", &day(month.since)),
            ("to", &day(month.until)),
        ],
    );
    let mut notes = Vec::new();
    if is_old {
        notes.push(words.say("beside-old"));
    }
    if month.is_cut {
        let most = words.whole(ORDERS_MAX as i64);
        let each = words.whole(OF_MEMBER_MAX as i64);
        notes.push(words.say_with("beside-cut", &[("most", &most), ("each", &each)]));
    }
    let sees_orders = may(&office.desk, Scope::OrdersRead);
    let changes = month.compared.largest.iter().filter(|_| sees_orders);
    let changed = words.say_n("beside-changed-n", number(month.compared.changed));
    Outcome {
        about,
        notes,
        before: words.say_with("beside-in-force", &[("value", &month.version.to_string())]),
        after: match month.tried {
            Tried::Draft(_) => words.say("beside-draft"),
            Tried::Version(n) => words.say_with("beside-version", &[("value", &n.to_string())]),
        },
        figures: teller.figures(before, after),
        rules: teller.acts(Subject::Rule, |sums| &sums.rules),
        discounts: teller.acts(Subject::Discount, |sums| &sums.reductions),
        changed,
        changes: changes.map(|changed| teller.change(changed)).collect(),
    }
}

fn refusals(sums: &Sums) -> u64 {
    sums.refused.values().sum()
}

impl Teller<'_> {
    fn money(&self, money: Money) -> String {
        self.shown.money(money)
    }
    fn signed_money(&self, money: Money) -> String {
        let text = self.money(money);
        if money > Money::ZERO { format!("+{text}") } else { text }
    }
    fn worth(&self, side: usize, points: Points) -> Money {
        self.month.programs[side].points.worth(points)
    }
    fn row(&self, key: &str, [before, after]: [String; 2], difference: String) -> Row {
        Row { name: self.frame.say(key), before, after, difference, is_sum: false }
    }
    fn money_row(&self, key: &str, pair: [Money; 2]) -> Row {
        self.row(key, pair.map(|money| self.money(money)), self.signed_money(pair[1] - pair[0]))
    }
    fn points_row(&self, key: &str, pair: [Points; 2]) -> Row {
        let shown = pair.map(|points| self.shown.amount(points));
        self.row(key, shown, self.shown.signed(pair[1] - pair[0]))
    }

    fn figures(&self, before: &Sums, after: &Sums) -> Vec<Row> {
        let both = [before, after];
        let given = [0, 1].map(|side| self.worth(side, both[side].given));
        let cost = [0, 1].map(|side| both[side].discounts + given[side]);
        let mut rows = vec![
            self.points_row("beside-given", both.map(|sums| sums.given)),
            self.money_row("beside-worth", given),
            self.money_row("beside-discounts", both.map(|sums| sums.discounts)),
            Row { is_sum: true, ..self.money_row("beside-cost", cost) },
            self.points_row("beside-spent", both.map(|sums| sums.spent)),
            self.money_row("beside-pays", both.map(|sums| sums.due)),
        ];
        let refused = both.map(|sums| refusals(sums) as i64);
        if refused != [0, 0] {
            let whole = |n: i64| self.frame.words.whole(n);
            let sign = if refused[1] > refused[0] { "+" } else { "" };
            let difference = format!("{sign}{}", whole(refused[1] - refused[0]));
            rows.push(self.row("beside-refused", refused.map(whole), difference));
            for (code, _) in before.refused.iter().chain(&after.refused).collect::<BTreeMap<_, _>>() {
                let of = |sums: &Sums| sums.refused.get(code).copied().unwrap_or_default() as i64;
                let name = format!("– {code}");
                let row = self.row("beside-refused", both.map(|sums| whole(of(sums))), String::new());
                rows.push(Row { name, ..row });
            }
        }
        rows
    }

    /// In the order of the version that is tried; what only the other has comes last.
    fn acts(&self, subject: Subject, of: fn(&Sums) -> &BTreeMap<ShortText, Did>) -> Vec<Act> {
        let [before, after] = self.month.compared.sums.each_ref().map(of);
        let listed = |side: usize| -> Vec<&ShortText> {
            let program = &self.month.programs[side];
            match subject {
                Subject::Rule => program.rules.iter().map(|rule| &rule.id).collect(),
                _ => program.discounts.iter().map(|discount| &discount.id).collect(),
            }
        };
        let mut ids: Vec<&ShortText> = Vec::new();
        for id in listed(1).into_iter().chain(listed(0)).chain(after.keys()).chain(before.keys()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let acts = ids.into_iter().map(|id| {
            let pair = [before, after].map(|all| all.get(id).copied().unwrap_or_default());
            self.act(id, subject, [listed(0).contains(&id), listed(1).contains(&id)], pair)
        });
        acts.collect()
    }

    fn act(&self, id: &str, subject: Subject, has: [bool; 2], [before, after]: [Did; 2]) -> Act {
        let words = self.frame.words;
        let said = |program: &Program| {
            let text = told_of(program, subject, id).or_else(|| told_of(program, Subject::Campaign, id));
            text.map(|text| words.0.of(&text).to_owned())
        };
        let [old, new] = &self.month.programs;
        let sentence = match id {
            OWN_POINTS => words.say("beside-own-points"),
            _ => said(new).or_else(|| said(old)).unwrap_or_default(),
        };
        let tag = match has {
            [false, true] => Some(("good", words.say("beside-new"))),
            [true, false] => Some(("bad", words.say("beside-gone"))),
            _ => None,
        };
        let gave = |did: Did| match subject {
            Subject::Rule => self.shown.amount(did.points),
            _ => self.money(did.money),
        };
        let column = |did: Did| (words.whole(i64::try_from(did.times).unwrap_or(i64::MAX)), gave(did));
        let difference = match subject {
            Subject::Rule => self.shown.signed(after.points - before.points),
            _ => self.signed_money(after.money - before.money),
        };
        Act { id: id.to_owned(), sentence, tag, before: column(before), after: column(after), difference }
    }

    fn change(&self, changed: &Changed) -> Change {
        let [before, after] = &changed.came;
        let pair = |of: &dyn Fn(&Came) -> String| (of(before), of(after));
        let words = self.frame.words;
        let refused = match (before.refused, after.refused) {
            (_, Some(code)) => words.say_with("beside-refused-now", &[("value", code)]),
            (Some(code), None) => words.say_with("beside-refused-before", &[("value", code)]),
            (None, None) => String::new(),
        };
        Change {
            id: changed.key.order.to_string(),
            address: order_address(&changed.key),
            at: self.shown.moment(changed.at),
            points: pair(&|came| self.shown.amount(came.given)),
            discounts: pair(&|came| self.money(came.discounts)),
            pays: pair(&|came| self.money(came.due)),
            refused,
        }
    }
}

/// Made up, with what a shop could write.
pub fn sample(frame: &Frame) -> Outcome {
    let words = frame.words;
    let row = |key: &str, is_sum| Row {
        name: frame.say(key),
        before: "1 200".to_owned(),
        after: "1 500".to_owned(),
        difference: "+300".to_owned(),
        is_sum,
    };
    let act = |tag| Act {
        id: "<script>alert(1)</script>".to_owned(),
        sentence: words.say("beside-own-points"),
        tag,
        before: ("12".to_owned(), "1 200".to_owned()),
        after: ("15".to_owned(), "1 500".to_owned()),
        difference: "+300".to_owned(),
    };
    let pair = || ("1 200".to_owned(), "1 500".to_owned());
    Outcome {
        about: words.say_n("beside-orders-n", 1_200),
        notes: vec![words.say("beside-old")],
        before: words.say_with("beside-in-force", &[("value", "2")]),
        after: words.say("beside-draft"),
        figures: vec![row("beside-given", false), row("beside-cost", true)],
        rules: vec![act(None), act(Some(("good", words.say("beside-new"))))],
        discounts: vec![act(Some(("bad", words.say("beside-gone"))))],
        changed: words.say_n("beside-changed-n", 3),
        changes: vec![Change {
            id: "\"><script>alert(1)</script>".to_owned(),
            address: "/admin/orders/main/1042".to_owned(),
            at: "1.03.2026, 10:00".to_owned(),
            points: pair(),
            discounts: pair(),
            pays: pair(),
            refused: words.say_with("beside-refused-now", &[("value", "points_out_of_range")]),
        }],
    }
}
