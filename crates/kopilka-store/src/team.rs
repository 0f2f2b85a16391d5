//! The people who work with the installation: operators, where they are signed in, links that invite, tries
//! of logins, and what was done.
//!
//! Invariant: passwords and tokens are here as hashes alone, and the secret of one-time codes sealed; a row
//! that can be used once is deleted by its use, and the delete says whether it was the first.

use crate::error::StoreError;
use crate::reader::Reader;
use crate::sql::team;
use crate::value::{Columns, exactly, params};
use crate::writer::Writer;
use kopilka_core::ids::{AuditId, OperatorId, ProgramId, SessionId};
use kopilka_core::time::Instant;

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    pub id: OperatorId,
    /// In its one spelling; nobody else has it.
    pub login: String,
    pub name: String,
    /// JSON of the service.
    pub grants: String,
    /// `en` or `ru`.
    pub language: Option<String>,
    /// A slow hash, with what it was made by.
    pub password: String,
    /// The sealed secret of one-time codes, also before it is confirmed.
    pub totp: Option<Vec<u8>>,
    /// A code is asked for when signing in.
    pub totp_on: bool,
    /// The newest step whose code was taken.
    pub totp_step: i64,
    pub created_at: Instant,
    pub disabled_at: Option<Instant>,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// A hash of what the browser shows.
    pub token: [u8; 32],
    pub id: SessionId,
    pub operator: OperatorId,
    /// The program that the operator looks at.
    pub program: Option<ProgramId>,
    pub agent: String,
    pub created_at: Instant,
    pub seen_at: Instant,
}

/// A link that was not used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// A hash of what stands in the link.
    pub token: [u8; 32],
    pub name: String,
    /// JSON of the service.
    pub grants: String,
    /// Who is to set a new password by it; without one it makes an operator.
    pub operator: Option<OperatorId>,
    pub made_by: Option<OperatorId>,
    /// For the first owner of an installation: it holds while there is nobody.
    pub first: bool,
    pub expires_at: Instant,
}

/// What an operator did, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub id: AuditId,
    pub at: Instant,
    /// `None`: of the installation as a whole.
    pub program: Option<ProgramId>,
    pub operator: OperatorId,
    pub login: String,
    pub session: String,
    pub action: String,
    pub subject: String,
    /// `None` while it is under way, and for ever where the server died in it.
    pub outcome: Option<String>,
}

fn operator(row: &dyn Columns) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        id: OperatorId(row.int(0)?),
        login: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        grants: row.text(3)?.to_owned(),
        language: row.text_or_null(4)?.map(str::to_owned),
        password: row.text(5)?.to_owned(),
        totp: row.bytes_or_null(6)?.map(<[u8]>::to_vec),
        totp_on: row.flag(7)?,
        totp_step: row.int(8)?,
        created_at: Instant(row.int(9)?),
        disabled_at: row.instant_or_null(10)?,
    })
}

fn session(row: &dyn Columns) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        token: exactly(row.bytes(0)?)?,
        id: SessionId(row.int(1)?),
        operator: OperatorId(row.int(2)?),
        program: row.int_or_null(3)?.map(ProgramId),
        agent: row.text(4)?.to_owned(),
        created_at: Instant(row.int(5)?),
        seen_at: Instant(row.int(6)?),
    })
}

fn invitation(row: &dyn Columns) -> Result<InvitationRow, StoreError> {
    Ok(InvitationRow {
        token: exactly(row.bytes(0)?)?,
        name: row.text(1)?.to_owned(),
        grants: row.text(2)?.to_owned(),
        operator: row.int_or_null(3)?.map(OperatorId),
        made_by: row.int_or_null(4)?.map(OperatorId),
        first: row.flag(5)?,
        expires_at: Instant(row.int(6)?),
    })
}

fn audit(row: &dyn Columns) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        id: AuditId(row.int(0)?),
        at: Instant(row.int(1)?),
        program: row.int_or_null(2)?.map(ProgramId),
        operator: OperatorId(row.int(3)?),
        login: row.text(4)?.to_owned(),
        session: row.text(5)?.to_owned(),
        action: row.text(6)?.to_owned(),
        subject: row.text(7)?.to_owned(),
        outcome: row.text_or_null(8)?.map(str::to_owned),
    })
}

