//! What members bought before, order after order: looked at, then told to the engine.
//!
//! Invariant: an order is its own key, so one that is there already changes nothing; the steps of one
//! customer are told one after another, whatever runs beside them.

use super::{Hands, ImportAsked, Why, judged, why};
use crate::error::ServiceError;
use crate::identifiers::{self, Who};
use crate::prepare::prepare;
use crate::service::Service;
use crate::write::{Change, Done, MemberRef, Write};
use kopilka_core::decide::Outcome;
use kopilka_core::ids::ProgramId;
use kopilka_core::money::Money;
use kopilka_core::order::{OrderBody, OrderKey, ReturnBody};
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::Name;
use kopilka_store::{Reader, StoreError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The scope of the keys of returns: no caller's scope, which always names a shop and an endpoint.
const SCOPE: &str = "import.orders";

/// What one customer did at one moment.
#[derive(Debug, Clone)]
pub struct OrderRow {
    pub who: MemberRef,
    /// The rows of the file it is made of.
    pub rows: Vec<u32>,
    pub step: OrderStep,
}

#[derive(Debug, Clone)]
pub enum OrderStep {
    Order(Box<OrderBody>),
    Return(ReturnBody),
}

impl OrderRow {
    fn key(&self) -> &OrderKey {
        match &self.step {
            OrderStep::Order(body) => &body.key,
            OrderStep::Return(body) => &body.key,
        }
    }
    fn at(&self, now: Instant) -> Instant {
        let told = match &self.step {
            OrderStep::Order(body) => body.occurred_at,
            OrderStep::Return(body) => body.occurred_at,
        };
        told.unwrap_or(now)
    }
    /// What the file says: an order with its money, or a return.
    fn bought(&self) -> Bought {
        match &self.step {
            OrderStep::Order(body) => {
                Bought { orders: 1, money: body.lines.iter().map(|l| l.list_amount()).sum(), returns: 0 }
            }
            OrderStep::Return(_) => Bought { returns: 1, ..Bought::default() },
        }
    }
}

/// A step that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedStep {
    pub rows: Vec<u32>,
    pub code: &'static str,
    pub why: kopilka_core::program::Text,
}

/// Orders with their money before any discount of the program, and returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bought {
    pub orders: u64,
    pub money: Money,
    pub returns: u64,
}

impl Bought {
    fn add(&mut self, other: Bought) {
        self.orders += other.orders;
        self.money += other.money;
        self.returns += other.returns;
    }
    pub fn is_none(&self) -> bool {
        *self == Bought::default()
    }
}

/// One month of the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderMonth {
    pub all: Bought,
    pub given: Bought,
    /// There already.
    pub before: Bought,
    pub refused: Bought,
}

impl OrderMonth {
    pub fn add(&mut self, other: &OrderMonth) {
        self.all.add(other.all);
        self.given.add(other.given);
        self.before.add(other.before);
        self.refused.add(other.refused);
    }
    /// Whether every order and every sum of the file is accounted for.
    pub fn adds_up(&self) -> bool {
        let mut sum = self.given;
        sum.add(self.before);
        sum.add(self.refused);
        sum == self.all
    }
}

/// What orders come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderTally {
    /// By the month in which it happened, as year × 100 + month.
    pub months: BTreeMap<i32, OrderMonth>,
    /// By code.
    pub refused: BTreeMap<&'static str, u64>,
    /// What returns gave back.
    pub refunded: Money,
    pub customers: u64,
}

impl OrderTally {
    pub fn sum(&self) -> OrderMonth {
        let mut sum = OrderMonth::default();
        self.months.values().for_each(|month| sum.add(month));
        sum
    }
}

/// Where a step is counted.
#[derive(Clone, Copy)]
enum Fate {
    Given,
    Before,
    Refused,
}

/// An import of orders under way.
pub struct OrderImport {
    service: Service,
    program: ProgramId,
    in_force: Arc<Program>,
    asked: ImportAsked,
    hands: Hands,
    /// How many returns with the same words came before, by a hash of these.
    seen: HashMap<[u8; 16], u32>,
    customers: HashSet<String>,
    pub tally: OrderTally,
}

impl OrderImport {
    pub fn new(
        service: &Service,
        program: ProgramId,
        asked: ImportAsked,
    ) -> Result<OrderImport, ServiceError> {
        let now = service.now(program);
        let in_force = service.versions(program).and_then(|versions| versions.at(now).cloned());
        Ok(OrderImport {
            service: service.clone(),
            program,
            in_force: in_force.ok_or(ServiceError::ProgramUnknown)?,
            asked,
            hands: Hands::new(service),
            seen: HashMap::new(),
            customers: HashSet::new(),
            tally: OrderTally::default(),
        })
    }

    /// How many steps are best handed over at once.
    pub fn page(&self) -> usize {
        self.hands.page()
    }

    /// How these steps would fare. Nothing is written; a return is judged by its order alone.
    pub async fn look(&mut self, rows: Vec<OrderRow>) -> Result<Vec<RefusedStep>, ServiceError> {
        let (program, in_force) = (self.program, self.in_force.clone());
        let secret = self.service.shared.clone();
        let whos: Vec<(Result<Who, Refusal>, OrderKey)> =
            rows.iter().map(|row| (identifiers::who(&secret.secret, &row.who), row.key().clone())).collect();
        let looked = self.service.read(move |reader| look_at(reader, program, &in_force, whos)).await?;
        let mut refused = Vec::new();
        for (row, looked) in rows.into_iter().zip(looked) {
            let fate = match looked {
                Ok(true) => Fate::Before,
                Ok(false) => Fate::Given,
                Err(why) => {
                    refused.push(self.refuse(&row, why));
                    Fate::Refused
                }
            };
            let bought = row.bought();
            self.count(&row, fate, bought);
        }
        Ok(refused)
    }

