//! What the service answers when it does not do what was asked.

use crate::messages::senders::SenderProblem;
use crate::messages::templates::TemplateProblem;
use crate::outside::Failure;
use crate::secrets::SecretError;
use crate::service::WEBHOOKS_MAX;
use kopilka_core::program::diagnostics::Diagnostic;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::StoreError;
use thiserror::Error;

/// Why a write or a read did not happen. Nothing of a refused write is stored.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ServiceError {
    /// The rules of the domain say no.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// Other identifiers were asked for than [`crate::Identifying`] allows.
    #[error("the caller may not change the identifiers of a member")]
    IdentifiersKept,
    /// Not by one that went to the new address and one of before.
    #[error("the codes do not confirm that the address may change")]
    AddressUnproven,
    /// The key was used before for something else.
    #[error("the idempotency key was used before with other content")]
    IdempotencyConflict,
    #[error("there is no such program")]
    ProgramUnknown,
    #[error("the clock of a live program cannot be moved")]
    ClockOfLiveProgram,
    /// After the first command a clock goes only forward.
    #[error("the clock stands at {now} and goes only forward")]
    ClockBackwards { now: Instant },
    #[error("there is no such key")]
    KeyUnknown,
    #[error("the program in force has no such coupon campaign")]
    CampaignUnknown,
    /// Its codes stand in the document: none are made.
    #[error(
        "the codes of this campaign stand in the program's document; only `codes: made` lets codes be made"
    )]
    CampaignHasCodes,
    #[error("a prefix is at most 12 letters and digits")]
    CodePrefix,
    #[error("there is no such coupon code")]
    CouponUnknown,
    #[error("there is no such webhook endpoint")]
    WebhookUnknown,
    #[error("the endpoint has no such delivery")]
    DeliveryUnknown,
    /// Neither `https` to the world nor what the operator allows.
    #[error("the address cannot be told of events: {0}")]
    WebhookUrl(Failure),
    #[error("there is no event type {0}")]
    EventTypeUnknown(String),
    #[error("a program has at most {WEBHOOKS_MAX} webhook endpoints")]
    TooManyWebhooks,
    #[error("nothing is sent by this channel: there is no sender")]
    SenderUnknown,
    #[error("the sender cannot send: {0:?}")]
    SenderInvalid(SenderProblem),
    /// Links name the bot, which nobody has asked yet.
    #[error("the bot does not tell this server what it hears")]
    TelegramNotConnected,
    #[error("the bot was asked in vain: {0}")]
    TelegramRefused(String),
    /// This part of a message cannot be meant.
    #[error("the message cannot be sent: {0}")]
    MessageInvalid(&'static str),
    /// This part of the settings cannot be meant.
    #[error("what members are told cannot be set so: {0}")]
    MessagingInvalid(&'static str),
    #[error("the template does not render: {0:?}")]
    TemplateInvalid(TemplateProblem),
    #[error("there are no such words")]
    TemplateUnknown,
    #[error("there is no such message")]
    MessageUnknown,
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the storage is full: free some disk space and try again")]
    StorageFull,
    /// More commands wait than the queue holds; try again.
    #[error("too many commands are waiting")]
    Busy,
    /// The database cannot be reached; whether the command was done is known when it comes again.
    #[error("the database cannot be reached")]
    Unavailable,
    #[error("the service is stopping")]
    Stopping,
    #[error("storage: {0}")]
    Storage(String),
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> ServiceError {
        ServiceError::Refused(refusal)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> ServiceError {
        match error {
            StoreError::Full => ServiceError::StorageFull,
            StoreError::Busy | StoreError::Again(_) => ServiceError::Busy,
            StoreError::Lost(_) => ServiceError::Unavailable,
            StoreError::Fenced | StoreError::Died => ServiceError::Stopping,
            other => ServiceError::Storage(other.to_string()),
        }
    }
}

/// Why a data directory cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("{path}: {cause}")]
    Directory { path: String, cause: String },
    /// Another process serves this directory.
    #[error("{path} is in use by another process: stop it first, or use its API")]
    Running { path: String },
    /// The key file belongs to another database, or is damaged.
    #[error("{path} is not the key of this database: restore the key file that was made with it")]
    KeyWrong { path: String },
    #[error("{path} is missing: the database's phones and e-mails cannot be found without it; restore it")]
    KeyMissing { path: String },
    /// A stored version no longer compiles.
    #[error("version {version} of program {slug} does not compile: {cause}")]
    Program { slug: String, version: u32, cause: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a program was not published.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error("the document has errors")]
    Diagnostics(Vec<Diagnostic>),
    /// Balances are counted in the units of the first version.
    #[error("{what} of a program that has members cannot change")]
    UnitsChanged { what: &'static str },
    /// A version may not begin before the newest one.
    #[error("the newest version begins at {newest}: a later one cannot begin before it")]
    BeforeNewest { newest: Instant },
    #[error(transparent)]
    Service(#[from] ServiceError),
}