impl Reader {
    /// A few dozen at most.
    pub fn operators(&self) -> Result<Vec<OperatorRow>, StoreError> {
        self.many(team::OPERATORS, &[], operator)
    }
    pub fn operators_count(&self) -> Result<i64, StoreError> {
        Ok(self.number(team::OPERATORS_COUNT, &[])?.unwrap_or_default())
    }
    pub fn operator(&self, id: OperatorId) -> Result<Option<OperatorRow>, StoreError> {
        self.one(team::OPERATOR, params![id.0], operator)
    }
    pub fn operator_of_login(&self, login: &str) -> Result<Option<OperatorRow>, StoreError> {
        self.one(team::OPERATOR_OF_LOGIN, params![login], operator)
    }
    pub fn session(&self, token: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        self.one(team::SESSION, params![token], session)
    }
    /// The newest first.
    pub fn sessions(&self, operator: OperatorId) -> Result<Vec<SessionRow>, StoreError> {
        self.many(team::SESSIONS, params![operator.0], session)
    }
    pub fn invitation(&self, token: &[u8; 32]) -> Result<Option<InvitationRow>, StoreError> {
        self.one(team::INVITATION, params![token], invitation)
    }
    /// All that were made and not followed, the first to end first: a few at most.
    pub fn invitations(&self) -> Result<Vec<InvitationRow>, StoreError> {
        self.many(team::INVITATIONS, &[], invitation)
    }
    /// How often a name was tried, and since when.
    pub fn tries(&self, name: &[u8; 32]) -> Result<Option<(i64, Instant)>, StoreError> {
        self.one(team::TRY, params![name], |row| Ok((row.int(0)?, Instant(row.int(1)?))))
    }
    /// A page, the newest first; of every program and of the installation where none is named.
    pub fn audit(
        &self,
        program: Option<ProgramId>,
        operator: Option<OperatorId>,
        before: AuditId,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let (operator, limit) = (operator.map_or(0, |id| id.0), limit as i64);
        match program {
            Some(program) => self.many(team::AUDIT, params![program.0, before.0, operator, limit], audit),
            None => self.many(team::AUDIT_OF_ALL, params![before.0, operator, limit], audit),
        }
    }
}

/// Each inside an open transaction.
impl Writer {
    pub fn insert_operator(&self, row: &OperatorRow) -> Result<(), StoreError> {
        let columns = params![
            row.id.0,
            &row.login,
            &row.name,
            &row.grants,
            row.language.as_ref(),
            &row.password,
            row.totp.as_ref(),
            row.totp_on,
            row.totp_step,
            row.created_at.0,
            row.disabled_at.map(|at| at.0),
        ];
        self.run(team::OPERATOR_INSERT, columns).map(|_| ())
    }
    /// Name, grants, language and whether the operator may sign in.
    pub fn change_operator(&self, row: &OperatorRow) -> Result<(), StoreError> {
        let disabled = row.disabled_at.map(|at| at.0);
        let columns = params![row.id.0, &row.name, &row.grants, row.language.as_ref(), disabled];
        self.run(team::OPERATOR_CHANGE, columns).map(|_| ())
    }
    /// Whether it still was the password that was read.
    pub fn set_operator_password(&self, id: OperatorId, to: &str, seen: &str) -> Result<bool, StoreError> {
        Ok(self.run(team::OPERATOR_PASSWORD, params![id.0, to, seen])? == 1)
    }
    pub fn set_operator_totp(&self, row: &OperatorRow) -> Result<(), StoreError> {
        let columns = params![row.id.0, row.totp.as_ref(), row.totp_on, row.totp_step];
        self.run(team::OPERATOR_TOTP, columns).map(|_| ())
    }
    /// Takes the code of a step, and asks for codes from then on; whether nobody was faster.
    pub fn take_totp_step(&self, id: OperatorId, step: i64) -> Result<bool, StoreError> {
        Ok(self.run(team::OPERATOR_TOTP_STEP, params![id.0, step])? == 1)
    }
    pub fn seal_operator_totp(&self, id: OperatorId, to: &[u8], seen: &[u8]) -> Result<(), StoreError> {
        self.run(team::OPERATOR_TOTP_SEAL, params![id.0, to, seen]).map(|_| ())
    }

