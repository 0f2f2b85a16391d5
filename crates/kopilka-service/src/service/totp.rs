//! One-time codes of an app, as a second proof of who signs in.
//!
//! Invariant: the secret is told once and stands sealed, bound to its row; it counts from the first right
//! code on, and no code is taken twice.

use super::Service;
use super::team::{Told, row_of};
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::team::{TeamProblem, TotpBegun};
use kopilka_core::ids::OperatorId;
use kopilka_store::StoreError;
use kopilka_store::team::OperatorRow;
use totp_rs::{Builder, Secret, Totp};

/// What RFC 4226 recommends: 160 bits.
const SECRET_BYTES: usize = 20;
/// Who asks, as apps show it.
const ISSUER: &str = "Kopilka";
/// Wider would be convenient for thieves: with the steps beside it a code holds for a minute and a half.
const SKEW: u16 = 1;
const STEP_SECONDS: u64 = 30;
const DIGITS: u8 = 6;

impl Service {
    /// Draws a secret for an app; codes are asked for once one of them was told. Another call draws another.
    /// Whoever begins shows the password: a browser left open must not shut its owner out.
    pub async fn begin_totp(&self, operator: OperatorId, password: String) -> Told<TotpBegun> {
        if let Err(problem) = self.proven(operator, password).await? {
            return Ok(Err(problem));
        }
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|e| ServiceError::Storage(format!("no randomness: {e}")))?;
        let sealed = self.shared.secrets.seal(&totp_place(operator), &secret)?;
        let done = self
            .in_team(move |engine, _| {
                let mut row = row_of(engine.writer.reads(), operator)?;
                if row.totp_on {
                    return Err(TeamProblem::TotpOn.into());
                }
                (row.totp, row.totp_step) = (Some(sealed), 0);
                engine.writer.set_operator_totp(&row)?;
                Ok(row.login)
            })
            .await?;
        let login = match done {
            Ok(login) => login,
            Err(problem) => return Ok(Err(problem)),
        };
        let totp = totp(&secret, &login)?;
        let otpauth_url = totp.to_url().map_err(failed)?;
        Ok(Ok(TotpBegun { secret_base32: totp.secret().to_base32(), otpauth_url }))
    }

    /// The app works: from here on its codes are asked for.
    pub async fn confirm_totp(&self, operator: OperatorId, code: &str) -> Told<()> {
        let row = match self.read(move |reader| reader.operator(operator)).await? {
            None => return Ok(Err(TeamProblem::OperatorUnknown)),
            Some(row) if row.totp_on => return Ok(Err(TeamProblem::TotpOn)),
            Some(row) if row.totp.is_none() => return Ok(Err(TeamProblem::TotpOff)),
            Some(row) => row,
        };
        let Some(step) = self.step_of_code(&row, code)? else { return Ok(Err(TeamProblem::CodeWrong)) };
        self.in_team(move |engine, _| {
            let now = row_of(engine.writer.reads(), operator)?;
            // Another secret may have been drawn meanwhile.
            if now.totp != row.totp || !engine.writer.take_totp_step(operator, step)? {
                return Err(TeamProblem::CodeWrong.into());
            }
            Ok(())
        })
        .await
    }

    /// No codes any more; whoever ends them shows the password.
    pub async fn end_totp(&self, operator: OperatorId, password: String) -> Told<()> {
        if let Err(problem) = self.proven(operator, password).await? {
            return Ok(Err(problem));
        }
        self.in_team(move |engine, _| {
            let mut row = row_of(engine.writer.reads(), operator)?;
            if !row.totp_on {
                return Err(TeamProblem::TotpOff.into());
            }
            (row.totp, row.totp_on) = (None, false);
            Ok(engine.writer.set_operator_totp(&row)?)
        })
        .await
    }

    /// The step whose code this is; whether it was taken before is said by the row.
    pub(super) fn step_of_code(&self, row: &OperatorRow, code: &str) -> Result<Option<i64>, ServiceError> {
        let Some(sealed) = &row.totp else { return Ok(None) };
        let secret = self.shared.secrets.unseal(&totp_place(row.id), sealed)?;
        let seconds = self.shared.system_now().0.div_euclid(1_000_000);
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let step = totp(&secret, &row.login)?.check(&digits, u64::try_from(seconds).unwrap_or_default());
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

impl Engine {
    /// Seals the secrets of apps with the newest key; how many there were.
    pub(super) fn seal_operators_again(&mut self) -> Result<usize, ServiceError> {
        let mut sealed = 0;
        for row in self.writer.reads().operators()? {
            let Some(old) = &row.totp else { continue };
            let (place, secrets) = (totp_place(row.id), &self.shared.secrets);
            let again = secrets.seal(&place, &secrets.unseal(&place, old)?)?;
            // One that was drawn meanwhile was sealed with the new key.
            self.transaction(|engine| engine.writer.seal_operator_totp(row.id, &again, old))?;
            sealed += 1;
        }
        Ok(sealed)
    }
}

/// What a secret is bound to when it is sealed.
fn totp_place(operator: OperatorId) -> String {
    format!("operator/{operator}")
}

fn totp(secret: &[u8], login: &str) -> Result<Totp, ServiceError> {
    let builder = Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_SECONDS)
        .with_issuer(Some(ISSUER))
        .with_account_name(login);
    builder.build().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> ServiceError {
    StoreError::Engine(format!("one-time codes of an app: {error}")).into()
}
