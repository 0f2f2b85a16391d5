//! The one layer around every route: who calls, what the answer carries, what operators see of it.
//!
//! Invariant: no handler under `/v1` runs before the key and the scope of its route have been checked.

use crate::app::App;
use crate::auth;
use crate::cors;
use crate::headers::Finish;
use crate::metrics::Watch;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use std::convert::Infallible;
use std::sync::Arc;
use tower::layer::layer_fn;
use tower::{Layer, Service, service_fn};

/// One layer and not one for each of its three works: every layer of the router is copied and boxed anew
/// for each request.
pub fn around(
    app: Arc<App>,
) -> impl Layer<
    Route,
    Service: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync,
> + Clone {
    layer_fn(move |mut route: Route| {
        let app = app.clone();
        service_fn(move |mut request: Request| {
            let watch = Watch::start(&request);
            let finish = Finish::of(&request);
            let site = cors::of(&app, &request);
            let asks_first = site.is_some() && request.method() == Method::OPTIONS;
            let passed = match asks_first {
                true => Ok(None),
                false => auth::check(&app, &mut request).map(|()| Some(route.call(request))),
            };
            async move {
                let answer = match passed {
                    Ok(Some(answer)) => answer.await?,
                    Ok(None) => cors::may_ask(),
                    Err(problem) => problem.into_response(),
                };
                let answer = cors::told(finish.put_on(answer), site);
                watch.end(&answer);
                Ok(answer)
            }
        })
    })
}
