//! One-time codes: a member shows by one that an address is theirs, or agrees to an order's points.
//!
//! Invariant: a code stands nowhere but sealed in its message while that waits, or with whoever sends it;
//! five wrong tries or five minutes end it, and what it confirmed is bound to its order and points, or to
//! its address, for half an hour. Nobody but the key that asked for a code can tell it: ids are no secrets.

mod tries;

use tries::{AGAIN_SECONDS, CODE_LIVES_SECONDS, DAY_SECONDS, TO_ADDRESS_MAX, TRIES_MAX, Tried, too_many};
pub(crate) use tries::{AddressCode, confirmed_address, confirmed_points};

use super::Service;
use crate::error::ServiceError;
use crate::identifiers::{self, IdentifierKey};
use crate::messages::{NewMessage, Recipient, language_of, queued};
use crate::write::{AddressChange, MemberRef};
use kopilka_core::consent::Channel;
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::{CodeId, MemberId, ProgramId};
use kopilka_core::order::OrderKey;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_core::words::{Language, Speaker};
use kopilka_store::Reader;
use kopilka_store::codes::{CodeProgress, CodeRow};
use kopilka_store::messages::Class;
use kopilka_store::rows::{Kind, Person};
use serde_json::Map;

/// Rows are needed for the limits of a day.
pub(crate) const KEPT_SECONDS: i64 = 2 * DAY_SECONDS;
const DIGITS: usize = 6;

/// By what a code reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeChannel {
    Sms,
    Email,
}

impl CodeChannel {
    pub fn name(self) -> &'static str {
        self.of_messages().name()
    }
    fn of_messages(self) -> Channel {
        match self {
            CodeChannel::Sms => Channel::Sms,
            CodeChannel::Email => Channel::Email,
        }
    }
}

/// What is to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeFor {
    /// The member agrees to so many points of an order at most; by SMS where a phone is known, unless told.
    Spending {
        member: MemberRef,
        order: OrderKey,
        points: Points,
        channel: Option<CodeChannel>,
    },
    /// Whoever tells the code reads what comes to this phone.
    Phone(String),
    Email(String),
    /// The same, to change the phone or e-mail of this member.
    Change {
        member: MemberRef,
        channel: CodeChannel,
        address: String,
    },
}

/// A code that was made, and where it is to go. The digits are stored with its message alone, sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeMade {
    pub id: CodeId,
    pub channel: CodeChannel,
    pub address: String,
    pub digits: String,
    pub expires_at: Instant,
    /// Before that no other goes to this address.
    pub again_at: Instant,
}

impl std::fmt::Debug for CodeMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeMade({})", self.id)
    }
}

/// What a code has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeConfirmed {
    pub id: CodeId,
    /// Whose the address was when the code was sent.
    pub member: Option<MemberId>,
    pub order: Option<(OrderKey, Points)>,
    /// Until then it can be used.
    pub until: Instant,
}

/// Why there is no code, or why it confirms nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProblem {
    /// The member has no phone and no e-mail, or none for the channel.
    NoAddress,
    TooSoon {
        seconds: i64,
    },
    TooManyToAddress,
    TooManyByCaller,
    /// The program writes to nobody by this channel.
    NoSender,
    /// There is none, or it is another key's.
    Unknown,
    Wrong {
        left: u32,
    },
    /// Guessed at too often: a new one must be sent.
    Void,
    Expired,
}

/// The row of a code before it stands in the table.
struct Draft {
    member: Option<MemberId>,
    subject: Option<MemberId>,
    channel: CodeChannel,
    address: String,
    language: Option<Language>,
    order: Option<(OrderKey, Points)>,
}

impl Draft {
    /// What is written to the address: the digits, how long they hold, what they are for.
    fn message(&self, speaker: &Speaker<'_>, digits: &str, now: Instant) -> NewMessage {
        let mut data = Map::new();
        data.insert("code".to_owned(), digits.into());
        data.insert("minutes".to_owned(), (CODE_LIVES_SECONDS / 60).into());
        data.insert(
            "points".to_owned(),
            self.order.as_ref().map(|(_, points)| speaker.points(*points)).into(),
        );
        NewMessage {
            to: Recipient::Address(self.address.clone()),
            channel: self.channel.of_messages(),
            event: "one_time_code".to_owned(),
            class: Class::Service,
            language: Some(speaker.language),
            data,
            expires_at: now.plus_seconds(CODE_LIVES_SECONDS),
        }
    }
}

