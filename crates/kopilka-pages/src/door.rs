//! Doors: an address, a method, and who may come through.
//!
//! Invariant: a page cannot be put at an address without saying who may open it; the guard at each door runs
//! before the page.

use crate::assets;
use crate::visit::{self, Guard};
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use kopilka_web::App;
use kopilka_web::scopes::Scope;
use std::sync::Arc;

/// Who may open a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Before signing in.
    Anybody,
    /// Whoever has signed in: their own account.
    SignedIn,
    /// A role with this scope in the program.
    Scope(Scope),
    /// Owners alone: the team and its keys.
    Owner,
}

/// One door.
#[derive(Debug, Clone)]
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    pub need: Need,
    /// What is posted here is kept in the audit: it changes something.
    pub changes: bool,
}

/// All doors in the making.
pub struct Doors {
    app: Arc<App>,
    router: Router<Arc<App>>,
    pub list: Vec<Door>,
}

impl Doors {
    pub fn new(app: Arc<App>) -> Doors {
        Doors { app, router: Router::new(), list: Vec::new() }
    }

    /// A page to look at.
    pub fn get<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, need: Need, page: H) -> Doors {
        self.with(Door { method: Method::GET, path, need, changes: false }, get(page))
    }
    /// A form that changes something.
    pub fn post<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, need: Need, page: H) -> Doors {
        self.with(Door { method: Method::POST, path, need, changes: true }, post(page))
    }
    /// A form that is only asked, such as a preview: nothing of it is kept.
    pub fn ask<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, need: Need, page: H) -> Doors {
        self.with(Door { method: Method::POST, path, need, changes: false }, post(page))
    }

    fn with(mut self, door: Door, page: MethodRouter<Arc<App>>) -> Doors {
        let guard = Guard { app: self.app.clone(), door: door.clone() };
        self.router = self.router.route(door.path, page.layer(from_fn_with_state(guard, visit::guard)));
        self.list.push(door);
        self
    }

    /// Files that pages load; they are the same for everybody.
    pub fn assets(mut self) -> Doors {
        self.router = self.router.route("/assets/{hash}/{name}", get(assets::get));
        self
    }

    pub fn into_router(self) -> Router<Arc<App>> {
        self.router
    }
}
