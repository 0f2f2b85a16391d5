//! What the API answers. Every amount, quantity and count of points is decimal text.

mod balance;
mod entry;
mod holder;
pub mod member;
mod order;
mod quote;
mod report;
mod standing;
pub mod steps;
mod written;

pub use balance::{BalanceAnswer, LifetimeAnswer, LotAnswer, LotsAnswer};
pub use entry::{EntriesAnswer, EntryAnswer, ExplainedAnswer, MovementAnswer, PostingAnswer};
pub use holder::{HolderAnswer, HoldersAnswer};
pub use member::{FoundAnswer, MemberAnswer};
pub use order::{OrderAnswer, OrderLine, OrderRead, OrderWritten, ReceiptAnswer};
pub use quote::{EarnAnswer, LimitAnswer, MoreAnswer, QuoteView};
pub use report::AsOfAnswer;
pub use standing::{AchievementAnswer, NextTierAnswer, TierAnswer};
pub use steps::StepAnswer;
pub use written::{
    ClaimWritten, ErasedWritten, EventWritten, ExchangedAnswer, OfferWritten, PointsWritten, ReturnedAnswer,
    StatusWritten, TagsWritten, TierWritten, TransferWritten,
};