impl Service {
    /// Makes a code. Refused where one went to the address a moment ago or too many today.
    /// Where it is to `send` the code, that is queued in the same transaction; else whoever asked sends it.
    pub async fn make_code(
        &self,
        program: ProgramId,
        what: CodeFor,
        (caller, send): (String, bool),
    ) -> Result<Result<CodeMade, CodeProblem>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let in_force = state.versions.at(now).cloned().ok_or(ServiceError::ProgramUnknown)?;
        let draft = match self.draft_of(program, what).await? {
            Ok(draft) => draft,
            Err(problem) => return Ok(Err(problem)),
        };
        let speaks = match send {
            true => match self.sender(program, draft.channel.of_messages()).await {
                Ok(sender) => Some(draft.language.unwrap_or(sender.settings.language())),
                Err(ServiceError::SenderUnknown) => return Ok(Err(CodeProblem::NoSender)),
                Err(error) => return Err(error),
            },
            false => None,
        };
        let digits = draw().map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))?;
        let made = self.alone(move |engine| {
            let id = CodeId(engine.shared.ids.next());
            // Messages go by the server's own clock, whatever the time of a sandbox is.
            let message = match speaks {
                Some(language) => {
                    let now = engine.shared.system_now();
                    let new = draft.message(&Speaker::new(&in_force, language), &digits, now);
                    Some(queued(&engine.shared, program, &new, now)?)
                }
                None => None,
            };
            let secret = &engine.shared.secret;
            let row = CodeRow {
                id,
                member: draft.member,
                subject: draft.subject,
                address: address_hash(secret, draft.channel, &draft.address),
                caller,
                order: draft.order.clone(),
                digest: digest(secret, program, id, &digits),
                state: CodeProgress::Sent,
                tries: 0,
                sent_at: now,
                confirmed_at: None,
            };
            let refused = engine.transaction(|engine| {
                engine.writer.forget_codes(program, now.plus_seconds(-KEPT_SECONDS))?;
                let reads = engine.writer.reads();
                let since = now.plus_seconds(-DAY_SECONDS);
                let sent = reads.codes_to(program, &row.address, since, TO_ADDRESS_MAX)?;
                let by_caller = reads.codes_by(program, &row.caller, since)?;
                if let Err(problem) = too_many(&sent, by_caller, now) {
                    return Ok(Err(problem));
                }
                message.iter().try_for_each(|message| engine.writer.insert_message(message).map(|_| ()))?;
                engine.writer.insert_code(program, &row).map(Ok)
            })?;
            let again_at = now.plus_seconds(AGAIN_SECONDS);
            let expires_at = now.plus_seconds(CODE_LIVES_SECONDS);
            let Draft { channel, address, .. } = draft;
            Ok(refused.map(|()| CodeMade { id, channel, address, digits, expires_at, again_at }))
        });
        let made = made.await?;
        if send {
            self.shared.hurry_messenger();
        }
        made
    }

    /// Tries a code of the caller's. The right one confirms, also when it is told again while what it
    /// confirmed holds.
    pub async fn verify_code(
        &self,
        program: ProgramId,
        caller: String,
        id: CodeId,
        digits: String,
    ) -> Result<Result<CodeConfirmed, CodeProblem>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        self.alone(move |engine| {
            engine.transaction(|engine| {
                let row = engine.writer.reads().code(program, id)?;
                let Some(mut row) = row.filter(|row| row.caller == caller) else {
                    return Ok(Err(CodeProblem::Unknown));
                };
                let right = digest(&engine.shared.secret, program, id, digits.trim()) == row.digest;
                let (seen, changed) = (row.tries, row.state == CodeProgress::Sent);
                let tried = row.tried(right, now);
                if changed && !engine.writer.code_tried(program, &row, seen)? {
                    // Another try was faster: this one counts as none, and can be told again.
                    return Ok(Err(CodeProblem::Wrong { left: TRIES_MAX - seen }));
                }
                Ok(tried)
            })
        })
        .await?
        .map_err(ServiceError::from)
    }

    /// Who has confirmed an address by the code, as the account knows them now, and which address it was;
    /// `None` where nobody of the account has it any more.
    pub async fn who_confirmed(
        &self,
        program: ProgramId,
        code: CodeId,
    ) -> Result<Option<(MemberRef, AddressMark)>, ServiceError> {
        let read = move |r: &Reader| {
            let row = r.code(program, code)?;
            let Some((address, member)) = row.and_then(|row| Some((row.address, row.member?))) else {
                return Ok(None);
            };
            let member = r.survivor(program, member)?;
            Ok(Some((address, member, r.person(program, member)?.unwrap_or_default())))
        };
        let Some((address, member, person)) = self.read(read).await? else { return Ok(None) };
        let mark = AddressMark::of(&address);
        if has_address(&self.shared.secret, &person, None, &address) {
            return Ok(Some((MemberRef::Id(member), mark)));
        }
        let holder = person.holders.iter().map(|holder| holder.no);
        let holder =
            holder.into_iter().find(|no| has_address(&self.shared.secret, &person, Some(*no), &address));
        Ok(holder.map(|no| (MemberRef::Holder(member, no), mark)))
    }

    /// Whether the address that was confirmed is still one of the holder's, or of the owner's where none is
    /// named.
    pub fn still_has(&self, person: &Person, holder: Option<HolderNo>, mark: AddressMark) -> bool {
        addresses(&self.shared.secret, person, holder).any(|address| AddressMark::of(&address) == mark)
    }

    async fn draft_of(
        &self,
        program: ProgramId,
        what: CodeFor,
    ) -> Result<Result<Draft, CodeProblem>, ServiceError> {
        let (member, order, points, channel) = match what {
            CodeFor::Phone(text) => return self.draft_to(program, CodeChannel::Sms, &text).await.map(Ok),
            CodeFor::Email(text) => return self.draft_to(program, CodeChannel::Email, &text).await.map(Ok),
            CodeFor::Change { member, channel, address } => {
                let subject = Some(self.find_member(program, member).await?);
                let draft = self.draft_to(program, channel, &address).await?;
                return Ok(Ok(Draft { subject, ..draft }));
            }
            CodeFor::Spending { member, order, points, channel } => (member, order, points, channel),
        };
        let who = identifiers::who(&self.shared.secret, &member)?;
        let member = self.find_member(program, member).await?;
        let person = self.read(move |reader| reader.person(program, member)).await?.unwrap_or_default();
        let holder = identifiers::holder_named(&self.shared.secret, &person, &who);
        let Some((channel, address)) = address_of(&person, holder, channel) else {
            return Ok(Err(CodeProblem::NoAddress));
        };
        let language = person.language.as_deref().and_then(language_of);
        let order = Some((order, points));
        Ok(Ok(Draft { member: Some(member), subject: None, channel, address, language, order }))
    }

    async fn draft_to(
        &self,
        program: ProgramId,
        channel: CodeChannel,
        text: &str,
    ) -> Result<Draft, ServiceError> {
        let address = read_address(channel, text)?;
        let named = match channel {
            CodeChannel::Sms => MemberRef::Phone(address.clone()),
            CodeChannel::Email => MemberRef::Email(address.clone()),
        };
        let member = match self.find_member(program, named).await {
            Ok(member) => Some(member),
            Err(ServiceError::Refused(Refusal::MemberUnknown)) => None,
            Err(error) => return Err(error),
        };
        let language = match member {
            Some(member) => {
                let person = self.read(move |reader| reader.person(program, member)).await?;
                person.and_then(|person| language_of(person.language.as_deref()?))
            }
            None => None,
        };
        Ok(Draft { member, subject: None, channel, address, language, order: None })
    }
}

