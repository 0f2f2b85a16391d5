//! Consents as they are told: what can be meant, and the records they become.
//!
//! Invariant: a record is added and none is changed; a withdrawal is always taken.

use crate::write::{ConsentTold, WithdrawalTold};
use kopilka_core::consent::Purpose;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::{Consent, live};

/// Records of one person: a form that sends the same consent at every visit should hear of it before the row
/// grows. The withdrawals of what holds then still find room.
const CONSENTS_MAX: usize = 200;

/// What cannot be meant, whatever is stored.
pub(crate) fn judge(told: &[ConsentTold]) -> Result<(), Refusal> {
    let fits = |c: &ConsentTold| (c.purpose == Purpose::Marketing) == c.channel.is_some();
    if told.iter().all(fits) { Ok(()) } else { Err(Refusal::ConsentChannel) }
}

pub(crate) fn give(consents: &mut Vec<Consent>, told: &[ConsentTold], now: Instant) -> Result<(), Refusal> {
    if !told.is_empty() && consents.len() + told.len() > CONSENTS_MAX {
        return Err(Refusal::TooManyConsents { consents: consents.len() });
    }
    for one in told {
        consents.push(Consent {
            purpose: one.purpose,
            channel: one.channel,
            given: true,
            at: not_later(one.at, now)?,
            recorded_at: now,
            proof: one.proof.clone(),
        });
    }
    Ok(())
}

/// Of each consent that holds and is meant a record that it does no longer.
pub(crate) fn withdraw(
    consents: &mut Vec<Consent>,
    told: &WithdrawalTold,
    now: Instant,
) -> Result<(), Refusal> {
    let at = not_later(told.at, now)?;
    let meant = |consent: &&Consent| {
        told.purpose.is_none_or(|purpose| consent.purpose == purpose)
            && told.channel.is_none_or(|channel| consent.channel == Some(channel))
    };
    let record = |of: &Consent| Consent {
        purpose: of.purpose,
        channel: of.channel,
        given: false,
        // What was agreed to just now is taken back by a request of before, too.
        at: at.max(of.at),
        recorded_at: now,
        proof: told.proof.clone(),
    };
    let records: Vec<Consent> = live(consents).into_iter().filter(meant).map(record).collect();
    consents.extend(records);
    Ok(())
}

fn not_later(at: Option<Instant>, now: Instant) -> Result<Instant, Refusal> {
    match at.unwrap_or(now) {
        at if at > now => Err(Refusal::ConsentTime),
        at => Ok(at),
    }
}
