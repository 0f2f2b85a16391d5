//! What can be done with a write before it waits for its turn: spellings, hashes, plain mistakes.
//!
//! Invariant: nothing here depends on what is stored, so a write refused here would be refused always.

use crate::consents;
use crate::identifiers::{self, IdentifierKey, Who};
use crate::service::guest_addresses;
use crate::sites;
use crate::write::{
    AddressChange, Brought, CardChange, Change, ConsentTold, GuestContact, HolderChange, HolderTold,
    MemberRef, MergeStep, PersonPatch, Registration, VisitBy, Write,
};
use kopilka_core::attribute::Attributes;
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::decide::{Adjustment, Command, GiftCardChange, Imported};
use kopilka_core::ids::{CodeId, EntryId, MemberId, ProgramId};
use kopilka_core::member::MemberStatus;
use kopilka_core::money::Money;
use kopilka_core::order::{OrderBody, OrderKey, OrderState, ReturnBody};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::{Day, Instant};
use kopilka_store::guests::AddressHash;
use kopilka_store::rows::{Hash16, Kind, Name, Person};
use sha2::{Digest, Sha256};

/// A write on its way to the writer.
pub(crate) struct Prepared {
    pub program: ProgramId,
    pub key_hash: Option<Hash16>,
    pub input_hash: Option<Hash16>,
    pub operator: Option<String>,
    pub reason: Option<String>,
    pub change: Ready,
    /// Made coupon codes and gift cards of the command, read before it is decided.
    pub codes: Vec<MadeCode>,
}

/// Who brought a newcomer: told outright, or by whose link the visitor came.
pub(crate) enum Inviter {
    Member(MemberId),
    Visitor(Name),
}

/// A change whose identifiers are directory names and whose bodies are hashed.
pub(crate) enum Ready {
    Register {
        person: Person,
        names: Vec<Name>,
        consents: Vec<ConsentTold>,
        welcome: bool,
        inviter: Option<Inviter>,
    },
    Import {
        person: Person,
        names: Vec<Name>,
        imported: Imported,
    },
    Visit {
        by: Who,
        site: bool,
        /// A keyed hash.
        visitor: Name,
    },
    Patch {
        who: Who,
        patch: PersonPatch,
    },
    PutOrder {
        who: Option<Who>,
        body: OrderBody,
        hash: u64,
        /// Under which a guest's order can be claimed.
        contact: Vec<AddressHash>,
    },
    /// A guest's order goes to a member: by a code that confirms its address, or by support.
    HandOver {
        who: Who,
        order: OrderKey,
        code: Option<CodeId>,
    },
    /// The order that a guest's entry has handed over.
    TakeOrder {
        member: MemberId,
        from: MemberId,
        entry: EntryId,
        order: Box<OrderState>,
    },
    Return(ReturnBody),
    Cancel {
        key: OrderKey,
        occurred_at: Option<Instant>,
    },
    Exchange {
        back: ReturnBody,
        order: OrderBody,
        hash: u64,
    },
    Adjust {
        who: Who,
        adjustment: Adjustment,
    },
    Reverse {
        member: MemberId,
        entry: EntryId,
    },
    SetStatus {
        who: Who,
        status: MemberStatus,
    },
    Erase {
        who: Who,
    },
    Merge {
        who: Who,
        into: Who,
        api_key: String,
    },
    /// What another member's entry means for the account `member`, and what its person has to do with it.
    Merging {
        member: MemberId,
        step: MergeStep,
    },
    SetHolder {
        who: Who,
        /// Identifiers in their one spelling.
        change: HolderChange,
    },
    SetCard {
        who: Who,
        /// Numbers in their one spelling.
        change: CardChange,
    },
    Happen {
        who: Who,
        event: String,
        /// What is told with it.
        data: Attributes,
    },
    /// A command on one member that asks for nothing else.
    Plain {
        who: Who,
        command: Command,
    },
    IssueGiftCard {
        code: CouponCode,
        amount: Money,
        expires_at: Option<Instant>,
    },
    ChangeGiftCard {
        code: CouponCode,
        change: GiftCardChange,
    },
    Transfer {
        from: Who,
        to: Who,
        points: Points,
    },
    /// What another member's entry brings about on this one.
    Relayed {
        member: MemberId,
        command: Command,
    },
}

