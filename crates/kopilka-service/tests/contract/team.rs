//! Who is in the team, how they join, and what each may do to the others.

use crate::world::*;
use kopilka_core::ids::ProgramId;
use kopilka_core::time::Instant;
use kopilka_core::words::Language;
use kopilka_service::*;

on_both_engines!(
    the_first_owner_joins_by_the_newest_start_link_and_by_no_other,
    a_link_brings_one_person_with_what_was_granted,
    a_link_ends_after_three_days,
    a_login_is_one_persons_and_a_bad_password_leaves_the_link,
    a_link_for_a_new_password_ends_sessions_and_codes,
    only_owners_change_the_team_and_only_what_they_own,
    a_link_that_waits_is_seen_and_taken_back,
    the_last_owner_stays,
    of_two_owners_who_disable_each_other_one_stays,
    who_is_disabled_is_out_at_once_with_the_links_they_made,
    a_link_is_judged_again_when_it_is_followed,
    what_operators_did_is_told_by_program_and_page,
    secrets_of_apps_are_sealed_again_and_still_open,
);

pub const PASSWORD: &str = "wet umbrella";

pub fn accept(login: &str) -> Accept {
    Accept { login: login.to_owned(), name: String::new(), password: PASSWORD.to_owned(), language: None }
}

pub fn everywhere(role: Role) -> Vec<Grant> {
    vec![Grant { program: None, role }]
}

/// A team's world has a clock that tests turn.
pub struct Team {
    pub world: World,
    pub clock: Clock,
}

impl Team {
    pub async fn new() -> Team {
        let clock = Clock::manual(at("2026-03-02T09:00:00+03:00"));
        let told = clock.clone();
        let world = World::with(move |options| OpenOptions { clock: told, ..options }).await;
        Team { world, clock }
    }
    pub fn service(&self) -> &Service {
        &self.world.service
    }
    pub fn later(&self, seconds: i64) {
        self.clock.turn_to(self.clock.now().plus_seconds(seconds));
    }
    pub async fn invited(&self, grants: Vec<Grant>, by: Option<OperatorId>) -> Result<String, TeamProblem> {
        let invite = Invite { name: "Somebody".to_owned(), grants, by, operator: None };
        self.service().invite(invite).await.unwrap().map(|(token, _)| token)
    }
    pub async fn joined(&self, login: &str, grants: Vec<Grant>) -> Operator {
        let token = self.invited(grants, None).await.unwrap();
        self.service().accept_invitation(&token, accept(login)).await.unwrap().unwrap()
    }
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, TeamProblem> {
        let (login, password) = (login.to_owned(), password.to_owned());
        let ask = SignIn { login, password, agent: "Firefox on Linux".to_owned() };
        self.service().sign_in(ask).await.unwrap()
    }
    pub async fn session_of(&self, login: &str) -> String {
        match self.sign_in(login, PASSWORD).await.unwrap() {
            SignedIn::Session(token) => token,
            SignedIn::CodeWanted(_) => panic!("{login} has an app of codes"),
        }
    }
    pub async fn is_in(&self, token: &str) -> bool {
        self.service().session(token).await.unwrap().is_some()
    }
}

/// The code of an app at a moment.
pub fn code_at(begun: &TotpBegun, at: Instant) -> String {
    let totp = totp_rs::Totp::from_url(&begun.otpauth_url).unwrap();
    assert_eq!(totp.secret().to_base32(), begun.secret_base32);
    totp.generate(u64::try_from(at.0 / 1_000_000).unwrap()).to_string()
}

