//! A data directory with one program in it, and short words for what tests do all the time.

use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::order::{
    BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Quantity, ReturnBody, ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_service::*;
use kopilka_store::Store;
use std::path::Path;
use tempfile::TempDir;

/// Welcome 500, birthday 1,000 for three days, 5 % after 14 days for a month, a fifth payable.
pub const PROGRAM: &str = include_str!("../../../../examples/sports-store.yaml");

pub struct World {
    pub place: Place,
    pub service: Service,
    pub program: ProgramId,
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

tokio::task_local! {
    /// The engine that this test's places are made on.
    static ENGINE: Engine;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    File,
    Server,
}

/// The variable that names a database of a PostgreSQL server in which tests may make schemas.
const POSTGRES: &str = "KOPILKA_TEST_POSTGRES";

/// Runs a test on the embedded engine.
pub async fn on_file(test: impl Future<Output = ()>) {
    ENGINE.scope(Engine::File, test).await;
}
/// Runs a test on PostgreSQL where there is one.
pub async fn on_server(test: impl Future<Output = ()>) {
    match std::env::var(POSTGRES) {
        Ok(_) => ENGINE.scope(Engine::Server, test).await,
        Err(_) => eprintln!("skipped: {POSTGRES} names no database"),
    }
}

/// Each test twice: the contract is the same whatever engine keeps the rows.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::world::on_file(super::$name()).await;
            })*
        }
        $crate::world::on_postgres!($($name),*);
    };
}
/// What only a database with several servers can do.
macro_rules! on_postgres {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::world::on_server(super::$name()).await;
            })*
        }
    };
}
pub(crate) use {on_both_engines, on_postgres};

/// A directory, and a database of its own where the engine is a server.
pub struct Place {
    dir: TempDir,
    pub database: Option<String>,
}

impl Place {
    pub async fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let database = match ENGINE.try_with(|engine| *engine) {
            Ok(Engine::Server) => Some(fresh_schema().await),
            _ => None,
        };
        Place { dir, database }
    }
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
    pub fn options(&self) -> OpenOptions {
        OpenOptions { read_connections: 2, ..OpenOptions::in_dir(self.path()).on(self.database.clone()) }
    }
    pub fn open(&self) -> Result<Service, OpenError> {
        Service::open(self.options())
    }
    pub fn store(&self) -> Store {
        match &self.database {
            Some(url) => Store::on_server(url).unwrap(),
            None => Store::at(self.path().join(DATABASE_FILE)),
        }
    }
    pub fn verify(&self) -> Verified {
        verify_place(self.path(), self.database.as_deref(), &|_| {}).unwrap()
    }
}

/// A schema nobody has used, and the address under which it is all there is.
async fn fresh_schema() -> String {
    let url = std::env::var(POSTGRES).unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).unwrap();
    let name = format!("t{:016x}", u64::from_be_bytes(random));
    client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}application_name={name}&options=-c%20search_path%3D{name}")
}

pub async fn publish(service: &Service, text: &str, sandbox: bool) -> ProgramId {
    let publish = Publish {
        text: text.to_owned(),
        author: "test".to_owned(),
        note: String::new(),
        sandbox,
        effective_from: None,
    };
    service.publish(publish).await.unwrap().program
}

impl World {
    /// A sandbox that stands at noon of 1 March 2026 in Moscow.
    pub async fn new() -> World {
        World::with(|options| options).await
    }
    pub async fn with(change: impl FnOnce(OpenOptions) -> OpenOptions) -> World {
        let place = Place::new().await;
        let service = Service::open(change(place.options())).unwrap();
        let program = publish(&service, PROGRAM, true).await;
        service.set_clock(program, at("2026-03-01T12:00:00+03:00")).await.unwrap();
        World { place, service, program }
    }
    /// Stops cleanly and opens again.
    pub fn reopen(mut self) -> World {
        self.service.stop();
        self.service = reopened(self.service, &self.place);
        self
    }

