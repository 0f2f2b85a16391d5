//! Signing in, and the sessions that come of it.
//!
//! Invariant: a try is counted before it is known whether it is right, and of an unknown login alike, so
//! neither many at one time nor the answers tell more than ten tries do. Every signing in makes a session of
//! its own, whose token is told once.

use super::team::{Stop, Told, row_of, token_hash};
use super::{Service, secret_letters};
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::shared::Shared;
use crate::team::{
    OperatorSession, SessionInfo, SignIn, SignedIn, TeamProblem, check_password, fits, hashed, line_of,
    login_of, operator_of,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kopilka_core::ids::{OperatorId, ProgramId, SessionId};
use kopilka_core::time::Instant;
use kopilka_store::team::{OperatorRow, SessionRow};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// How session tokens begin, so that a search for lost secrets finds them.
const SESSION_PREFIX: &str = "kos_";
/// 200 bits.
const TOKEN_LETTERS: usize = 40;
/// A working day; a browser that was left open in the evening is signed out by the morning.
const IDLE_SECONDS: i64 = 12 * 3_600;
/// Once a month everybody shows again who they are.
const LIVES_SECONDS: i64 = 30 * 24 * 3_600;
/// Writing with every page would cost more than the page.
const SEEN_EVERY_SECONDS: i64 = 5 * 60;
/// Whoever mistypes is right within ten; a million codes are not gone through.
const TRIES_MAX: i64 = 10;
const TRIES_SECONDS: i64 = 15 * 60;
/// Long enough to find the phone.
const PENDING_SECONDS: i64 = 5 * 60;
const PENDING_PREFIX: &str = "kop_code_";
const NUMBER_BYTES: usize = 8;
const MAC_BYTES: usize = 32;

impl Shared {
    /// Under what tries of a login are counted: no names, since people type passwords there.
    pub(super) fn try_of_login(&self, login: &str) -> [u8; 32] {
        self.secret.hash(&[b"operator-login", login.as_bytes()])
    }
    pub(super) fn try_of_codes(&self, operator: OperatorId) -> [u8; 32] {
        self.secret.hash(&[b"operator-code", &operator.0.to_be_bytes()])
    }
}

impl Service {
    /// Signs somebody in by login and password; where an app makes codes, one is wanted next.
    pub async fn sign_in(&self, ask: SignIn) -> Told<SignedIn> {
        // What cannot be a login is counted as one that nobody has.
        let login = login_of(&ask.login).unwrap_or_else(|_| line_of(&ask.login));
        if let Err(problem) = self.count_try(self.shared.try_of_login(&login)).await? {
            return Ok(Err(problem));
        }
        let asked = login.clone();
        let row = self.read(move |reader| reader.operator_of_login(&asked)).await?;
        let row = row.filter(|row| row.disabled_at.is_none());
        let right = fits(ask.password, row.as_ref().map(|row| row.password.clone())).await?;
        let Some(row) = row.filter(|_| right) else { return Ok(Err(TeamProblem::Wrong)) };
        let name = self.shared.try_of_login(&login);
        if row.totp_on {
            self.alone(move |e| e.transaction(|e| e.writer.forget_tries_of(&name))).await??;
            return Ok(Ok(SignedIn::CodeWanted(self.pending(&row))));
        }
        let token = new_token()?;
        let session = NewSession { token: token_hash(&token), agent: line_of(&ask.agent) };
        let done = self
            .in_team(move |engine, now| {
                engine.writer.forget_tries_of(&name)?;
                engine.open_session(&row, session, now)
            })
            .await?;
        Ok(done.map(|()| SignedIn::Session(token)))
    }

    /// The second step: a code of the app, with what the first step told.
    pub async fn sign_in_with_code(&self, pending: &str, code: &str, agent: &str) -> Told<String> {
        let Some((id, numbers, mac)) = self.pending_of(pending) else { return Ok(Err(TeamProblem::Wrong)) };
        let row = self.read(move |reader| reader.operator(id)).await?;
        let known = row.filter(|row| {
            let signed = bool::from(self.pending_mac(&numbers, row).ct_eq(&mac));
            signed && row.totp_on && row.disabled_at.is_none()
        });
        let Some(row) = known else { return Ok(Err(TeamProblem::Wrong)) };
        let name = self.shared.try_of_codes(id);
        if let Err(problem) = self.count_try(name).await? {
            return Ok(Err(problem));
        }
        let step = self.step_of_code(&row, code)?;
        let Some(step) = step else { return Ok(Err(TeamProblem::Wrong)) };
        let token = new_token()?;
        let session = NewSession { token: token_hash(&token), agent: line_of(agent) };
        let done = self
            .in_team(move |engine, now| {
                if !engine.writer.take_totp_step(id, step)? {
                    return Err(TeamProblem::Wrong.into());
                }
                engine.writer.forget_tries_of(&name)?;
                engine.open_session(&row, session, now)
            })
            .await?;
        Ok(done.map(|()| token))
    }

    /// Who shows this token; `None` for a session that is over.
    pub async fn session(&self, token: &str) -> Result<Option<Arc<SessionInfo>>, ServiceError> {
        let (hash, now) = (token_hash(token), self.shared.system_now());
        let found = self
            .read(move |reader| {
                let Some(session) = reader.session(&hash)?.filter(|row| lives(row, now)) else {
                    return Ok(None);
                };
                let operator = reader.operator(session.operator)?;
                Ok(operator.filter(|row| row.disabled_at.is_none()).map(|row| (session, row)))
            })
            .await?;
        let Some((session, row)) = found else { return Ok(None) };
        if now >= session.seen_at.plus_seconds(SEEN_EVERY_SECONDS) {
            // A page is shown also when nothing can be written; the session then ends a little early.
            let _ = self.alone(move |e| e.transaction(|e| e.writer.session_seen(&hash, now))).await;
        }
        Ok(Some(Arc::new(SessionInfo {
            id: session.id.to_string(),
            operator: operator_of(&row)?,
            program: session.program,
            created_at: session.created_at,
            seen_at: session.seen_at,
        })))
    }

    /// The session is over.
    pub async fn sign_out(&self, token: &str) -> Result<(), ServiceError> {
        let hash = token_hash(token);
        Ok(self.alone(move |e| e.transaction(|e| e.writer.end_session(&hash))).await??)
    }

    /// Where an operator is signed in, the newest first.
    pub async fn sessions(&self, operator: OperatorId) -> Result<Vec<OperatorSession>, ServiceError> {
        let now = self.shared.system_now();
        let rows = self.read(move |reader| reader.sessions(operator)).await?;
        let shown = |row: SessionRow| OperatorSession {
            id: row.id.to_string(),
            agent: row.agent,
            created_at: row.created_at,
            seen_at: row.seen_at,
        };
        Ok(rows.into_iter().filter(|row| lives(row, now)).map(shown).collect())
    }

    /// Ends one of an operator's sessions; whether there was one.
    pub async fn revoke_session(&self, operator: OperatorId, id: &str) -> Result<bool, ServiceError> {
        let Some(id) = SessionId::parse(id) else { return Ok(false) };
        Ok(self.alone(move |e| e.transaction(|e| e.writer.revoke_session(operator, id))).await??)
    }

    /// The program that the operator looks at from now on.
    pub async fn choose_program(&self, token: &str, program: ProgramId) -> Told<()> {
        self.shared.program(program)?;
        let Some(session) = self.session(token).await? else { return Ok(Err(TeamProblem::NotAllowed)) };
        if session.operator.role_in(Some(program)).is_none() {
            return Ok(Err(TeamProblem::NotAllowed));
        }
        let hash = token_hash(token);
        self.alone(move |e| e.transaction(|e| e.writer.session_program(&hash, program))).await??;
        Ok(Ok(()))
    }

    /// What a form of this session carries, so that no other site can send one: in no table.
    pub fn csrf(&self, token: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.shared.secret.hash(&[b"operator-csrf", token.as_bytes()]))
    }

    /// A new password; every session of the operator ends but the one of `keep`.
    pub async fn change_password(
        &self,
        operator: OperatorId,
        old: String,
        new: String,
        keep: &str,
    ) -> Told<()> {
        let row = match self.proven(operator, old).await? {
            Ok(row) => row,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Err(problem) = check_password(&new, &row.login) {
            return Ok(Err(problem));
        }
        let (password, keep) = (hashed(new).await?, token_hash(keep));
        self.in_team(move |engine, _| {
            if !engine.writer.set_operator_password(operator, &password, &row.password)? {
                return Err(TeamProblem::Wrong.into());
            }
            engine.writer.end_invitations_for(operator)?;
            Ok(engine.writer.end_sessions(operator, Some(&keep))?)
        })
        .await
    }

    /// The operator, where this is the password; wrong ones are counted.
    pub(super) async fn proven(&self, operator: OperatorId, password: String) -> Told<OperatorRow> {
        let row = self.read(move |reader| reader.operator(operator)).await?;
        let Some(row) = row.filter(|row| row.disabled_at.is_none()) else {
            return Ok(Err(TeamProblem::OperatorUnknown));
        };
        let name = self.shared.try_of_login(&row.login);
        if let Err(problem) = self.count_try(name).await? {
            return Ok(Err(problem));
        }
        if !fits(password, Some(row.password.clone())).await? {
            return Ok(Err(TeamProblem::Wrong));
        }
        self.alone(move |e| e.transaction(|e| e.writer.forget_tries_of(&name))).await??;
        Ok(Ok(row))
    }

    /// Counts a try of a name, and says when there were too many.
    async fn count_try(&self, name: [u8; 32]) -> Told<()> {
        let (now, counted) = self
            .alone(move |engine| {
                let now = engine.shared.system_now();
                let counted = engine.transaction(|engine| {
                    engine.writer.forget_tries(now.plus_seconds(-TRIES_SECONDS))?;
                    engine.writer.count_try(&name, now)?;
                    engine.writer.reads().tries(&name)
                });
                (now, counted)
            })
            .await?;
        let (tries, first_at) = counted?.unwrap_or((1, now));
        if tries <= TRIES_MAX {
            return Ok(Ok(()));
        }
        let left = first_at.plus_seconds(TRIES_SECONDS).0 - now.0;
        Ok(Err(TeamProblem::Wait { seconds: (left + 999_999).div_euclid(1_000_000).max(1) }))
    }

    /// Says that an operator has shown the password: signed, with an end, in no table.
    fn pending(&self, row: &OperatorRow) -> String {
        let until = self.shared.system_now().plus_seconds(PENDING_SECONDS);
        let numbers = [row.id.0, until.0].map(i64::to_be_bytes).concat();
        let mac = self.pending_mac(&numbers, row);
        format!("{PENDING_PREFIX}{}", URL_SAFE_NO_PAD.encode([&numbers[..], &mac].concat()))
    }
    /// A new password ends it.
    fn pending_mac(&self, numbers: &[u8], row: &OperatorRow) -> [u8; MAC_BYTES] {
        self.shared.secret.hash(&[b"operator-pending", numbers, row.password.as_bytes()])
    }
    /// Whom a token names that is not over, and its parts, which nobody has judged yet.
    fn pending_of(&self, token: &str) -> Option<(OperatorId, Vec<u8>, [u8; MAC_BYTES])> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PENDING_PREFIX)?).ok()?;
        let (numbers, mac) = bytes.split_last_chunk::<MAC_BYTES>()?;
        let (id, until) = numbers.split_first_chunk::<NUMBER_BYTES>()?;
        let until = Instant(i64::from_be_bytes(until.try_into().ok()?));
        let id = OperatorId(i64::from_be_bytes(*id));
        (self.shared.system_now() < until).then(|| (id, numbers.to_vec(), *mac))
    }
}