async fn the_first_owner_joins_by_the_newest_start_link_and_by_no_other() {
    let team = Team::new().await;
    let service = team.service();
    assert!(!service.has_operators().await.unwrap());
    let (old, _) = service.start_invitation().await.unwrap().unwrap();
    let (new, expires_at) = service.start_invitation().await.unwrap().unwrap();
    assert_eq!(expires_at, team.clock.now().plus_seconds(72 * 3_600));
    assert_eq!(service.invitation(&old).await.unwrap(), None, "a newer one was made");
    assert_eq!(service.invitation(&new).await.unwrap().unwrap().grants, everywhere(Role::Owner));
    let told = service.accept_invitation(&old, accept("eve")).await.unwrap();
    assert_eq!(told, Err(TeamProblem::InvitationUnknown));
    let owner = service.accept_invitation(&new, accept("Anna@Shop.example")).await.unwrap().unwrap();
    assert_eq!((owner.login.as_str(), owner.name.as_str()), ("anna@shop.example", "anna@shop.example"));
    assert_eq!(owner.role_in(Some(team.world.program)), Some(Role::Owner));
    assert_eq!(service.start_invitation().await.unwrap(), None);
    assert_eq!(service.operators().await.unwrap(), [owner]);
}

async fn a_link_brings_one_person_with_what_was_granted() {
    let team = Team::new().await;
    let (service, program) = (team.service(), team.world.program);
    let grants = vec![Grant { program: Some(program), role: Role::Cashier }];
    let token = team.invited(grants.clone(), None).await.unwrap();
    let invitation = service.invitation(&token).await.unwrap().unwrap();
    assert_eq!((invitation.name.as_str(), &invitation.grants), ("Somebody", &grants));
    let asked = Accept { name: " Boris  B ".into(), language: Some(Language::Ru), ..accept("boris") };
    let boris = service.accept_invitation(&token, asked).await.unwrap().unwrap();
    assert_eq!((boris.name.as_str(), boris.language, boris.has_totp), ("Boris B", Some(Language::Ru), false));
    assert_eq!(boris.grants, grants);
    let again = service.accept_invitation(&token, accept("vera")).await.unwrap();
    assert_eq!(again, Err(TeamProblem::InvitationUnknown), "it was used");
    let other = vec![Grant { program: Some(ProgramId(1)), role: Role::Owner }];
    let invite = Invite { name: String::new(), grants: other, by: None, operator: None };
    assert_eq!(service.invite(invite).await, Err(ServiceError::ProgramUnknown));
    service.set_operator_language(boris.id, Language::En).await.unwrap().unwrap();
    assert_eq!(service.operators().await.unwrap()[0].language, Some(Language::En));
    team.world.prove().await;
}

async fn a_link_ends_after_three_days() {
    let team = Team::new().await;
    let token = team.invited(everywhere(Role::Owner), None).await.unwrap();
    team.later(72 * 3_600 - 1);
    assert!(team.service().invitation(&token).await.unwrap().is_some());
    team.later(1);
    assert_eq!(team.service().invitation(&token).await.unwrap(), None);
    let told = team.service().accept_invitation(&token, accept("anna")).await.unwrap();
    assert_eq!(told, Err(TeamProblem::InvitationUnknown));
}

async fn a_login_is_one_persons_and_a_bad_password_leaves_the_link() {
    let team = Team::new().await;
    team.joined("anna", everywhere(Role::Owner)).await;
    let token = team.invited(everywhere(Role::Analyst), None).await.unwrap();
    let service = team.service();
    for (login, password, problem) in [
        ("ANNA", PASSWORD, TeamProblem::LoginTaken),
        ("a b", PASSWORD, TeamProblem::LoginInvalid),
        ("boris", "short", TeamProblem::PasswordShort { min: 10 }),
        ("boris", "1234567890", TeamProblem::PasswordCommon),
        ("boris.the.great", "Boris.the.great", TeamProblem::PasswordCommon),
    ] {
        let asked = Accept { password: password.to_owned(), ..accept(login) };
        assert_eq!(service.accept_invitation(&token, asked).await.unwrap(), Err(problem), "{login}");
    }
    service.accept_invitation(&token, accept("boris")).await.unwrap().unwrap();
    assert_eq!(service.operators().await.unwrap().len(), 2);
}

