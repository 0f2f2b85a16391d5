//! The people who work with the installation, and what they may.
//!
//! Invariant: what somebody may in a program is one role: that of the program's own grant, else that of the
//! grant for every program. A token, a password or a code is told once and stored as a hash or sealed.

mod password;

pub use kopilka_core::ids::{AuditId, OperatorId};
pub use kopilka_store::team::AuditRow;
pub use password::{PASSWORD_MAX, PASSWORD_MIN, new_password};
pub(crate) use password::{check as check_password, fits, hashed};

use crate::error::ServiceError;
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Instant;
use kopilka_core::words::{LANGUAGES, Language};
use kopilka_store::team::OperatorRow;
use serde::{Deserialize, Serialize};

/// As long as a mail address may be.
const LOGIN_MAX: usize = 200;
const LOGIN_MIN: usize = 3;
/// Names and browsers are shown on one line.
const NAME_MAX: usize = 100;

/// What somebody may do. Which page or action each role opens is said by the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Marketer,
    Support,
    Cashier,
    Accountant,
    Analyst,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Owner, Role::Marketer, Role::Support, Role::Cashier, Role::Accountant, Role::Analyst];

    pub fn name(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Marketer => "marketer",
            Role::Support => "support",
            Role::Cashier => "cashier",
            Role::Accountant => "accountant",
            Role::Analyst => "analyst",
        }
    }
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == text)
    }
}

/// A role in one program, or in every one of the installation, those to come included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub program: Option<ProgramId>,
    pub role: Role,
}

/// The role that grants give in a program; without one, the role in all of them.
fn role_of(grants: &[Grant], program: Option<ProgramId>) -> Option<Role> {
    let of = |wanted| grants.iter().find(|grant| grant.program == wanted).map(|grant| grant.role);
    program.and_then(|_| of(program)).or_else(|| of(None))
}

/// Somebody who works with the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    pub login: String,
    pub name: String,
    /// One a program at most.
    pub grants: Vec<Grant>,
    pub language: Option<Language>,
    /// Signing in asks for a code of an app too.
    pub has_totp: bool,
    pub created_at: Instant,
    pub disabled_at: Option<Instant>,
}

impl Operator {
    /// A grant of the program itself wins over the general one; without a program the general one is asked
    /// for.
    pub fn role_in(&self, program: Option<ProgramId>) -> Option<Role> {
        role_of(&self.grants, program)
    }
    /// May sign in and is owner of every program.
    pub(crate) fn owns_everything(&self) -> bool {
        self.disabled_at.is_none() && self.role_in(None) == Some(Role::Owner)
    }
    /// May give and take these grants: owner of all that they open, and of something at all.
    pub(crate) fn owns(&self, grants: &[Grant]) -> bool {
        let owner = |program| self.role_in(program) == Some(Role::Owner);
        self.disabled_at.is_none()
            && self.grants.iter().any(|grant| owner(grant.program))
            && grants.iter().all(|grant| owner(grant.program))
    }
}

/// A link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Who is meant, as the link greets them.
    pub name: String,
    pub grants: Vec<Grant>,
    /// Whoever makes it; the command line and the first start need nobody.
    pub by: Option<OperatorId>,
    /// A link by which this operator sets a new password; name and grants stay, codes of an app go.
    pub operator: Option<OperatorId>,
}

/// A link that was not used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub name: String,
    pub grants: Vec<Grant>,
    /// Who sets a new password by it; without one somebody joins.
    pub operator: Option<Operator>,
    pub expires_at: Instant,
}

/// A link that waits, as the team sees it: what stands in it is told to nobody again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    /// By which it is taken back.
    pub id: String,
    pub name: String,
    pub grants: Vec<Grant>,
    /// Who sets a new password by it; without one somebody joins.
    pub operator: Option<OperatorId>,
    pub made_by: Option<OperatorId>,
    pub expires_at: Instant,
}

/// What whoever follows a link has said. Of an operator who sets a new password only that and the language
/// count.
#[derive(Clone, PartialEq, Eq)]
pub struct Accept {
    pub login: String,
    pub name: String,
    pub password: String,
    pub language: Option<Language>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// The browser's name for itself.
    pub agent: String,
}

/// How far signing in has come.
#[derive(Clone, PartialEq, Eq)]
pub enum SignedIn {
    /// The token of the session.
    Session(String),
    /// What to show with the code; it holds for five minutes.
    CodeWanted(String),
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// May be shown: it is not the token.
    pub id: String,
    pub operator: Operator,
    /// The program that was chosen last.
    pub program: Option<ProgramId>,
    pub created_at: Instant,
    pub seen_at: Instant,
}

/// One of the browsers in which an operator is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorSession {
    pub id: String,
    pub agent: String,
    pub created_at: Instant,
    /// To five minutes.
    pub seen_at: Instant,
}

/// A secret for an app of one-time codes, before it is confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpBegun {
    /// To be typed in where nothing can be scanned.
    pub secret_base32: String,
    /// What a QR code would hold.
    pub otpauth_url: String,
}

