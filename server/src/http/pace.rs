//! How many requests an address may make. WebSockets are counted where they begin, and have a pace of their own.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{ApiError, App};
use crate::limits::Peer;

/// The middleware: 429 for what is one too many, with the time after which it is worth another try.
pub(super) async fn pace(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/ws/") {
        return next.run(request).await;
    }
    let client = app.proxies.client(peer.addr, request.headers());
    match app.crowd.request(client) {
        Ok(()) => next.run(request).await,
        Err(too_many) => ApiError::from(too_many).into_response(),
    }
}
