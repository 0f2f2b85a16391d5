//! A data directory with one program in it, and short words for what tests do all the time.

use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::order::{
    BodyStatus, LineBody, OrderBody, OrderKey, PointsAsk, Quantity, ReturnBody, ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use kopilka_service::*;
use std::path::Path;
use tempfile::TempDir;

/// Welcome 500, birthday 1,000 for three days, 5 % after 14 days for a month, a fifth payable.
pub const PROGRAM: &str = include_str!("../../../../examples/sports-store.yaml");

pub struct World {
    pub dir: TempDir,
    pub service: Service,
    pub program: ProgramId,
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub fn open(dir: &Path) -> Result<Service, OpenError> {
    Service::open(OpenOptions { dir: dir.to_owned(), read_connections: 2 })
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
        let dir = tempfile::tempdir().unwrap();
        let service = open(dir.path()).unwrap();
        let program = publish(&service, PROGRAM, true).await;
        service.set_clock(program, at("2026-03-01T12:00:00+03:00")).await.unwrap();
        World { dir, service, program }
    }
    /// Stops cleanly and opens again.
    pub fn reopen(mut self) -> World {
        self.service.stop();
        self.service = reopened(self.service, self.dir.path());
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
    /// Proves the books and that nothing is missing from the projections.
    pub async fn prove(&self) -> Verified {
        let verified = verify_dir(self.dir.path(), &|_| {}).unwrap();
        assert_eq!(verified.told, vec![], "{verified:?}");
        verified
    }
}

/// Opens the directory again after the old service's threads have let go of it.
pub fn reopened(old: Service, dir: &Path) -> Service {
    drop(old);
    for _ in 0..200 {
        match open(dir) {
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
    OrderBody {
        key: key(id),
        status,
        occurred_at: None,
        revision: None,
        channel: None,
        cashier: None,
        pricing: None,
        expect: None,
        lines: vec![LineBody::goods("1", "shoe", Quantity::pieces(2), Money(amount))],
        points: None,
        paid: None,
    }
}

pub fn with_points(body: OrderBody, points: PointsAsk) -> OrderBody {
    OrderBody { points: Some(points), ..body }
}

pub fn back(id: &str, pieces: i64) -> Change {
    let lines = ReturnedLines::Lines(vec![("1".into(), Quantity::pieces(pieces))]);
    Change::Return(ReturnBody { key: key(id), lines, delivery: false, occurred_at: None })
}