pub(crate) fn prepare(secret: &IdentifierKey, write: Write) -> Result<Prepared, Refusal> {
    let needs_reason = matches!(
        write.change,
        Change::Adjust { .. }
            | Change::Reverse { .. }
            | Change::SetStatus { .. }
            | Change::Erase { .. }
            | Change::Merge { .. }
            | Change::SetCard { .. }
            | Change::ChangeGiftCard { .. }
            | Change::WithdrawOffer { .. }
            | Change::SetTier { .. }
            | Change::BindGuestOrder { .. }
    );
    if needs_reason && write.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Refusal::ReasonMissing);
    }
    let change = ready(secret, write.change)?;
    let key_hash = write.key.as_ref().map(|key| {
        let program = write.program.0.to_be_bytes();
        let hash = secret.hash16(&[b"key", &program, write.scope.as_bytes(), key.as_bytes()]);
        match &change {
            Ready::Import { person, .. } => beside_neighbours(secret, person, hash),
            _ => hash,
        }
    });
    Ok(Prepared {
        program: write.program,
        key_hash,
        // Keyed, because what stands behind the hash may be a phone number.
        input_hash: key_hash.map(|_| secret.hash16(&[b"input", &write.input_hash])),
        operator: write.operator,
        reason: write.reason,
        change,
        codes: Vec::new(),
    })
}

/// So many last characters of an own id or a card number tell neighbours apart: a thousand numbers.
const NEIGHBOURS_DIFFER_IN: usize = 3;
/// Of a key that stands beside its neighbours' so many bytes are common; the other ten tell it from any.
const NEIGHBOURHOOD_BYTES: usize = 6;

/// The keys of rows whose own ids or cards differ in their last characters alone begin alike. A list is
/// mostly in the order of its ids, so the keys of a page of rows stand side by side in the directory, not
/// each on a page of its own. Of phones and e-mails nothing is common.
fn beside_neighbours(secret: &IdentifierKey, person: &Person, mut hash: Hash16) -> Hash16 {
    let Some(text) = person.ext.as_ref().or(person.cards.first()) else { return hash };
    let common = text.char_indices().rev().nth(NEIGHBOURS_DIFFER_IN - 1).map_or("", |(at, _)| &text[..at]);
    let neighbourhood = secret.hash16(&[b"neighbours", common.as_bytes()]);
    hash[..NEIGHBOURHOOD_BYTES].copy_from_slice(&neighbourhood[..NEIGHBOURHOOD_BYTES]);
    hash
}

fn register(secret: &IdentifierKey, registration: Registration) -> Result<Ready, Refusal> {
    let person = identifiers::person(&registration)?;
    possible(person.birth_date)?;
    consents::judge(&registration.consents)?;
    Ok(Ready::Register {
        names: secret.names(&person),
        inviter: inviter_of(secret, &registration),
        welcome: !registration.no_welcome,
        consents: registration.consents,
        person,
    })
}

/// Who comes from another system brings no consents: those are told with their proof.
fn import(secret: &IdentifierKey, brought: Brought) -> Result<Ready, Refusal> {
    let person = identifiers::person(&brought.registration)?;
    possible(person.birth_date)?;
    Ok(Ready::Import { names: secret.names(&person), imported: brought.imported, person })
}

