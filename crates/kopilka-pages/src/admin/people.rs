//! People as pages show them: names, identifiers as the role may see them, status, level.
//!
//! Invariant: whoever may not change a member sees of phones, addresses and cards only enough to know one's
//! own by.

use crate::act::may;
use crate::shown::Shown;
use crate::words::Words;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::order::{OrderKey, OrderStatus};
use kopilka_core::program::Program;
use kopilka_core::standing::Counted;
use kopilka_core::words::Language;
use kopilka_service::rows::Person;
use kopilka_service::{CodeChannel, Reader, StoreError, masked};
use kopilka_web::app::Desk;
use kopilka_web::scopes::Scope;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A word with its colour.
#[derive(Debug, Clone)]
pub struct Tag {
    pub label: String,
    pub tone: &'static str,
}

/// Identifiers as one role sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    pub whole: bool,
}

impl Sight {
    pub fn of(desk: &Desk) -> Sight {
        Sight { whole: may(desk, Scope::MembersWrite) }
    }
    pub fn phone(self, phone: &str) -> String {
        self.shown(CodeChannel::Sms, phone)
    }
    pub fn email(self, email: &str) -> String {
        self.shown(CodeChannel::Email, email)
    }
    pub fn card(self, card: &str) -> String {
        self.shown(CodeChannel::Sms, card)
    }
    fn shown(self, channel: CodeChannel, text: &str) -> String {
        if self.whole { text.to_owned() } else { masked(channel, text) }
    }
    /// By what a person is told from others in a list: the first phone, address or card.
    pub fn contact(self, person: &Person) -> String {
        let phone = person.phones.first().map(|phone| self.phone(phone));
        let email = || person.emails.first().map(|email| self.email(email));
        let card = || person.cards.first().map(|card| self.card(card));
        phone.or_else(email).or_else(card).unwrap_or_default()
    }
}

/// What a person is called: the name, or that there is none.
pub fn name_of(words: Words, member: &Member, person: &Person) -> String {
    match (&person.name, member.status) {
        (Some(name), _) => name.clone(),
        (None, MemberStatus::Anonymized) => words.say("member-erased"),
        (None, MemberStatus::Guest) => words.say("member-guest"),
        (None, _) => words.say("member-nameless"),
    }
}

/// What the members of a list are called, each looked up once; who has no name goes by the number.
pub fn names_of(
    reader: &Reader,
    program: ProgramId,
    words: Words,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<BTreeMap<MemberId, String>, StoreError> {
    let mut names = BTreeMap::new();
    for id in members {
        if let Entry::Vacant(place) = names.entry(id) {
            let person = reader.person(program, id)?.unwrap_or_default();
            // Whoever was erased, or never joined, is told so instead.
            let told = |member: &Member| {
                matches!(member.status, MemberStatus::Anonymized | MemberStatus::Guest)
                    || person.name.is_some()
            };
            let row = reader.member(program, id)?.filter(|row| told(&row.member));
            place.insert(row.map_or_else(|| id.to_string(), |row| name_of(words, &row.member, &person)));
        }
    }
    Ok(names)
}

/// Every status but the usual one is told.
pub fn status_tag(words: Words, status: MemberStatus) -> Option<Tag> {
    let (key, tone) = match status {
        MemberStatus::Active => return None,
        MemberStatus::Blocked => ("member-status-blocked", "bad"),
        MemberStatus::Frozen => ("member-status-frozen", "warn"),
        MemberStatus::Guest => ("member-status-guest", ""),
        MemberStatus::Anonymized => ("member-status-erased", "bad"),
        MemberStatus::Merged => ("member-status-merged", "warn"),
    };
    Some(Tag { label: words.say(key), tone })
}

/// Where an order stands.
pub fn order_tag(words: Words, status: OrderStatus) -> Tag {
    let (key, tone) = match status {
        OrderStatus::Reserved => ("order-reserved", "warn"),
        OrderStatus::Placed => ("order-placed", "warn"),
        OrderStatus::Shipped => ("order-shipped", "warn"),
        OrderStatus::Paid => ("order-paid", "good"),
        OrderStatus::Completed => ("order-completed", "good"),
        OrderStatus::Returned => ("order-returned", "bad"),
        OrderStatus::Cancelled => ("order-cancelled", "bad"),
    };
    Tag { label: words.say(key), tone }
}

/// A level by its name.
pub fn level_name(program: &Program, language: Language, id: &str) -> String {
    let levels = program.tiers.as_ref().map_or(&[][..], |tiers| &tiers.levels);
    let found = levels.iter().find(|level| level.id == *id);
    found.map_or_else(|| id.to_owned(), |level| language.of(&level.name).to_owned())
}

/// So much of what levels and achievements count.
pub fn counted(shown: &Shown, words: Words, counted: Counted, value: i64) -> String {
    match counted {
        Counted::MoneyPaid => shown.money(kopilka_core::money::Money(value)),
        Counted::PointsEarned => shown.points(kopilka_core::points::Points(value)),
        Counted::Orders => words.say_n("count-orders", value),
        Counted::Events => words.say_n("count-events", value),
        Counted::Pieces => words.say_n("count-pieces", value / 1000),
    }
}

/// Where points came from, in words where they are no rule's.
pub fn source(words: Words, source: &str) -> String {
    match source {
        "adjustment" | "import" | "transfer" => words.say(&format!("source-{source}")),
        rule => rule.to_owned(),
    }
}

/// The page of an order.
pub fn order_address(key: &OrderKey) -> String {
    let part = crate::act::in_address;
    format!("/admin/orders/{}/{}", part(&key.shop), part(&key.order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_not_change_a_member_sees_the_ends_alone() {
        let (whole, part) = (Sight { whole: true }, Sight { whole: false });
        assert_eq!(whole.phone("+79123456789"), "+79123456789");
        assert_eq!(part.phone("+79123456789"), "···6789");
        assert_eq!(part.email("anna@shop.example"), "a···@shop.example");
        let person = Person { cards: vec!["4006381333931".to_owned()], ..Person::default() };
        assert_eq!(part.contact(&person), "···3931");
    }
}
