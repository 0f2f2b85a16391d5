//! A write: what may be asked, and what comes back.

use crate::error::ServiceError;
use crate::service::CodeChannel;
use kopilka_core::ShortText;
use kopilka_core::attribute::{AttributeValue, Attributes};
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Adjustment, GiftCardChange, Imported, Outcome};
use kopilka_core::holder::{HolderNo, Rights};
use kopilka_core::ids::{CodeId, EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Piece;
use kopilka_core::member::{Balance, MemberStatus};
use kopilka_core::merge::Belongings;
use kopilka_core::money::Money;
use kopilka_core::order::{OrderBody, OrderKey, OrderState, ReturnBody};
use kopilka_core::points::Points;
use kopilka_core::referral::Told;
use kopilka_core::time::{Day, Instant};

use kopilka_store::rows::{HolderPerson, Proof, SiteProof};

/// One command from outside. Its idempotency key is scoped by program, `scope` and member.
#[derive(Debug, Clone)]
pub struct Write {
    pub program: ProgramId,
    /// The caller's shop and the endpoint: the same key elsewhere is another key.
    pub scope: String,
    /// `None` where the command is its own key (an order's PUT).
    pub key: Option<String>,
    /// Tells the same input from another one under the same key.
    pub input_hash: [u8; 16],
    pub operator: Option<String>,
    pub reason: Option<String>,
    pub change: Change,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum Change {
    Register(Registration),
    /// A member of another system: see [`kopilka_core::decide::Imported`].
    Import(Box<Brought>),
    PatchMember {
        member: MemberRef,
        patch: PersonPatch,
    },
    PutOrder {
        member: Option<MemberRef>,
        body: OrderBody,
    },
    /// An order without a member, and under which addresses it can be claimed.
    PutGuestOrder {
        contact: GuestContact,
        body: OrderBody,
    },
    /// A guest's order becomes the member's, whose code has confirmed its phone or e-mail.
    ClaimGuestOrder {
        member: MemberRef,
        order: OrderKey,
        code: CodeId,
    },
    /// The same as support says, with a reason.
    BindGuestOrder {
        member: MemberRef,
        order: OrderKey,
    },
    /// The order that a guest's entry has handed over: see [`crate::relay`].
    TakeGuestOrder {
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
    },
    Adjust {
        member: MemberRef,
        adjustment: Adjustment,
    },
    Reverse {
        member: MemberId,
        entry: EntryId,
    },
    SetStatus {
        member: MemberRef,
        status: MemberStatus,
    },
    /// A card of the member is blocked or freed, and may be replaced.
    SetCard {
        member: MemberRef,
        change: CardChange,
    },
    /// Somebody uses the account beside its owner, or uses it no longer.
    SetHolder {
        member: MemberRef,
        change: HolderChange,
    },
    /// The person leaves for ever: see [`kopilka_core::decide::Command::Erase`].
    Erase {
        member: MemberRef,
    },
    /// The member's account becomes part of another: see [`kopilka_core::decide::Command::Merge`].
    Merge {
        member: MemberRef,
        into: MemberRef,
        /// The key of the API that asks: a second person has another.
        api_key: String,
    },
    /// What follows from a merge for the account `member`: see [`crate::relay`].
    MergeStep {
        member: MemberId,
        step: MergeStep,
    },
    /// An event of the shop's own, by its id.
    Happen {
        member: MemberRef,
        event: String,
        /// What is told with it.
        data: Attributes,
    },
    ClaimReward {
        member: MemberRef,
        reward: String,
        /// A new one, for a reward that is a coupon.
        code: CouponCode,
    },
    SettleClaim {
        member: MemberRef,
        claim: u32,
        handed_over: bool,
    },
    GiveOffer {
        member: MemberRef,
        offer: String,
    },
    ActivateOffer {
        member: MemberRef,
        offer: String,
    },
    WithdrawOffer {
        member: MemberRef,
        offer: String,
    },
    /// A visitor came by a member's link, or from a member's site.
    Visit {
        by: VisitBy,
        /// What the shop calls the visitor: a cookie's value.
        visitor: String,
    },
    /// What a member's entry tells the member's referrer: see [`crate::relay`].
    Hear {
        member: MemberId,
        told: Box<Told>,
    },
    /// By an operator: see [`kopilka_core::decide::Command::SetTier`].
    SetTier {
        member: MemberRef,
        tier: Option<String>,
        until: Option<Instant>,
    },
    /// By an operator.
    SetTags {
        member: MemberRef,
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// A card with this code, which nobody has yet.
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
        from: MemberRef,
        to: MemberRef,
        points: Points,
    },
    /// What the sender's entry sent reaches `member`: see [`crate::relay`].
    ReceiveTransfer {
        member: MemberId,
        from: MemberId,
        entry: EntryId,
        pieces: Vec<Piece>,
    },
    /// It comes back to `member`, who sent it.
    ReturnTransfer {
        member: MemberId,
        to: MemberId,
        entry: EntryId,
        pieces: Vec<Piece>,
    },
}

/// What becomes of a member's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardChange {
    pub card: String,
    /// Otherwise it is freed.
    pub blocked: bool,
    /// The member's new card.
    pub replacement: Option<String>,
}

/// Who a holder of the account is from now on; `to` is absent where the holder uses it no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderChange {
    pub no: HolderNo,
    pub to: Option<HolderTold>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderTold {
    pub rights: Rights,
    /// Phones, e-mails and cards in any spelling: new ones become the account's, those left out leave it.
    pub person: HolderPerson,
}

/// How a member may be named. Phones in any spelling, e-mails in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberRef {
    Id(MemberId),
    /// Who uses that account beside its owner, as a member token names them.
    Holder(MemberId, HolderNo),
    Ext(String),
    Phone(String),
    Email(String),
    Card(String),
}

