//! The program told in plain words, in English and Russian, from what the engine will execute.
//!
//! Invariant: every sentence is made of the compiled program: what the text says is what happens.

mod conditions;
mod coupons;
mod discounts;
mod offers;
mod phrases;
mod rules;
mod segments;
mod standing;
mod subjects;

use super::{AccrualFrom, Clawback, ConfirmSpending, LateShortfall, OnRefund, Program, Text};
use crate::decide::LEAST_AFTER_RETURN;
use crate::money::{Money, Rate, Rounding};
use crate::points::Points;
use crate::time::Ends;
pub use conditions::condition_told as told_condition;
pub(super) use phrases::period;
use phrases::*;
pub use rules::RuleTold;
pub(super) use rules::life;
pub use subjects::{Subject, Topic, rule_parts, told_of, told_on, told_to_buyers};

/// Lines of text, each whole in both languages; headings end with a colon.
pub fn explain(program: &Program) -> Text {
    let lines = told(program);
    let join = |of: fn(&Text) -> &str| {
        let mut text = lines.iter().map(of).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    };
    Text { en: join(|t| &t.en), ru: join(|t| &t.ru) }
}

/// The same line by line.
pub(super) fn told(program: &Program) -> Vec<Text> {
    let mut told = Told::of(program);
    told.head();
    told.earning();
    told.rules();
    told.discounts();
    told.coupons();
    told.gift_cards();
    told.rewards();
    told.offers();
    told.segments();
    told.standing();
    told.spending();
    told.transfers();
    told.returns();
    told.fraud();
    told.lines
}

struct Told<'a> {
    program: &'a Program,
    lines: Vec<Text>,
    /// What is between the shop and itself is left out.
    for_buyers: bool,
}

impl<'a> Told<'a> {
    fn of(program: &'a Program) -> Told<'a> {
        Told { program, lines: Vec::new(), for_buyers: false }
    }
}

impl Told<'_> {
    fn say(&mut self, en: impl Into<String>, ru: impl Into<String>) {
        self.lines.push(Text::of(en, ru));
    }

    fn head(&mut self) {
        let program = self.program;
        let (currency, zone) = (program.currency.code(), program.zone.name());
        let worth = worth_of_a_point(program);
        self.say(
            format!(
                "Program “{}” ({}), amounts in {currency}, dates as in {zone}.",
                program.name.en, program.slug
            ),
            format!(
                "Программа «{}» ({}), суммы в {currency}, даты по времени {zone}.",
                program.name.ru, program.slug
            ),
        );
        self.say(
            format!("Points are called “{}”. {}", program.points_name.en, worth.en),
            format!("Баллы называются «{}». {}", program.points_name.ru, worth.ru),
        );
    }

    fn earning(&mut self) {
        let program = self.program;
        self.say("", "");
        self.say("How points come:", "Как приходят баллы:");
        if program.rules.iter().any(|rule| rule.when.is_of_order()) {
            self.earning_by_orders();
            self.guest_orders();
        } else {
            self.say("- Orders bring no points.", "- Заказы баллов не приносят.");
        }
        self.living();
        let rounding = rounding(program.rounding);
        self.say(
            format!("- Each credit is rounded {} once.", rounding.en),
            format!("- Каждое начисление округляется один раз, {}.", rounding.ru),
        );
        self.unclaimed_cards();
    }

    /// How long points live.
    fn living(&mut self) {
        let program = self.program;
        match program.expires.map(period) {
            None => self.say(
                "- Points whose rule gives them no period do not expire.",
                "- Баллы, которым правило не назначило срока, не сгорают.",
            ),
            Some(life) if program.renewed_by_orders => self.say(
                format!("- Points live {} after the last paid order: each one puts their end off, unless a rule says otherwise.", life.en),
                format!("- Баллы живут {} после последнего оплаченного заказа: каждый заказ продлевает их, если правило не говорит иного.", life.ru),
            ),
            Some(life) => self.say(
                format!("- Points live {}, unless a rule says otherwise.", life.en),
                format!("- Баллы живут {}, если правило не говорит иного.", life.ru),
            ),
        }
        match program.ends {
            Ends::EndOfDay => self.say(
                "- The period begins when the points can be spent and lasts to the end of its last day.",
                "- Срок идёт с момента, когда баллы можно тратить, и кончается вместе с последним днём.",
            ),
            Ends::Exact => self.say(
                "- The period begins when the points can be spent and ends to the minute.",
                "- Срок идёт с момента, когда баллы можно тратить, и кончается минута в минуту.",
            ),
        }
    }

