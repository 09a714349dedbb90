//! Everything under the server's address, put together: which path goes where, and the headers that every
//! answer carries.

mod api;
mod demo;
mod error;
mod faults;
mod pace;
mod pages;

pub(crate) use error::ApiError;
pub(crate) use pages::NoPage;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{any, get, post, put};
use tokio_util::sync::CancellationToken;

use crate::auth::Authority;
use crate::config::Faults;
use crate::gate::{Gate, cors, guard};
use crate::limits::{Crowd, Proxies};
use crate::links::Links;
use crate::resume::{Compression, Sessions};
use crate::socket;
use crate::world::Registry;

/// A JSON body is a name or two numbers; this is plenty.
const BODY_BYTES: usize = 16 * 1024;

/// What handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) authority: Authority,
    pub(crate) registry: Registry,
    pub(crate) links: Links,
    pub(crate) crowd: Crowd,
    pub(crate) proxies: Proxies,
    /// By [`Environment::run`](crate::world::Environment::run), and by who has the token.
    pub(crate) sessions: Sessions<Arc<str>>,
    pub(crate) compression: Option<Compression>,
    pub(crate) shutdown: CancellationToken,
}

/// The routes, behind the gate.
pub(crate) fn router(
    app: Arc<App>,
    gate: Gate,
    www: Option<&Path>,
    faults: Faults,
) -> Result<Router, NoPage> {
    let gate = Arc::new(gate);
    let routes = Router::new()
        .route("/healthz", get(|| async { "ok" }).fallback(error::wrong_method))
        .nest("/api", api_routes())
        .nest("/faults", fault_routes(faults))
        .nest("/ws", socket_routes())
        // A nested router takes everything below its path, except the path with nothing but a slash.
        .route("/api/", any(error::unknown_path))
        .route("/faults/", any(error::unknown_path))
        .route("/ws/", any(socket::attach_to_nothing))
        .with_state(Arc::clone(&app));
    Ok(pages::serve(routes, www)?
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(app, pace::pace))
        .layer(cors(Arc::clone(&gate)))
        .layer(from_fn_with_state(gate, guard))
        .layer(map_response(pages::harden)))
}

fn api_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/projects", get(api::projects))
        .route("/projects/{project}/environments", post(api::create))
        .route("/projects/{project}/environments/{env}", axum::routing::delete(api::delete))
        .route("/projects/{project}/environments/{env}/size", put(api::resize))
        .route("/demo", get(demo::lifetime))
        .route("/demo/token", post(demo::token))
        .route("/demo/viewers", post(demo::viewer))
        .method_not_allowed_fallback(error::wrong_method)
        .fallback(error::unknown_path)
}

fn fault_routes(faults: Faults) -> Router<Arc<App>> {
    let routes = Router::new().fallback(error::unknown_path);
    match faults {
        Faults::Off => routes,
        Faults::On => routes
            .route("/drop", post(faults::drop_links))
            .route("/refuse", post(faults::refuse_links))
            .route("/blackhole", post(faults::hold_links))
            .method_not_allowed_fallback(error::wrong_method),
    }
}

/// Whatever follows is upgraded: a refusal over HTTP is an opaque 1006 in a browser.
fn socket_routes() -> Router<Arc<App>> {
    Router::new().route("/{project}/{env}", any(socket::attach)).fallback(socket::attach_to_nothing)
}
