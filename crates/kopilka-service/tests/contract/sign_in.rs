//! Signing in: tries, codes of an app, and how long sessions last.

use crate::team::*;
use crate::world::*;
use kopilka_core::ids::ProgramId;
use kopilka_service::*;

on_both_engines!(
    a_session_is_of_whoever_knows_the_password_and_ends_by_signing_out,
    a_session_ends_unused_and_by_its_age,
    where_somebody_is_signed_in_is_told_and_can_be_ended,
    the_chosen_program_stays_with_the_session,
    ten_wrong_tries_are_all_whether_anybody_has_the_login_or_not,
    tries_at_one_time_are_all_counted,
    a_new_password_ends_the_other_sessions,
    an_app_of_codes_is_asked_for_once_it_was_confirmed,
    a_code_is_taken_once,
    what_shows_the_password_ends_by_time_by_a_new_password_and_by_any_other_byte,
    codes_are_guessed_at_ten_times,
    codes_end_by_the_password,
    nothing_of_what_is_shown_once_stands_in_the_database,
);

const WRONG: Result<SignedIn, TeamProblem> = Err(TeamProblem::Wrong);

async fn a_session_is_of_whoever_knows_the_password_and_ends_by_signing_out() {
    let team = Team::new().await;
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    assert_eq!(team.sign_in("anna", "wet umbrellas").await, WRONG);
    assert_eq!(team.sign_in("anna", "").await, WRONG);
    assert_eq!(team.sign_in("boris", PASSWORD).await, WRONG);
    assert_eq!(team.sign_in("not a login:", PASSWORD).await, WRONG);
    let (one, two) = (team.session_of(" ANNA ").await, team.session_of("anna").await);
    assert_ne!(one, two, "each signing in is another session");
    assert!(one.len() > 32 + 4);
    let info = team.service().session(&one).await.unwrap().unwrap();
    assert_eq!((info.operator.id, info.created_at, info.program), (anna.id, team.clock.now(), None));
    assert!(!one.contains(&info.id));
    assert_eq!(team.service().csrf(&one), team.service().csrf(&one));
    assert_ne!(team.service().csrf(&one), team.service().csrf(&two));
    team.service().sign_out(&one).await.unwrap();
    assert!(!team.is_in(&one).await && team.is_in(&two).await);
    for other in ["", "kos_", &two[1..], &format!("{two}0"), &info.id] {
        assert!(!team.is_in(other).await, "{other}");
    }
}

async fn a_session_ends_unused_and_by_its_age() {
    let (hour, day) = (3_600, 24 * 3_600);
    let team = Team::new().await;
    team.joined("anna", everywhere(Role::Owner)).await;
    let (unused, used) = (team.session_of("anna").await, team.session_of("anna").await);
    team.later(6 * hour);
    assert!(team.is_in(&used).await);
    team.later(6 * hour - 1);
    assert!(team.is_in(&used).await);
    team.later(1);
    assert!(!team.is_in(&unused).await, "twelve hours nobody has seen it");
    assert!(team.is_in(&used).await);
    // When it was last seen is known to five minutes.
    for _ in 0..59 {
        assert!(team.is_in(&used).await);
        team.later(12 * hour - 600);
    }
    assert!(team.is_in(&used).await);
    team.later(29 * day + 12 * hour - 59 * (12 * hour - 600) - 1);
    assert!(team.is_in(&used).await);
    team.later(1);
    assert!(!team.is_in(&used).await, "thirty days after signing in");
    let sessions = team.service().read(|reader| reader.operators()).await.unwrap();
    let id = sessions[0].id;
    team.session_of("anna").await;
    let left = team.service().read(move |reader| reader.sessions(id)).await.unwrap();
    assert_eq!(left.len(), 1, "what is over is forgotten");
}

async fn where_somebody_is_signed_in_is_told_and_can_be_ended() {
    let team = Team::new().await;
    let service = team.service();
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let boris = team.joined("boris", everywhere(Role::Owner)).await;
    let one = team.session_of("anna").await;
    team.later(299);
    assert!(team.is_in(&one).await);
    let seen = |sessions: Vec<OperatorSession>| sessions[0].seen_at;
    assert_eq!(seen(service.sessions(anna.id).await.unwrap()), team.clock.now().plus_seconds(-299));
    team.later(1);
    assert!(team.is_in(&one).await);
    assert_eq!(seen(service.sessions(anna.id).await.unwrap()), team.clock.now());
    let two = team.session_of("anna").await;
    let sessions = service.sessions(anna.id).await.unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0].agent, "Firefox on Linux");
    assert_eq!(service.session(&two).await.unwrap().unwrap().id, sessions[0].id, "the newest first");
    assert_eq!(service.revoke_session(boris.id, &sessions[1].id).await, Ok(false), "another's");
    assert_eq!(service.revoke_session(anna.id, "anything").await, Ok(false));
    assert_eq!(service.revoke_session(anna.id, &sessions[1].id).await, Ok(true));
    assert!(!team.is_in(&one).await && team.is_in(&two).await);
}

