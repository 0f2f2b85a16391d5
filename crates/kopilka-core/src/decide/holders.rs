//! Who uses an account, and what each may do with it.
//!
//! Invariant: what a holder may do is held against the account's own list; a number that is not on it may do
//! nothing, because whoever stood there has been taken off.

use super::draft::{Draft, program_of};
use super::{Context, Decision, Outcome, profile};
use crate::book::Book;
use crate::holder::{HOLDERS_MAX, Holder, HolderEvent, HolderNo, Rights};
use crate::ledger::Event;
use crate::member::{Member, MemberStatus};
use crate::order::OrderKey;
use crate::record::Recorder;
use crate::refusal::Refusal;

/// Why a holder cannot be set, or taken off. The ladder: whose account, who is on it.
pub fn refuse_holder(member: &Member, no: HolderNo, rights: Option<Rights>) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Guest => return Err(Refusal::MemberUnknown),
        MemberStatus::Merged => return Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized),
        MemberStatus::Active | MemberStatus::Blocked | MemberStatus::Frozen => {}
    }
    let holders = &member.holders;
    match (holders.iter().any(|holder| holder.no == no), rights) {
        (false, None) => Err(Refusal::HolderUnknown { holder: no }),
        (false, Some(_)) if holders.len() >= HOLDERS_MAX => {
            Err(Refusal::TooManyHolders { holders: holders.len() })
        }
        _ => Ok(()),
    }
}

/// Sets a holder's rights, or takes the holder off where there are none. The same again changes nothing.
pub(super) fn set(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (no, rights): (HolderNo, Option<Rights>),
) -> Result<Decision, Refusal> {
    refuse_holder(&book.member, no, rights)?;
    let known = book.member.holders.iter().find(|holder| holder.no == no);
    let event = match (known.map(|holder| holder.rights), rights) {
        (_, None) => Some(HolderEvent::Gone { no }),
        (Some(before), Some(rights)) if before == rights => None,
        (_, Some(rights)) => Some(HolderEvent::Set(Holder { no, rights })),
    };
    let mut draft = Draft::new(program_of(ctx, None, ctx.now), ctx.now, book, recorder);
    if let Some(event) = event {
        draft.push(Event::Holder(event));
    }
    // The holder's phone may be what the profile still lacked.
    profile::hear(&mut draft);
    Ok(draft.finish(Outcome::HolderSet { holder: no, rights }, ctx.now, None))
}

/// What whoever asks may do.
pub fn rights_of(book: &Book) -> Rights {
    let Some(no) = book.holder else { return Rights::ALL };
    let none = Rights { earn: false, spend: false, see: false, statement: false };
    book.member.holders.iter().find(|holder| holder.no == no).map_or(none, |holder| holder.rights)
}

/// Points go only by a holder who may spend them.
pub(super) fn refuse_spending(book: &Book) -> Result<(), Refusal> {
    match book.holder {
        Some(holder) if !rights_of(book).spend => Err(Refusal::HolderSpendsNothing { holder }),
        _ => Ok(()),
    }
}

/// Whether nothing is given for an order because of who tells of it first: who pays for it later changes
/// nothing.
pub(super) fn earns_nothing(book: &Book, key: &OrderKey) -> bool {
    !rights_of(book).earn && book.orders.get(key).is_none()
}
