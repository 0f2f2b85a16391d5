//! Sites of members: nobody's until the site itself has said whose it is, and then one member's alone.

use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_service::outside::{Names, OutsideOptions};
use kopilka_service::rows::{Site, SiteProof};
use kopilka_service::*;
use rustls::pki_types::PrivateKeyDer;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

on_both_engines!(
    a_site_that_shows_the_token_brings_its_visitors,
    a_site_that_shows_nothing_confirms_nothing,
    a_name_that_shows_the_token_is_the_members,
    a_site_in_a_network_that_the_operator_opened_is_not_asked,
    a_confirmed_site_is_one_members_until_it_is_let_go,
    sites_are_few_and_go_with_the_person,
);

const HOST: &str = "blog.example";

/// What the site answers with, by the first line of a request.
type Says = Arc<Mutex<Box<dyn Fn(&str) -> String + Send>>>;

/// A site of its own certificate, and a world that can reach it under its name with `www.` alone.
async fn world() -> (World, Says) {
    let www = format!("www.{HOST}");
    let made = rcgen::generate_simple_self_signed(vec![www.clone()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let says: Says = Arc::new(Mutex::new(Box::new(|_| String::new())));
    let with = says.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut read = [0_u8; 4096];
            let count = stream.read(&mut read).await.unwrap_or_default();
            let asked = String::from_utf8_lossy(&read[..count]).lines().next().unwrap_or_default().to_owned();
            let answer = with.lock().unwrap()(&asked);
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let outside = OutsideOptions {
        sites: vec!["127.0.0.0/8".parse().unwrap()],
        authorities: vec![made.cert.der().clone()],
        names: Names::At(vec![(www, address)]),
        ..OutsideOptions::default()
    };
    (World::with(|options| OpenOptions { outside, ..options }).await, says)
}

fn page(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn change(member: MemberId, site: SiteChange) -> Change {
    let patch = PersonPatch { site: Some(site), ..PersonPatch::default() };
    Change::PatchMember { member: MemberRef::Id(member), patch }
}

async fn claimed(world: &World, member: MemberId) -> Site {
    let claim = change(member, SiteChange::Claim { host: format!("https://{HOST}/") });
    world.write(&format!("claim {member}"), claim).await.unwrap();
    sites(world, member).await.pop().unwrap()
}

async fn sites(world: &World, member: MemberId) -> Vec<Site> {
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, member)).await.unwrap();
    person.unwrap_or_default().sites
}

async fn check(world: &World, member: MemberId, proof: SiteProof) -> Result<Site, SiteProblem> {
    world.service.check_site(world.program, member, HOST.to_owned(), proof).await.unwrap()
}

fn confirm(member: MemberId, site: &Site) -> Change {
    let (host, token) = (site.host.clone(), site.token.clone());
    change(member, SiteChange::Confirm { host, token, proof: SiteProof::File })
}

fn visit() -> Change {
    Change::Visit {
        by: VisitBy::Site("https://www.blog.example/review?id=1".to_owned()),
        visitor: "cookie".into(),
    }
}

async fn a_site_that_shows_the_token_brings_its_visitors() {
    let (world, says) = world().await;
    let anna = world.member("1").await;
    let site = claimed(&world, anna).await;
    assert_eq!((site.host.as_str(), site.confirmed), (HOST, None));
    assert_eq!(claimed(&world, anna).await, site, "claimed again it is the same");
    assert_eq!(world.write("early", visit()).await, Err(Refusal::SiteUnknown.into()));
    let token = site.token.clone();
    *says.lock().unwrap() = Box::new(move |asked| match asked {
        "GET /.well-known/kopilka-site.txt HTTP/1.1" => page(&format!("{token}\r\n")),
        "GET / HTTP/1.1" => page(&format!("<head><meta name='kopilka-site' content='{token}'></head>")),
        other => panic!("{other}"),
    });
    assert_eq!(check(&world, anna, SiteProof::Meta).await, Ok(site.clone()));
    assert_eq!(check(&world, anna, SiteProof::File).await, Ok(site.clone()));
    world.write("confirm", confirm(anna, &site)).await.unwrap();
    world.write("visit", visit()).await.unwrap();
    let friend = Registration { visitor: Some("cookie".to_owned()), ..Registration::default() };
    let friend = world.register("friend", friend).await.member;
    let book = world.service.book(world.program, friend).await.unwrap();
    let referrer = book.member.referrer.unwrap();
    assert_eq!((referrer.member, referrer.how.word()), (anna, "site"));
    world.prove().await;
}

async fn a_site_that_shows_nothing_confirms_nothing() {
    let (world, says) = world().await;
    let anna = world.member("1").await;
    assert_eq!(check(&world, anna, SiteProof::File).await, Err(SiteProblem::Unknown), "not claimed");
    let site = claimed(&world, anna).await;
    for (answer, problem) in [
        (page("another token"), SiteProblem::TokenMissing),
        (page(""), SiteProblem::TokenMissing),
        (page(&format!("<p>{}</p>", site.token)), SiteProblem::TokenMissing),
        ("HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_owned(), SiteProblem::Status(404)),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_owned(),
            SiteProblem::Status(302),
        ),
        ("no HTTP at all\r\n\r\n".to_owned(), SiteProblem::Silent(outside::Failure::Broken)),
    ] {
        *says.lock().unwrap() = Box::new(move |_| answer.clone());
        assert_eq!(check(&world, anna, SiteProof::File).await, Err(problem));
    }
    let guessed = Site { token: "guess".to_owned(), ..site };
    assert_eq!(world.write("c", confirm(anna, &guessed)).await, Err(Refusal::SiteUnknown.into()));
    assert!(sites(&world, anna).await[0].confirmed.is_none());
}

/// A server of names that has these texts for one name and knows no other, and whom it was asked about.
async fn name_server(texts: Arc<Mutex<Vec<String>>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (socket.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let heard = asked.clone();
    tokio::spawn(async move {
        let mut read = [0_u8; 1500];
        while let Ok((count, from)) = socket.recv_from(&mut read).await {
            let question = &read[12..count];
            let end = question.iter().position(|byte| *byte == 0).unwrap() + 5;
            heard.lock().unwrap().push(labels(question));
            let is_known = labels(question) == "_kopilka.blog.example";
            let texts = texts.lock().unwrap().clone();
            let count = if is_known { texts.len() as u8 } else { 0 };
            // An answer, without an error or with the one for a name that is not there.
            let mut answer = vec![read[0], read[1], 0x81, if is_known { 0x80 } else { 0x83 }];
            answer.extend([0, 1, 0, count, 0, 0, 0, 0]);
            answer.extend(&question[..end]);
            for text in texts.iter().take(count.into()) {
                // In two parts, as long texts come.
                let (first, second) = text.split_at(text.len() / 2);
                let parts =
                    [first, second].map(|part| [&[part.len() as u8], part.as_bytes()].concat()).concat();
                answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 1, 0, parts.len() as u8]);
                answer.extend(parts);
            }
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    (address, asked)
}

fn labels(question: &[u8]) -> String {
    let (mut at, mut labels) = (0, Vec::new());
    while question[at] > 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    labels.join(".")
}

async fn a_name_that_shows_the_token_is_the_members() {
    let texts = Arc::new(Mutex::new(vec!["v=spf1 -all".to_owned()]));
    let (server, asked) = name_server(texts.clone()).await;
    let outside = OutsideOptions { name_server: Some(server), ..OutsideOptions::default() };
    let world = World::with(|options| OpenOptions { outside, ..options }).await;
    let anna = world.member("1").await;
    let site = claimed(&world, anna).await;
    assert_eq!(check(&world, anna, SiteProof::Dns).await, Err(SiteProblem::TokenMissing));
    texts.lock().unwrap().clear();
    assert_eq!(check(&world, anna, SiteProof::Dns).await, Err(SiteProblem::TokenMissing));
    texts.lock().unwrap().extend(["another".to_owned(), site.token.clone()]);
    assert_eq!(check(&world, anna, SiteProof::Dns).await, Ok(site.clone()));
    assert!(asked.lock().unwrap().iter().all(|name| name == "_kopilka.blog.example"), "{asked:?}");
    let (host, token) = (site.host.clone(), site.token.clone());
    let confirm = change(anna, SiteChange::Confirm { host, token, proof: SiteProof::Dns });
    world.write("confirm", confirm).await.unwrap();
    assert_eq!(world.write("visit", visit()).await.unwrap().member, anna);
    assert_eq!(sites(&world, anna).await[0].confirmed.map(|(_, proof)| proof.name()), Some("dns"));
    // A name that nobody has is one without the token.
    let other = SiteChange::Claim { host: "nowhere.example".to_owned() };
    world.write("other", change(anna, other)).await.unwrap();
    let found = world.service.check_site(world.program, anna, "nowhere.example".to_owned(), SiteProof::Dns);
    assert_eq!(found.await.unwrap(), Err(SiteProblem::TokenMissing));
    world.prove().await;
}

/// Members name sites, so what the operator opened for receivers of events is not theirs to knock at; nor is
/// it told apart from a name that is not there.
async fn a_site_in_a_network_that_the_operator_opened_is_not_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outside = OutsideOptions {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        names: Names::At(vec![(HOST.to_owned(), listener.local_addr().unwrap())]),
        ..OutsideOptions::default()
    };
    let world = World::with(|options| OpenOptions { outside, ..options }).await;
    let anna = world.member("1").await;
    claimed(&world, anna).await;
    let silent = Err(SiteProblem::Silent(outside::Failure::Name));
    assert_eq!(check(&world, anna, SiteProof::File).await, silent);
    assert_eq!(check(&world, anna, SiteProof::Meta).await, silent);
    let knocked = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(knocked.is_err(), "nobody was connected to");
}

async fn a_confirmed_site_is_one_members_until_it_is_let_go() {
    let (world, _) = world().await;
    let (anna, boris) = (world.member("1").await, world.member("2").await);
    let (hers, his) = (claimed(&world, anna).await, claimed(&world, boris).await);
    assert_ne!(hers.token, his.token);
    world.write("a", confirm(anna, &hers)).await.unwrap();
    let taken = world.write("b", confirm(boris, &his)).await;
    assert_eq!(taken, Err(Refusal::IdentifierTaken { kind: "site" }.into()));
    assert!(sites(&world, boris).await[0].confirmed.is_none());
    let remove = change(anna, SiteChange::Remove { host: HOST.to_owned() });
    world.write("r", remove).await.unwrap();
    assert_eq!(world.write("v", visit()).await, Err(Refusal::SiteUnknown.into()));
    world.write("b", confirm(boris, &his)).await.unwrap();
    assert_eq!(world.write("v", visit()).await.unwrap().member, boris);
    world.prove().await;
}

async fn sites_are_few_and_go_with_the_person() {
    let (world, _) = world().await;
    let anna = world.member("1").await;
    let site = claimed(&world, anna).await;
    world.write("c", confirm(anna, &site)).await.unwrap();
    for n in 1..20 {
        let claim = SiteChange::Claim { host: format!("blog{n}.example") };
        world.write(&format!("n{n}"), change(anna, claim)).await.unwrap();
    }
    let more = SiteChange::Claim { host: "one-more.example".to_owned() };
    let refused = world.write("more", change(anna, more)).await;
    assert_eq!(refused, Err(Refusal::TooManySites { sites: 20 }.into()));
    let wrong = SiteChange::Claim { host: "10.0.0.1".to_owned() };
    let refused = world.write("wrong", change(anna, wrong)).await;
    assert_eq!(refused, Err(Refusal::InvalidIdentifier { kind: "site" }.into()));
    world.write("e", Change::Erase { member: MemberRef::Id(anna) }).await.unwrap();
    assert_eq!(world.write("v", visit()).await, Err(Refusal::SiteUnknown.into()));
    assert_eq!(sites(&world, anna).await, vec![]);
    world.prove().await;
}
