//! Coupon campaigns and gift cards in words.

use super::Told;
use super::phrases::*;
use crate::money::MONEY_MAX;
use crate::program::{Campaign, Gives, Reward, Text, Together};

impl Told<'_> {
    pub(super) fn coupons(&mut self) {
        let program = self.program;
        if program.coupons.campaigns.is_empty() {
            return;
        }
        self.say("", "");
        self.say("Coupons, after the automatic discounts:", "Купоны, после автоматических скидок:");
        for campaign in &program.coupons.campaigns {
            self.campaign(campaign);
        }
        match program.coupons.together {
            Together::All => {}
            Together::Best => self.say(
                "- Of several coupons of one order the one that leaves the least to pay counts.",
                "- Из нескольких купонов в заказе действует самый выгодный.",
            ),
            Together::Last => self.say(
                "- Of several coupons of one order the one entered last counts.",
                "- Из нескольких купонов в заказе действует введённый последним.",
            ),
        }
    }

    pub(super) fn gift_cards(&mut self) {
        let program = self.program;
        let Some(terms) = &program.gift_cards else { return };
        self.say("", "");
        self.say("Gift cards:", "Подарочные карты:");
        self.say(
            "- They pay like money, after discounts and points; what a card does not pay is paid otherwise.",
            "- Платят как деньги, после скидок и баллов; остальное оплачивается иначе.",
        );
        self.say(
            "- They do not buy gift cards. A return gives them their share back.",
            "- Подарочные карты ими не покупают. При возврате их доля возвращается на карту.",
        );
        match terms.expires.map(period) {
            Some(life) => self.say(
                format!("- A card lives {} from its issue.", life.en),
                format!("- Карта живёт {} со дня выпуска.", life.ru),
            ),
            None => self.say("- A card does not expire.", "- Срока у карты нет."),
        }
        if terms.min.0 > 1 || terms.max.0 < MONEY_MAX {
            let (min, max) = (money(program, terms.min), money(program, terms.max));
            self.say(
                format!("- A card holds from {} to {}.", min.en, max.en),
                format!("- На карте может быть от {} до {}.", min.ru, max.ru),
            );
        }
    }

    pub(super) fn rewards(&mut self) {
        let program = self.program;
        if program.rewards.is_empty() {
            return;
        }
        self.say("", "");
        self.say("What points buy beside orders:", "На что ещё меняются баллы:");
        for reward in &program.rewards {
            self.reward(reward);
        }
    }

    pub(super) fn reward(&mut self, reward: &Reward) {
        let program = self.program;
        let (cost, only_if) = (points(program, reward.cost), self.only_if(&reward.only_if));
        let mut told = Text::of(
            format!("- {}: {}{}", reward.name.en, cost.en, only_if.en),
            format!("- {}: {}{}", reward.name.ru, cost.ru, only_if.ru),
        );
        let mut add = |en: String, ru: String| {
            told.en.push_str(&en);
            told.ru.push_str(&ru);
        };
        match &reward.gives {
            Gives::Coupon(campaign) => {
                add(format!(", a code of {campaign}"), format!(", код кампании {campaign}"));
            }
            Gives::HandedOver => add(", handed over by the shop".into(), ", выдаёт магазин".into()),
        }
        if let Some(from) = reward.from {
            let from = day(from);
            add(format!(", from {}", from.en), format!(", с {}", from.ru));
        }
        if let Some(to) = reward.to {
            let to = day(to);
            add(format!(", through {}", to.en), format!(", по {} включительно", to.ru));
        }
        if let Some(stock) = reward.stock {
            add(format!(", {stock} in all"), format!(", всего {stock}"));
        }
        if let Some(most) = reward.per_member {
            add(format!(", at most {most} for a member"), format!(", участнику не больше {most}"));
        }
        self.say(format!("{}.", told.en), format!("{}.", told.ru));
    }

    pub(super) fn campaign(&mut self, campaign: &Campaign) {
        let mut told = match &campaign.discount {
            Some(discount) => self.taken_off(discount),
            None if campaign.gift.is_some() => {
                let if_told = self.only_if(&campaign.only_if);
                Text::of(format!("gives goods{}", if_told.en), format!("даёт товар{}", if_told.ru))
            }
            None => {
                let if_told = self.only_if(&campaign.only_if);
                let speaks =
                    Text::of("speaks to the rules that ask for it", "учитывается правилами, где он назван");
                Text::of(format!("{}{}", speaks.en, if_told.en), format!("{}{}", speaks.ru, if_told.ru))
            }
        };
        let mut add = |en: String, ru: String| {
            told.en.push_str(&en);
            told.ru.push_str(&ru);
        };
        if let Some(from) = campaign.from {
            let from = day(from);
            add(format!(", from {}", from.en), format!(", с {}", from.ru));
        }
        if let Some(to) = campaign.to {
            let to = day(to);
            add(format!(", through {}", to.en), format!(", по {} включительно", to.ru));
        }
        let limits = campaign.limits;
        if let Some(uses) = limits.per_code {
            add(format!(", {} a code", orders(uses)), format!(", заказов на код: {uses}"));
        }
        if let Some(uses) = limits.per_member {
            add(format!(", {} of a member", orders(uses)), format!(", заказов на участника: {uses}"));
        }
        if let Some(uses) = limits.total {
            add(format!(", {} in all", orders(uses)), format!(", заказов всего: {uses}"));
        }
        if let Some(budget) = limits.budget {
            let budget = money(self.program, budget);
            add(
                format!(", at most {} off in all", budget.en),
                format!(", скидок всего на сумму до {}", budget.ru),
            );
        }
        if let Some(gift) = &campaign.gift {
            let (sku, pieces) = (&gift.sku, gift.pieces);
            add(format!("; a gift: {sku}, pieces: {pieces}"), format!("; подарок: {sku}, {pieces} шт."));
            if let Some((of, each)) = &gift.for_each {
                let of = match of.is_everything() {
                    true => Text::of("goods", "товаров"),
                    false => lines(&self.program.currency, of),
                };
                add(format!(" for each {each} of {}", of.en), format!(" за каждые {each} шт. ({})", of.ru));
            }
        }
        let codes = match campaign.codes.is_empty() {
            true if campaign.automatic => Text::of("by itself", "сама, без кода"),
            true => Text::of("made codes", "коды от программы"),
            false => {
                Text::both(campaign.codes.iter().map(|c| c.written.as_str()).collect::<Vec<_>>().join(", "))
            }
        };
        self.say(
            format!("- {} ({}): {}.", campaign.id, codes.en, told.en),
            format!("- {} ({}): {}.", campaign.id, codes.ru, told.ru),
        );
    }
}
