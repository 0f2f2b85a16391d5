//! Pages for people: the admin, and what stands beside it.
//!
//! Invariant: a page decides nothing. What it shows is what the service answers, what it changes goes the
//! same way as a request of the API, and no page is reached but by a door that says who may open it.

mod act;
mod admin;
mod answer;
mod assets;
mod cabinet;
mod demo;
mod door;
mod frame;
mod long_work;
mod look;
mod posted;
mod roles;
mod samples;
mod sections;
mod shown;
mod terms;
mod till;
mod trial;
mod upload;
mod visit;
mod widget;
mod words;

pub use admin::{DRAFT, keep_swept};
pub use cabinet::{Entry, Gates};
pub use demo::{Demo, shop as demo_shop};
pub use door::{Doors, Need};
pub use roles::scopes_of;
pub use samples::samples;
pub use widget::public_name;
pub use words::{FILES as WORD_FILES, Words};

use axum::Router;
use kopilka_web::App;
use std::sync::Arc;

/// Every page, to be put beside the API.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    doors(app).into_router().merge(cabinet::gates(app).into_router()).merge(widget::routes())
}

/// Every gate of the cabinet with who may come through.
pub fn gates(app: &Arc<App>) -> Gates {
    cabinet::gates(app)
}

/// Every door with who may open it: what tests walk through.
pub fn doors(app: &Arc<App>) -> Doors {
    let doors = till::doors(admin::doors(Doors::new(app.clone())));
    let doors = doors.get("/terms/{program}", Need::Anybody, terms::page);
    doors.get("/terms/{program}/{version}", Need::Anybody, terms::version).assets()
}
