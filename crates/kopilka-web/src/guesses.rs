//! Guessing of codes: who tries too many that are none must wait; so must who has sites asked in vain.
//!
//! Invariant: tries are kept in this server's memory alone and name nobody in the log or the database; a code
//! that exists costs nothing, whatever it is refused for.

use crate::app::Desk;
use crate::problem::Problem;
use kopilka_core::coupon::CouponRefusal;
use kopilka_core::order::{OrderBody, OrderCoupon};
use kopilka_service::MemberRef;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries are counted for this long from the first of them.
const WINDOW: Duration = Duration::from_secs(600);
/// A person mistypes a code a few times; twenty are a list that is gone through.
const WRONG_OF_MEMBER: u32 = 20;
/// A site sends all its guests through one key, so they are bounded together: at this rate the shortest
/// codes that are made hold for centuries.
const WRONG_OF_GUESTS: u32 = 600;
/// More than these at once are no people: the oldest tries are forgotten first.
const GUESSERS_MAX: usize = 10_000;

/// What is said of a code that is none.
const NO_CODES: [CouponRefusal; 2] = [CouponRefusal::Unknown, CouponRefusal::Mistyped];

/// A member named by one key, or all the guests of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guesser {
    key: String,
    member: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    since: Instant,
    wrong: u32,
}

/// The tries of everybody.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<HashMap<Guesser, Tries>>);

impl Guesser {
    pub fn of(desk: &Desk, member: Option<&MemberRef>) -> Guesser {
        Guesser { key: desk.caller.key_id.clone(), member: member.map(|m| format!("{m:?}")) }
    }
    /// Who tries the codes of an order; nobody where it has none.
    pub fn of_order(desk: &Desk, member: Option<&MemberRef>, body: &OrderBody) -> Option<Guesser> {
        let tries = !body.coupons.is_empty() || !body.gift_cards.is_empty();
        tries.then(|| Guesser::of(desk, member))
    }
    fn most(&self) -> u32 {
        if self.member.is_some() { WRONG_OF_MEMBER } else { WRONG_OF_GUESTS }
    }
}

impl Guesses {
    /// How long the guesser must wait, if at all.
    fn waits(&self, who: &Guesser, now: Instant) -> Option<Duration> {
        let tries = *self.0.lock().unwrap_or_else(PoisonError::into_inner).get(who)?;
        let left = (tries.since + WINDOW).checked_duration_since(now)?;
        (tries.wrong >= who.most()).then_some(left)
    }

    fn count(&self, who: Guesser, wrong: u32, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= GUESSERS_MAX && !all.contains_key(&who) {
            all.retain(|_, tries| now.duration_since(tries.since) < WINDOW);
            let oldest = all.iter().min_by_key(|(_, tries)| tries.since).map(|(who, _)| who.clone());
            if let Some(oldest) = oldest.filter(|_| all.len() >= GUESSERS_MAX) {
                all.remove(&oldest);
            }
        }
        let tries = all.entry(who).or_insert(Tries { since: now, wrong: 0 });
        if now.duration_since(tries.since) >= WINDOW {
            *tries = Tries { since: now, wrong: 0 };
        }
        tries.wrong = tries.wrong.saturating_add(wrong);
    }

    /// Does the work unless the guesser must wait (`too_many_guesses`), and counts what was tried in it and
    /// is no code: by the answer where there is one, else by the refusal.
    pub async fn watch<T>(
        &self,
        who: Guesser,
        work: impl Future<Output = Result<T, Problem>>,
        wrong_in: impl FnOnce(&T) -> usize,
    ) -> Result<T, Problem> {
        if let Some(left) = self.waits(&who, Instant::now()) {
            return Err(Problem::of("too_many_guesses").with("seconds", left.as_secs() + 1));
        }
        let done = work.await;
        let wrong = match &done {
            Ok(answer) => wrong_in(answer),
            Err(problem) => usize::from(is_wrong(problem)),
        };
        if let (Ok(wrong), true) = (u32::try_from(wrong), wrong > 0) {
            self.count(who, wrong, Instant::now());
        }
        done
    }
}

/// Codes of an order that are none.
pub fn wrong_of(coupons: &[OrderCoupon]) -> usize {
    coupons.iter().filter(|c| c.refused.is_some_and(|why| NO_CODES.contains(&why))).count()
}

/// A refusal that says of a code that there is none.
fn is_wrong(problem: &Problem) -> bool {
    let why = || problem.params.iter().find(|(name, _)| *name == "why").and_then(|(_, why)| why.as_str());
    match problem.code {
        "coupon_unknown" | "gift_card_unknown" | "site_not_confirmed" => true,
        "coupon_refused" => NO_CODES.iter().any(|none| why() == Some(none.code())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_codes_is_stopped_and_a_mistake_is_not() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        let who = Guesser { key: "k".to_owned(), member: Some("m".to_owned()) };
        let guests = Guesser { member: None, ..who.clone() };
        for n in 0..WRONG_OF_MEMBER {
            assert_eq!(guesses.waits(&who, start), None, "{n}");
            guesses.count(who.clone(), 1, start + Duration::from_secs(u64::from(n)));
        }
        let soon = start + Duration::from_secs(60);
        assert_eq!(guesses.waits(&who, soon), Some(Duration::from_secs(540)));
        assert_eq!(guesses.waits(&guests, soon), None, "others go on");
        let later = start + WINDOW + Duration::from_secs(1);
        assert_eq!(guesses.waits(&who, later), None);
        guesses.count(who.clone(), 1, later);
        assert_eq!(guesses.waits(&who, later), None, "counted anew");
    }

    #[test]
    fn the_memory_of_tries_is_bounded() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        for n in 0..GUESSERS_MAX as u64 + 50 {
            let who = Guesser { key: "k".to_owned(), member: Some(n.to_string()) };
            guesses.count(who, 1, start + Duration::from_millis(n));
        }
        assert_eq!(guesses.0.lock().unwrap().len(), GUESSERS_MAX);
    }
}
