//! `/demo/shop`: a sample shop that uses the widget as any shop would, for `kopilka demo` alone.
//!
//! Invariant: its page knows a publishable key and no other; the shop's small server part holds the secret
//! one, makes tokens for whoever is signed in there, and puts orders at its own prices.

use crate::act::word;
use crate::answer::Page;
use crate::assets;
use crate::frame::once;
use crate::look::{self, Look, language_of};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::is_own_form;
use askama::Template;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, PointsAsk, Pricing, Quantity};
use kopilka_core::product::Product;
use kopilka_core::words::Language;
use kopilka_service::{Change, MemberRef, Registration, TOKEN_LIVES_SECONDS};
use kopilka_web::App;
use kopilka_web::app::{Desk, Envelope};
use kopilka_web::problem::Problem;
use kopilka_web::wire::TimeText;
use kopilka_web::wire::member::referrer;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who is signed in at the sample shop.
const COOKIE: &str = "kopilka_demo_shopper";
/// How the shop's own ids of those begin who joined on the page; the rest of one nobody guesses.
const JOINED: &str = "joined-";
/// A demo's cart is a handful of goods.
const LINES_MAX: usize = 20;
const PIECES_MAX: i64 = 99;

/// What the sample shop's server part has.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The shop's secret key.
    pub key: String,
    /// The publishable one.
    pub public: String,
    /// What the page sells.
    pub skus: Vec<String>,
    /// Members who may sign in there, by the shop's own ids.
    pub shoppers: Vec<String>,
}

pub fn shop(demo: Demo) -> Router<Arc<App>> {
    Router::new()
        .route("/demo/shop", get(page))
        .route("/demo/shop/as", post(sign_in))
        .route("/demo/shop/join", post(join))
        .route("/demo/shop/token", post(token))
        .route("/demo/shop/order", post(order))
        .layer(Extension(Arc::new(demo)))
}

pub struct Good {
    pub sku: String,
    pub name: String,
    /// For people, and as the widget wants it.
    pub price: String,
    pub plain: String,
    pub category: String,
}

pub struct Shopper {
    pub ext: String,
    pub name: String,
    pub is_here: bool,
}

#[derive(Template)]
#[template(path = "demo/shop.html")]
pub struct ShopPage {
    pub words: crate::Words,
    pub public: String,
    pub goods: Vec<Good>,
    pub shoppers: Vec<Shopper>,
    pub is_guest: bool,
    /// Somebody wanted to join who is a member already.
    pub is_known: bool,
}

impl ShopPage {
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }
    pub fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
    pub fn sample(language: Language) -> ShopPage {
        let good = Good {
            sku: "RUN-001".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            price: "7 990".to_owned(),
            plain: "7990.00".to_owned(),
            category: "shoes".to_owned(),
        };
        let shopper =
            Shopper { ext: "c1".to_owned(), name: "<script>alert(1)</script>".to_owned(), is_here: true };
        ShopPage {
            words: crate::Words(language),
            public: "pk_1".to_owned(),
            goods: vec![good],
            shoppers: vec![shopper],
            is_guest: true,
            is_known: true,
        }
    }
}

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The desk of the shop's own key.
fn desk(app: &Arc<App>, demo: &Demo, language: Language) -> Result<Desk, Problem> {
    let caller = app.service.authenticate(&demo.key).ok_or_else(|| Problem::of("key_unknown"))?;
    let now = app.service.now(caller.program);
    let program = app.service.versions(caller.program).and_then(|versions| versions.at(now).cloned());
    let program = program.ok_or_else(|| Problem::of("program_unknown"))?;
    Ok(Desk { app: app.clone(), caller, program, now, language })
}

/// Whoever is signed in, if they may be.
fn shopper<'h>(demo: &Demo, headers: &'h HeaderMap) -> Option<&'h str> {
    let may = |ext: &&str| ext.starts_with(JOINED) || demo.shoppers.iter().any(|known| known == ext);
    look::cookie(headers, COOKIE).filter(may)
}

