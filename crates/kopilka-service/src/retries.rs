//! When a delivery that failed is tried again, and when an endpoint is left alone.
//!
//! Invariant: an endpoint through which nothing gets is switched off before the first of its deliveries is
//! given up; only where others get through is one that never does given up for their sake.

use kopilka_core::time::Instant;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Pauses after the first try, the second …, as the Standard Webhooks specification suggests them: a restart
/// is over in seconds, a faulty release in hours, and what lasts three days is somebody's weekend.
pub const PAUSES: [i64; 9] = [
    5 * SECOND,
    300 * SECOND,
    1_800 * SECOND,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
/// The last try fails for good.
pub const TRIES_MAX: u32 = PAUSES.len() as u32 + 1;
/// A pause is longer by up to a tenth, so that what failed together does not come back together.
const JITTER: i64 = 10;
/// Shorter than all pauses together (three days, three and a half hours), for the invariant's sake.
pub const FAILING_MAX: i64 = 3 * DAY;

/// When to try again after so many failed tries; `None` after the last. `chance` is any number at random.
pub fn next_try(tries: u32, now: Instant, chance: u32) -> Option<Instant> {
    let pause = *PAUSES.get(usize::try_from(tries.checked_sub(1)?).ok()?)?;
    let longer = i128::from(pause / JITTER) * i128::from(chance) / i128::from(u32::MAX);
    Some(Instant(now.0 + pause + longer as i64))
}

/// Whether an endpoint through which nothing got since then is switched off.
pub fn is_to_stop(failing_since: Instant, now: Instant) -> bool {
    now.0 - failing_since.0 >= FAILING_MAX
}

/// A message is tried again soon at first, for a code is worth minutes, and then ever more seldom.
const MESSAGE_PAUSE_FIRST: i64 = 5 * SECOND;
/// A mail server that greylists wants minutes, one that is down is back within hours.
const MESSAGE_PAUSE_MAX: i64 = HOUR;
/// After so many tries the pause has long been the longest; a message that lives a week is given up with it.
const MESSAGE_TRIES_MAX: u32 = 40;

/// When a message is tried again after so many failed tries; `None` when it would be too late by then.
/// `wanted` is the pause in seconds that the other side asked for. `chance` is any number at random.
pub fn next_message_try(
    tries: u32,
    wanted: Option<i64>,
    (now, expires_at): (Instant, Instant),
    chance: u32,
) -> Option<Instant> {
    if tries >= MESSAGE_TRIES_MAX {
        return None;
    }
    let tripled = 3_i64.saturating_pow(tries.saturating_sub(1));
    let pause = MESSAGE_PAUSE_FIRST.saturating_mul(tripled).min(MESSAGE_PAUSE_MAX);
    // Whoever asks for more than a day has not understood what a message is.
    let pause = pause.max(wanted.unwrap_or_default().clamp(0, DAY / SECOND) * SECOND);
    let longer = i128::from(pause / JITTER) * i128::from(chance) / i128::from(u32::MAX);
    Some(Instant(now.0 + pause + longer as i64)).filter(|next| *next < expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_again_while_somebody_wants_it() {
        let (now, soon, late) = (Instant(0), Instant(300 * SECOND), Instant(7 * DAY));
        let at = |tries, wanted, until| next_message_try(tries, wanted, (now, until), 0);
        assert_eq!(at(1, None, soon), Some(Instant(5 * SECOND)));
        assert_eq!(at(4, None, soon), Some(Instant(135 * SECOND)));
        assert_eq!(at(5, None, soon), None, "a code is over after five minutes");
        assert_eq!(at(5, None, late), Some(Instant(405 * SECOND)));
        assert_eq!(at(39, None, late), Some(Instant(HOUR)));
        assert_eq!(at(40, None, late), None);
        assert_eq!(at(1, Some(30), soon), Some(Instant(30 * SECOND)));
        assert_eq!(at(1, Some(i64::MAX), late), Some(Instant(DAY)));
        assert_eq!(at(1, Some(-5), late), Some(Instant(5 * SECOND)));
    }

    #[test]
    fn pauses_grow_and_end() {
        let now = Instant(0);
        assert_eq!(next_try(1, now, 0), Some(Instant(5 * SECOND)));
        assert_eq!(next_try(1, now, u32::MAX), Some(Instant(5 * SECOND + SECOND / 2)));
        assert_eq!(next_try(9, now, 0), Some(Instant(DAY)));
        assert_eq!(next_try(TRIES_MAX, now, 0), None);
        assert_eq!(next_try(0, now, 0), None);
        assert!(PAUSES.is_sorted());
    }

    #[test]
    fn an_endpoint_is_switched_off_before_its_first_delivery_is_given_up() {
        for chance in [0, u32::MAX / 3, u32::MAX] {
            let (mut now, mut tries) = (Instant(0), 1);
            while let Some(next) = next_try(tries, now, chance) {
                (now, tries) = (next, tries + 1);
            }
            assert!(is_to_stop(Instant(0), now), "{chance}: {now}");
        }
    }
}
