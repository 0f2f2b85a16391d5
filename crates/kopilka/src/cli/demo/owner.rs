//! The owner of a demo, by whom its pages are looked at.
//!
//! Invariant: the password that is printed is the one that works; where somebody has chosen another, none is.

use crate::cli::data::wait;
use crate::cli::team::done;
use kopilka_service::{
    Accept, Grant, Invite, Operator, Role, Service, SignIn, SignedIn, TeamProblem, new_password,
};
use std::fs;
use std::path::Path;

pub const LOGIN: &str = "owner@demo.example";
/// Kept beside the demo's key, so that a second start can print it again.
const FILE: &str = "demo.owner";

/// The owner's password; `None` where another was chosen since.
pub fn password(service: &Service, dir: &Path) -> Result<Option<String>, String> {
    let operators = wait(service.operators())?.map_err(|error| error.to_string())?;
    let owner = operators.into_iter().find(|operator| operator.login == LOGIN);
    let file = dir.join(FILE);
    match (owner, fs::read_to_string(&file)) {
        (Some(owner), Ok(kept)) if owner.disabled_at.is_none() => still_works(service, kept.trim()),
        (Some(owner), _) if owner.disabled_at.is_some() => Ok(None),
        (owner, _) => {
            let password = made(service, owner)?;
            super::keep(&file, &password)?;
            Ok(Some(password))
        }
    }
}

/// Joins as the first start of a server lets the first owner join, or sets a new password by a link.
fn made(service: &Service, owner: Option<Operator>) -> Result<String, String> {
    let password = new_password().map_err(|error| error.to_string())?;
    let invite = Invite {
        name: "Demo".to_owned(),
        grants: vec![Grant { program: None, role: Role::Owner }],
        by: None,
        operator: owner.map(|owner| owner.id),
    };
    let (token, _) = done(wait(service.invite(invite))?)?;
    let accept =
        Accept { login: LOGIN.to_owned(), name: String::new(), password: password.clone(), language: None };
    done(wait(service.accept_invitation(&token, accept))?)?;
    Ok(password)
}

fn still_works(service: &Service, password: &str) -> Result<Option<String>, String> {
    let ask =
        SignIn { login: LOGIN.to_owned(), password: password.to_owned(), agent: "kopilka demo".to_owned() };
    match wait(service.sign_in(ask))?.map_err(|error| error.to_string())? {
        Ok(SignedIn::Session(token)) => {
            wait(service.sign_out(&token))?.map_err(|error| error.to_string())?;
            Ok(Some(password.to_owned()))
        }
        Ok(SignedIn::CodeWanted(_)) | Err(TeamProblem::Wait { .. }) => Ok(Some(password.to_owned())),
        Err(_) => Ok(None),
    }
}