    fn earning_by_orders(&mut self) {
        let base = base(&self.program.base);
        self.say(
            format!("- An order brings points when it is paid in full, counted on {}.", base.en),
            format!("- Заказ приносит баллы, когда полностью оплачен; считается с суммы: {}.", base.ru),
        );
        self.waiting();
    }

    /// How long points of an order wait.
    fn waiting(&mut self) {
        let wait = period(self.program.active_after);
        let (en, ru) = match self.program.accrual_from {
            AccrualFrom::Paid => ("payment", "оплаты"),
            AccrualFrom::Completed => ("completion", "завершения"),
        };
        match (self.program.active_after.is_zero(), self.program.accrual_from) {
            (true, AccrualFrom::Paid) => {
                self.say(
                    "- Points of an order can be spent at once.",
                    "- Баллы за заказ можно тратить сразу.",
                );
            }
            (true, AccrualFrom::Completed) => self.say(
                "- Points of an order can be spent when it is completed.",
                "- Баллы за заказ можно тратить, когда он завершён.",
            ),
            (false, _) => self.say(
                format!("- Points of an order can be spent {} after the {en}.", wait.en),
                format!("- Баллы за заказ можно тратить через {} после {ru}.", wait.ru),
            ),
        }
        if self.program.speaks_of_completion() {
            let term = period(self.program.complete_after);
            self.say(
                format!(
                    "- An order that nobody completes counts as completed {} after the payment.",
                    term.en
                ),
                format!(
                    "- Заказ, о завершении которого не сказали, завершён через {} после оплаты.",
                    term.ru
                ),
            );
        }
    }

    /// A program that leaves orders to guests says nothing of them.
    fn guest_orders(&mut self) {
        let Some(within) = self.program.guest_orders.map(period) else { return };
        self.say(
            format!(
                "- Who confirms the phone or e-mail of an order made without a member within {} gets what it \
                 earns, at the lowest level; its points wait since then.",
                within.en
            ),
            format!(
                "- Кто за {} подтвердит телефон или почту заказа без участника, получит за него баллы по \
                 низшему уровню; ждут они с этого времени.",
                within.ru
            ),
        );
    }

    fn spending(&mut self) {
        let spending = &self.program.spending;
        self.say("", "");
        self.say("How points pay:", "Как баллы платят:");
        if !spending.allowed {
            self.say("- Points cannot pay for orders.", "- Баллами платить нельзя.");
            return;
        }
        let share = spending.max_share.percent_text();
        match (spending.max_share.0 == Rate::ONE, spending.share_of_order) {
            (true, _) => self.say(
                "- Points may pay for everything that takes them.",
                "- Баллами можно оплатить всё, что ими оплачивается.",
            ),
            (false, true) => self.say(
                format!("- Points may pay up to {share} % of the goods of an order."),
                format!("- Баллами можно оплатить до {share} % товаров заказа."),
            ),
            (false, false) => self.say(
                format!("- Points may pay up to {share} % of the goods that take them."),
                format!("- Баллами можно оплатить до {share} % тех товаров, которые ими оплачиваются."),
            ),
        }
        if !spending.lines.is_everything() {
            let lines = lines(&self.program.currency, &spending.lines);
            self.say(
                format!("- Goods that take points: {}.", lines.en),
                format!("- Какие строки ими оплачиваются: {}.", lines.ru),
            );
        }
        match spending.delivery {
            true => self.say("- They pay for delivery too.", "- Доставку ими тоже можно оплатить."),
            false => self.say("- They do not pay for delivery.", "- Доставку ими оплатить нельзя."),
        }
        self.spending_limits();
        let hold = period(self.program.holds.lapse_after);
        self.say(
            format!("- A placed order keeps its points for {}; then they are free again.", hold.en),
            format!("- Оформленный заказ держит баллы {}, потом они снова свободны.", hold.ru),
        );
        if self.for_buyers && self.program.holds.late_shortfall == LateShortfall::ShopLoss {
            return;
        }
        match self.program.holds.late_shortfall {
            LateShortfall::Debt => self.say(
                "- Paid later, the order takes what is left; what is missing becomes the member's debt.",
                "- При оплате позже заказ берёт, что осталось; недостача становится долгом участника.",
            ),
            LateShortfall::ShopLoss => self.say(
                "- Paid later, the order takes what is left; what is missing is the shop's loss.",
                "- При оплате позже заказ берёт, что осталось; недостача — убыток магазина.",
            ),
        }
    }

