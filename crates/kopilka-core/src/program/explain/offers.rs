//! Personal offers in words.

use super::Told;
use super::phrases::*;
use crate::program::{Offer, Text};

impl Told<'_> {
    pub(super) fn offers(&mut self) {
        let program = self.program;
        if program.offers.is_empty() {
            return;
        }
        self.say("", "");
        self.say(
            "Personal offers, to members who are given them:",
            "Личные предложения, тем, кому их выдали:",
        );
        for offer in &program.offers {
            self.offer(offer);
        }
    }

    pub(super) fn offer(&mut self, offer: &Offer) {
        let (lasts, only_if) = (period(offer.lasts), self.only_if(&offer.only_if));
        let mut told = Text::of(
            format!("- {} ({}): for {}", offer.id, offer.name.en, lasts.en),
            format!("- {} ({}): на {}", offer.id, offer.name.ru, lasts.ru),
        );
        let mut add = |en: &str, ru: &str| {
            told.en.push_str(en);
            told.ru.push_str(ru);
        };
        if offer.by_member {
            add(", once the member has activated it", ", после активации участником");
        }
        if let Some(times) = offer.times {
            add(&format!(", paid orders: at most {times}"), &format!(", оплаченных заказов: до {times}"));
        }
        add(&only_if.en, &only_if.ru);
        if let Some(text) = &offer.text {
            add(&format!("; its text: “{}”", text.en), &format!("; текст: «{}»", text.ru));
        }
        self.say(format!("{}.", told.en), format!("{}.", told.ru));
    }
}
