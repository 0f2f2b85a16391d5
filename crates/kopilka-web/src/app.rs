//! What every handler works with: the service, and the desk at which one caller stands.

use crate::asked::IdempotencyKey;
use crate::guesses::Guesses;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::scopes::{self, Scope};
use crate::wire::answer::{StepAnswer, steps};
use crate::{language, wire};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_core::words::{Language, Speaker};
use kopilka_service::rows::EntryRow;
use kopilka_service::{Caller, Change, Done, MemberRef, Reader, Service, ServiceError, StoreError, Write};
use std::sync::Arc;

/// The shop of a key that is bound to none, where the request names none either.
pub const SHOP_DEFAULT: &str = "main";
/// Longer ids in an address than these are a mistake.
const ORDER_ID_MAX: usize = wire::TEXT_MAX;

/// The state of the router, one for all requests.
pub struct App {
    pub service: Service,
    pub metrics: Metrics,
    pub guesses: Guesses,
}

/// One request's caller, the program the key belongs to, its time, and the language to answer in.
#[derive(Clone)]
pub struct Desk {
    pub app: Arc<App>,
    pub caller: Arc<Caller>,
    /// The version in force now.
    pub program: Arc<Program>,
    pub now: Instant,
    pub language: Language,
}

impl FromRequestParts<Arc<App>> for Desk {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Desk, Problem> {
        let caller = parts.extensions.get::<Arc<Caller>>().cloned();
        let caller = caller.ok_or_else(|| Problem::of("key_missing"))?;
        let now = app.service.now(caller.program);
        let versions = app.service.versions(caller.program);
        let program = versions.and_then(|v| v.at(now).cloned());
        let program = program.ok_or_else(|| Problem::of("program_unknown"))?;
        if let Some(own) = caller.member {
            // A merge ends the account that a token was made for, and the token with it: what the account
            // that stays has was never this token's to open.
            let found = app.service.find_member(caller.program, MemberRef::Id(own)).await;
            if found.map_err(|error| Problem::of_service(error, &program))? != own {
                return Err(Problem::of("key_unknown"));
            }
        }
        let language = language::of(&parts.headers);
        Ok(Desk { app: app.clone(), caller, program, now, language })
    }
}

/// What a write is besides its change.
#[derive(Debug, Default)]
pub struct Envelope {
    pub endpoint: &'static str,
    pub key: Option<String>,
    pub input_hash: [u8; 16],
    pub operator: Option<String>,
    pub reason: Option<String>,
}

impl Envelope {
    /// Of a POST, which the caller's key makes one.
    pub fn keyed(endpoint: &'static str, key: IdempotencyKey, input_hash: [u8; 16]) -> Envelope {
        Envelope { endpoint, key: Some(key.0), input_hash, ..Envelope::default() }
    }
}

