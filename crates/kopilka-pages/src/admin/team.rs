//! `/admin/team`: who works here, with what role; links for those who are to come.

use crate::answer::{Page, again, trouble};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Session, Visit, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::{Grant, Invite, OpenInvitation, Operator, OperatorId, Role, TeamProblem};
use kopilka_web::problem::Problem;

/// One person as the list shows them.
pub struct PersonLine {
    pub id: String,
    pub name: String,
    pub login: String,
    pub role_name: &'static str,
    pub has_totp: bool,
    pub since: String,
    pub is_disabled: bool,
    pub is_me: bool,
}

/// A link that nobody has followed yet.
pub struct LinkLine {
    pub id: String,
    pub name: String,
    pub role: String,
    /// It is for a new password of somebody who is here.
    pub is_of_operator: bool,
    pub by: String,
    pub until: String,
}

pub struct RoleChoice {
    pub name: &'static str,
    pub label: String,
    pub about: String,
}

#[derive(Template)]
#[template(path = "admin/team.html")]
pub struct TeamPage {
    pub frame: Frame,
    pub people: Vec<PersonLine>,
    pub links: Vec<LinkLine>,
    pub roles: Vec<RoleChoice>,
    /// A link that was just made: for whom, the path, until when. It is shown once.
    pub link: Option<(String, String, String)>,
    pub name: String,
}

impl TeamPage {
    pub fn sample(language: Language) -> TeamPage {
        let frame = Frame::sample(language);
        let person = |name: &str, role_name: &'static str, is_me, is_disabled| PersonLine {
            id: "o_1".to_owned(),
            name: name.to_owned(),
            login: "anna@shop.example".to_owned(),
            role_name,
            has_totp: is_me,
            since: "2026-03-01 10:00 UTC".to_owned(),
            is_disabled,
            is_me,
        };
        TeamPage {
            people: vec![
                person("Анна Котова", "owner", true, false),
                person("<b>Олег</b>", "marketer", false, false),
                person("Ирина", "cashier", false, true),
            ],
            links: vec![
                LinkLine {
                    id: "0a1b".to_owned(),
                    name: "<b>Олег</b>".to_owned(),
                    role: frame.say("role-marketer"),
                    is_of_operator: false,
                    by: "anna@shop.example".to_owned(),
                    until: "…".to_owned(),
                },
                LinkLine {
                    id: "0a1c".to_owned(),
                    name: "Ирина".to_owned(),
                    role: String::new(),
                    is_of_operator: true,
                    by: String::new(),
                    until: "…".to_owned(),
                },
            ],
            roles: roles(frame.words),
            link: Some(("Олег".to_owned(), "/admin/start/abcdefgh".to_owned(), "…".to_owned())),
            name: String::new(),
            frame,
        }
    }
}

