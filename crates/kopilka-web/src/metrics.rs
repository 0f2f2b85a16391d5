//! What operators watch: requests, latencies, writes, refusals. Labels are routes and codes, never people.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

// From half a millisecond (a warm read) to ten seconds (the longest a client waits).
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
// A busy second leaves some ten thousand timings of a few words each: five are about a megabyte.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
const REQUEST_SECONDS: &str = "kopilka_http_request_seconds";

/// The recorder is one for the process, so this is a handle to it.
#[derive(Clone)]
pub struct Metrics(Option<PrometheusHandle>);

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

impl Metrics {
    /// Starts recording. A second call gives the same recorder; where another recorder is installed
    /// already, `/metrics` is empty.
    pub fn install() -> Metrics {
        let handle = RECORDER.get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder.set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.into()), &SECONDS);
            builder.ok().and_then(|b| b.install_recorder().ok())
        });
        Metrics(handle.clone())
    }
    /// The text for Prometheus.
    pub fn render(&self) -> String {
        let Some(handle) = &self.0 else { return String::new() };
        handle.run_upkeep();
        handle.render()
    }
    /// Adds up what has been recorded, for ever. Timings are kept one by one until then, so on a server whose
    /// metrics nobody reads they would fill the memory.
    pub async fn keep_small(&self) {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            if let Some(handle) = &self.0 {
                handle.run_upkeep();
            }
        }
    }
}

/// One request as operators see it: by its route template, since addresses with ids in them go nowhere.
pub struct Watch {
    started: Instant,
    method: Method,
    route: Option<MatchedPath>,
}

impl Watch {
    pub fn start(request: &Request) -> Watch {
        Watch {
            started: Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
        }
    }

    /// Counts, times and logs it.
    pub fn end(self, response: &Response) {
        let elapsed = self.started.elapsed();
        let method = method_name(&self.method);
        let route = self.route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let status = response.status().as_u16();
        meters(method, route, status, |meters| {
            meters.seconds.record(elapsed.as_secs_f64());
            meters.requests.increment(1);
        });
        if let Some(problem) = response.extensions().get::<crate::problem::Problem>() {
            metrics::counter!("kopilka_refusals_total", "code" => problem.code).increment(1);
        }
        let request_id = response.headers().get(crate::headers::REQUEST_ID).and_then(|v| v.to_str().ok());
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        // What went well, and what the caller got wrong, is counted above and is no news to the operator.
        if response.status().is_server_error() {
            tracing::warn!(method, route, status, micros, request_id, "request");
        } else {
            tracing::debug!(method, route, status, micros, request_id, "request");
        }
    }
}

/// The method as a label. A caller may invent methods without end; they are one.
fn method_name(method: &Method) -> &'static str {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::HEAD,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let names = ["GET", "POST", "PUT", "PATCH", "HEAD", "DELETE", "OPTIONS"];
    known.iter().position(|k| k == method).map_or("other", |at| names[at])
}

/// What counts the requests of one method and route that came out alike.
struct Meters {
    method: &'static str,
    status: u16,
    seconds: Histogram,
    requests: Counter,
}

/// The meters found so far, by route: asking the registry makes a text of every label. Routes, methods and
/// statuses are few, so this stays small.
static FOUND: LazyLock<RwLock<HashMap<String, Vec<Meters>>>> = LazyLock::new(RwLock::default);

fn meters(method: &'static str, route: &str, status: u16, count: impl FnOnce(&Meters)) {
    let is_it = |meters: &&Meters| meters.method == method && meters.status == status;
    let found = FOUND.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(meters) = found.get(route).and_then(|all| all.iter().find(is_it)) {
        return count(meters);
    }
    drop(found);
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    let seconds = metrics::histogram!(REQUEST_SECONDS, &labels);
    let [by_method, by_route] = labels;
    let labels = [by_method, by_route, ("status", status.to_string())];
    let requests = metrics::counter!("kopilka_http_requests_total", &labels);
    let meters = Meters { method, status, seconds, requests };
    count(&meters);
    let mut found = FOUND.write().unwrap_or_else(PoisonError::into_inner);
    let all = found.entry(route.to_owned()).or_default();
    if !all.iter().any(|known| is_it(&known)) {
        all.push(meters);
    }
}

/// The counters of writes found so far, by endpoint and whether the write was a replay.
static WRITES: LazyLock<RwLock<HashMap<(&'static str, bool), Counter>>> = LazyLock::new(RwLock::default);

pub fn count_write(endpoint: &'static str, replayed: bool) {
    let known = WRITES.read().unwrap_or_else(PoisonError::into_inner).get(&(endpoint, replayed)).cloned();
    let counter = known.unwrap_or_else(|| {
        let label = if replayed { "true" } else { "false" };
        let counter = metrics::counter!("kopilka_writes_total", "endpoint" => endpoint, "replayed" => label);
        let mut found = WRITES.write().unwrap_or_else(PoisonError::into_inner);
        found.entry((endpoint, replayed)).or_insert(counter).clone()
    });
    counter.increment(1);
}
