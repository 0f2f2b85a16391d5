//! Phones, e-mails and cards in their one spelling, and the keyed hashes under which they are found.
//!
//! Invariant: two spellings of one phone or address give the same text, so the same hash; what is no
//! identifier is refused, never stored as it came.

use crate::write::{MemberRef, Registration};
use hmac::{Hmac, KeyInit, Mac};
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{Hash16, HolderPerson, Kind, Name, Person};
use sha2::Sha256;
use url::{Host, Url};

/// E.164: at most 15 digits; the shortest numbers in use have 7.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// RFC 5321's limit of a path.
const EMAIL_MAX: usize = 254;
/// A shop's own customer id: long enough for a UUID with a prefix.
const EXT_MAX: usize = 128;
/// Phones, addresses or cards of one kind a member may have.
pub const IDENTIFIERS_MAX: usize = 20;

/// The secret of the installation: phones and e-mails are found by its hashes alone.
#[derive(Clone)]
pub struct IdentifierKey {
    bytes: [u8; 32],
    /// HMAC that has taken the key in: half the work of a short text's hash, done once.
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for IdentifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentifierKey(…)")
    }
}

impl IdentifierKey {
    pub fn new(bytes: [u8; 32]) -> IdentifierKey {
        // HMAC's own rule for a key shorter than a block: zeros follow.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&bytes);
        IdentifierKey { bytes, keyed: Hmac::new(&block.into()) }
    }
    /// As they stand in the key file.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
    /// HMAC-SHA256 over the parts, each with its length, so that parts never run into each other.
    pub fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
    pub fn hash16(&self, parts: &[&[u8]]) -> Hash16 {
        let mut out = [0; 16];
        out.copy_from_slice(&self.hash(parts)[..16]);
        out
    }
    /// The directory's name of an identifier in its one spelling.
    pub fn name(&self, kind: Kind, text: &str) -> Name {
        match kind {
            Kind::Phone | Kind::Email | Kind::Visitor => {
                Name::new(kind, self.hash(&[kind.name().as_bytes(), text.as_bytes()]))
            }
            _ => Name::new(kind, text),
        }
    }
    /// Every name under which a person is found.
    pub fn names(&self, person: &Person) -> Vec<Name> {
        let mut names: Vec<Name> = person.ext.iter().map(|t| self.name(Kind::Ext, t)).collect();
        names.extend(person.other_exts.iter().map(|t| self.name(Kind::Ext, t)));
        names.extend(person.phones.iter().map(|t| self.name(Kind::Phone, t)));
        names.extend(person.emails.iter().map(|t| self.name(Kind::Email, t)));
        names.extend(person.cards.iter().map(|t| self.name(Kind::Card, t)));
        names.extend(person.blocked_cards.iter().map(|t| self.name(Kind::BlockedCard, t)));
        let confirmed = person.sites.iter().filter(|site| site.confirmed.is_some());
        names.extend(confirmed.map(|site| self.name(Kind::Site, &site.host)));
        names
    }
}

/// Under which a card stands while it is blocked; `None` for what is no card.
pub fn blocked(name: &Name) -> Option<Name> {
    (name.kind == Kind::Card).then(|| Name::new(Kind::BlockedCard, name.value.clone()))
}

/// A member named by id or by a directory row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Id(MemberId),
    /// A holder of that account.
    Holder(MemberId, HolderNo),
    Named(Name),
}

impl Who {
    /// Whose account it is, where that is told outright.
    pub fn id(&self) -> Option<MemberId> {
        match self {
            Who::Id(id) | Who::Holder(id, _) => Some(*id),
            Who::Named(_) => None,
        }
    }
}

/// Phones, e-mails and cards of a holder; where none is named, the owner's: those of the account that are no
/// holder's.
pub fn of_holder(person: &Person, holder: Option<HolderNo>) -> [Vec<String>; 3] {
    if let Some(no) = holder {
        let known = person.holders.iter().find(|known| known.no == no);
        let lists = |known: &HolderPerson| [known.phones.clone(), known.emails.clone(), known.cards.clone()];
        return known.map(lists).unwrap_or_default();
    }
    let free = |all: &[String], of: fn(&HolderPerson) -> &[String]| {
        let held = |text: &&String| person.holders.iter().any(|holder| of(holder).contains(text));
        all.iter().filter(|text| !held(text)).cloned().collect()
    };
    [
        free(&person.phones, |holder| &holder.phones),
        free(&person.emails, |holder| &holder.emails),
        free(&person.cards, |holder| &holder.cards),
    ]
}