    fn spending_limits(&mut self) {
        let program = self.program;
        let spending = &program.spending;
        if spending.min_points.0 > 0 {
            let least = points(program, spending.min_points);
            self.say(
                format!("- At least {} at a time.", least.en),
                format!("- Не меньше чем {} за раз.", least.ru),
            );
        }
        if spending.step.0 > 1 {
            let step = points(program, spending.step);
            self.say(format!("- In steps of {}.", step.en), format!("- Кратно: {}.", step.ru));
        }
        if spending.min_order > Money::ZERO {
            let least = money(program, spending.min_order);
            self.say(
                format!("- Only in orders with goods for {} or more.", least.en),
                format!("- Только в заказах с товарами от {}.", least.ru),
            );
        }
        if spending.contact_needed {
            self.say(
                "- Only by members whose phone or e-mail is known.",
                "- Только если известны телефон или почта участника.",
            );
        }
        self.confirmation();
        if spending.leave_per_piece > Money::ZERO {
            let left = money(program, spending.leave_per_piece);
            self.say(
                format!("- Every piece keeps at least {} to be paid in money.", left.en),
                format!("- На каждой штуке остаётся к оплате деньгами не меньше {}.", left.ru),
            );
        }
    }

    /// A program that lets cards be nobody's for ever says nothing of them.
    fn unclaimed_cards(&mut self) {
        let Some(after) = self.program.unclaimed_cards.map(period) else { return };
        self.say(
            format!("- A card that nobody has claimed closes after {}; its points burn.", after.en),
            format!("- Карта, за которой никого нет, закрывается через {}; баллы сгорают.", after.ru),
        );
    }

    fn confirmation(&mut self) {
        let program = self.program;
        match program.spending.confirm {
            ConfirmSpending::Never => {}
            ConfirmSpending::Always => self.say(
                "- The member agrees by a one-time code.",
                "- Участник подтверждает списание одноразовым кодом.",
            ),
            ConfirmSpending::WithoutCard => self.say(
                "- Who shows no card agrees by a one-time code.",
                "- Без карты списание подтверждают одноразовым кодом.",
            ),
            ConfirmSpending::Above(most) => {
                let most = points(program, most);
                self.say(
                    format!("- More than {} in one order the member agrees to by a one-time code.", most.en),
                    format!("- Больше чем {} за заказ — только с одноразовым кодом.", most.ru),
                );
            }
        }
    }

    /// A program without transfers says nothing of them.
    fn transfers(&mut self) {
        let program = self.program;
        let transfers = program.transfers;
        if !transfers.allowed {
            return;
        }
        self.say("", "");
        self.say("From member to member:", "От участника участнику:");
        self.say(
            "- Points that can be spent can be sent to another member; they keep their dates.",
            "- Баллы, которые можно тратить, можно передать другому участнику; срок у них прежний.",
        );
        if !transfers.order_points_after.is_zero() {
            let wait = period(transfers.order_points_after);
            self.say(
                format!("- Points of an order can be sent {} after they became available.", wait.en),
                format!(
                    "- Баллы за заказ можно передать через {} после того, как они стали доступны.",
                    wait.ru
                ),
            );
        }
        if transfers.min_points.0 > 1 {
            let least = points(program, transfers.min_points);
            self.say(
                format!("- At least {} at a time.", least.en),
                format!("- Не меньше чем {} за раз.", least.ru),
            );
        }
        if let Some(most) = transfers.max_points {
            let most = points(program, most);
            self.say(
                format!("- At most {} at a time.", most.en),
                format!("- Не больше чем {} за раз.", most.ru),
            );
        }
    }