async fn the_chosen_program_stays_with_the_session() {
    let team = Team::new().await;
    let (service, program) = (team.service(), team.world.program);
    let here = vec![Grant { program: Some(program), role: Role::Support }];
    team.joined("anna", here).await;
    team.joined("nobody", vec![]).await;
    let session = team.session_of("anna").await;
    service.choose_program(&session, program).await.unwrap().unwrap();
    assert_eq!(service.session(&session).await.unwrap().unwrap().program, Some(program));
    let unknown = service.choose_program(&session, ProgramId(1)).await;
    assert_eq!(unknown, Err(ServiceError::ProgramUnknown));
    let other = team.session_of("nobody").await;
    for token in [other.as_str(), "kos_0"] {
        let told = service.choose_program(token, program).await.unwrap();
        assert_eq!(told, Err(TeamProblem::NotAllowed), "{token}");
    }
}

async fn ten_wrong_tries_are_all_whether_anybody_has_the_login_or_not() {
    let team = Team::new().await;
    team.joined("anna", everywhere(Role::Owner)).await;
    team.joined("boris", everywhere(Role::Owner)).await;
    for login in ["anna", "nobody", "Not a login"] {
        for _ in 0..10 {
            assert_eq!(team.sign_in(login, "dry umbrella").await, WRONG, "{login}");
            team.later(1);
        }
        let wait = Err(TeamProblem::Wait { seconds: 15 * 60 - 10 });
        assert_eq!(team.sign_in(login, "dry umbrella").await, wait, "{login}");
        assert_eq!(team.sign_in(login, PASSWORD).await, wait, "{login}: the right one too");
    }
    team.session_of("boris").await;
    // Five seconds past what anna waits for, five before the next one's end.
    team.later(15 * 60 - 25);
    assert!(matches!(team.sign_in("nobody", PASSWORD).await, Err(TeamProblem::Wait { .. })));
    team.session_of("anna").await;
    for _ in 0..10 {
        assert_eq!(team.sign_in("anna", "dry umbrella").await, WRONG, "a right one has begun anew");
    }
}

async fn tries_at_one_time_are_all_counted() {
    let team = Team::new().await;
    team.joined("anna", everywhere(Role::Owner)).await;
    let tries = (0..15).map(|_| {
        let service = team.service().clone();
        let (login, password) = ("anna".to_owned(), "dry umbrella".to_owned());
        let ask = SignIn { login, password, agent: String::new() };
        tokio::spawn(async move { service.sign_in(ask).await.unwrap() })
    });
    let mut wrong = 0;
    for told in tries.collect::<Vec<_>>() {
        wrong += usize::from(told.await.unwrap() == WRONG);
    }
    assert_eq!(wrong, 10, "the others had to wait");
}

async fn a_new_password_ends_the_other_sessions() {
    let team = Team::new().await;
    let service = team.service();
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let (kept, other) = (team.session_of("anna").await, team.session_of("anna").await);
    let change = |old: &str, new: &str| service.change_password(anna.id, old.into(), new.into(), &kept);
    assert_eq!(change("dry umbrella", "a third umbrella").await.unwrap(), Err(TeamProblem::Wrong));
    let short = Err(TeamProblem::PasswordShort { min: 10 });
    assert_eq!(change(PASSWORD, "short").await.unwrap(), short);
    assert!(team.is_in(&other).await);
    change(PASSWORD, "a third umbrella").await.unwrap().unwrap();
    assert!(team.is_in(&kept).await && !team.is_in(&other).await);
    assert_eq!(team.sign_in("anna", PASSWORD).await, WRONG);
    assert!(team.sign_in("anna", "a third umbrella").await.is_ok());
}

/// Somebody with an app of codes, and the app.
async fn with_app(team: &Team) -> (Operator, TotpBegun) {
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let begun = team.service().begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    let code = code_at(&begun, team.clock.now());
    team.service().confirm_totp(anna.id, &code).await.unwrap().unwrap();
    team.later(30);
    (anna, begun)
}

async fn code_wanted(team: &Team) -> String {
    match team.sign_in("anna", PASSWORD).await.unwrap() {
        SignedIn::CodeWanted(pending) => pending,
        SignedIn::Session(_) => panic!("no code was asked for"),
    }
}

async fn an_app_of_codes_is_asked_for_once_it_was_confirmed() {
    let team = Team::new().await;
    let service = team.service();
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    assert_eq!(service.confirm_totp(anna.id, "000000").await.unwrap(), Err(TeamProblem::TotpOff));
    let wrong = service.begin_totp(anna.id, "another umbrella".to_owned()).await.unwrap();
    assert_eq!(wrong, Err(TeamProblem::Wrong), "an open browser is no owner");
    let first = service.begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    let begun = service.begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    assert!(begun.otpauth_url.starts_with("otpauth://totp/Kopilka:anna?"), "{}", begun.otpauth_url);
    team.session_of("anna").await;
    let now = team.clock.now();
    for wrong in [&code_at(&first, now), "", "12345", "1234567", &code_at(&begun, now.plus_seconds(90))] {
        let told = service.confirm_totp(anna.id, wrong).await.unwrap();
        assert_eq!(told, Err(TeamProblem::CodeWrong), "{wrong}");
    }
    let code = code_at(&begun, now);
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    service.confirm_totp(anna.id, &spaced).await.unwrap().unwrap();
    assert!(service.operators().await.unwrap()[0].has_totp);
    assert_eq!(service.confirm_totp(anna.id, &code).await.unwrap(), Err(TeamProblem::TotpOn));
    assert_eq!(service.begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap(), Err(TeamProblem::TotpOn));
    let pending = code_wanted(&team).await;
    team.later(30);
    let next = code_at(&begun, team.clock.now());
    let session = service.sign_in_with_code(&pending, &next, "Safari").await.unwrap().unwrap();
    assert!(team.is_in(&session).await);
}

