//! Who is in the team: invitations, grants, and who may sign in no more.
//!
//! Invariant: of two changes to the team the second sees the first, whichever server makes them, so somebody
//! is always left who may everything; a link is used once.

use super::{Service, secret_letters};
use crate::engine::Engine;
use crate::error::ServiceError;
use crate::team::{
    Accept, Grant, Invitation, Invite, OpenInvitation, Operator, Role, TeamProblem, check_password,
    grants_of, grants_text, hashed, line_of, login_of, operator_of,
};
use kopilka_core::ids::OperatorId;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_store::team::{InvitationRow, OperatorRow};
use kopilka_store::{Reader, StoreError};
use sha2::{Digest, Sha256};

/// Somebody reads the letter after the weekend.
const INVITATION_LIVES_SECONDS: i64 = 72 * 3_600;
/// 200 bits.
const TOKEN_LETTERS: usize = 40;
/// The row of the settings that everybody writes who changes the team: the second waits for the first.
const TEAM_COUNT: &str = "team_count";

/// The inner error says why nothing was done, to whoever asked.
pub(super) type Told<T> = Result<Result<T, TeamProblem>, ServiceError>;

/// What ends a transaction without a change, from the service's side.
pub(super) enum Stop {
    Problem(TeamProblem),
    Failed(ServiceError),
}

impl From<TeamProblem> for Stop {
    fn from(problem: TeamProblem) -> Stop {
        Stop::Problem(problem)
    }
}
impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Stop {
        Stop::Failed(error)
    }
}
impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Failed(error.into())
    }
}