async fn page(
    State(app): State<Arc<App>>,
    Extension(demo): Extension<Arc<Demo>>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let chosen = asked.get("language").and_then(|tag| language_of(tag));
    let language = chosen.unwrap_or_else(|| Look::of(&headers, None).language);
    let desk = desk(&app, &demo, language)?;
    let here = shopper(&demo, &headers).map(str::to_owned);
    let shown = Shown::of(&desk);
    let goods = products(&desk, &demo.skus).await?.into_iter().filter_map(|product| {
        let price = product.price?;
        Some(Good {
            sku: product.sku,
            name: product.name,
            price: shown.money(price),
            plain: desk.program.currency.format(price),
            category: product.category.map(|category| category.to_string()).unwrap_or_default(),
        })
    });
    let goods = goods.collect();
    let mut shoppers = Vec::new();
    let joined = here.iter().filter(|ext| ext.starts_with(JOINED));
    for ext in demo.shoppers.iter().chain(joined) {
        // A smaller demo has fewer.
        let Ok(id) = desk.find(MemberRef::Ext(ext.clone())).await else { continue };
        let program = desk.program_id();
        let person = desk.read(move |r| r.person(program, id)).await?.unwrap_or_default();
        let is_here = here.as_ref() == Some(ext);
        shoppers.push(Shopper { ext: ext.clone(), name: person.name.unwrap_or_default(), is_here });
    }
    let words = crate::Words(language);
    let (is_guest, is_known) = (here.is_none(), asked.contains_key("known"));
    let page = ShopPage { words, public: demo.public.clone(), goods, shoppers, is_guest, is_known };
    let mut answer = Page(page).into_response();
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(answer)
}

async fn products(desk: &Desk, skus: &[String]) -> Result<Vec<Product>, Problem> {
    let (program, skus) = (desk.program_id(), skus.to_vec());
    desk.read(move |r| {
        let found: Result<Vec<_>, _> = skus.iter().map(|sku| r.product(program, sku)).collect();
        Ok(found?.into_iter().flatten().collect())
    })
    .await
}

