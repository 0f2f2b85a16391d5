//! What an order would come to: decided on a copy of the member's book, which nobody keeps.
//!
//! Invariant: whatever a decision can read is in the book before it is made, so a cart that needs nothing
//! stored and one that does are decided alike; they differ in where it is done.

use super::Service;
use super::reads::{find, load};
use crate::asks::QuoteAnswer;
use crate::engine::shows_card;
use crate::error::ServiceError;
use crate::identifiers::{self, Who};
use crate::reference::ProgramState;
use crate::shared::{Shared, Turn};
use crate::write::MemberRef;
use kopilka_core::book::{self, Book};
use kopilka_core::decide::{self, Command, Context};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::order::OrderBody;
use kopilka_core::product::Product;
use kopilka_core::program::{Program, Versions};
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_core::trace::Step;
use kopilka_store::rows::{Name, Person};
use kopilka_store::{Reader, StoreError};
use std::sync::Arc;

/// The order id of a quote that names none; it can be no order's, which have no control characters.
pub const NO_ORDER: &str = "\u{1}quote";

/// Lines × discounts of a quote that is decided where its request is read: up to here it takes less than
/// to hand it to another thread and back. More would hold up the other requests of the thread.
const HERE_MAX: usize = 20_000;

/// What is only supposed when a quote is tried out; what is not told here is as it is.
#[derive(Debug, Default)]
pub struct Supposed {
    /// Rules that nobody has published: as if they had just come into force.
    pub rules: Option<Program>,
    pub now: Option<Instant>,
    /// Somebody who is no member.
    pub book: Option<Book>,
}

/// A quote that is asked for.
struct Asked {
    now: Instant,
    /// Who buys, where it is nobody of the members.
    supposed: Option<Book>,
    who: Option<Who>,
    /// The order as if it were put: what a decision reads is asked of commands.
    put: Command,
    explain: bool,
    /// Asked by the member alone: see [`Service::quote_of_own`].
    own: bool,
}

impl Service {
    /// What an order would come to; changes nothing. Unless it is to `explain`, the trace is without the
    /// steps of discounts.
    pub async fn quote(
        &self,
        program: ProgramId,
        member: Option<MemberRef>,
        body: OrderBody,
        explain: bool,
    ) -> Result<QuoteAnswer, ServiceError> {
        self.quote_for(program, member, body, (explain, false)).await
    }

    /// The same for a member who asks: an order of somebody else is as one that nobody has placed, so nobody
    /// learns which orders there are.
    pub async fn quote_of_own(
        &self,
        program: ProgramId,
        member: MemberRef,
        body: OrderBody,
        explain: bool,
    ) -> Result<QuoteAnswer, ServiceError> {
        self.quote_for(program, Some(member), body, (explain, true)).await
    }

    async fn quote_for(
        &self,
        program: ProgramId,
        member: Option<MemberRef>,
        mut body: OrderBody,
        (explain, own): (bool, bool),
    ) -> Result<QuoteAnswer, ServiceError> {
        let state = self.shared.program(program)?;
        if state.versions.is_empty() {
            return Err(ServiceError::ProgramUnknown);
        }
        let now = self.shared.now_of(&state);
        let who = member.map(|m| identifiers::who(&self.shared.secret, &m)).transpose()?;
        let filled = self.shared.products.fill(program, &mut body.lines);
        let asked =
            Asked { now, supposed: None, who, put: Command::PutOrder { body, hash: 0 }, explain, own };
        if filled && asked.is_small(&state) && asked.needs_nothing(&state) {
            return asked.decided(&state, guest(), None);
        }
        let shared = self.shared.clone();
        let turn = shared.products.turn();
        self.read(move |r| Ok(asked.read(r, (&shared, turn), &state))).await?
    }

    /// The same, explained, under rules, at a time or for a member that are only supposed.
    pub async fn quote_supposed(
        &self,
        program: ProgramId,
        supposed: Supposed,
        member: Option<MemberRef>,
        body: OrderBody,
    ) -> Result<QuoteAnswer, ServiceError> {
        let state = self.shared.program(program)?;
        let now = supposed.now.unwrap_or_else(|| self.shared.now_of(&state));
        let state = match supposed.rules {
            None => state,
            Some(mut rules) => {
                let mut state = ProgramState::clone(&state);
                let mut versions = Versions::clone(&state.versions);
                rules.version = versions.newest().map_or(0, |newest| newest.version) + 1;
                versions.push(now, rules);
                state.versions = Arc::new(versions);
                Arc::new(state)
            }
        };
        if state.versions.is_empty() {
            return Err(ServiceError::ProgramUnknown);
        }
        let who = member.map(|m| identifiers::who(&self.shared.secret, &m)).transpose()?;
        let put = Command::PutOrder { body, hash: 0 };
        let asked = Asked { now, supposed: supposed.book, who, put, explain: true, own: false };
        let shared = self.shared.clone();
        let turn = shared.products.turn();
        self.read(move |r| Ok(asked.read(r, (&shared, turn), &state))).await?
    }
}

fn guest() -> Book {
    Book::new(Member { status: MemberStatus::Guest, ..Member::new(MemberId(0)) })
}

