//! What operators watch: requests, latencies, writes, refusals. Labels are routes and codes, never people.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

// From half a millisecond (a warm read) to ten seconds (the longest a client waits).
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
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
}

/// Counts and times every request by its route template: addresses with ids in them go nowhere.
pub async fn measure(request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    let labels = [("method", method.clone()), ("route", route.clone())];
    metrics::histogram!(REQUEST_SECONDS, &labels).record(elapsed.as_secs_f64());
    let labels = [("method", method.clone()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("kopilka_http_requests_total", &labels).increment(1);
    if let Some(problem) = response.extensions().get::<crate::problem::Problem>() {
        metrics::counter!("kopilka_refusals_total", "code" => problem.code).increment(1);
    }
    let request_id = response.headers().get(crate::headers::REQUEST_ID).and_then(|v| v.to_str().ok());
    tracing::info!(
        method,
        route,
        status,
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        request_id,
        "request"
    );
    response
}

pub fn count_write(endpoint: &'static str, replayed: bool) {
    let replayed = if replayed { "true" } else { "false" };
    metrics::counter!("kopilka_writes_total", "endpoint" => endpoint, "replayed" => replayed).increment(1);
}
