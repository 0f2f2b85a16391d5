//! Reads beside the writer: they change nothing.

use super::Service;
use crate::asks::{Earning, Offered};
use crate::error::ServiceError;
use crate::identifiers::{self, IdentifierKey, Who, blocked};
use crate::reference::ProgramState;
use crate::write::MemberRef;
use kopilka_core::book::{self, Book};
use kopilka_core::counters::of_reward;
use kopilka_core::decide::{self, Command, Context};
use kopilka_core::holder::{Holder, HolderNo};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Member;
use kopilka_core::order::OrderBody;
use kopilka_core::product::Product;
use kopilka_core::program::HISTORY_ORDERS;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::{Reader, StoreError};
use std::time::Duration;

/// How long a read waits for the projections: they are a second behind at most.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The engine's own limit.
const PAGES_UNLIMITED: i64 = 4_294_967_294;

impl Service {
    /// Runs queries on a read connection, off the async threads. All of them see the same moment.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let shared = self.shared.clone();
        let permit = shared.readers.permits.acquire().await.map_err(|_| ServiceError::Stopping)?;
        let on_thread = self.shared.clone();
        let work = move || {
            let reader = on_thread.readers.take(&on_thread.store)?;
            let answer = reader.snapshot(query);
            match &answer {
                Err(StoreError::Lost(_)) => on_thread.readers.drop_idle(),
                _ => on_thread.readers.give_back(reader),
            }
            answer
        };
        let answer = tokio::task::spawn_blocking(work).await;
        drop(permit);
        match answer {
            Ok(answer) => Ok(answer?),
            Err(error) => Err(ServiceError::Storage(format!("a query panicked: {error}"))),
        }
    }

    /// Waits (five seconds at most) until the member has entry `seq` and the projections have reached it.
    pub async fn wait_for_seq(
        &self,
        program: ProgramId,
        member: MemberId,
        seq: i64,
    ) -> Result<(), ServiceError> {
        let waiting = async {
            let mut projected = self.shared.projected.subscribe();
            loop {
                let head = self.read(move |r| r.head(program, member)).await?;
                let Some((newest, head)) = head else { return Err(Refusal::MemberUnknown.into()) };
                if newest >= seq && *projected.borrow_and_update() >= head {
                    return Ok(());
                }
                self.shared.hurry();
                projected.changed().await.map_err(|_| ServiceError::Stopping)?;
            }
        };
        tokio::time::timeout(WAIT_MAX, waiting).await.unwrap_or(Err(ServiceError::Busy))
    }

    /// `member_unknown` or `invalid_identifier` where there is none.
    pub async fn find_member(&self, program: ProgramId, member: MemberRef) -> Result<MemberId, ServiceError> {
        self.shared.program(program)?;
        let who = identifiers::who(&self.shared.secret, &member)?;
        self.read(move |r| Ok(find(r, program, &who))).await?
    }

    /// Which holder of the account a name leads to; none where it is the owner.
    pub async fn holder_named(
        &self,
        program: ProgramId,
        member: MemberRef,
    ) -> Result<Option<Holder>, ServiceError> {
        let who = identifiers::who(&self.shared.secret, &member)?;
        let shared = self.shared.clone();
        self.read(move |r| Ok(holder_named(r, (&shared.secret, program), &who))).await?
    }

    /// A holder by its number.
    pub async fn holder(
        &self,
        program: ProgramId,
        member: MemberId,
        no: HolderNo,
    ) -> Result<Holder, ServiceError> {
        let row = self.read(move |r| r.member(program, member)).await?.ok_or(Refusal::MemberUnknown)?;
        let holder = row.member.holders.iter().find(|holder| holder.no == no).copied();
        holder.ok_or_else(|| Refusal::HolderUnknown { holder: no }.into())
    }

    /// The member's row and what decisions read of the person, without orders.
    pub async fn book(&self, program: ProgramId, member: MemberId) -> Result<Book, ServiceError> {
        self.shared.program(program)?;
        let book = self.read(move |r| load_row(r, program, member)).await?;
        book.ok_or_else(|| Refusal::MemberUnknown.into())
    }

    /// The catalogue of the version in force: how many of each reward are left, and whether the member may
    /// have it, where one is named.
    pub async fn catalogue(
        &self,
        program: ProgramId,
        member: Option<MemberRef>,
    ) -> Result<Vec<Offered>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let who = member.map(|m| identifiers::who(&self.shared.secret, &m)).transpose()?;
        self.read(move |r| Ok(catalogue(r, &state, now, who.as_ref()))).await?
    }

    /// What one piece of each article would bring, if it were bought alone and paid now; changes nothing. For
    /// somebody without a history where no member is named.
    pub async fn earnings(
        &self,
        program: ProgramId,
        member: Option<MemberRef>,
        bodies: Vec<OrderBody>,
    ) -> Result<Vec<Earning>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let who = member.map(|m| identifiers::who(&self.shared.secret, &m)).transpose()?;
        self.read(move |r| Ok(earnings(r, &state, now, who.as_ref(), bodies))).await?
    }

    /// The secret that identifiers are found by, for `verify`.
    pub fn identifier_key(&self) -> &IdentifierKey {
        &self.shared.secret
    }

    /// Writes a file's database anew without what was deleted, between two groups of writes.
    pub async fn compact(&self) -> Result<(), ServiceError> {
        self.alone(|engine| engine.writer.compact()).await?.map_err(ServiceError::from)
    }
    /// Forgets identifiers of erased persons whose time is over; how many. The scheduler does so once a day.
    pub async fn forget_former(&self, program: ProgramId) -> Result<u64, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        self.alone(move |engine| engine.sweep_former(program, now)).await?
    }
    /// Lets the database grow by so many pages at most, or again without a limit: how tests fill a disk.
    pub async fn limit_pages(&self, more: Option<i64>) -> Result<(), ServiceError> {
        let limit = move |engine: &mut crate::engine::Engine| {
            let pages = match more {
                Some(more) => engine.writer.pages()? + more,
                None => PAGES_UNLIMITED,
            };
            engine.writer.limit_pages(pages).map(|_| ())
        };
        self.alone(limit).await?.map_err(ServiceError::from)
    }

    /// Adds or replaces products by sku.
    pub async fn put_products(&self, program: ProgramId, list: Vec<Product>) -> Result<(), ServiceError> {
        self.shared.program(program)?;
        self.alone(move |engine| {
            let put = engine.transaction(|engine| {
                list.iter().try_for_each(|product| engine.writer.put_product(program, product))?;
                if engine.shared.store.is_shared() { engine.bump_reference() } else { Ok(()) }
            });
            engine.shared.products.forget();
            put
        })
        .await?
        .map_err(ServiceError::from)
    }
}