    /// Tells these steps; those that are refused come back.
    pub async fn give(&mut self, rows: Vec<OrderRow>) -> Result<Vec<RefusedStep>, ServiceError> {
        let secret = self.service.shared.clone();
        let ready: Vec<_> = rows.iter().map(|row| prepare(&secret.secret, self.write(row))).collect();
        let handed = self.hands.hand_over(ready, |_| waves(&rows)).await?;
        let answers = self.hands.answers(handed).await?;
        let mut refused = Vec::new();
        for (row, answer) in rows.into_iter().zip(answers) {
            match judged(&self.in_force, answer)? {
                Ok(done) => self.given(&row, &done),
                Err(why) => {
                    refused.push(self.refuse(&row, why));
                    let bought = row.bought();
                    self.count(&row, Fate::Refused, bought);
                }
            }
        }
        Ok(refused)
    }

    fn write(&mut self, row: &OrderRow) -> Write {
        let (key, change) = match &row.step {
            OrderStep::Order(body) => {
                (None, Change::PutOrder { member: Some(row.who.clone()), body: (**body).clone() })
            }
            OrderStep::Return(body) => (Some(self.key_of(body)), Change::Return(body.clone())),
        };
        Write {
            program: self.program,
            scope: SCOPE.to_owned(),
            key,
            input_hash: [0; 16],
            operator: Some(self.asked.operator.clone()),
            reason: Some(format!("import {}", self.asked.name)),
            change,
        }
    }

    /// What comes back, when, of which order; and which of several alike it is.
    fn key_of(&mut self, body: &ReturnBody) -> String {
        let text = format!("{}|{:?}|{:?}", body.key, body.occurred_at, body.lines);
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(&text)[..16]);
        let count = self.seen.entry(hash).or_default();
        *count += 1;
        format!("{}|{text}|{count}", self.asked.name)
    }

    /// What the engine answers is what counts.
    fn given(&mut self, row: &OrderRow, done: &Done) {
        let (unchanged, bought) = match &done.outcome {
            Outcome::Order(outcome) => {
                let lines = done.order.as_ref().map(|order| order.lines.iter().map(|line| line.list).sum());
                let money = lines.unwrap_or_default();
                (outcome.unchanged, Bought { orders: 1, money, returns: 0 })
            }
            Outcome::Returned(outcome) => {
                let unchanged = outcome.unchanged || done.replayed;
                if !unchanged {
                    self.tally.refunded += outcome.refund;
                }
                (unchanged, Bought { returns: 1, ..Bought::default() })
            }
            _ => (false, Bought::default()),
        };
        self.count(row, if unchanged { Fate::Before } else { Fate::Given }, bought);
    }

    fn count(&mut self, row: &OrderRow, fate: Fate, bought: Bought) {
        let day = self.in_force.zone.day_of(row.at(self.service.now(self.program)));
        let month =
            self.tally.months.entry(i32::from(day.year()) * 100 + i32::from(day.month())).or_default();
        month.all.add(row.bought());
        match fate {
            Fate::Given => month.given.add(bought),
            Fate::Before => month.before.add(bought),
            Fate::Refused => month.refused.add(bought),
        }
        if self.customers.insert(format!("{:?}", row.who)) {
            self.tally.customers += 1;
        }
    }

    fn refuse(&mut self, row: &OrderRow, (code, why): Why) -> RefusedStep {
        *self.tally.refused.entry(code).or_default() += 1;
        RefusedStep { rows: row.rows.clone(), code, why }
    }
}

/// Where steps are told beside one another: the first of each customer, then the second of each, and so on.
fn waves(rows: &[OrderRow]) -> Vec<usize> {
    let mut steps: HashMap<String, usize> = HashMap::new();
    let each = rows.iter().map(|row| {
        let step = steps.entry(format!("{:?}", row.who)).or_default();
        *step += 1;
        *step - 1
    });
    each.collect()
}

/// Whether each order is there already.
fn look_at(
    reader: &Reader,
    program: ProgramId,
    in_force: &Program,
    rows: Vec<(Result<Who, Refusal>, OrderKey)>,
) -> Result<Vec<Result<bool, Why>>, StoreError> {
    let mut looked = Vec::with_capacity(rows.len());
    for (who, key) in rows {
        let found = match who {
            Ok(Who::Named(name)) => reader.find(program, &name)?.map(|target| target.member),
            Ok(Who::Id(id) | Who::Holder(id, _)) => reader.head(program, id)?.map(|_| id),
            Err(refusal) => {
                looked.push(Err(why(in_force, &refusal)));
                continue;
            }
        };
        let bound = reader.find(program, &Name::order(&key))?.map(|target| target.member);
        looked.push(match (found, bound) {
            (None, _) => Err(why(in_force, &Refusal::MemberUnknown)),
            (Some(member), Some(owner)) if member != owner => {
                Err(why(in_force, &Refusal::OrderOfAnotherMember))
            }
            (Some(_), bound) => Ok(bound.is_some()),
        });
    }
    Ok(looked)
}