async fn a_code_is_taken_once() {
    let team = Team::new().await;
    let (_, begun) = with_app(&team).await;
    let service = team.service();
    let code = code_at(&begun, team.clock.now());
    let (one, two) = (code_wanted(&team).await, code_wanted(&team).await);
    let (a, b) =
        tokio::join!(service.sign_in_with_code(&one, &code, ""), service.sign_in_with_code(&two, &code, ""),);
    let told = [a.unwrap(), b.unwrap()];
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{told:?}");
    let before = code_at(&begun, team.clock.now().plus_seconds(-30));
    let told = service.sign_in_with_code(&one, &before, "").await.unwrap();
    assert_eq!(told, Err(TeamProblem::Wrong), "nor one before it");
    team.later(30);
    let next = code_at(&begun, team.clock.now());
    service.sign_in_with_code(&one, &next, "").await.unwrap().unwrap();
}

async fn what_shows_the_password_ends_by_time_by_a_new_password_and_by_any_other_byte() {
    let team = Team::new().await;
    let (anna, begun) = with_app(&team).await;
    let service = team.service();
    let pending = code_wanted(&team).await;
    let code = code_at(&begun, team.clock.now());
    for at in [9, 20, 40, pending.len() - 2] {
        let other = if &pending[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &pending[..at], &pending[at + 1..]);
        let told = service.sign_in_with_code(&changed, &code, "").await.unwrap();
        assert_eq!(told, Err(TeamProblem::Wrong), "{at}");
    }
    let late = code_wanted(&team).await;
    team.later(300);
    let told = service.sign_in_with_code(&late, &code_at(&begun, team.clock.now()), "").await.unwrap();
    assert_eq!(told, Err(TeamProblem::Wrong), "five minutes are over");
    let stale = code_wanted(&team).await;
    let (old, new) = (PASSWORD.to_owned(), "a third umbrella".to_owned());
    service.change_password(anna.id, old, new, "").await.unwrap().unwrap();
    let told = service.sign_in_with_code(&stale, &code_at(&begun, team.clock.now()), "").await.unwrap();
    assert_eq!(told, Err(TeamProblem::Wrong), "another password");
}

async fn codes_are_guessed_at_ten_times() {
    let team = Team::new().await;
    let (_, begun) = with_app(&team).await;
    let service = team.service();
    let right = code_at(&begun, team.clock.now());
    let wrong = if right.starts_with('0') { "111111" } else { "000000" };
    for _ in 0..10 {
        // The password is right each time, which does not begin anew.
        let pending = code_wanted(&team).await;
        let told = service.sign_in_with_code(&pending, wrong, "").await.unwrap();
        assert_eq!(told, Err(TeamProblem::Wrong));
    }
    let pending = code_wanted(&team).await;
    let told = service.sign_in_with_code(&pending, &right, "").await.unwrap();
    assert_eq!(told, Err(TeamProblem::Wait { seconds: 900 }));
}

async fn codes_end_by_the_password() {
    let team = Team::new().await;
    let (anna, _) = with_app(&team).await;
    let service = team.service();
    let told = service.end_totp(anna.id, "dry umbrella".to_owned()).await.unwrap();
    assert_eq!(told, Err(TeamProblem::Wrong));
    service.end_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    let told = service.end_totp(anna.id, PASSWORD.to_owned()).await.unwrap();
    assert_eq!(told, Err(TeamProblem::TotpOff));
    team.session_of("anna").await;
}

async fn nothing_of_what_is_shown_once_stands_in_the_database() {
    let team = Team::new().await;
    let anna = team.joined("anna", everywhere(Role::Owner)).await;
    let invitation = team.invited(everywhere(Role::Analyst), None).await.unwrap();
    let begun = team.service().begin_totp(anna.id, PASSWORD.to_owned()).await.unwrap().unwrap();
    let session = team.session_of("anna").await;
    team.sign_in("a typed password", PASSWORD).await.unwrap_err();
    let Some(file) = team.world.place.database.is_none().then(|| team.world.place.path().join(DATABASE_FILE))
    else {
        return;
    };
    let mut stored = std::fs::read(&file).unwrap();
    stored.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let holds = |text: &str| stored.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("Firefox on Linux"), "the test reads what is stored");
    for secret in [PASSWORD, &invitation, &begun.secret_base32, &session, &session[4..], "a typed password"] {
        assert!(!holds(secret), "{secret}");
    }
}