    pub fn ask(&self, key: Option<&str>, change: Change) -> Write {
        let mut input_hash = [0_u8; 16];
        let text = format!("{change:?}");
        for (position, byte) in text.bytes().enumerate() {
            input_hash[position % 16] = input_hash[position % 16].wrapping_mul(31) ^ byte;
        }
        Write {
            program: self.program,
            scope: "shop/test".to_owned(),
            key: key.map(str::to_owned),
            input_hash,
            operator: Some("anna".to_owned()),
            reason: Some("a test".to_owned()),
            change,
        }
    }
    pub async fn write(&self, key: &str, change: Change) -> WriteResult {
        self.service.write(self.ask(Some(key), change)).await
    }
    pub async fn register(&self, key: &str, registration: Registration) -> Done {
        self.write(key, Change::Register(registration)).await.unwrap()
    }
    pub async fn member(&self, ext: &str) -> MemberId {
        let registration = Registration { ext: Some(ext.to_owned()), ..Registration::default() };
        self.register(&format!("register {ext}"), registration).await.member
    }
    pub async fn adjust(&self, key: &str, member: MemberId, points: i64) -> WriteResult {
        self.write(key, adjustment(member, points)).await
    }
    pub async fn put(&self, member: Option<MemberId>, body: OrderBody) -> WriteResult {
        let member = member.map(MemberRef::Id);
        self.service.write(self.ask(None, Change::PutOrder { member, body })).await
    }
    pub async fn available(&self, member: MemberId) -> i64 {
        let now = self.service.now(self.program);
        let book = self.service.book(self.program, member).await.unwrap();
        book.member.balance_at(now).available.0
    }
    pub async fn clock(&self, text: &str) {
        self.service.set_clock(self.program, at(text)).await.unwrap();
    }
    /// Hands on all that entries mean for other members, again and again until nothing new follows; what was
    /// handed on before is known by its key.
    pub async fn relayed(&self) {
        let (all, every_stripe, many) = (EntryId(i64::MAX), u8::MAX, 10_000);
        let mut before = usize::MAX;
        loop {
            let read = move |r: &Reader| r.relayed(EntryId(0), all, every_stripe, many);
            let page = self.service.read(read).await.unwrap();
            if page.len() == before {
                return;
            }
            before = page.len();
            for write in page.iter().filter_map(kopilka_service::relay::relayed) {
                match self.service.write(write).await {
                    // The account it is for is on its way, and carried by an entry of this page: once more.
                    Err(ServiceError::Refused(Refusal::MergeUnderWay)) => before = usize::MAX,
                    other => drop(other.unwrap()),
                }
            }
        }
    }
    /// Proves the books and that nothing is missing from the projections.
    pub async fn prove(&self) -> Verified {
        let verified = self.place.verify();
        assert_eq!(verified.told, vec![], "{verified:?}");
        verified
    }
}

/// Opens the directory again after the old service's threads have let go of it.
pub fn reopened(old: Service, place: &Place) -> Service {
    reopened_with(old, || place.options())
}

/// The same with options of its own.
pub fn reopened_with(old: Service, options: impl Fn() -> OpenOptions) -> Service {
    drop(old);
    for _ in 0..200 {
        match Service::open(options()) {
            Err(OpenError::Running { .. }) => std::thread::sleep(std::time::Duration::from_millis(10)),
            other => return other.unwrap(),
        }
    }
    panic!("the directory stays locked");
}

pub fn adjustment(member: MemberId, points: i64) -> Change {
    Change::Adjust {
        member: MemberRef::Id(member),
        adjustment: Adjustment {
            points: Points(points),
            active_at: None,
            expires_at: None,
            gift: false,
            allow_debt: false,
        },
    }
}

pub fn key(order: &str) -> OrderKey {
    OrderKey { shop: "shop".into(), order: order.into() }
}

/// Two pieces of one article for `amount` minor units each.
pub fn order(id: &str, status: BodyStatus, amount: i64) -> OrderBody {
    let lines = vec![LineBody::goods("1", "shoe", Quantity::pieces(2), Money(amount))];
    OrderBody::plain(key(id), status, lines)
}

pub fn with_points(body: OrderBody, points: PointsAsk) -> OrderBody {
    OrderBody { points: Some(points), ..body }
}

pub fn back(id: &str, pieces: i64) -> Change {
    let lines = ReturnedLines::Lines(vec![("1".into(), Quantity::pieces(pieces))]);
    Change::Return(ReturnBody { key: key(id), lines, delivery: false, occurred_at: None })
}