impl AddressChange {
    pub(crate) fn one_spelling(self) -> Result<AddressChange, Refusal> {
        Ok(AddressChange {
            address: read_address(self.channel, &self.address)?,
            card: self.card.as_deref().map(identifiers::card).transpose()?,
            ..self
        })
    }
}

fn read_address(channel: CodeChannel, text: &str) -> Result<String, Refusal> {
    match channel {
        CodeChannel::Sms => identifiers::phone(text),
        CodeChannel::Email => identifiers::email(text),
    }
}

/// The first of the channel, or of either.
/// Of the holder who comes, or of the owner.
fn address_of(
    person: &Person,
    holder: Option<HolderNo>,
    channel: Option<CodeChannel>,
) -> Option<(CodeChannel, String)> {
    let [phones, emails, _] = identifiers::of_holder(person, holder);
    let phone = || phones.first().map(|text| (CodeChannel::Sms, text.clone()));
    let email = || emails.first().map(|text| (CodeChannel::Email, text.clone()));
    match channel {
        Some(CodeChannel::Sms) => phone(),
        Some(CodeChannel::Email) => email(),
        None => phone().or_else(email),
    }
}

/// The beginning of an address's keyed hash: tells whether another one is the same, and nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressMark(pub i64);

impl AddressMark {
    fn of(address: &[u8; 32]) -> AddressMark {
        let [a, b, c, d, e, f, g, h, ..] = *address;
        AddressMark(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// Whether a code's address is one of the holder's, or of the owner's where none is named.
pub(crate) fn has_address(
    key: &IdentifierKey,
    person: &Person,
    holder: Option<HolderNo>,
    address: &[u8; 32],
) -> bool {
    addresses(key, person, holder).any(|own| own == *address)
}

fn addresses<'a>(
    key: &'a IdentifierKey,
    person: &'a Person,
    holder: Option<HolderNo>,
) -> impl Iterator<Item = [u8; 32]> + 'a {
    let [phones, emails, _] = identifiers::of_holder(person, holder);
    let phones = phones.into_iter().map(move |text| address_hash(key, CodeChannel::Sms, &text));
    phones.chain(emails.into_iter().map(move |text| address_hash(key, CodeChannel::Email, &text)))
}

/// Where a code went, as its row has it.
pub(crate) fn address_hash(key: &IdentifierKey, channel: CodeChannel, text: &str) -> [u8; 32] {
    let kind = match channel {
        CodeChannel::Sms => Kind::Phone,
        CodeChannel::Email => Kind::Email,
    };
    key.hash(&[b"code-address", kind.name().as_bytes(), text.as_bytes()])
}

fn digest(key: &IdentifierKey, program: ProgramId, id: CodeId, digits: &str) -> [u8; 32] {
    key.hash(&[b"code", &program.0.to_be_bytes(), &id.0.to_be_bytes(), digits.as_bytes()])
}

/// Six digits, each number of a million as likely as any other.
fn draw() -> Result<String, getrandom::Error> {
    const MILLION: u32 = 1_000_000;
    /// Above it some numbers would come more often.
    const EVEN: u32 = u32::MAX - u32::MAX % MILLION;
    loop {
        let number = getrandom::u32()?;
        if number < EVEN {
            return Ok(format!("{:0width$}", number % MILLION, width = DIGITS));
        }
    }
}

/// An address as whoever asked may see it: enough to know one's own.
pub fn masked(channel: CodeChannel, address: &str) -> String {
    match channel {
        CodeChannel::Sms => {
            let shown: String = address.chars().skip(address.chars().count().saturating_sub(4)).collect();
            format!("···{shown}")
        }
        CodeChannel::Email => {
            let (local, domain) = address.split_once('@').unwrap_or((address, ""));
            let first: String = local.chars().take(1).collect();
            format!("{first}···@{domain}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_six_and_addresses_are_masked() {
        for _ in 0..100 {
            let digits = draw().unwrap();
            assert!(digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
        }
        assert_eq!(masked(CodeChannel::Sms, "+79123456789"), "···6789");
        assert_eq!(masked(CodeChannel::Email, "юлия@почта.рф"), "ю···@почта.рф");
    }
}
