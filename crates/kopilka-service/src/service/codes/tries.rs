//! What a try does to a code, and how many codes there may be.
//!
//! Invariant: a code is ended by its time or by wrong tries, whichever comes first, and what it confirmed by
//! another time; nothing here reads or writes.

use super::{CodeConfirmed, CodeProblem};
use kopilka_core::ids::MemberId;
use kopilka_core::order::OrderKey;
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use kopilka_store::codes::{CodeProgress, CodeRow};

/// Long enough for an SMS that is late, too short to go through a million codes.
pub(super) const CODE_LIVES_SECONDS: i64 = 5 * 60;
/// A till that has asked for a code sells within minutes.
pub(super) const CONFIRMED_SECONDS: i64 = 30 * 60;
/// Five guesses of a million leave one chance in two hundred thousand.
pub(super) const TRIES_MAX: u32 = 5;
/// Sooner the first one may still be on its way.
pub(super) const AGAIN_SECONDS: i64 = 60;
/// Codes to one address in a day: more are somebody else's malice, and a bill.
pub(super) const TO_ADDRESS_MAX: usize = 10;
/// Codes that one key asks for in a day: a chain of a hundred shops sends a few thousand.
pub(super) const BY_CALLER_MAX: i64 = 10_000;
pub(super) const DAY_SECONDS: i64 = 24 * 3_600;

/// What a try does to a row.
pub(super) trait Tried {
    fn tried(&mut self, right: bool, now: Instant) -> Result<CodeConfirmed, CodeProblem>;
    fn holds(&self, now: Instant) -> bool;
}

/// What a confirmed code shows of an address.
pub(crate) trait AddressCode {
    /// It was told, to change a phone or e-mail of this very member.
    fn changes_address_of(&self, member: MemberId, now: Instant) -> bool;
}

impl AddressCode for CodeRow {
    fn changes_address_of(&self, member: MemberId, now: Instant) -> bool {
        self.order.is_none() && self.subject == Some(member) && self.holds(now)
    }
}

impl Tried for CodeRow {
    fn tried(&mut self, right: bool, now: Instant) -> Result<CodeConfirmed, CodeProblem> {
        match self.state {
            CodeProgress::Void => return Err(CodeProblem::Void),
            CodeProgress::Confirmed if !self.holds(now) => return Err(CodeProblem::Expired),
            CodeProgress::Confirmed if !right => return Err(CodeProblem::Wrong { left: 0 }),
            CodeProgress::Confirmed => {}
            CodeProgress::Sent if now >= self.sent_at.plus_seconds(CODE_LIVES_SECONDS) => {
                return Err(CodeProblem::Expired);
            }
            CodeProgress::Sent if !right => {
                self.tries += 1;
                let left = TRIES_MAX.saturating_sub(self.tries);
                if left == 0 {
                    self.state = CodeProgress::Void;
                }
                return Err(if left == 0 { CodeProblem::Void } else { CodeProblem::Wrong { left } });
            }
            CodeProgress::Sent => (self.state, self.confirmed_at) = (CodeProgress::Confirmed, Some(now)),
        }
        let until = self.confirmed_at.unwrap_or(now).plus_seconds(CONFIRMED_SECONDS);
        Ok(CodeConfirmed { id: self.id, member: self.member, order: self.order.clone(), until })
    }
    /// What it confirmed can be used.
    fn holds(&self, now: Instant) -> bool {
        self.state == CodeProgress::Confirmed
            && self.confirmed_at.is_some_and(|at| now < at.plus_seconds(CONFIRMED_SECONDS))
    }
}

/// So many points of the order a code has confirmed for the member, now.
pub(crate) fn confirmed_points(row: &CodeRow, member: MemberId, order: &OrderKey, now: Instant) -> Points {
    match &row.order {
        Some((key, points)) if key == order && row.member == Some(member) && row.holds(now) => *points,
        _ => Points::ZERO,
    }
}

/// The address that a code has confirmed, and nothing else, now: its keyed hash.
pub(crate) fn confirmed_address(row: &CodeRow, now: Instant) -> Option<[u8; 32]> {
    (row.holds(now) && row.order.is_none()).then_some(row.address)
}