fn ready(secret: &IdentifierKey, change: Change) -> Result<Ready, Refusal> {
    let who = |member| identifiers::who(secret, member);
    let plain = |member, command| who(member).map(|who| Ready::Plain { who, command });
    Ok(match change {
        Change::Register(registration) => register(secret, registration)?,
        Change::Import(brought) => import(secret, *brought)?,
        Change::PatchMember { member, patch } => {
            possible(patch.birth_date.flatten())?;
            consents::judge(&patch.consents)?;
            Ready::Patch { who: who(&member)?, patch: one_spelling(patch)? }
        }
        Change::PutOrder { member, body } => put_order(secret, member.as_ref(), body)?,
        Change::PutGuestOrder { contact, body } => put_guest_order(secret, &contact, body)?,
        Change::ClaimGuestOrder { member, order, code } => hand_over(secret, &member, order, Some(code))?,
        Change::BindGuestOrder { member, order } => hand_over(secret, &member, order, None)?,
        Change::TakeGuestOrder { member, from, entry, order } => {
            Ready::TakeOrder { member, from, entry, order }
        }
        Change::Return(back) => Ready::Return(back),
        Change::Cancel { key, occurred_at } => Ready::Cancel { key, occurred_at },
        Change::Exchange { back, order } => Ready::Exchange { hash: body_hash(&order), back, order },
        Change::Adjust { member, adjustment } => Ready::Adjust { who: who(&member)?, adjustment },
        Change::Reverse { member, entry } => Ready::Reverse { member, entry },
        Change::SetStatus { member, status } => Ready::SetStatus { who: who(&member)?, status },
        Change::SetHolder { member, change } => set_holder(who(&member)?, change)?,
        Change::SetCard { member, change } => {
            Ready::SetCard { who: who(&member)?, change: change.one_spelling()? }
        }
        Change::Erase { member } => Ready::Erase { who: who(&member)? },
        Change::Merge { member, into, api_key } => {
            Ready::Merge { who: who(&member)?, into: who(&into)?, api_key }
        }
        Change::MergeStep { member, step } => Ready::Merging { member, step },
        Change::Happen { member, event, data } => Ready::Happen { who: who(&member)?, event, data },
        Change::ClaimReward { member, reward, code } => {
            plain(&member, Command::ClaimReward { reward: reward.as_str().into(), code })?
        }
        Change::SettleClaim { member, claim, handed_over } => {
            plain(&member, Command::SettleClaim { claim, handed_over })?
        }
        Change::GiveOffer { member, offer } => plain(&member, Command::GiveOffer { offer: offer.into() })?,
        Change::ActivateOffer { member, offer } => {
            plain(&member, Command::ActivateOffer { offer: offer.into() })?
        }
        Change::WithdrawOffer { member, offer } => {
            plain(&member, Command::WithdrawOffer { offer: offer.into() })?
        }
        Change::Visit { by, visitor } => visit(secret, by, &visitor)?,
        Change::Hear { member, told } => Ready::Relayed { member, command: Command::Hear(told) },
        Change::SetTier { member, tier, until } => {
            plain(&member, Command::SetTier { tier: tier.map(Into::into), until })?
        }
        Change::SetTags { member, add, remove } => {
            let tags = |list: Vec<String>| list.into_iter().map(Into::into).collect();
            plain(&member, Command::SetTags { add: tags(add), remove: tags(remove) })?
        }
        Change::IssueGiftCard { code, amount, expires_at } => {
            Ready::IssueGiftCard { code, amount, expires_at }
        }
        Change::ChangeGiftCard { code, change } => Ready::ChangeGiftCard { code, change },
        Change::Transfer { from, to, points } => Ready::Transfer { from: who(&from)?, to: who(&to)?, points },
        Change::ReceiveTransfer { member, from, entry, pieces } => {
            Ready::Relayed { member, command: Command::ReceiveTransfer { from, entry, pieces } }
        }
        Change::ReturnTransfer { member, to, entry, pieces } => {
            Ready::Relayed { member, command: Command::ReturnTransfer { to, entry, pieces } }
        }
    })
}

fn put_order(secret: &IdentifierKey, member: Option<&MemberRef>, body: OrderBody) -> Result<Ready, Refusal> {
    let who = member.map(|member| identifiers::who(secret, member)).transpose()?;
    let hash = body_hash(&body);
    Ok(Ready::PutOrder { who, body, hash, contact: Vec::new() })
}

fn put_guest_order(
    secret: &IdentifierKey,
    contact: &GuestContact,
    body: OrderBody,
) -> Result<Ready, Refusal> {
    let contact = guest_addresses(secret, contact)?;
    let hash = body_hash(&body);
    Ok(Ready::PutOrder { who: None, body, hash, contact })
}

fn hand_over(
    secret: &IdentifierKey,
    member: &MemberRef,
    order: OrderKey,
    code: Option<CodeId>,
) -> Result<Ready, Refusal> {
    Ok(Ready::HandOver { who: identifiers::who(secret, member)?, order, code })
}