    fn fraud(&mut self) {
        let most = self.program.fraud.max_purchases_per_day;
        let than = purchases(most);
        self.say("", "");
        self.say("What the owner is shown:", "Что видит владелец:");
        self.say(
            format!("- Members with more than {} a day with one cashier of one shop.", than.en),
            format!("- Участники, у которых больше {} за день у одного кассира одного магазина.", than.ru),
        );
        if let Some(most) = self.program.approval.merges_above {
            let most = points(self.program, most);
            self.say(
                format!("- By a second person, too: a merge of an account with more than {}.", most.en),
                format!("- С согласия второго человека: слияние счёта, на котором больше {}.", most.ru),
            );
        }
        if let Some(most) = self.program.approval.accruals_above {
            let most = points(self.program, most);
            self.say(
                format!("- Before it runs, by a second person: a mass accrual of more than {}.", most.en),
                format!("- Второму человеку перед запуском: массовое начисление больше {}.", most.ru),
            );
        }
    }

    fn returns(&mut self) {
        let returns = &self.program.returns;
        self.say("", "");
        self.say("When goods come back:", "Когда товар возвращают:");
        self.say(
            "- What the returned pieces earned is taken back, what they were paid with comes back.",
            "- Заработанное возвращёнными штуками снимается, а потраченное на них возвращается.",
        );
        match returns.on_refund {
            OnRefund::Keep => self.say(
                "- Points that come back keep their date; if it has passed, they are gone.",
                "- Вернувшиеся баллы сохраняют свой срок; если он прошёл, они сгорают.",
            ),
            OnRefund::Resume => self.say(
                "- Points that come back after their date live for the time they had left, at most 30 days past it.",
                "- Баллы, вернувшиеся после срока, доживают остаток, но не больше 30 дней сверх срока.",
            ),
            OnRefund::Regrant(life) => {
                let life = period(life);
                self.say(
                    format!("- Points that come back after their date live {} more, once.", life.en),
                    format!("- Баллы, вернувшиеся после срока, один раз живут ещё {}.", life.ru),
                );
            }
        }
        if self.program.renews() {
            let least = period(LEAST_AFTER_RETURN);
            self.say(
                format!(
                    "- An order that comes back whole no longer prolongs points; they live at least {} more.",
                    least.en
                ),
                format!(
                    "- Заказ, который вернули целиком, баллы больше не продлевает; они живут ещё хотя бы {}.",
                    least.ru
                ),
            );
        }
        if returns.keep_broken {
            self.say(
                "- Less than a condition asked for may remain: what was earned stays for the rest.",
                "- Если осталось меньше, чем требовало условие, заработанное за остаток сохраняется.",
            );
        }
        if returns.reprice_discounts {
            self.say(
                "- A discount that needed more than remains is withheld from the refund, at most the refund itself.",
                "- Скидка, для которой оставшегося мало, удерживается из возврата, не больше самого возврата.",
            );
        }
        let write_off = period(returns.debt_write_off);
        match returns.clawback {
            Clawback::Debt => self.say(
                format!("- If earned points are spent already, the member owes them; after {} a debt is forgiven.", write_off.en),
                format!("- Если заработанное уже потрачено, участник остаётся должен; через {} долг прощается.", write_off.ru),
            ),
            Clawback::FloorAtZero if self.for_buyers => {}
            Clawback::FloorAtZero => self.say(
                "- If earned points are spent already, the shop bears them.",
                "- Если заработанное уже потрачено, это убыток магазина.",
            ),
            Clawback::PendingOnly => self.say(
                "- Only points that still wait are taken back.",
                "- Снимаются только баллы, которые ещё не стали доступны.",
            ),
        }
    }
}

fn rounding(rounding: Rounding) -> Text {
    match rounding {
        Rounding::Floor => Text::of("down", "вниз"),
        Rounding::HalfUp => Text::of("to the nearest, halves up,", "до ближайшего, половины вверх"),
        Rounding::HalfEven => {
            Text::of("to the nearest, halves to even,", "до ближайшего, половины к чётному")
        }
        Rounding::Ceil => Text::of("up", "вверх"),
    }
}

fn worth_of_a_point(program: &Program) -> Text {
    let (step, one) = (program.points.step(), Points(program.points.scale()));
    if one.0 % step.0 == 0 {
        let worth = money(program, program.points.worth(one));
        return Text::of(format!("One pays {}.", worth.en), format!("Один платит {}.", worth.ru));
    }
    // A point worth less than the smallest coin pays only in company.
    let (points, worth) = (points(program, step), money(program, program.points.worth(step)));
    Text::of(format!("{} pay {}.", points.en, worth.en), format!("{} — это {}.", points.ru, worth.ru))
}
