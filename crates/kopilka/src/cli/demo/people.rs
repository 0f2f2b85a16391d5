//! Who shops there. Every name and number is made up from the seed.

use super::random::Random;
use kopilka_core::attribute::Attributes;
use kopilka_core::time::Day;
use kopilka_service::Registration;

// Endings of Russian surnames follow the first name's gender: women's names first, men's second.
const WOMEN: [&str; 12] = [
    "Анна",
    "Мария",
    "Елена",
    "Ольга",
    "Наталья",
    "Дарья",
    "Ирина",
    "Полина",
    "Юлия",
    "Светлана",
    "Вера",
    "София",
];
const MEN: [&str; 12] = [
    "Алексей",
    "Дмитрий",
    "Иван",
    "Сергей",
    "Михаил",
    "Андрей",
    "Павел",
    "Никита",
    "Егор",
    "Роман",
    "Илья",
    "Олег",
];
const FAMILIES: [&str; 16] = [
    "Смирнов",
    "Иванов",
    "Кузнецов",
    "Соколов",
    "Попов",
    "Лебедев",
    "Козлов",
    "Новиков",
    "Морозов",
    "Петров",
    "Волков",
    "Зайцев",
    "Павлов",
    "Беляев",
    "Орлов",
    "Киселёв",
];
const ENGLISH: [&str; 8] = [
    "Emma Clark",
    "Oliver Hughes",
    "Sofia Rossi",
    "Liam Becker",
    "Chloe Martin",
    "Noah Lindberg",
    "Mia Novak",
    "Jack Doyle",
];

/// The member whom the printed lines find.
#[cfg(test)]
const FIRST_PHONE: &str = "+79991234567";
pub const FIRST_PHONE_AS_WRITTEN: &str = "8 (999) 123-45-67";

/// The shop's own id of a member; counted from 1.
pub fn ext(number: u32) -> String {
    format!("c{number}")
}

/// Members who send their link around: few, as everywhere.
const HOSTS: u64 = 24;
/// Of a hundred who come later, so many came by somebody's link.
const BROUGHT: u64 = 30;

/// Who brought a newcomer, of the members there are; every second link is of one whom a friend brought too,
/// once there are such.
pub fn brought_by(there: u32, brought: &[u32], random: &mut Random) -> Option<u32> {
    if there == 0 || !random.percent(BROUGHT) {
        return None;
    }
    if !brought.is_empty() && random.percent(50) {
        let among = brought.len().min(HOSTS as usize) as u64;
        return Some(brought[random.skewed(among) as usize]);
    }
    Some(1 + random.skewed(u64::from(there).min(HOSTS)) as u32)
}

/// What the shop calls whoever came by a link, until they become a member.
pub fn visitor(number: u32) -> String {
    format!("demo-visitor-{number}")
}

/// The registration of one member.
pub fn person(number: u32, random: &mut Random) -> Registration {
    let foreign = number != 1 && random.percent(8);
    let name = if foreign { (*random.pick(&ENGLISH)).to_owned() } else { russian_name(number, random) };
    Registration {
        ext: Some(ext(number)),
        phones: vec![phone(number)],
        emails: if random.percent(40) { vec![format!("c{number}@example.com")] } else { Vec::new() },
        cards: if random.percent(60) { vec![card(number)] } else { Vec::new() },
        name: Some(name),
        birth_date: if random.percent(75) { birthday(random) } else { None },
        language: Some(if foreign { "en" } else { "ru" }.to_owned()),
        attributes: Attributes::default(),
        ..Registration::default()
    }
}

fn russian_name(number: u32, random: &mut Random) -> String {
    if number == 1 {
        return "Анна Смирнова".to_owned();
    }
    let family = random.pick(&FAMILIES);
    if random.percent(55) {
        format!("{} {family}а", random.pick(&WOMEN))
    } else {
        format!("{} {family}", random.pick(&MEN))
    }
}

/// Ten million numbers of one range; the step has no common factor with them, so none comes twice.
fn phone(number: u32) -> String {
    let line = (1_234_567 + (u64::from(number) - 1) * 7_919) % 10_000_000;
    format!("+7999{line:07}")
}

/// EAN-13 from the range that shops use for themselves.
fn card(number: u32) -> String {
    let body = format!("20{number:010}");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(i, digit)| u32::from(digit - b'0') * if i % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn birthday(random: &mut Random) -> Option<Day> {
    let year = 1955 + random.below(52) as i16;
    Day::new(year, 1 + random.below(12) as i8, 1 + random.below(28) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn phones_and_cards_are_unique_and_the_first_phone_is_the_printed_one() {
        assert_eq!(phone(1), FIRST_PHONE);
        let phones: BTreeSet<_> = (1..=10_000).map(phone).collect();
        let cards: BTreeSet<_> = (1..=10_000).map(card).collect();
        assert_eq!((phones.len(), cards.len()), (10_000, 10_000));
        assert_eq!(card(1), "2000000000015");
    }
}