pub(super) fn told<T>(done: Result<T, Stop>) -> Told<T> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Problem(problem)) => Ok(Err(problem)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

impl Service {
    /// Everybody who is or was in the team, in the order of joining.
    pub async fn operators(&self) -> Result<Vec<Operator>, ServiceError> {
        self.read(|reader| reader.operators()).await?.iter().map(operator_of).collect()
    }
    /// Whether anybody has ever joined.
    pub async fn has_operators(&self) -> Result<bool, ServiceError> {
        Ok(self.read(|reader| reader.operators_count()).await? > 0)
    }

    /// Makes a link by which somebody joins, or by which an operator sets a new password. What stands in it
    /// is told once; the link of an operator ends the sessions and the links before it.
    pub async fn invite(&self, invite: Invite) -> Told<(String, Instant)> {
        for program in invite.grants.iter().filter_map(|grant| grant.program) {
            self.shared.program(program)?;
        }
        let token = secret_letters::<TOKEN_LETTERS>()?;
        let hash = token_hash(&token);
        let done = self
            .in_team(move |engine, now| {
                let reads = engine.writer.reads();
                let grants = match invite.operator {
                    Some(id) => grants_of(&row_of(reads, id)?.grants)?,
                    None => invite.grants,
                };
                may(reads, invite.by, &grants)?;
                if let Some(id) = invite.operator {
                    engine.writer.end_invitations_for(id)?;
                    engine.writer.end_sessions(id, None)?;
                }
                let row = InvitationRow {
                    token: hash,
                    name: line_of(&invite.name),
                    grants: grants_text(&grants)?,
                    operator: invite.operator,
                    made_by: invite.by,
                    first: false,
                    expires_at: now.plus_seconds(INVITATION_LIVES_SECONDS),
                };
                engine.writer.forget_invitations(now)?;
                engine.writer.insert_invitation(&row)?;
                Ok(row.expires_at)
            })
            .await?;
        Ok(done.map(|expires_at| (token, expires_at)))
    }

    /// The link for the first owner, which ends those before it; `None` where somebody is in the team.
    pub async fn start_invitation(&self) -> Result<Option<(String, Instant)>, ServiceError> {
        if self.has_operators().await? {
            return Ok(None);
        }
        let token = secret_letters::<TOKEN_LETTERS>()?;
        let hash = token_hash(&token);
        let done = self
            .in_team(move |engine, now| {
                if engine.writer.reads().operators_count()? > 0 {
                    return Err(TeamProblem::NotAllowed.into());
                }
                let row = InvitationRow {
                    token: hash,
                    name: String::new(),
                    grants: grants_text(&[Grant { program: None, role: Role::Owner }])?,
                    operator: None,
                    made_by: None,
                    first: true,
                    expires_at: now.plus_seconds(INVITATION_LIVES_SECONDS),
                };
                engine.writer.end_first_invitations()?;
                engine.writer.insert_invitation(&row)?;
                Ok(row.expires_at)
            })
            .await?;
        Ok(done.ok().map(|expires_at| (token, expires_at)))
    }

    /// What a link is for; `None` for one that is over, was used or never made.
    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>, ServiceError> {
        let (hash, now) = (token_hash(token), self.shared.system_now());
        let found = self
            .read(move |reader| {
                let Some(row) = reader.invitation(&hash)?.filter(|row| now < row.expires_at) else {
                    return Ok(None);
                };
                let operator = row.operator.map(|id| reader.operator(id)).transpose()?.flatten();
                Ok(Some((row, operator)))
            })
            .await?;
        let Some((row, operator)) = found else { return Ok(None) };
        let operator = operator.as_ref().map(operator_of).transpose()?;
        if row.operator.is_some() && operator.as_ref().is_none_or(|known| known.disabled_at.is_some()) {
            return Ok(None);
        }
        Ok(Some(match operator {
            Some(known) => Invitation {
                name: known.name.clone(),
                grants: known.grants.clone(),
                expires_at: row.expires_at,
                operator: Some(known),
            },
            None => Invitation {
                name: row.name,
                grants: grants_of(&row.grants)?,
                operator: None,
                expires_at: row.expires_at,
            },
        }))
    }

    /// Links that wait for somebody, the first to end first.
    pub async fn open_invitations(&self) -> Result<Vec<OpenInvitation>, ServiceError> {
        let now = self.shared.system_now();
        let rows = self.read(|reader| reader.invitations()).await?;
        let open = |row: InvitationRow| {
            Ok(OpenInvitation {
                id: id_of(&row.token),
                name: row.name,
                grants: grants_of(&row.grants)?,
                operator: row.operator,
                made_by: row.made_by,
                expires_at: row.expires_at,
            })
        };
        rows.into_iter().filter(|row| now < row.expires_at).map(open).collect()
    }

    /// Takes a link back before anybody has followed it.
    pub async fn withdraw_invitation(&self, by: Option<OperatorId>, id: String) -> Told<()> {
        self.in_team(move |engine, _| {
            let reads = engine.writer.reads();
            let row = reads.invitations()?.into_iter().find(|row| id_of(&row.token) == id);
            let row = row.ok_or(TeamProblem::InvitationUnknown)?;
            may(reads, by, &grants_of(&row.grants)?)?;
            match engine.writer.end_invitation(&row.token)? {
                true => Ok(()),
                false => Err(TeamProblem::InvitationUnknown.into()),
            }
        })
        .await
    }

    /// Follows a link: somebody joins, or has a new password, no app of codes and no session.
    pub async fn accept_invitation(&self, token: &str, accept: Accept) -> Told<Operator> {
        let Some(invitation) = self.invitation(token).await? else {
            return Ok(Err(TeamProblem::InvitationUnknown));
        };
        let login = match &invitation.operator {
            Some(known) => Ok(known.login.clone()),
            None => login_of(&accept.login),
        };
        let login = match login.and_then(|login| check_password(&accept.password, &login).map(|()| login)) {
            Ok(login) => login,
            Err(problem) => return Ok(Err(problem)),
        };
        let password = hashed(accept.password).await?;
        let hash = token_hash(token);
        let joins = Joins { login, name: line_of(&accept.name), password, language: accept.language };
        self.in_team(move |engine, now| {
            let row = engine.writer.reads().invitation(&hash)?.filter(|row| now < row.expires_at);
            let row = row.ok_or(TeamProblem::InvitationUnknown)?;
            if !engine.writer.end_invitation(&hash)? {
                return Err(TeamProblem::InvitationUnknown.into());
            }
            // Who made the link may have lost the right since, or whom it is for may have more by now.
            let reads = engine.writer.reads();
            let grants = match row.operator {
                Some(id) => grants_of(&row_of(reads, id)?.grants)?,
                None => grants_of(&row.grants)?,
            };
            if may(reads, row.made_by, &grants).is_err() {
                return Err(TeamProblem::InvitationUnknown.into());
            }
            let joined = match row.operator {
                Some(id) => engine.reset(id, joins)?,
                None => engine.join_team(&row, joins, now)?,
            };
            Ok(operator_of(&joined)?)
        })
        .await
    }

    /// What an operator may from now on, in sessions that are open too.
    pub async fn set_grants(
        &self,
        by: Option<OperatorId>,
        operator: OperatorId,
        grants: Vec<Grant>,
    ) -> Told<Operator> {
        for program in grants.iter().filter_map(|grant| grant.program) {
            self.shared.program(program)?;
        }
        self.with_operator(by, operator, move |row, _| {
            row.grants = grants_text(&grants)?;
            Ok(())
        })
        .await
    }

    /// From here on the operator signs in no more: sessions and links end, those made for others too.
    pub async fn disable_operator(&self, by: Option<OperatorId>, operator: OperatorId) -> Told<Operator> {
        self.with_operator(by, operator, |row, now| {
            row.disabled_at.get_or_insert(now);
            Ok(())
        })
        .await
    }
    /// Signs in again with what was known before.
    pub async fn enable_operator(&self, by: Option<OperatorId>, operator: OperatorId) -> Told<Operator> {
        self.with_operator(by, operator, |row, _| {
            row.disabled_at = None;
            Ok(())
        })
        .await
    }

    /// In which language the pages speak to an operator.
    pub async fn set_operator_language(&self, operator: OperatorId, language: Language) -> Told<Operator> {
        self.in_team(move |engine, _| {
            let mut row = row_of(engine.writer.reads(), operator)?;
            row.language = Some(language.tag().to_owned());
            engine.writer.change_operator(&row)?;
            Ok(operator_of(&row)?)
        })
        .await
    }

    /// Changes an operator, where `by` may and somebody is left who may everything.
    async fn with_operator(
        &self,
        by: Option<OperatorId>,
        operator: OperatorId,
        change: impl FnOnce(&mut OperatorRow, Instant) -> Result<(), ServiceError> + Send + 'static,
    ) -> Told<Operator> {
        self.in_team(move |engine, now| {
            let all = engine.writer.reads().operators()?;
            let before = all.iter().find(|row| row.id == operator).ok_or(TeamProblem::OperatorUnknown)?;
            let mut row = before.clone();
            change(&mut row, now)?;
            let (old, new) = (operator_of(before)?, operator_of(&row)?);
            let touched: Vec<Grant> = old.grants.iter().chain(&new.grants).copied().collect();
            may(engine.writer.reads(), by, &touched)?;
            if old.owns_everything() && !new.owns_everything() {
                let others = all.iter().filter(|other| other.id != operator).map(operator_of);
                if !others.collect::<Result<Vec<_>, _>>()?.iter().any(Operator::owns_everything) {
                    return Err(TeamProblem::LastOwner.into());
                }
            }
            engine.writer.change_operator(&row)?;
            if row.disabled_at.is_some() {
                engine.writer.end_sessions(operator, None)?;
                engine.writer.end_invitations_of(operator)?;
            }
            Ok(new)
        })
        .await
    }

    /// One transaction in which nobody else changes the team; a problem undoes it.
    pub(super) async fn in_team<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine, Instant) -> Result<T, Stop> + Send + 'static,
    ) -> Told<T> {
        let done = self
            .alone(move |engine| {
                let now = engine.shared.system_now();
                let mut stopped = None;
                let done = engine.transaction(|engine| {
                    engine.writer.put_setting(TEAM_COUNT, &now.0.to_string())?;
                    work(engine, now).map_err(|stop| {
                        let error = StoreError::Engine("a change to the team was not made".to_owned());
                        stopped = Some(stop);
                        error
                    })
                });
                match stopped {
                    Some(stop) => Err(stop),
                    None => done.map_err(Stop::from),
                }
            })
            .await?;
        told(done)
    }
}