/// Something that an operator is about to do. The subject is an id or a path, never a name or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNew {
    pub program: Option<ProgramId>,
    pub operator: OperatorId,
    pub login: String,
    pub action: String,
    pub subject: String,
    pub session: String,
}

/// Which part of what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditAsked {
    pub operator: Option<OperatorId>,
    /// The page before this one.
    pub before: Option<AuditId>,
    pub limit: usize,
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamProblem {
    /// Login, password or code: one answer for all, and for whoever may not sign in.
    Wrong,
    /// Too many wrong tries.
    Wait {
        seconds: i64,
    },
    InvitationUnknown,
    LoginTaken,
    LoginInvalid,
    PasswordShort {
        min: usize,
    },
    PasswordLong {
        max: usize,
    },
    /// One of those that everybody tries, or the login itself.
    PasswordCommon,
    CodeWrong,
    OperatorUnknown,
    /// Somebody must be left who may everything.
    LastOwner,
    NotAllowed,
    TotpOff,
    TotpOn,
}

macro_rules! silent {
    ($($name:ident),*) => {$(
        /// Logs hold no secrets.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}
silent!(Accept, SignIn, SignedIn, TotpBegun);

/// The one spelling of a login: letters and digits of any script, and what mail addresses have.
pub(crate) fn login_of(text: &str) -> Result<String, TeamProblem> {
    let login = text.trim().to_lowercase();
    let fits = |letter: char| letter.is_alphanumeric() || "._-+@".contains(letter);
    let long = login.chars().count();
    let good = (LOGIN_MIN..=LOGIN_MAX).contains(&long) && login.chars().all(fits);
    if good { Ok(login) } else { Err(TeamProblem::LoginInvalid) }
}

/// On one line, and not too long for it.
pub(crate) fn line_of(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(NAME_MAX).collect()
}

/// One a program; of two the later one counts.
pub(crate) fn grants_text(grants: &[Grant]) -> Result<String, ServiceError> {
    let mut kept: Vec<Grant> = Vec::with_capacity(grants.len());
    for grant in grants {
        kept.retain(|other| other.program != grant.program);
        kept.push(*grant);
    }
    serde_json::to_string(&kept).map_err(|error| ServiceError::Storage(error.to_string()))
}

pub(crate) fn grants_of(text: &str) -> Result<Vec<Grant>, ServiceError> {
    serde_json::from_str(text).map_err(|error| ServiceError::Storage(format!("grants: {error}")))
}

pub(crate) fn operator_of(row: &OperatorRow) -> Result<Operator, ServiceError> {
    let language = row.language.as_deref();
    Ok(Operator {
        id: row.id,
        login: row.login.clone(),
        name: row.name.clone(),
        grants: grants_of(&row.grants)?,
        language: language.and_then(|tag| LANGUAGES.into_iter().find(|language| language.tag() == tag)),
        has_totp: row.totp_on,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_of_the_program_itself_wins_over_the_general_one() {
        let grant = |program: Option<i64>, role| Grant { program: program.map(ProgramId), role };
        let grants = [grant(None, Role::Analyst), grant(Some(1), Role::Owner)];
        assert_eq!(role_of(&grants, Some(ProgramId(1))), Some(Role::Owner));
        assert_eq!(role_of(&grants, Some(ProgramId(2))), Some(Role::Analyst));
        assert_eq!(role_of(&grants, None), Some(Role::Analyst));
        assert_eq!(role_of(&grants[1..], Some(ProgramId(2))), None);
        assert_eq!(role_of(&grants[1..], None), None);
    }

    #[test]
    fn roles_are_read_by_the_names_they_are_told_by() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert_eq!(Role::parse("Owner"), None);
    }

    #[test]
    fn a_login_has_one_spelling() {
        assert_eq!(login_of(" Anna@Shop.example ").as_deref(), Ok("anna@shop.example"));
        assert_eq!(login_of("Анна").as_deref(), Ok("анна"));
        for bad in ["", "ab", "a b c", "a:b:c", "an\nna", "<b>anna"] {
            assert_eq!(login_of(bad), Err(TeamProblem::LoginInvalid), "{bad:?}");
        }
        assert!(login_of(&"a".repeat(LOGIN_MAX + 1)).is_err());
    }

    #[test]
    fn a_name_stands_on_one_line() {
        assert_eq!(line_of("  Anna\r\n\u{1b}[31m  Petrova "), "Anna [31m Petrova");
        assert_eq!(line_of(&"я".repeat(200)).chars().count(), NAME_MAX);
    }

    #[test]
    fn of_two_grants_for_a_program_the_later_counts() {
        let grant = |role| Grant { program: None, role };
        let text = grants_text(&[grant(Role::Owner), grant(Role::Cashier)]).unwrap();
        assert_eq!(grants_of(&text).unwrap(), [grant(Role::Cashier)]);
    }
}