/// `sent` are the times of the last day, the newest first.
pub(super) fn too_many(sent: &[Instant], by_caller: i64, now: Instant) -> Result<(), CodeProblem> {
    if let Some(last) = sent.first() {
        let again = last.plus_seconds(AGAIN_SECONDS);
        if now < again {
            return Err(CodeProblem::TooSoon { seconds: (again.0 - now.0 + 999_999) / 1_000_000 });
        }
    }
    if sent.len() >= TO_ADDRESS_MAX {
        return Err(CodeProblem::TooManyToAddress);
    }
    if by_caller >= BY_CALLER_MAX { Err(CodeProblem::TooManyByCaller) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::ids::CodeId;

    fn row() -> CodeRow {
        CodeRow {
            id: CodeId(1),
            member: Some(MemberId(7)),
            subject: None,
            address: [1; 32],
            caller: "k".to_owned(),
            order: Some((OrderKey { shop: "main".into(), order: "1".into() }, Points(300))),
            digest: [2; 32],
            state: CodeProgress::Sent,
            tries: 0,
            sent_at: Instant(0),
            confirmed_at: None,
        }
    }

    #[test]
    fn the_fifth_wrong_one_ends_a_code() {
        let mut row = row();
        for left in (1..TRIES_MAX).rev() {
            assert_eq!(row.tried(false, Instant(0)), Err(CodeProblem::Wrong { left }));
        }
        assert_eq!(row.tried(false, Instant(0)), Err(CodeProblem::Void));
        assert_eq!(row.tried(true, Instant(0)), Err(CodeProblem::Void), "the right one comes too late");
    }

    #[test]
    fn a_code_lives_five_minutes_and_what_it_confirmed_half_an_hour() {
        let last = Instant(0).plus_seconds(CODE_LIVES_SECONDS);
        assert_eq!(row().tried(true, last), Err(CodeProblem::Expired));
        let mut row = row();
        let before = last.plus_seconds(-1);
        let until = before.plus_seconds(CONFIRMED_SECONDS);
        assert_eq!(row.tried(true, before).map(|done| done.until), Ok(until));
        assert_eq!(row.tried(true, until.plus_seconds(-1)).map(|done| done.until), Ok(until), "told again");
        let key = OrderKey { shop: "main".into(), order: "1".into() };
        let other = OrderKey { shop: "main".into(), order: "2".into() };
        assert_eq!(confirmed_points(&row, MemberId(7), &key, before), Points(300));
        assert_eq!(confirmed_points(&row, MemberId(8), &key, before), Points(0), "another member");
        assert_eq!(confirmed_points(&row, MemberId(7), &other, before), Points(0), "another order");
        assert_eq!(confirmed_points(&row, MemberId(7), &key, until), Points(0), "too late");
        assert_eq!(row.tried(true, until), Err(CodeProblem::Expired));
    }

    #[test]
    fn a_code_changes_an_address_of_the_member_it_was_asked_for_alone() {
        let (mut spending, now) = (row(), Instant(0));
        let mut to_sign_in = CodeRow { order: None, ..row() };
        let mut to_change = CodeRow { order: None, subject: Some(MemberId(7)), ..row() };
        assert!(!to_change.changes_address_of(MemberId(7), now), "nobody has told it");
        for row in [&mut spending, &mut to_sign_in, &mut to_change] {
            row.tried(true, now).unwrap();
        }
        assert!(to_change.changes_address_of(MemberId(7), now));
        assert!(!to_change.changes_address_of(MemberId(8), now));
        assert!(!to_change.changes_address_of(MemberId(7), now.plus_seconds(CONFIRMED_SECONDS)));
        assert!(!to_sign_in.changes_address_of(MemberId(7), now));
        assert!(!spending.changes_address_of(MemberId(7), now));
    }

    #[test]
    fn codes_are_rare_to_one_address_and_bounded_for_a_key() {
        let now = Instant(0).plus_seconds(DAY_SECONDS);
        let ago = |seconds: i64| now.plus_seconds(-seconds);
        assert_eq!(too_many(&[], 0, now), Ok(()));
        assert_eq!(too_many(&[ago(59)], 0, now), Err(CodeProblem::TooSoon { seconds: 1 }));
        assert_eq!(too_many(&[ago(60)], 0, now), Ok(()));
        assert_eq!(too_many(&[ago(60); TO_ADDRESS_MAX], 0, now), Err(CodeProblem::TooManyToAddress));
        assert_eq!(too_many(&[], BY_CALLER_MAX, now), Err(CodeProblem::TooManyByCaller));
    }
}