/// `POST /demo/shop/as`: nobody has a password here, it is a sample.
async fn sign_in(
    Extension(demo): Extension<Arc<Demo>>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Problem> {
    if !is_own_form(&headers) {
        return Err(Problem::of("form_foreign"));
    }
    let wanted = posted.some("shopper").filter(|ext| demo.shoppers.iter().any(|known| known == ext));
    let cookie = match wanted {
        Some(ext) => format!("{COOKIE}={ext}; Path=/demo; HttpOnly; SameSite=Lax"),
        None => format!("{COOKIE}=; Path=/demo; HttpOnly; SameSite=Lax; Max-Age=0"),
    };
    let mut answer = Redirect::to("/demo/shop").into_response();
    answer.headers_mut().extend(HeaderValue::from_str(&cookie).ok().map(|value| (header::SET_COOKIE, value)));
    Ok(answer)
}

/// `POST /demo/shop/join`: a new member, by the link of a friend where the page remembers one. Whoever is
/// known already is not signed in by a phone alone, not even here.
async fn join(
    State(app): State<Arc<App>>,
    Extension(demo): Extension<Arc<Demo>>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Problem> {
    if !is_own_form(&headers) {
        return Err(Problem::of("form_foreign"));
    }
    let desk = desk(&app, &demo, Look::of(&headers, None).language)?;
    let ext = format!("{JOINED}{}", once());
    let registration = Registration {
        ext: Some(ext.clone()),
        phones: vec![posted.text("phone").to_owned()],
        name: word(&posted, "name")?,
        referrer: posted.some("ref").map(|code| referrer(code, &desk.program)).transpose()?,
        ..Registration::default()
    };
    let envelope = Envelope { endpoint: "demo.join", ..Envelope::default() };
    let done = desk.write(envelope, Change::Register(registration)).await?;
    if done.existed {
        return Ok(Redirect::to("/demo/shop?known=yes").into_response());
    }
    let cookie = format!("{COOKIE}={ext}; Path=/demo; HttpOnly; SameSite=Lax");
    let mut answer = Redirect::to("/demo/shop").into_response();
    answer.headers_mut().extend(HeaderValue::from_str(&cookie).ok().map(|value| (header::SET_COOKIE, value)));
    Ok(answer)
}

/// `POST /demo/shop/token`: what the widget's `data-token` asks.
async fn token(
    State(app): State<Arc<App>>,
    Extension(demo): Extension<Arc<Demo>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !is_own_form(&headers) {
        return Err(Problem::of("form_foreign"));
    }
    let Some(ext) = shopper(&demo, &headers) else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let desk = desk(&app, &demo, Language::En)?;
    let member = desk.find(MemberRef::Ext(ext.to_owned())).await?;
    let made = app.service.make_token(&desk.caller, (member, None), TOKEN_LIVES_SECONDS).await;
    let (token, expires_at) = made.map_err(|e| desk.failed(e))?;
    let told = json!({ "member": member.to_string(), "token": token, "expires_at": TimeText(expires_at) });
    Ok(Json(told).into_response())
}

/// What the page asks the shop for: articles and pieces, never prices.
#[derive(Debug, Deserialize)]
struct Wanted {
    lines: Vec<Line>,
    #[serde(default)]
    points: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    sku: String,
    quantity: i64,
}

/// `POST /demo/shop/order`: the checkout.
async fn order(
    State(app): State<Arc<App>>,
    Extension(demo): Extension<Arc<Demo>>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    if !is_own_form(&headers) {
        return Err(Problem::of("form_foreign"));
    }
    let desk = desk(&app, &demo, Look::of(&headers, None).language)?;
    let invalid = || Problem::of("form_invalid");
    let fits = |line: &Line| (1..=PIECES_MAX).contains(&line.quantity) && demo.skus.contains(&line.sku);
    if !(1..=LINES_MAX).contains(&wanted.lines.len()) || !wanted.lines.iter().all(fits) {
        return Err(invalid());
    }
    let skus: Vec<String> = wanted.lines.iter().map(|line| line.sku.clone()).collect();
    let known = products(&desk, &skus).await?;
    let mut lines = Vec::new();
    for (line, place) in wanted.lines.iter().zip(1..) {
        let price = known.iter().find(|product| product.sku == line.sku).and_then(|product| product.price);
        let quantity = Quantity::pieces(line.quantity);
        lines.push(LineBody::goods(&place.to_string(), &line.sku, quantity, price.ok_or_else(invalid)?));
    }
    let points = Some(wanted.points.trim()).filter(|points| !points.is_empty());
    let points = points.map(|text| desk.program.points.parse(text)).transpose().map_err(|_| invalid())?;
    let key = desk.order_key(&format!("demo-{}", once()), None)?;
    let body = OrderBody {
        pricing: Some(Pricing::Engine),
        points: points.filter(|points| points.0 > 0).map(PointsAsk::UpTo),
        ..OrderBody::plain(key, BodyStatus::Paid, lines)
    };
    let member = shopper(&demo, &headers).map(|ext| MemberRef::Ext(ext.to_owned()));
    let envelope = Envelope { endpoint: "demo.order", ..Envelope::default() };
    let done = desk.write(envelope, Change::PutOrder { member, body }).await?;
    let order = done.order.ok_or_else(invalid)?;
    let shown = Shown::of(&desk);
    Ok(Json(json!({
        "order": order.key.order.as_str(),
        "to_pay": shown.money(order.to_pay_remaining()),
        "points_used": shown.points(order.points_spent_net()),
        "earned": shown.points(order.points_earned_net()),
    })))
}
