//! The shell around the rules: time, ids, storage, and one way for every write.
//!
//! Invariant: a write is answered after its transaction is on disk, and only then.

mod answer;
mod asks;
mod background;
pub mod care;
mod clock;
mod compile;
mod consents;
mod courtesy;
mod crew;
mod draws;
mod engine;
pub mod error;
mod faults;
pub mod identifiers;
mod ids;
pub mod import;
pub mod key_file;
pub mod messages;
pub mod outgoing;
pub mod outside;
mod overlay;
mod prepare;
pub mod product_list;
mod reference;
pub mod relay;
pub mod retries;
pub mod secrets;
mod service;
mod shared;
pub mod sheet;
pub mod signature;
mod sites;
mod team;
mod verify;
mod write;

pub use asks::*;
pub use background::{
    Accruals, Background, Beat, Deliverer, Messenger, Projector, Relay, Reporter, Scheduler,
};
pub use clock::Clock;
pub use draws::Draws;
pub use error::{OpenError, PublishError, ServiceError};
pub use faults::{Faults, STEPS, Step};
pub use kopilka_store::guests::Bound;
pub use kopilka_store::messages::{Class, MessageRow, MessageState, MessagesAsked, SenderRow};
pub use kopilka_store::messaging::{MessagingRow, TemplateKey, TemplateRow};
pub use kopilka_store::read::{Burning, BurningPlace, Flagged, FlaggedPlace, PAGE_MAX};
pub use kopilka_store::read::{NamedPlace, PurchaseRow, Somebody};
pub use kopilka_store::verify::{Difference, Verified};
pub use kopilka_store::webhooks::{
    BEHIND, DeliveryKey, DeliveryRow, DeliveryState, WebhookRow, WebhookState,
};
pub use kopilka_store::{Consumer, Reader, STRIPES, StoreError, rows};
pub use service::GuestOrder;
pub use service::{
    ACCRUALS_MAX, AccrualAsked, AccrualProblem, AccrualStep, Acting, LIST_OF_FILE_MAX, LISTED_MAX, Recipients,
};
pub use service::{AddressMark, CodeChannel, CodeConfirmed, CodeFor, CodeMade, CodeProblem, masked};
pub use service::{
    AsOf, ExpiringReport, FraudAsked, FraudReport, WITHIN_DAYS, WITHIN_DAYS_MAX, is_day_of_reports,
};
pub use service::{Belongs, MergePreview, SegmentPage};
pub use service::{CHATS_PATH, ConnectedBot, HeardFrom, Linked};
pub use service::{CODES_MAX, CampaignUses, CodeState, GiftCardState, GiftCardsLeft, NewCodes};
pub use service::{CustomersReport, DaysReport, LiabilityReport, StandingsReport};
pub use service::{DATABASE_FILE, DRAFTS_MAX, LOCK_FILE, NO_ORDER, Service, Supposed, lock};
pub use service::{NewWebhook, ReplayFrom, StreamPage, TestSent, WEBHOOKS_MAX, WebhookChange};
pub use service::{SITE_FILE, SITE_META, SITE_RECORD, SiteProblem};
pub use service::{Sender, TestMessage, Words};
pub use service::{TOKEN_LIVES_MAX_SECONDS, TOKEN_LIVES_MIN_SECONDS, TOKEN_LIVES_SECONDS, TOKEN_PREFIX};
pub use team::*;
pub use verify::verify_place;
pub use write::*;