/// Whom a reference leads to; a card that is blocked leads to nobody and says so.
pub(crate) fn find(reader: &Reader, program: ProgramId, who: &Who) -> Result<MemberId, ServiceError> {
    let (found, name) = match who {
        Who::Id(id) | Who::Holder(id, _) => (reader.head(program, *id)?.map(|_| *id), None),
        Who::Named(name) => (reader.find(program, name)?.map(|target| target.member), blocked(name)),
    };
    match (found, name) {
        (Some(member), _) => Ok(reader.survivor(program, member)?),
        (None, Some(blocked)) if reader.find(program, &blocked)?.is_some() => {
            Err(Refusal::CardBlocked.into())
        }
        (None, _) => Err(Refusal::MemberUnknown.into()),
    }
}

/// Most accounts have no holders, and then nothing more is read.
fn holder_named(
    reader: &Reader,
    (secret, program): (&IdentifierKey, ProgramId),
    who: &Who,
) -> Result<Option<Holder>, ServiceError> {
    let member = find(reader, program, who)?;
    let Some(row) = reader.member(program, member)? else { return Ok(None) };
    let holders = row.member.holders;
    if holders.is_empty() {
        return Ok(None);
    }
    let person = reader.person(program, member)?.unwrap_or_default();
    let no = identifiers::holder_named(secret, &person, who);
    Ok(no.and_then(|no| holders.into_iter().find(|holder| holder.no == no)))
}