async fn a_link_for_a_new_password_ends_sessions_and_codes() {
    let team = Team::new().await;
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let service = team.service();
    let begun = service.begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    let session = team.session_of("anna").await;
    service.confirm_totp(anna.id, &code_at(&begun, team.clock.now())).await.unwrap().unwrap();
    let invite = || Invite { name: String::new(), grants: vec![], by: None, operator: Some(anna.id) };
    let (old, _) = service.invite(invite()).await.unwrap().unwrap();
    assert!(!team.is_in(&session).await, "a new link ends the sessions");
    let (new, _) = service.invite(invite()).await.unwrap().unwrap();
    assert_eq!(service.invitation(&old).await.unwrap(), None, "a newer one was made");
    let shown = service.invitation(&new).await.unwrap().unwrap();
    assert_eq!(shown.operator.map(|operator| operator.login).as_deref(), Some("anna"));
    let asked = Accept { password: "dry umbrella".to_owned(), ..accept("somebody.else") };
    let reset = service.accept_invitation(&new, asked).await.unwrap().unwrap();
    assert_eq!((reset.login.as_str(), &reset.grants, reset.has_totp), ("anna", &anna.grants, false));
    assert_eq!(team.sign_in("anna", PASSWORD).await, Err(TeamProblem::Wrong));
    assert!(matches!(team.sign_in("anna", "dry umbrella").await, Ok(SignedIn::Session(_))));
}

async fn a_link_that_waits_is_seen_and_taken_back() {
    let team = Team::new().await;
    let (service, program) = (team.service(), team.world.program);
    let owner = team.joined("owner", everywhere(Role::Owner)).await;
    let till = vec![Grant { program: Some(program), role: Role::Cashier }];
    let local = team.joined("local", vec![Grant { program: Some(program), role: Role::Owner }]).await;
    let (here, all) = (till.clone(), everywhere(Role::Marketer));
    let link = team.invited(till, Some(owner.id)).await.unwrap();
    team.later(60);
    let other = team.invited(all.clone(), Some(owner.id)).await.unwrap();
    let open = service.open_invitations().await.unwrap();
    let told: Vec<_> = open.iter().map(|one| (&one.grants, one.made_by, one.operator)).collect();
    assert_eq!(told, [(&here, Some(owner.id), None), (&all, Some(owner.id), None)]);
    assert!(!open[0].id.contains(&link) && !link.contains(&open[0].id), "what is shown opens nothing");
    // An owner of one program ends what is about that one.
    let withdraw = async |by: &Operator, n: usize| {
        service.withdraw_invitation(Some(by.id), open[n].id.clone()).await.unwrap()
    };
    assert_eq!(withdraw(&local, 1).await, Err(TeamProblem::NotAllowed));
    assert_eq!(withdraw(&local, 0).await, Ok(()));
    assert_eq!(withdraw(&local, 0).await, Err(TeamProblem::InvitationUnknown));
    let told = service.accept_invitation(&link, accept("late")).await.unwrap();
    assert_eq!(told, Err(TeamProblem::InvitationUnknown));
    assert!(service.invitation(&other).await.unwrap().is_some());
    team.later(3 * 86_400);
    assert_eq!(service.open_invitations().await.unwrap(), []);
}

async fn only_owners_change_the_team_and_only_what_they_own() {
    let team = Team::new().await;
    let (service, program) = (team.service(), team.world.program);
    let here = |role| vec![Grant { program: Some(program), role }];
    let owner = team.joined("owner", everywhere(Role::Owner)).await;
    let local = team.joined("local", here(Role::Owner)).await;
    let till = team.joined("till", here(Role::Cashier)).await;
    let nobody = team.joined("nobody", vec![]).await;
    for (by, grants, allowed) in [
        (owner.id, everywhere(Role::Marketer), true),
        (local.id, here(Role::Marketer), true),
        (local.id, everywhere(Role::Cashier), false),
        (till.id, here(Role::Cashier), false),
        (nobody.id, vec![], false),
        (OperatorId(1), vec![], false),
    ] {
        let told = team.invited(grants.clone(), Some(by)).await;
        assert_eq!(told.is_ok(), allowed, "{by} {grants:?}: {told:?}");
    }
    let told = service.set_grants(Some(local.id), till.id, everywhere(Role::Owner)).await.unwrap();
    assert_eq!(told, Err(TeamProblem::NotAllowed));
    let told = service.disable_operator(Some(local.id), owner.id).await.unwrap();
    assert_eq!(told, Err(TeamProblem::NotAllowed));
    let reset = Invite { name: String::new(), grants: vec![], by: Some(local.id), operator: Some(owner.id) };
    assert_eq!(service.invite(reset).await.unwrap(), Err(TeamProblem::NotAllowed));
    let changed = service.set_grants(Some(local.id), till.id, here(Role::Support)).await.unwrap().unwrap();
    assert_eq!(changed.role_in(Some(program)), Some(Role::Support));
    assert_eq!(service.operators().await.unwrap()[2], changed);
    let told = service.set_grants(None, OperatorId(1), vec![]).await.unwrap();
    assert_eq!(told, Err(TeamProblem::OperatorUnknown));
}