/// A session that is to be opened.
struct NewSession {
    token: [u8; 32],
    agent: String,
}

impl Engine {
    /// Where the operator still is as was read when the password was shown.
    fn open_session(&mut self, seen: &OperatorRow, new: NewSession, now: Instant) -> Result<(), Stop> {
        let row = row_of(self.writer.reads(), seen.id)?;
        let same = row.password == seen.password && row.totp_on == seen.totp_on;
        if row.disabled_at.is_some() || !same {
            return Err(TeamProblem::Wrong.into());
        }
        self.writer.forget_sessions(now.plus_seconds(-IDLE_SECONDS), now.plus_seconds(-LIVES_SECONDS))?;
        Ok(self.writer.insert_session(&SessionRow {
            token: new.token,
            id: SessionId(self.shared.ids.next()),
            operator: row.id,
            program: None,
            agent: new.agent,
            created_at: now,
            seen_at: now,
        })?)
    }
}

fn lives(row: &SessionRow, now: Instant) -> bool {
    now < row.seen_at.plus_seconds(IDLE_SECONDS) && now < row.created_at.plus_seconds(LIVES_SECONDS)
}

fn new_token() -> Result<String, ServiceError> {
    Ok(format!("{SESSION_PREFIX}{}", secret_letters::<TOKEN_LETTERS>()?))
}