pub(super) fn load_row(
    reader: &Reader,
    program: ProgramId,
    member: MemberId,
) -> Result<Option<Book>, StoreError> {
    let Some(row) = reader.member(program, member)? else { return Ok(None) };
    let person = reader.person_facts(program, member)?;
    Ok(Some(Book { person, ..Book::new(row.member) }))
}

/// The member's book as a decision may ask of it: with the earlier orders where a condition does.
pub(super) fn load(
    reader: &Reader,
    state: &ProgramState,
    member: MemberId,
) -> Result<Option<Book>, StoreError> {
    load_with(reader, state.row.id, member, state.versions.need_history())
}

pub(super) fn load_with(
    reader: &Reader,
    program: ProgramId,
    member: MemberId,
    history: bool,
) -> Result<Option<Book>, StoreError> {
    let Some(mut book) = load_row(reader, program, member)? else { return Ok(None) };
    if history {
        let orders = reader.paid_orders(program, member, HISTORY_ORDERS)?;
        orders.into_iter().for_each(|order| book.orders.put(Box::new(order)));
    }
    Ok(Some(book))
}

fn earnings(
    reader: &Reader,
    state: &ProgramState,
    now: Instant,
    who: Option<&Who>,
    bodies: Vec<OrderBody>,
) -> Result<Vec<Earning>, ServiceError> {
    let program = state.row.id;
    if state.versions.is_empty() {
        return Err(ServiceError::ProgramUnknown);
    }
    let mut book = match who {
        Some(who) => {
            let member = find(reader, program, who)?;
            load(reader, state, member)?.ok_or(Refusal::MemberUnknown)?
        }
        None => Book::new(Member::new(MemberId(0))),
    };
    let ctx = Context { versions: &state.versions, now };
    // The counters are those of the rules: no body has coupons of its own.
    if let Some(body) = bodies.first() {
        let command = Command::PutOrder { body: body.clone(), hash: 0 };
        for what in decide::counters_to_load(ctx, &book, Some(&command)) {
            let value = reader.counter(program, &what)?;
            book.counters.load(what, value);
        }
    }
    decide::run_due(ctx, &mut book);
    let mut out = Vec::with_capacity(bodies.len());
    for mut body in bodies {
        let mut priced = true;
        for line in &mut body.lines {
            if let Some(product) = reader.product(program, &line.sku)? {
                line.fill_from(&product);
                // A price below nothing stands for one that was not told.
                if line.price.0 < 0 {
                    line.price = product.price.unwrap_or(line.price);
                }
            }
            priced &= line.price.0 >= 0;
        }
        if !priced {
            out.push(Earning { to_pay: None, points: None });
            continue;
        }
        let quote = book::quote_of(ctx, book.clone(), body, false)?;
        let points = quote.earned.iter().map(|earned| earned.points).sum();
        out.push(Earning { to_pay: Some(quote.order.due()), points: Some(points) });
    }
    Ok(out)
}

fn catalogue(
    reader: &Reader,
    state: &ProgramState,
    now: Instant,
    who: Option<&Who>,
) -> Result<Vec<Offered>, ServiceError> {
    let program = state.versions.at(now).ok_or(ServiceError::ProgramUnknown)?;
    let id = state.row.id;
    let mut book = match who {
        Some(who) => {
            let member = find(reader, id, who)?;
            Some(load(reader, state, member)?.ok_or(Refusal::MemberUnknown)?)
        }
        None => None,
    };
    let mut out = Vec::with_capacity(program.rewards.len());
    for reward in &program.rewards {
        let what = of_reward(&reward.id);
        let claimed = match reward.stock {
            Some(_) => reader.counter(id, &what)?,
            None => 0,
        };
        let refused = book.as_mut().and_then(|book| {
            book.counters.load(what.clone(), claimed);
            decide::refusal_of_reward(program, book, reward, now).err()
        });
        let available = book.as_ref().map(|book| book.member.balance_at(now).available);
        let refused = refused.or_else(|| {
            let available = available.filter(|available| *available < reward.cost)?;
            Some(Refusal::InsufficientPoints { available, wanted: reward.cost })
        });
        let left = reward.stock.map(|stock| (stock - claimed).max(0));
        out.push(Offered { reward: reward.clone(), left, refused });
    }
    Ok(out)
}