/// Which holder of the account comes, where it is not the owner.
pub fn holder_named(key: &IdentifierKey, person: &Person, who: &Who) -> Option<HolderNo> {
    let name = match who {
        Who::Id(_) => return None,
        Who::Holder(_, no) => return Some(*no),
        Who::Named(name) => name,
    };
    let of = |holder: &HolderPerson| match name.kind {
        Kind::Phone => holder.phones.iter().any(|text| key.name(Kind::Phone, text) == *name),
        Kind::Email => holder.emails.iter().any(|text| key.name(Kind::Email, text) == *name),
        Kind::Card => holder.cards.iter().any(|text| key.name(Kind::Card, text) == *name),
        _ => false,
    };
    person.holders.iter().find(|holder| of(holder)).map(|holder| holder.no)
}

/// Brings a reference to the form in which it is looked up.
pub fn who(key: &IdentifierKey, member: &MemberRef) -> Result<Who, Refusal> {
    Ok(match member {
        MemberRef::Id(id) => Who::Id(*id),
        MemberRef::Holder(id, no) => Who::Holder(*id, *no),
        MemberRef::Ext(text) => Who::Named(key.name(Kind::Ext, &ext(text)?)),
        MemberRef::Phone(text) => Who::Named(key.name(Kind::Phone, &phone(text)?)),
        MemberRef::Email(text) => Who::Named(key.name(Kind::Email, &email(text)?)),
        MemberRef::Card(text) => Who::Named(key.name(Kind::Card, &card(text)?)),
    })
}

/// The person of a registration, every identifier in its one spelling.
pub fn person(registration: &Registration) -> Result<Person, Refusal> {
    Ok(Person {
        name: registration.name.as_deref().map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned),
        birth_date: registration.birth_date,
        birth_date_known_at: None,
        language: registration.language.clone(),
        attributes: registration.attributes.clone(),
        region: registration.region.clone(),
        telegram: registration.telegram.clone(),
        // Recorded when it is decided: that is when the time is known.
        consents: Vec::new(),
        ext: registration.ext.as_deref().map(ext).transpose()?,
        other_exts: Vec::new(),
        phones: list("phone", &registration.phones, phone)?,
        emails: list("email", &registration.emails, email)?,
        cards: list("card", &registration.cards, card)?,
        blocked_cards: Vec::new(),
        sites: Vec::new(),
        holders: Vec::new(),
    })
}

/// Each in its one spelling, none twice.
pub fn list(
    kind: &'static str,
    texts: &[String],
    read: fn(&str) -> Result<String, Refusal>,
) -> Result<Vec<String>, Refusal> {
    if texts.len() > IDENTIFIERS_MAX {
        return Err(Refusal::InvalidIdentifier { kind });
    }
    let mut out: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        let text = read(text)?;
        if !out.contains(&text) {
            out.push(text);
        }
    }
    Ok(out)
}

/// The shop's customer id as it is, without spaces around it.
pub fn ext(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.len() > EXT_MAX || text.chars().any(char::is_control) {
        return Err(Refusal::InvalidIdentifier { kind: "ext" });
    }
    Ok(text.to_owned())
}

/// E.164 with its plus. Numbers without a country are Russian: `8 (912) 345-67-89`, `79123456789` and
/// `9123456789` are `+79123456789`; every other country needs the plus or `00`.
pub fn phone(text: &str) -> Result<String, Refusal> {
    let refused = Refusal::InvalidIdentifier { kind: "phone" };
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let allowed = |c: char| c.is_ascii_digit() || " \u{a0}()-–.+/\t".contains(c);
    let plus = text.starts_with('+');
    if !text.chars().all(allowed) || text.chars().skip(1).any(|c| c == '+') {
        return Err(refused);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = match (plus, digits.strip_prefix("00")) {
        (true, _) => digits,
        (false, Some(rest)) => rest.to_owned(),
        (false, None) => russian(&digits).ok_or(refused.clone())?,
    };
    let plausible = PHONE_DIGITS.contains(&international.len())
        && !international.starts_with('0')
        && (!international.starts_with('7') || is_zone_seven(&international));
    if plausible { Ok(format!("+{international}")) } else { Err(refused) }
}

/// The national spellings of Russia: with the trunk 8, with the country's 7, or ten digits alone.
fn russian(digits: &str) -> Option<String> {
    let national = match (digits.len(), digits.as_bytes().first()) {
        (11, Some(b'8' | b'7')) => &digits[1..],
        (10, Some(b'3' | b'4' | b'8' | b'9')) => digits,
        _ => return None,
    };
    Some(format!("7{national}"))
}

/// Country code 7: ten digits more, of Russia (3, 4, 8, 9) or Kazakhstan (6, 7).
fn is_zone_seven(digits: &str) -> bool {
    digits.len() == 11 && matches!(digits.as_bytes()[1], b'3' | b'4' | b'6' | b'7' | b'8' | b'9')
}

/// Case-folded; one `@` with something on both sides.
pub fn email(text: &str) -> Result<String, Refusal> {
    let folded = text.trim().to_lowercase();
    let well_formed = folded.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    let clean = !folded.chars().any(|c| c.is_whitespace() || c.is_control());
    if well_formed && clean && folded.len() <= EMAIL_MAX {
        Ok(folded)
    } else {
        Err(Refusal::InvalidIdentifier { kind: "email" })
    }
}

/// A site's host in its one spelling: of an address or a name, without `www.`, in letters of the net. A
/// number, a port of its own or a name without a dot is no site of somebody's.
pub fn site(text: &str) -> Result<String, Refusal> {
    let refused = || Refusal::InvalidIdentifier { kind: "site" };
    let text = text.trim();
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&address).map_err(|_| refused())?;
    if !matches!(url.scheme(), "http" | "https") || url.port().is_some() || !url.username().is_empty() {
        return Err(refused());
    }
    match url.host() {
        Some(Host::Domain(host)) => {
            let host = host.trim_end_matches('.');
            let host = host.strip_prefix("www.").unwrap_or(host);
            if host.contains('.') { Ok(host.to_owned()) } else { Err(refused()) }
        }
        _ => Err(refused()),
    }
}