fn roles(words: Words) -> Vec<RoleChoice> {
    let choice = |role: Role| RoleChoice {
        name: role.name(),
        label: words.say(&format!("role-{}", role.name())),
        about: words.say(&format!("role-{}-about", role.name())),
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// What a refusal of the team says.
pub fn problem_words(words: Words, problem: &TeamProblem) -> String {
    let seconds = |seconds: i64| words.say_n("team-wait", (seconds + 59) / 60);
    match problem {
        TeamProblem::Wrong => words.say("team-wrong"),
        TeamProblem::Wait { seconds: left } => seconds(*left),
        TeamProblem::InvitationUnknown => words.say("team-invitation-unknown"),
        TeamProblem::LoginTaken => words.say("team-login-taken"),
        TeamProblem::LoginInvalid => words.say("team-login-invalid"),
        TeamProblem::PasswordShort { min } => words.say_n("team-password-short", *min as i64),
        TeamProblem::PasswordLong { max } => words.say_n("team-password-long", *max as i64),
        TeamProblem::PasswordCommon => words.say("team-password-common"),
        TeamProblem::CodeWrong => words.say("team-code-wrong"),
        TeamProblem::OperatorUnknown => words.say("team-operator-unknown"),
        TeamProblem::LastOwner => words.say("team-last-owner"),
        TeamProblem::NotAllowed => words.say("team-not-allowed"),
        TeamProblem::TotpOff => words.say("team-totp-off"),
        TeamProblem::TotpOn => words.say("team-totp-on"),
    }
}

async fn drawn(visit: &Visit, session: &Session, frame: Frame) -> Result<TeamPage, Response> {
    let operators = visit.app.service.operators().await.map_err(trouble)?;
    let program = visit.desk.as_ref().map(|desk| desk.program_id());
    let line = |operator: Operator| {
        let role = operator.role_in(program);
        PersonLine {
            id: operator.id.to_string(),
            role_name: role.map_or("", Role::name),
            has_totp: operator.has_totp,
            since: visit.stamp(operator.created_at),
            is_disabled: operator.disabled_at.is_some(),
            is_me: operator.id == session.info.operator.id,
            name: operator.name,
            login: operator.login,
        }
    };
    // An owner of one program sees who works there; an owner of everything sees all.
    let sees_all = session.info.operator.role_in(None) == Some(Role::Owner);
    let seen = |operator: &Operator| sees_all || operator.role_in(program).is_some();
    let open = visit.app.service.open_invitations().await.map_err(trouble)?;
    let of_here = |invitation: &OpenInvitation| {
        let mut grants = invitation.grants.iter();
        sees_all || grants.any(|grant| grant.program.is_some() && grant.program == program)
    };
    let login = |id: Option<OperatorId>| {
        let known = id.and_then(|id| operators.iter().find(|operator| operator.id == id));
        known.map(|operator| operator.login.clone()).unwrap_or_default()
    };
    let link = |invitation: OpenInvitation| LinkLine {
        role: invitation
            .grants
            .first()
            .map_or_else(String::new, |grant| frame.say(&format!("role-{}", grant.role.name()))),
        by: login(invitation.made_by),
        is_of_operator: invitation.operator.is_some(),
        until: visit.stamp(invitation.expires_at),
        id: invitation.id,
        name: invitation.name,
    };
    let links = open.into_iter().filter(of_here).map(link).collect();
    let people = operators.into_iter().filter(seen).map(line).collect();
    Ok(TeamPage { people, links, roles: roles(frame.words), link: None, name: String::new(), frame })
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let frame = Frame::of(&visit, Some(Section::Team));
    Ok(Page(drawn(&visit, &session, frame).await?).into_response())
}

pub async fn invite(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let frame = Frame::of(&visit, Some(Section::Team));
    let Some(role) = Role::parse(posted.text("role")) else {
        return Err(Problem::of("form_invalid").into_response());
    };
    let name = posted.text("name").to_owned();
    let everywhere = posted.is_set("everywhere") || role == Role::Owner;
    let here = visit.desk.as_ref().map(|desk| desk.program_id());
    if here.is_none() && !everywhere {
        // Without a program, "only here" would mean everywhere.
        let text = frame.say("team-no-program");
        let page = drawn(&visit, &session, frame.with_notice(Tone::Bad, text)).await?;
        return Ok(again(TeamPage { name, ..page }, "team_no_program"));
    }
    let program = here.filter(|_| !everywhere);
    let asked = Invite {
        name: name.clone(),
        grants: vec![Grant { program, role }],
        by: Some(session.info.operator.id),
        operator: None,
    };
    made(&visit, &session, frame, asked).await
}

/// Makes a link and shows it once.
async fn made(visit: &Visit, session: &Session, frame: Frame, asked: Invite) -> Result<Response, Response> {
    let name = asked.name.clone();
    match visit.app.service.invite(asked).await.map_err(trouble)? {
        Ok((token, until)) => {
            let page = drawn(visit, session, frame).await?;
            let link = (name, format!("/admin/start/{token}"), visit.stamp(until));
            Ok(Page(TeamPage { link: Some(link), ..page }).into_response())
        }
        Err(problem) => {
            let text = problem_words(frame.words, &problem);
            let page = drawn(visit, session, frame.with_notice(Tone::Bad, text)).await?;
            Ok(again(TeamPage { name, ..page }, "team_refused"))
        }
    }
}

/// Another role, a new link, a link taken back, out of the team and back.
pub async fn change(visit: Visit, posted: Posted) -> Result<Response, Response> {
    let session = visit.signed_in()?;
    let frame = Frame::of(&visit, Some(Section::Team));
    let service = &visit.app.service;
    let me = session.info.operator.id;
    if posted.text("act") == "withdraw" {
        let id = posted.text("invitation").to_owned();
        let done = service.withdraw_invitation(Some(me), id).await.map_err(trouble)?;
        return changed(&visit, &session, frame, done).await;
    }
    let all = service.operators().await.map_err(trouble)?;
    let named = OperatorId::parse(posted.text("operator"));
    let Some(operator) = named.and_then(|id| all.into_iter().find(|operator| operator.id == id)) else {
        return Err(Problem::of("form_invalid").into_response());
    };
    let done = match posted.text("act") {
        "disable" => service.disable_operator(Some(me), operator.id).await.map_err(trouble)?.map(drop),
        "enable" => service.enable_operator(Some(me), operator.id).await.map_err(trouble)?.map(drop),
        "link" => {
            let asked = Invite {
                name: operator.name.clone(),
                grants: operator.grants.clone(),
                by: Some(me),
                operator: Some(operator.id),
            };
            return made(&visit, &session, frame, asked).await;
        }
        _ => {
            let Some(role) = Role::parse(posted.text("role")) else {
                return Err(Problem::of("form_invalid").into_response());
            };
            let grants = with_role(&visit, operator.grants, role);
            service.set_grants(Some(me), operator.id, grants).await.map_err(trouble)?.map(drop)
        }
    };
    changed(&visit, &session, frame, done).await
}

async fn changed(
    visit: &Visit,
    session: &Session,
    frame: Frame,
    done: Result<(), TeamProblem>,
) -> Result<Response, Response> {
    match done {
        Ok(_) => Ok(back_to("/admin/team?done=saved")),
        Err(problem) => {
            let text = problem_words(frame.words, &problem);
            let page = drawn(visit, session, frame.with_notice(Tone::Bad, text)).await?;
            Ok(again(page, "team_refused"))
        }
    }
}

/// The grants with another role where the present one comes from: in this program, or everywhere.
fn with_role(visit: &Visit, mut grants: Vec<Grant>, role: Role) -> Vec<Grant> {
    // Owners own everything or nothing.
    if role == Role::Owner {
        return vec![Grant { program: None, role }];
    }
    let here = visit.desk.as_ref().map(|desk| desk.program_id());
    let own = grants.iter().position(|grant| grant.program.is_some() && grant.program == here);
    let place = own.or_else(|| grants.iter().position(|grant| grant.program.is_none()));
    match place.and_then(|place| grants.get_mut(place)) {
        Some(grant) => grant.role = role,
        None => grants.push(Grant { program: here, role }),
    }
    grants
}