/// How whoever made a guest's order can be reached, in any spelling: kept as keyed hashes alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestContact {
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// A registration. A known identifier answers with the existing member and gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registration {
    pub ext: Option<String>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub cards: Vec<String>,
    pub name: Option<String>,
    pub birth_date: Option<Day>,
    pub language: Option<String>,
    pub attributes: Attributes,
    pub region: Option<String>,
    /// The chat with the program's bot, as the bot's webhook tells it.
    pub telegram: Option<String>,
    pub consents: Vec<ConsentTold>,
    /// Gives no welcome: for members who were there before the program.
    pub no_welcome: bool,
    /// Who brought the member; else by whose link the visitor came.
    pub referrer: Option<MemberId>,
    pub visitor: Option<String>,
}

/// What another system knew of a member. Its identifiers find the member, or are those of a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// Of it only identifiers, name, birth date, language, region and attributes count.
    pub registration: Registration,
    pub imported: Imported,
}

/// Changes to a person: `None` leaves, `Some(None)` (or an empty list) takes away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonPatch {
    pub ext: Option<Option<String>>,
    pub phones: Option<Vec<String>>,
    pub emails: Option<Vec<String>>,
    pub cards: Option<Vec<String>>,
    pub name: Option<Option<String>>,
    pub birth_date: Option<Option<Day>>,
    pub language: Option<Option<String>>,
    /// By attribute; what is not named stays.
    pub attributes: Vec<(ShortText, Option<AttributeValue>)>,
    pub region: Option<Option<String>>,
    pub telegram: Option<Option<String>>,
    /// Given beside what was.
    pub consents: Vec<ConsentTold>,
    /// Taken back: of this purpose, by this channel; all that hold where neither is named.
    pub withdrawn: Option<WithdrawalTold>,
    pub site: Option<SiteChange>,
    pub address: Option<AddressChange>,
    /// What of `ext`, `phones`, `emails` and `cards` may change.
    pub identifying: Identifying,
}

/// Which identifiers of a member a caller may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identifying {
    #[default]
    All,
    /// Phones and e-mails where the member has neither: a card that somebody claims.
    FirstContact,
}

/// A phone or e-mail becomes another, by codes that were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressChange {
    pub channel: CodeChannel,
    /// The new one, in any spelling.
    pub address: String,
    pub codes: Vec<CodeId>,
    /// Beside a code from an e-mail of before: a card of the member.
    pub card: Option<String>,
}

/// By what a visitor came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitBy {
    Link(MemberId),
    /// A site in any spelling.
    Site(String),
}

/// What becomes of one site of a member's; hosts in any spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteChange {
    /// It says it is theirs; one that was claimed stays as it is.
    Claim {
        host: String,
    },
    /// It has shown this token.
    Confirm {
        host: String,
        token: String,
        proof: SiteProof,
    },
    Remove {
        host: String,
    },
}

/// A consent that a person has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTold {
    pub purpose: Purpose,
    pub channel: Option<Channel>,
    /// Now when absent.
    pub at: Option<Instant>,
    pub proof: Proof,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WithdrawalTold {
    pub purpose: Option<Purpose>,
    pub channel: Option<Channel>,
    pub at: Option<Instant>,
    pub proof: Proof,
}

/// A step of a merge that follows from the one before.
#[derive(Debug, Clone)]
pub enum MergeStep {
    /// What the account `from` carried in `entry` reaches the one that stays.
    Join { from: MemberId, entry: EntryId, belongings: Box<Belongings> },
    /// The account has gone over, whole; `closed`: to a person who was erased meanwhile.
    Settle { into: MemberId, closed: bool },
    /// The person was erased as a part of `with`; after this account `then`.
    Forget { with: MemberId, then: Vec<MemberId> },
}

/// A write that is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    pub member: MemberId,
    /// The member's newest entry number with this write in it.
    pub seq: i64,
    /// `None` when nothing had to be written.
    pub entry: Option<EntryId>,
    /// This is the first answer, coming back for its key.
    pub replayed: bool,
    /// A registration that found its member.
    pub existed: bool,
    pub outcome: Outcome,
    pub balance: Balance,
    /// The order as it stands now, for orders; of an exchange the new one. Never on a replayed answer.
    pub order: Option<OrderState>,
    pub now: Instant,
    /// The program version that decided.
    pub version: u32,
}

pub type WriteResult = Result<Done, ServiceError>;
