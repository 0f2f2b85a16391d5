//! Passwords: which may be chosen, and how they are kept.
//!
//! Invariant: a try costs the same whether anybody has the login or not, and never waits on a thread that
//! answers others.

use super::TeamProblem;
use crate::error::ServiceError;
use crate::service::secret_letters;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kopilka_store::StoreError;
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// What OWASP asks for where a person chooses.
pub const PASSWORD_MIN: usize = 10;
/// A sentence fits; more is no password.
pub const PASSWORD_MAX: usize = 200;
/// OWASP's parameters of Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time: more would take memory and cores from whoever serves the tills.
static HASHING: Semaphore = Semaphore::const_new(2);
/// Who may wait for a hash at once: a second or so of work; more are no people, and are told to come again.
const WAITING_MAX: usize = 40;
static WAITING: Semaphore = Semaphore::const_new(WAITING_MAX);

/// Those of the usual lists that are long enough, in Latin and in Russian letters.
const COMMON: &str = include_str!("common_passwords.txt");

/// Whether somebody with this login may choose it.
pub(crate) fn check(password: &str, login: &str) -> Result<(), TeamProblem> {
    let long = password.chars().count();
    if long < PASSWORD_MIN {
        return Err(TeamProblem::PasswordShort { min: PASSWORD_MIN });
    }
    if long > PASSWORD_MAX {
        return Err(TeamProblem::PasswordLong { max: PASSWORD_MAX });
    }
    let plain = password.to_lowercase();
    if plain == login || COMMON.lines().any(|common| common == plain) {
        return Err(TeamProblem::PasswordCommon);
    }
    Ok(())
}

/// A password that is drawn, easy to read aloud: 75 bits.
pub fn new_password() -> Result<String, ServiceError> {
    let letters = secret_letters::<15>()?;
    let (one, rest) = letters.split_at(5);
    let (two, three) = rest.split_at(5);
    Ok(format!("{one}-{two}-{three}"))
}

/// The slow hash of a password, with a salt of its own.
pub(crate) async fn hashed(password: String) -> Result<String, ServiceError> {
    apart(move || hash_now(&password)).await?
}

/// Whether it is the password of this hash. Without a hash it takes as long and is not.
pub(crate) async fn fits(password: String, hash: Option<String>) -> Result<bool, ServiceError> {
    apart(move || {
        // Made for whoever asks first, so that this does not tell either.
        let nobody = of_nobody()?;
        let known = PasswordHash::new(hash.as_deref().unwrap_or(nobody)).map_err(failed)?;
        let same = argon2()?.verify_password(password.as_bytes(), &known).is_ok();
        Ok(same && hash.is_some())
    })
    .await?
}

/// On a thread that may work for a while, a few at a time.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    let _place = WAITING.try_acquire().map_err(|_| ServiceError::Busy)?;
    let permit = HASHING.acquire().await.map_err(|_| ServiceError::Stopping)?;
    let done = tokio::task::spawn_blocking(move || {
        let answer = work();
        drop(permit);
        answer
    });
    done.await.map_err(|error| ServiceError::Storage(format!("hashing a password: {error}")))
}

fn hash_now(password: &str) -> Result<String, ServiceError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

/// What the password of an unknown login is compared with.
fn of_nobody() -> Result<&'static str, ServiceError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let drawn = secret_letters::<32>().map_err(ServiceError::from)?;
    let hash = hash_now(&drawn)?;
    Ok(NOBODY.get_or_init(|| hash))
}

fn argon2() -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> ServiceError {
    StoreError::Engine(format!("hashing a password: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_no_password() {
        let login = "anna@shop.example";
        let short = Err(TeamProblem::PasswordShort { min: 10 });
        for (password, told) in [
            ("", short),
            ("123456789", short),
            ("йцукенгшщ", short),
            ("1234567890", Err(TeamProblem::PasswordCommon)),
            ("Password123", Err(TeamProblem::PasswordCommon)),
            ("ЙЦУКЕНГШЩЗ", Err(TeamProblem::PasswordCommon)),
            ("Anna@shop.example", Err(TeamProblem::PasswordCommon)),
            ("wet umbrella", Ok(())),
            ("мокрый зонт", Ok(())),
        ] {
            assert_eq!(check(password, login), told, "{password}");
        }
        assert_eq!(check(&"aб".repeat(100), login), Ok(()));
        assert_eq!(check(&"aб".repeat(101), login), Err(TeamProblem::PasswordLong { max: 200 }));
    }

    #[test]
    fn every_line_of_the_list_could_be_chosen_otherwise() {
        for line in COMMON.lines() {
            assert_eq!(line, line.to_lowercase());
            assert!(line.chars().count() >= PASSWORD_MIN, "{line} is too short anyway");
        }
    }

    #[test]
    fn a_drawn_password_may_be_chosen_and_is_another_each_time() {
        let (one, two) = (new_password().unwrap(), new_password().unwrap());
        assert_eq!(check(&one, "owner"), Ok(()));
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_says_how_it_was_made() {
        let hash = hashed("wet umbrella".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hashed("wet umbrella".to_owned()).await.unwrap(), "each has its salt");
        assert_eq!(fits("wet umbrella".to_owned(), Some(hash.clone())).await, Ok(true));
        assert_eq!(fits("Wet umbrella".to_owned(), Some(hash)).await, Ok(false));
        assert_eq!(fits("wet umbrella".to_owned(), None).await, Ok(false));
        assert!(fits("wet umbrella".to_owned(), Some("plain".to_owned())).await.is_err());
    }
}