    pub fn insert_session(&self, row: &SessionRow) -> Result<(), StoreError> {
        let program = row.program.map(|program| program.0);
        let (id, operator) = (row.id.0, row.operator.0);
        let columns = params![&row.token, id, operator, program, &row.agent, row.created_at.0, row.seen_at.0];
        self.run(team::SESSION_INSERT, columns).map(|_| ())
    }
    pub fn session_seen(&self, token: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        self.run(team::SESSION_SEEN, params![token, at.0]).map(|_| ())
    }
    pub fn session_program(&self, token: &[u8; 32], program: ProgramId) -> Result<(), StoreError> {
        self.run(team::SESSION_PROGRAM, params![token, program.0]).map(|_| ())
    }
    pub fn end_session(&self, token: &[u8; 32]) -> Result<(), StoreError> {
        self.run(team::SESSION_END, params![token]).map(|_| ())
    }
    /// Whether there was one.
    pub fn revoke_session(&self, operator: OperatorId, id: SessionId) -> Result<bool, StoreError> {
        Ok(self.run(team::SESSION_REVOKE, params![operator.0, id.0])? == 1)
    }
    /// All of an operator but for one.
    pub fn end_sessions(&self, operator: OperatorId, keep: Option<&[u8; 32]>) -> Result<(), StoreError> {
        let keep: &[u8] = keep.map_or(&[], |token| token.as_slice());
        self.run(team::SESSIONS_END, params![operator.0, keep]).map(|_| ())
    }
    /// Forgets what was last seen, or made, so long ago.
    pub fn forget_sessions(&self, seen: Instant, created: Instant) -> Result<(), StoreError> {
        self.run(team::SESSIONS_OLD, params![seen.0, created.0]).map(|_| ())
    }

    pub fn insert_invitation(&self, row: &InvitationRow) -> Result<(), StoreError> {
        let (operator, made_by) = (row.operator.map(|id| id.0), row.made_by.map(|id| id.0));
        let (first, ends) = (row.first, row.expires_at.0);
        let columns = params![&row.token, &row.name, &row.grants, operator, made_by, first, ends];
        self.run(team::INVITATION_INSERT, columns).map(|_| ())
    }
    /// Whether it was there still.
    pub fn end_invitation(&self, token: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.run(team::INVITATION_END, params![token])? == 1)
    }
    /// Those for the first owner.
    pub fn end_first_invitations(&self) -> Result<(), StoreError> {
        self.run(team::INVITATIONS_FIRST_END, &[]).map(|_| ())
    }
    /// Those by which the operator would set a password.
    pub fn end_invitations_for(&self, operator: OperatorId) -> Result<(), StoreError> {
        self.run(team::INVITATIONS_FOR, params![operator.0]).map(|_| ())
    }
    /// These, and those that the operator has made.
    pub fn end_invitations_of(&self, operator: OperatorId) -> Result<(), StoreError> {
        self.run(team::INVITATIONS_OF, params![operator.0]).map(|_| ())
    }
    pub fn forget_invitations(&self, before: Instant) -> Result<(), StoreError> {
        self.run(team::INVITATIONS_OLD, params![before.0]).map(|_| ())
    }

    pub fn count_try(&self, name: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        self.run(team::TRY_COUNT, params![name, at.0]).map(|_| ())
    }
    /// It was right: those before count no more.
    pub fn forget_tries_of(&self, name: &[u8; 32]) -> Result<(), StoreError> {
        self.run(team::TRY_RIGHT, params![name]).map(|_| ())
    }
    pub fn forget_tries(&self, before: Instant) -> Result<(), StoreError> {
        self.run(team::TRIES_OLD, params![before.0]).map(|_| ())
    }

    pub fn insert_audit(&self, row: &AuditRow) -> Result<(), StoreError> {
        let program = row.program.map(|program| program.0);
        let columns = params![
            row.id.0,
            row.at.0,
            program,
            row.operator.0,
            &row.login,
            &row.session,
            &row.action,
            &row.subject,
            row.outcome.as_ref(),
        ];
        self.run(team::AUDIT_INSERT, columns).map(|_| ())
    }
    /// Once: what it came to is never told otherwise.
    pub fn end_audit(&self, id: AuditId, outcome: &str, deed: &str) -> Result<(), StoreError> {
        self.run(team::AUDIT_END, params![id.0, outcome, deed]).map(|_| ())
    }
}