async fn the_last_owner_stays() {
    let team = Team::new().await;
    let service = team.service();
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let here = vec![Grant { program: Some(team.world.program), role: Role::Owner }];
    team.joined("local", here.clone()).await;
    assert_eq!(service.disable_operator(None, anna.id).await.unwrap(), Err(TeamProblem::LastOwner));
    assert_eq!(service.set_grants(None, anna.id, here).await.unwrap(), Err(TeamProblem::LastOwner));
    let boris = team.joined("boris", everywhere(Role::Owner)).await;
    service.disable_operator(Some(boris.id), anna.id).await.unwrap().unwrap();
    assert_eq!(
        service.disable_operator(Some(boris.id), boris.id).await.unwrap(),
        Err(TeamProblem::LastOwner)
    );
    service.enable_operator(Some(boris.id), anna.id).await.unwrap().unwrap();
    let less = service.set_grants(Some(boris.id), boris.id, everywhere(Role::Analyst)).await.unwrap();
    assert_eq!(less.unwrap().role_in(None), Some(Role::Analyst));
}

async fn of_two_owners_who_disable_each_other_one_stays() {
    let team = Team::new().await;
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let boris = team.joined("boris", everywhere(Role::Owner)).await;
    let (one, two) = tokio::join!(
        team.service().disable_operator(Some(anna.id), boris.id),
        team.service().disable_operator(Some(boris.id), anna.id),
    );
    let told = [one.unwrap(), two.unwrap()];
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{told:?}");
    let left = team.service().operators().await.unwrap();
    assert_eq!(left.iter().filter(|operator| operator.disabled_at.is_none()).count(), 1);
}

async fn who_is_disabled_is_out_at_once_with_the_links_they_made() {
    let team = Team::new().await;
    let service = team.service();
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let boris = team.joined("boris", everywhere(Role::Owner)).await;
    let session = team.session_of("boris").await;
    let made = team.invited(everywhere(Role::Owner), Some(boris.id)).await.unwrap();
    let reset = Invite { name: String::new(), grants: vec![], by: None, operator: Some(boris.id) };
    assert!(team.is_in(&session).await);
    service.disable_operator(Some(anna.id), boris.id).await.unwrap().unwrap();
    assert!(!team.is_in(&session).await);
    assert_eq!(team.sign_in("boris", PASSWORD).await, Err(TeamProblem::Wrong));
    assert_eq!(service.invitation(&made).await.unwrap(), None);
    assert_eq!(team.invited(vec![], Some(boris.id)).await, Err(TeamProblem::NotAllowed));
    let (token, _) = service.invite(reset).await.unwrap().unwrap();
    assert_eq!(service.invitation(&token).await.unwrap(), None, "first they are let in again");
    service.enable_operator(Some(anna.id), boris.id).await.unwrap().unwrap();
    assert!(!team.is_in(&session).await, "what has ended stays so");
    team.session_of("boris").await;
}

