//! What a request asks for beside its body: query, address, idempotency key.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Long enough for two UUIDs and a word.
pub const IDEMPOTENCY_KEY_MAX: usize = 128;

/// The key that makes a repeated POST one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub String);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Err(Problem::of("idempotency_key_required"));
        };
        let text =
            value.to_str().ok().map(str::trim).filter(|t| (1..=IDEMPOTENCY_KEY_MAX).contains(&t.len()));
        let invalid = || Problem::of("idempotency_key_invalid").with("limit", IDEMPOTENCY_KEY_MAX);
        text.map(|t| IdempotencyKey(t.to_owned())).ok_or_else(invalid)
    }
}

/// The query string; unknown names are refused like unknown fields of a body.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|q| Query(q.0)).map_err(|rejection| {
            let text = rejection.body_text();
            let why = text.rsplit(": ").next().unwrap_or_default().to_owned();
            Problem::of("query_invalid").with("why", why)
        })
    }
}

/// The one variable part of an address.
#[derive(Debug)]
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.map(|p| Named(p.0)).map_err(|_| Problem::of("route_unknown"))
    }
}

/// A member and one of its offers, as an address names them.
#[derive(Debug)]
pub struct NamedOffer {
    pub member: String,
    pub offer: String,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedOffer {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedOffer, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let named = |(member, offer)| NamedOffer { member, offer };
        path.map(|p| named(p.0)).map_err(|_| Problem::of("route_unknown"))
    }
}

/// An endpoint and one of the events it is told of, as an address names them.
#[derive(Debug)]
pub struct NamedDelivery {
    pub endpoint: String,
    pub event: String,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedDelivery {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedDelivery, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let named = |(endpoint, event)| NamedDelivery { endpoint, event };
        path.map(|p| named(p.0)).map_err(|_| Problem::of("route_unknown"))
    }
}

/// `?explain=true` of writes and quotes.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// Adds why it came out so: in words, and as data.
    #[serde(default)]
    pub explain: bool,
}

/// Of writes of an order.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OrderChange {
    /// Adds why it came out so: in words, and as data.
    #[serde(default)]
    pub explain: bool,
    /// The shop of the order, for a key that is bound to none.
    pub shop: Option<String>,
}

/// Of reads of an order.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OrderAsked {
    /// The shop of the order, for a key that is bound to none.
    pub shop: Option<String>,
    /// Answer only when the member has this entry number.
    pub at_least_seq: Option<i64>,
}

/// Of reads about a member.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MemberAsked {
    /// Answer only when the member has this entry number.
    pub at_least_seq: Option<i64>,
}

/// Of lists that may be asked for a member.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ForMember {
    /// `m_…`, or `ext:` and the shop's own id.
    pub member: Option<String>,
}

/// Of a comparison of two versions.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TwoVersions {
    /// The older one, by its number.
    pub from: u32,
    /// The newer one.
    pub to: u32,
}

/// Of lists.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageAsked {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
    /// Answer only when the member has this entry number.
    pub at_least_seq: Option<i64>,
}

const PAGE_DEFAULT: usize = 50;
/// The store's own limit of a page.
pub const PAGE_MAX: usize = 500;

impl PageAsked {
    pub fn limit(&self) -> Result<usize, Problem> {
        rows_of_page(self.limit)
    }
}

/// How many rows a page may have, as it was asked for.
pub fn rows_of_page(asked: Option<usize>) -> Result<usize, Problem> {
    within("limit", asked.unwrap_or(PAGE_DEFAULT), (1, PAGE_MAX))
}

/// A number of the query between two bounds, both included.
pub fn within<N: PartialOrd + std::fmt::Display>(
    name: &str,
    value: N,
    (from, to): (N, N),
) -> Result<N, Problem> {
    if (&from..=&to).contains(&&value) {
        return Ok(value);
    }
    Err(Problem::of("query_invalid").with("why", format!("{name} is {from} to {to}")))
}

/// Of the report on points that burn.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExpiringAsked {
    /// Days of the program's calendar from now: 1 to 366; 7 when left out.
    pub within_days: Option<u16>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

/// Of the members of a segment.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SegmentAsked {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// How many members to look at: 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

/// Of the members of a mass accrual.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PartsAsked {
    /// `waiting`, `given`, `refused`, `undone` or `kept` alone.
    pub state: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}

/// Of the report on unusual purchases.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FraudAsked {
    /// A day of the program's calendar, `2026-03-01`.
    #[param(value_type = String, format = Date)]
    pub day: String,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 500; 50 when left out.
    pub limit: Option<usize>,
}
