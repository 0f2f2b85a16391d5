//! Guessing of codes: who tries too many that are none must wait; so must who has sites asked in vain, or who
//! tells cards that are not the member's.
//!
//! Invariant: tries are kept in this server's memory alone and name nobody in the log or the database; a code
//! that exists costs nothing, whatever it is refused for. A try counts from before it is looked at, so that
//! many at one time are no more than one after another.

use crate::app::Desk;
use crate::problem::Problem;
use kopilka_core::coupon::CouponRefusal;
use kopilka_core::ids::MemberId;
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
/// When it is only what is under way that is too much.
const MOMENT: Duration = Duration::from_secs(1);

/// What is said of a code that is none.
const NO_CODES: [CouponRefusal; 2] = [CouponRefusal::Unknown, CouponRefusal::Mistyped];

/// A card shows beside a code that an e-mail's reader is the member, so few may be gone through: with the
/// codes that one address gets in a day a hundred at most.
const WRONG_CARDS: u32 = 5;

/// A member named by one key, all the guests of a key, or whoever tells cards of a member.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Guesser {
    Member { key: String, member: String },
    Guests { key: String },
    Cards { member: String },
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    since: Instant,
    wrong: u32,
    /// Being looked at now: they count as wrong until it is known.
    under_way: u32,
}

/// The tries of everybody.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<HashMap<Guesser, Tries>>);

impl Guesser {
    pub fn of(desk: &Desk, member: Option<&MemberRef>) -> Guesser {
        let key = desk.caller.key_id.clone();
        match member {
            Some(member) => Guesser::Member { key, member: format!("{member:?}") },
            None => Guesser::Guests { key },
        }
    }
    /// Whoever tells cards of the member, by whichever key or token.
    pub fn of_cards(member: MemberId) -> Guesser {
        Guesser::Cards { member: member.to_string() }
    }
    /// Who tries the codes of an order, and how many; nobody where it has none.
    pub fn of_order(desk: &Desk, member: Option<&MemberRef>, body: &OrderBody) -> Option<(Guesser, u32)> {
        let tries = u32::try_from(body.coupons.len() + body.gift_cards.len()).unwrap_or(u32::MAX);
        (tries > 0).then(|| (Guesser::of(desk, member), tries))
    }
    fn most(&self) -> u32 {
        match self {
            Guesser::Member { .. } => WRONG_OF_MEMBER,
            Guesser::Guests { .. } => WRONG_OF_GUESTS,
            Guesser::Cards { .. } => WRONG_CARDS,
        }
    }
}

impl Guesses {
    /// Lets the guesser try so many, or says how long to wait.
    fn begin(&self, who: Guesser, tries: u32, now: Instant) -> Result<UnderWay<'_>, Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= GUESSERS_MAX && !all.contains_key(&who) {
            all.retain(|_, tries| tries.under_way > 0 || now.duration_since(tries.since) < WINDOW);
            let oldest = all.iter().min_by_key(|(_, tries)| tries.since).map(|(who, _)| who.clone());
            if let Some(oldest) = oldest.filter(|_| all.len() >= GUESSERS_MAX) {
                all.remove(&oldest);
            }
        }
        let most = who.most();
        let known = all.entry(who.clone()).or_insert(Tries { since: now, wrong: 0, under_way: 0 });
        if now.duration_since(known.since) >= WINDOW {
            (known.since, known.wrong) = (now, 0);
        }
        if known.wrong >= most {
            return Err((known.since + WINDOW).saturating_duration_since(now));
        }
        if known.wrong.saturating_add(known.under_way) >= most {
            return Err(MOMENT);
        }
        known.under_way = known.under_way.saturating_add(tries);
        Ok(UnderWay { guesses: self, who, tries, wrong: tries })
    }

    /// Does the work unless the guesser must wait (`too_many_guesses`), and counts what was tried in it and
    /// is no code: by the answer where there is one, else by the refusal. Of `tries` each may be wrong.
    pub async fn watch<T>(
        &self,
        (who, tries): (Guesser, u32),
        work: impl Future<Output = Result<T, Problem>>,
        wrong_in: impl FnOnce(&T) -> usize,
    ) -> Result<T, Problem> {
        let mut under_way = self.begin(who, tries, Instant::now()).map_err(|left| {
            let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            Problem::of("too_many_guesses").with("seconds", seconds.max(1))
        })?;
        let done = work.await;
        under_way.wrong = match &done {
            Ok(answer) => u32::try_from(wrong_in(answer)).unwrap_or(u32::MAX),
            Err(problem) => u32::from(is_wrong(problem)),
        };
        done
    }
}