async fn a_link_is_judged_again_when_it_is_followed() {
    let team = Team::new().await;
    team.joined("anna@shop.example", everywhere(Role::Owner)).await;
    let boris = team.joined("boris@shop.example", everywhere(Role::Owner)).await;
    // Whoever made it owns nothing any more.
    let made = team.invited(everywhere(Role::Owner), Some(boris.id)).await.unwrap();
    team.service().set_grants(None, boris.id, everywhere(Role::Analyst)).await.unwrap().unwrap();
    let followed = team.service().accept_invitation(&made, accept("carol@shop.example")).await.unwrap();
    assert_eq!(followed.unwrap_err(), TeamProblem::InvitationUnknown);
    // Whom it is for may do more by now than the one who made it.
    let program = team.world.program;
    let own = |role| vec![Grant { program: Some(program), role }];
    let local = team.joined("local@shop.example", own(Role::Owner)).await;
    let dora = team.joined("dora@shop.example", own(Role::Marketer)).await;
    let reset = Invite {
        name: String::new(),
        grants: dora.grants.clone(),
        by: Some(local.id),
        operator: Some(dora.id),
    };
    let (link, _) = team.service().invite(reset).await.unwrap().unwrap();
    team.service().set_grants(None, dora.id, everywhere(Role::Owner)).await.unwrap().unwrap();
    let followed = team.service().accept_invitation(&link, accept("dora@shop.example")).await.unwrap();
    assert_eq!(followed.unwrap_err(), TeamProblem::InvitationUnknown);
    assert!(team.sign_in("dora@shop.example", PASSWORD).await.is_ok(), "the password stays");
}

async fn what_operators_did_is_told_by_program_and_page() {
    let team = Team::new().await;
    let (service, program) = (team.service(), team.world.program);
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let new = AuditNew {
            program: (number != 2).then_some(program),
            operator: if number == 4 { OperatorId(1) } else { anna.id },
            login: "anna".to_owned(),
            action: "POST /admin/members/{id}/adjust".to_owned(),
            subject: format!("m_{number}"),
            session: "s_1".to_owned(),
        };
        ids.push(service.audit_begin(new).await.unwrap());
        team.later(1);
    }
    service.audit_end(ids[0], "done", "act=role operator=o_1").await.unwrap();
    service.audit_end(ids[0], "changed_afterwards", "").await.unwrap();
    service.audit_end(ids[1], "insufficient_points", "").await.unwrap();
    const DEED: &str = "m_0 act=role operator=o_1";
    let asked = |operator, before, limit| AuditAsked { operator, before, limit };
    let subjects = |rows: Vec<AuditRow>| rows.into_iter().map(|row| row.subject).collect::<Vec<_>>();
    let all = service.audit(None, asked(None, None, 100)).await.unwrap();
    assert_eq!(subjects(all.clone()), ["m_4", "m_3", "m_2", "m_1", DEED]);
    let outcomes: Vec<_> = all.iter().map(|row| row.outcome.as_deref()).collect();
    assert_eq!(outcomes, [None, None, None, Some("insufficient_points"), Some("done")]);
    let page = service.audit(Some(program), asked(None, None, 2)).await.unwrap();
    assert_eq!(subjects(page.clone()), ["m_4", "m_3"]);
    let page = service.audit(Some(program), asked(None, Some(page[1].id), 2)).await.unwrap();
    assert_eq!(subjects(page), ["m_1", DEED]);
    let hers = service.audit(None, asked(Some(anna.id), None, 2)).await.unwrap();
    assert_eq!(subjects(hers), ["m_3", "m_2"]);
    let hers = service.audit(Some(program), asked(Some(OperatorId(1)), None, 9)).await.unwrap();
    assert_eq!(subjects(hers), ["m_4"]);
    assert_eq!(service.audit(Some(ProgramId(1)), asked(None, None, 9)).await.unwrap(), []);
}

async fn secrets_of_apps_are_sealed_again_and_still_open() {
    let team = Team::new().await;
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let service = team.service();
    let begun = service.begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    assert_eq!(service.rotate_secrets_key().await, Ok((2, 1)));
    let row = service.read(move |reader| reader.operator(anna.id)).await.unwrap().unwrap();
    let sealed = row.totp.unwrap();
    assert_eq!(sealed[3], 2, "by the newer key");
    assert!(!sealed.windows(8).any(|part| begun.secret_base32.as_bytes().starts_with(part)));
    service.confirm_totp(anna.id, &code_at(&begun, team.clock.now())).await.unwrap().unwrap();
}