fn visit(secret: &IdentifierKey, by: VisitBy, visitor: &str) -> Result<Ready, Refusal> {
    let visitor = visitor_name(secret, visitor);
    Ok(match by {
        VisitBy::Link(member) => Ready::Visit { by: Who::Id(member), site: false, visitor },
        VisitBy::Site(text) => {
            let host = secret.name(Kind::Site, &identifiers::site(&text)?);
            Ready::Visit { by: Who::Named(host), site: true, visitor }
        }
    })
}

impl CardChange {
    fn one_spelling(self) -> Result<CardChange, Refusal> {
        let replacement = self.replacement.as_deref().map(identifiers::card).transpose()?;
        Ok(CardChange { card: identifiers::card(&self.card)?, replacement, ..self })
    }
    /// Under which its cards are looked up.
    pub fn names(&self) -> Vec<Name> {
        let numbers = std::iter::once(&self.card).chain(&self.replacement);
        let both = |number: &String| {
            [Name::new(Kind::Card, number.as_str()), Name::new(Kind::BlockedCard, number.as_str())]
        };
        numbers.flat_map(both).collect()
    }
}

fn set_holder(who: Who, change: HolderChange) -> Result<Ready, Refusal> {
    Ok(Ready::SetHolder { who, change: change.one_spelling()? })
}

impl HolderChange {
    fn one_spelling(mut self) -> Result<HolderChange, Refusal> {
        if let Some(HolderTold { person, .. }) = &mut self.to {
            person.phones = identifiers::list("phone", &person.phones, identifiers::phone)?;
            person.emails = identifiers::list("email", &person.emails, identifiers::email)?;
            person.cards = identifiers::list("card", &person.cards, identifiers::card)?;
            person.name = person.name.take().map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        }
        Ok(self)
    }
    /// Under which its phones, e-mails and cards are looked up.
    pub fn names(&self, secret: &IdentifierKey) -> Vec<Name> {
        let Some(HolderTold { person, .. }) = &self.to else { return Vec::new() };
        let phones = person.phones.iter().map(|text| secret.name(Kind::Phone, text));
        let emails = person.emails.iter().map(|text| secret.name(Kind::Email, text));
        let cards = person.cards.iter().flat_map(|text| {
            [Name::new(Kind::Card, text.as_str()), Name::new(Kind::BlockedCard, text.as_str())]
        });
        phones.chain(emails).chain(cards).collect()
    }
}

fn inviter_of(secret: &IdentifierKey, registration: &Registration) -> Option<Inviter> {
    let by_visit = |visitor: &String| Inviter::Visitor(visitor_name(secret, visitor));
    let told = registration.referrer.map(Inviter::Member);
    told.or_else(|| registration.visitor.as_ref().map(by_visit))
}

fn visitor_name(secret: &IdentifierKey, visitor: &str) -> Name {
    secret.name(Kind::Visitor, visitor.trim())
}

fn one_spelling(patch: PersonPatch) -> Result<PersonPatch, Refusal> {
    let ext = match patch.ext {
        Some(Some(text)) => Some(Some(identifiers::ext(&text)?)),
        other => other,
    };
    let list = |kind, texts: Option<Vec<String>>, read: fn(&str) -> Result<String, Refusal>| {
        texts.map(|texts| identifiers::list(kind, &texts, read)).transpose()
    };
    Ok(PersonPatch {
        ext,
        phones: list("phone", patch.phones, identifiers::phone)?,
        emails: list("email", patch.emails, identifiers::email)?,
        cards: list("card", patch.cards, identifiers::card)?,
        site: patch.site.map(sites::one_spelling).transpose()?,
        address: patch.address.map(AddressChange::one_spelling).transpose()?,
        ..patch
    })
}

/// Nobody alive was born before; a day after today is refused by the writer, who knows the time.
const BIRTH_YEAR_MIN: i16 = 1900;

fn possible(birth_date: Option<Day>) -> Result<(), Refusal> {
    match birth_date {
        Some(day) if day.year() < BIRTH_YEAR_MIN => Err(Refusal::BirthDateImpossible),
        _ => Ok(()),
    }
}

/// Tells the same body from another one, whatever the order of its fields on the wire. It is taken before
/// the product table adds anything.
pub(crate) fn body_hash(body: &OrderBody) -> u64 {
    let text = serde_json::to_vec(body).unwrap_or_default();
    let digest = Sha256::digest(&text);
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}
