//! The router and its description, from one list of routes.

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::{api, front, operations, telegram, unsubscribe};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use kopilka_service::CHATS_PATH;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kopilka",
        description = "Loyalty points for shops. Amounts, points and quantities travel as decimal text. \
            Errors are problem documents with a stable `code`: see docs/reference/refusals.md.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    components(schemas(ProblemDocument)),
    security(("key" = [])),
    tags(
        (name = "members", description = "Who they are, what they have, what moved"),
        (name = "codes", description = "One-time codes by which a member agrees"),
        (name = "quote", description = "What an order would come to"),
        (name = "orders", description = "Orders through their life"),
        (name = "coupons", description = "Coupon campaigns and their codes"),
        (name = "rewards", description = "What points buy beside orders"),
        (name = "offers", description = "What single members are given"),
        (name = "referrals", description = "Who brought whom"),
        (name = "gift cards", description = "Money paid in advance"),
        (name = "segments", description = "Whom the program tells apart"),
        (name = "accruals", description = "Points for many members at once"),
        (name = "entries", description = "The journal"),
        (name = "webhooks", description = "Who is told what happens"),
        (name = "messages", description = "How members are written to, and what is written"),
        (name = "reports", description = "What the owner should know of all members"),
        (name = "products", description = "The product table"),
        (name = "program", description = "The program of the key"),
        (name = "clock", description = "The program's time"),
    )
)]
struct Description;

/// The description of the API, OpenAPI 3.1, as it is committed in `docs/reference/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut described) =
        OpenApiRouter::with_openapi(Description::openapi()).merge(api::routes()).split_for_parts();
    tell_of_problems(&mut described);
    let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    described.components.get_or_insert_default().add_security_scheme("key", key);
    described
}

/// Every operation may be refused: said once here instead of once an endpoint.
fn tell_of_problems(described: &mut utoipa::openapi::OpenApi) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDocument"))).build();
    let refused = ResponseBuilder::new()
        .description("Refused: a problem document with a stable code")
        .content("application/problem+json", content)
        .build();
    for item in described.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), refused.clone().into());
        }
    }
}

/// The API alone.
pub fn router(app: App) -> Router {
    router_with(Arc::new(app), Router::new())
}

/// Everything the server answers: the API, and pages for people beside it.
pub fn router_with(app: Arc<App>, pages: Router<Arc<App>>) -> Router {
    let (v1, _) = OpenApiRouter::new().merge(api::routes()).split_for_parts();
    let docs = Router::from(SwaggerUi::new("/docs").url("/openapi.json", openapi()));
    let chats = format!("{CHATS_PATH}{{program}}");
    v1.route("/healthz", get(operations::health))
        .route("/readyz", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/unsubscribe/{token}", get(unsubscribe::ask).post(unsubscribe::act))
        .route(&chats, post(telegram::hear).layer(DefaultBodyLimit::max(telegram::UPDATE_MAX)))
        .merge(docs)
        .merge(pages)
        .method_not_allowed_fallback(|| async { Problem::of("method_not_allowed") })
        .fallback(|| async { Problem::of("route_unknown") })
        .layer(front::around(app.clone()))
        .with_state(app)
}