/// The first half of a link's hash: enough to name one of a few, and of no use for following it.
fn id_of(token: &[u8; 32]) -> String {
    token[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who follows a link.
struct Joins {
    login: String,
    name: String,
    password: String,
    language: Option<Language>,
}

impl Engine {
    fn join_team(
        &mut self,
        invitation: &InvitationRow,
        joins: Joins,
        now: Instant,
    ) -> Result<OperatorRow, Stop> {
        let reads = self.writer.reads();
        if invitation.first && reads.operators_count()? > 0 {
            return Err(TeamProblem::InvitationUnknown.into());
        }
        if reads.operator_of_login(&joins.login)?.is_some() {
            return Err(TeamProblem::LoginTaken.into());
        }
        let named = [&joins.name, &invitation.name].into_iter().find(|name| !name.is_empty());
        let row = OperatorRow {
            id: OperatorId(self.shared.ids.next()),
            name: named.unwrap_or(&joins.login).clone(),
            login: joins.login,
            grants: invitation.grants.clone(),
            language: joins.language.map(|language| language.tag().to_owned()),
            password: joins.password,
            totp: None,
            totp_on: false,
            totp_step: 0,
            created_at: now,
            disabled_at: None,
        };
        self.writer.insert_operator(&row)?;
        // Somebody is there: nobody else becomes the first.
        self.writer.end_first_invitations()?;
        Ok(row)
    }

    fn reset(&mut self, id: OperatorId, joins: Joins) -> Result<OperatorRow, Stop> {
        let mut row = row_of(self.writer.reads(), id)?;
        if row.disabled_at.is_some() {
            return Err(TeamProblem::InvitationUnknown.into());
        }
        if !self.writer.set_operator_password(id, &joins.password, &row.password)? {
            return Err(TeamProblem::InvitationUnknown.into());
        }
        (row.password, row.totp, row.totp_on) = (joins.password, None, false);
        if let Some(language) = joins.language {
            row.language = Some(language.tag().to_owned());
        }
        self.writer.set_operator_totp(&row)?;
        self.writer.change_operator(&row)?;
        self.writer.end_sessions(id, None)?;
        // Whoever holds a new link need not wait for what others have guessed.
        self.writer.forget_tries_of(&self.shared.try_of_login(&row.login))?;
        self.writer.forget_tries_of(&self.shared.try_of_codes(id))?;
        Ok(row)
    }
}

/// Whether `by` may give and take these grants; nobody in particular may.
fn may(reads: &Reader, by: Option<OperatorId>, grants: &[Grant]) -> Result<(), Stop> {
    let Some(by) = by else { return Ok(()) };
    let row = reads.operator(by)?.ok_or(TeamProblem::NotAllowed)?;
    if operator_of(&row)?.owns(grants) { Ok(()) } else { Err(TeamProblem::NotAllowed.into()) }
}

pub(super) fn row_of(reads: &Reader, id: OperatorId) -> Result<OperatorRow, Stop> {
    Ok(reads.operator(id)?.ok_or(TeamProblem::OperatorUnknown)?)
}

/// Looked up by hash: what a timing could tell is about the hash, which helps nobody.
pub(super) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