impl Desk {
    pub fn program_id(&self) -> ProgramId {
        self.caller.program
    }
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(&self.program, self.language)
    }
    pub fn refused(&self, refusal: &Refusal) -> Problem {
        Problem::refused(refusal, &self.program)
    }
    pub fn failed(&self, error: ServiceError) -> Problem {
        Problem::of_service(error, &self.program)
    }

    /// The order of the address, in the shop of the key or the named one. A key of one shop reaches no other.
    pub fn order_key(&self, order: &str, shop: Option<&str>) -> Result<OrderKey, Problem> {
        let own = self.caller.shop.as_str();
        let shop = match shop {
            Some(named) if !own.is_empty() && named != own => {
                return Err(Problem::of("shop_of_another_key").with("shop", own));
            }
            Some(named) => named,
            None if own.is_empty() => SHOP_DEFAULT,
            None => own,
        };
        let fits = |text: &str| {
            (1..=ORDER_ID_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        };
        // No shop is called like the rows of what friends bought.
        if !fits(order) || !fits(shop) || shop.starts_with(':') {
            return Err(Problem::of("invalid_text").with("limit", ORDER_ID_MAX));
        }
        Ok(OrderKey { shop: shop.into(), order: order.into() })
    }

    /// The member of the address; unknown for members of other programs too.
    pub async fn member_id(&self, text: &str) -> Result<MemberId, Problem> {
        let reference = wire::member::by_text(text, &self.program)?;
        self.find(reference).await
    }
    /// Whom a body may name: with a member token nobody but the token's own member, who need not be named.
    pub fn own(&self, named: Option<MemberRef>) -> Result<Option<MemberRef>, Problem> {
        match self.caller.member.map(MemberRef::Id) {
            Some(own) if named.as_ref().is_some_and(|named| *named != own) => {
                Err(Problem::of("member_of_another_token").at("/member"))
            }
            Some(own) => Ok(Some(self.acting(own))),
            None => Ok(named),
        }
    }
    /// Who does something on an account: the holder of the token, where it is one's.
    pub fn acting(&self, member: MemberRef) -> MemberRef {
        match (member, self.caller.holder) {
            (MemberRef::Id(id), Some(holder)) => MemberRef::Holder(id, holder.no),
            (member, _) => member,
        }
    }
    pub async fn find(&self, reference: MemberRef) -> Result<MemberId, Problem> {
        self.app.service.find_member(self.program_id(), reference).await.map_err(|e| self.failed(e))
    }

    /// Waits until the member has entry `at_least`, where the caller asks for one.
    pub async fn wait(&self, member: MemberId, at_least: Option<i64>) -> Result<(), Problem> {
        let Some(seq) = at_least else { return Ok(()) };
        match self.app.service.wait_for_seq(self.program_id(), member, seq).await {
            Err(ServiceError::Busy) => Err(Problem::of("seq_not_reached")),
            other => other.map_err(|e| self.failed(e)),
        }
    }

    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.app.service.read(query).await.map_err(|e| self.failed(e))
    }
    pub async fn entry(&self, id: EntryId) -> Result<EntryRow, Problem> {
        let program = self.program_id();
        let entry = self.read(move |r| r.entry(program, id)).await?;
        entry.ok_or_else(|| self.refused(&Refusal::EntryUnknown))
    }
    pub async fn order(&self, key: OrderKey) -> Result<(MemberId, OrderState), Problem> {
        let program = self.program_id();
        let order = self.read(move |r| r.order(program, &key)).await?;
        order.ok_or_else(|| self.refused(&Refusal::OrderUnknown))
    }

    /// Why a write came out so, where the caller asks; nothing written has nothing to explain.
    pub async fn trace(&self, done: &Done, explain: bool) -> Result<Option<Vec<StepAnswer>>, Problem> {
        match (explain, done.entry) {
            (false, _) => Ok(None),
            (true, None) => Ok(Some(Vec::new())),
            (true, Some(entry)) => Ok(Some(steps::all(&self.entry(entry).await?.trace, &self.speaker()))),
        }
    }

    /// Refuses a key without the scope that a part of the body needs.
    pub fn allow(&self, scope: Scope) -> Result<(), Problem> {
        match scopes::granted(&self.caller.scopes, scope) {
            true => Ok(()),
            false => Err(Problem::of("scope_missing").with("scope", scope.name())),
        }
    }

    /// The one way for every write of the API. The scope of its key is the caller's shop and the endpoint.
    pub async fn write(&self, envelope: Envelope, change: Change) -> Result<Done, Problem> {
        let write = Write {
            program: self.program_id(),
            scope: format!("{} {}", self.caller.shop, envelope.endpoint),
            key: envelope.key,
            input_hash: envelope.input_hash,
            operator: envelope.operator,
            reason: envelope.reason,
            change,
        };
        let done = self.app.service.write(write).await.map_err(|e| self.failed(e))?;
        crate::metrics::count_write(envelope.endpoint, done.replayed);
        Ok(done)
    }
}