impl Asked {
    fn body(&self) -> &OrderBody {
        match &self.put {
            Command::PutOrder { body, .. } => body,
            other => unreachable!("a quote puts an order, not {other:?}"),
        }
    }
    fn names_order(&self) -> bool {
        self.body().key.order != NO_ORDER
    }

    /// It is decided in no time. Discounts and rules that exclude each other are searched for the best set,
    /// which can take milliseconds.
    fn is_small(&self, state: &ProgramState) -> bool {
        state.versions.at(self.now).is_some_and(|program| {
            program.groups.is_empty() && self.body().lines.len() * program.discounts.len() <= HERE_MAX
        })
    }

    /// Nothing stored is read: a guest's new cart without codes, in a program that counts nothing across
    /// members.
    fn needs_nothing(&self, state: &ProgramState) -> bool {
        let ctx = Context { versions: &state.versions, now: self.now };
        self.who.is_none()
            && !self.names_order()
            && decide::codes_to_load(ctx, self.body()).is_empty()
            && decide::counters_to_load(ctx, &guest(), Some(&self.put)).is_empty()
    }

    /// Reads what the decision can ask for, and decides.
    fn read(
        mut self,
        reader: &Reader,
        (shared, turn): (&Shared, Turn),
        state: &ProgramState,
    ) -> Result<QuoteAnswer, ServiceError> {
        let program = state.row.id;
        if let Command::PutOrder { body, .. } = &mut self.put {
            for line in &mut body.lines {
                if let Some(product) = product(reader, (shared, turn), program, &line.sku)? {
                    line.fill_from(&product);
                }
            }
        }
        let (ctx, body) = (Context { versions: &state.versions, now: self.now }, self.body());
        let bound = match self.names_order() {
            true => reader.find(program, &Name::order(&body.key))?.map(|target| target.member),
            false => None,
        };
        let named = match &self.who {
            Some(who) => Some(find(reader, program, who)?),
            None => None,
        };
        if let (Some(named), Some(bound)) = (named, bound)
            && named != bound
            && !self.own
        {
            return Err(Refusal::OrderOfAnotherMember.into());
        }
        let member = named.or(bound);
        let mut book = match member {
            Some(member) => load(reader, state, member)?.ok_or(Refusal::MemberUnknown)?,
            None => self.supposed.clone().unwrap_or_else(guest),
        };
        if let (Some(who), Some(member)) = (&self.who, named) {
            let needed = matches!(who, Who::Holder(..)) || !book.member.holders.is_empty();
            let person =
                if needed { reader.person(program, member)?.unwrap_or_default() } else { Person::default() };
            book.holder = identifiers::holder_named(&shared.secret, &person, who);
        }
        let member = member.or_else(|| self.supposed.as_ref().map(|book| book.member.id));
        let codes = decide::codes_to_load(ctx, body);
        book.codes =
            codes.iter().filter_map(|c| reader.coupon(program, c).transpose()).collect::<Result<_, _>>()?;
        // Asked before the order is in the book: a quote decides about its coupons anew.
        for what in decide::counters_to_load(ctx, &book, Some(&self.put)) {
            let value = reader.counter(program, &what)?;
            book.counters.load(what, value);
        }
        if let Some(member) = member {
            for key in decide::needs(&book.member, &self.put, self.now) {
                if let Some(order) = reader.order_of(program, member, &key)? {
                    book.orders.put(Box::new(order));
                }
            }
        }
        self.decided(state, book, member)
    }

    fn decided(
        self,
        state: &ProgramState,
        book: Book,
        member: Option<MemberId>,
    ) -> Result<QuoteAnswer, ServiceError> {
        let Asked { now, who, put, explain, .. } = self;
        let ctx = Context { versions: &state.versions, now };
        // A holder who may not see the balance is told none.
        let seen = decide::rights_of(&book).see;
        let is_member = member.is_some() && book.member.status != MemberStatus::Guest;
        let known = member.filter(|_| is_member && seen);
        let member = known.map(|id| (id, book.member.balance_at(now)));
        let contact = book.person.known.has_contact();
        let Command::PutOrder { body, .. } = put else { unreachable!("a quote puts an order") };
        let mut quote = book::quote_of(ctx, book, body, explain)?;
        if !seen {
            // It says how much there is.
            quote.trace.retain(|step| !matches!(step, Step::SpendLimit { .. }));
        }
        let points = quote.order.points_spent_net();
        let card = who.as_ref().is_some_and(shows_card);
        // Whoever may spend is judged by the version in force now, as when the order is put.
        let decided_by = state.versions.at(now);
        let code_required = decided_by.is_some_and(|program| decide::wants_code(program, card, points));
        let contact_needed =
            is_member && decided_by.is_some_and(|program| decide::wants_contact(program, contact));
        Ok(QuoteAnswer { quote, member, code_required, contact_needed, now })
    }
}

/// The product, from memory where it was asked for before.
fn product(
    reader: &Reader,
    (shared, turn): (&Shared, Turn),
    program: ProgramId,
    sku: &str,
) -> Result<Option<Arc<Product>>, StoreError> {
    if let Some(known) = shared.products.known(program, sku) {
        return Ok(known);
    }
    let found = reader.product(program, sku)?.map(Arc::new);
    shared.products.keep(turn, program, sku, found.clone());
    Ok(found)
}