/// EAN-13 with its check digit; spaces and dashes as printed do not matter.
pub fn card(text: &str) -> Result<String, Refusal> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let weighted = |(place, byte): (usize, u8)| u32::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 };
    let right = digits.len() == 13
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().enumerate().map(weighted).sum::<u32>() % 10 == 0;
    if right { Ok(digits) } else { Err(Refusal::InvalidIdentifier { kind: "card" }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_spellings_are_one_number() {
        for text in [
            "8 (912) 345-67-89",
            "+7 912 345 67 89",
            "+7(912)345-67-89",
            "9123456789",
            "79123456789",
            "8-912-345-67-89",
            "007 912 345 67 89",
            "tel:+79123456789",
            " 8\u{a0}912 345.67.89 ",
        ] {
            assert_eq!(phone(text).as_deref(), Ok("+79123456789"), "{text}");
        }
        assert_eq!(phone("8 495 123-45-67").as_deref(), Ok("+74951234567"));
    }

    #[test]
    fn other_countries_need_the_plus() {
        assert_eq!(phone("+49 (30) 901820").as_deref(), Ok("+4930901820"));
        assert_eq!(phone("0049 30 901820").as_deref(), Ok("+4930901820"));
        assert_eq!(phone("+1 415 555 2671").as_deref(), Ok("+14155552671"));
        assert_eq!(phone("+7 701 234 56 78").as_deref(), Ok("+77012345678"));
        for text in ["", "+", "912", "4930901820123", "+0123456789", "+7912345678", "+7 212 345 67 89", "no"]
        {
            assert!(phone(text).is_err(), "{text}");
        }
        assert!(phone("+7912+3456789").is_err());
        assert!(phone("+1234567890123456").is_err(), "sixteen digits");
    }

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(email(" Anna@Example.COM ").as_deref(), Ok("anna@example.com"));
        assert_eq!(email("ЮЛИЯ@почта.рф").as_deref(), Ok("юлия@почта.рф"));
        for text in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@.b", "a@b."] {
            assert!(email(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_site_is_one_however_it_is_told() {
        for text in
            ["blog.example", "https://www.Blog.example/a?b#c", " http://blog.example. ", "www.blog.example"]
        {
            assert_eq!(site(text).as_deref(), Ok("blog.example"), "{text}");
        }
        assert_eq!(site("https://пример.рф/о-нас").as_deref(), Ok("xn--e1afmkfd.xn--p1ai"));
        for text in [
            "",
            "blog",
            "localhost",
            "127.0.0.1",
            "https://[::1]/",
            "blog.example:8443",
            "ftp://blog.example",
            "https://u@blog.example",
            "a b.example",
        ] {
            assert!(site(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_card_needs_its_check_digit() {
        assert_eq!(card("4006381333931").as_deref(), Ok("4006381333931"));
        assert_eq!(card("4-006381-333931").as_deref(), Ok("4006381333931"));
        for text in ["4006381333932", "400638133393", "", "40063813339311", "400638133393x"] {
            assert!(card(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hashes_depend_on_the_key_and_on_the_kind() {
        let (one, other) = (IdentifierKey::new([1; 32]), IdentifierKey::new([2; 32]));
        let name = one.name(Kind::Phone, "+79123456789");
        assert_eq!(name, one.name(Kind::Phone, "+79123456789"));
        assert_ne!(name, other.name(Kind::Phone, "+79123456789"));
        assert_ne!(name.value, one.name(Kind::Email, "+79123456789").value);
        assert_ne!(one.hash(&[b"ab", b"c"]), one.hash(&[b"a", b"bc"]));
    }

    #[test]
    fn the_hash_is_the_standards_hmac_of_the_key() {
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(&3_u64.to_be_bytes());
        mac.update(b"one");
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(IdentifierKey::new([7; 32]).hash(&[b"one"]), expected);
    }
}