/// Tries that are looked at. Whoever hangs up before the answer has tried all of them in vain: else a caller
/// who never waits could have a site asked all day.
#[derive(Debug)]
struct UnderWay<'a> {
    guesses: &'a Guesses,
    who: Guesser,
    tries: u32,
    wrong: u32,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut all = self.guesses.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was forgotten meanwhile has nothing to give back.
        let Some(known) = all.get_mut(&self.who) else { return };
        known.under_way = known.under_way.saturating_sub(self.tries);
        known.wrong = known.wrong.saturating_add(self.wrong);
        if (known.wrong, known.under_way) == (0, 0) {
            all.remove(&self.who);
        }
    }
}

/// Codes of an order that are none.
pub fn wrong_of(coupons: &[OrderCoupon]) -> usize {
    coupons.iter().filter(|c| c.refused.is_some_and(|why| NO_CODES.contains(&why))).count()
}

/// A refusal that says of a code that there is none, or of a card that it is not the member's.
fn is_wrong(problem: &Problem) -> bool {
    let why = || problem.params.iter().find(|(name, _)| *name == "why").and_then(|(_, why)| why.as_str());
    match problem.code {
        "coupon_unknown" | "gift_card_unknown" | "site_not_confirmed" | "code_of_another" => true,
        "coupon_refused" => NO_CODES.iter().any(|none| why() == Some(none.code())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesser(member: &str) -> Guesser {
        Guesser::Member { key: "k".to_owned(), member: member.to_owned() }
    }

    /// Tries one that is looked at in no time.
    fn try_one(guesses: &Guesses, who: &Guesser, wrong: u32, now: Instant) -> Result<(), Duration> {
        guesses.begin(who.clone(), 1, now).map(|mut under_way| under_way.wrong = wrong)
    }

    #[test]
    fn a_list_of_codes_is_stopped_and_a_mistake_is_not() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        let who = guesser("m");
        let guests = Guesser::Guests { key: "k".to_owned() };
        for n in 0..WRONG_OF_MEMBER {
            let now = start + Duration::from_secs(u64::from(n));
            assert_eq!(try_one(&guesses, &who, 0, now), Ok(()), "{n}: a right one costs nothing");
            assert_eq!(try_one(&guesses, &who, 1, now), Ok(()), "{n}");
        }
        let soon = start + Duration::from_secs(60);
        assert_eq!(try_one(&guesses, &who, 1, soon), Err(Duration::from_secs(540)));
        assert_eq!(try_one(&guesses, &guests, 1, soon), Ok(()), "others go on");
        let later = start + WINDOW + Duration::from_secs(1);
        assert_eq!(try_one(&guesses, &who, 1, later), Ok(()));
        assert_eq!(try_one(&guesses, &who, 1, later), Ok(()), "counted anew");
    }

    #[test]
    fn many_at_one_time_are_no_more_than_one_after_another() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let who = guesser("m");
        let begun: Vec<_> = (0..2).map(|_| guesses.begin(who.clone(), WRONG_OF_MEMBER / 2, now)).collect();
        assert!(begun.iter().all(Result::is_ok));
        assert_eq!(try_one(&guesses, &who, 0, now), Err(MOMENT), "nobody knows yet what they are");
        let mut begun = begun.into_iter().flatten();
        begun.next().unwrap().wrong = 0;
        assert_eq!(try_one(&guesses, &who, 0, now), Ok(()), "given back");
        // Whoever hangs up has tried all of them.
        drop(begun);
        assert_eq!(guesses.0.lock().unwrap()[&who].wrong, WRONG_OF_MEMBER / 2);
    }

    #[test]
    fn the_memory_of_tries_is_bounded() {
        let (guesses, start) = (Guesses::default(), Instant::now());
        for n in 0..GUESSERS_MAX as u64 + 50 {
            let now = start + Duration::from_millis(n);
            try_one(&guesses, &guesser(&n.to_string()), 1, now).unwrap();
            try_one(&guesses, &guesser(&format!("right {n}")), 0, now).unwrap();
        }
        assert!(guesses.0.lock().unwrap().len() <= GUESSERS_MAX);
        assert!(guesses.0.lock().unwrap().len() > GUESSERS_MAX / 2);
    }
}
