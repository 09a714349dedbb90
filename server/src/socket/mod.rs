//! One WebSocket connection: upgrade, conversation with a shell, goodbye. The shell does not end with it.

mod farewell;
mod input;
mod output;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, State};
use axum::response::Response;
use futures_util::StreamExt;

use crate::http::{ApiError, App};
use crate::links::Link;
use crate::shell::{Input, Viewer};
use crate::world::{AttachError, Environment};
use farewell::{Farewell, Goodbye};

/// The longest message taken from a client, in bytes; pasting more than that into a terminal is a mistake.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `/ws/{project}/{env}`
pub(crate) async fn attach(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    path: Result<Path<(String, String)>, PathRejection>,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    // A path that cannot be decoded names no environment.
    let environment = path.ok().and_then(|Path((project, env))| app.registry.find(&project, &env).ok());
    accept(app, peer, environment, upgrade).await
}

/// Any other path below `/ws`.
pub(crate) async fn attach_to_nothing(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    accept(app, peer, None, upgrade).await
}

async fn accept(
    app: Arc<App>,
    peer: SocketAddr,
    environment: Option<Arc<Environment>>,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    let upgrade = upgrade?.max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES);
    // Before the upgrade, so that a cut that comes while it is under way finds the connection.
    let link = app.links.open().await?;
    Ok(upgrade.on_upgrade(move |socket| connection(socket, app, link, peer, environment)))
}

async fn connection(
    socket: WebSocket,
    app: Arc<App>,
    link: Link,
    peer: SocketAddr,
    environment: Option<Arc<Environment>>,
) {
    let (project, env) = match &environment {
        Some(environment) => (environment.key().project(), environment.key().env()),
        None => ("", ""),
    };
    tracing::info!(project, env, %peer, "connected");
    let talk = async {
        let farewell = talk(socket, &app, &link, peer, environment.as_ref()).await;
        tracing::info!(project, env, %peer, code = farewell.code(), %farewell, "disconnected");
    };
    if link.carry(talk).await.is_none() {
        tracing::info!(project, env, %peer, "cut by a fault");
    }
}

async fn talk(
    mut socket: WebSocket,
    app: &App,
    link: &Link,
    peer: SocketAddr,
    environment: Option<&Arc<Environment>>,
) -> Farewell {
    let (viewer, input) = match enter(environment).await {
        Ok(attached) => attached,
        Err(goodbye) => {
            farewell::say(&mut socket, &goodbye, peer).await;
            return Farewell::Said(goodbye);
        }
    };
    let (mut sink, mut stream) = socket.split();
    let farewell = tokio::select! {
        farewell = output::deliver(&mut sink, viewer, app.limits.ping_interval) => farewell,
        farewell = input::take(&mut stream, &input, link, app.limits.dead_after()) => farewell,
        () = app.shutdown.cancelled() => Farewell::Said(Goodbye::ServerEnds),
    };
    let mut socket = sink.reunite(stream).expect("both halves are of the same socket");
    match &farewell {
        Farewell::Said(goodbye) => farewell::say(&mut socket, goodbye, peer).await,
        Farewell::Heard => farewell::answer(&mut socket).await,
        Farewell::Lost | Farewell::Silent => {}
    }
    farewell
}

/// Joins or starts the shell, on a thread that may wait for the fork.
async fn enter(environment: Option<&Arc<Environment>>) -> Result<(Viewer, Input), Goodbye> {
    let Some(environment) = environment.map(Arc::clone) else { return Err(Goodbye::Unknown) };
    match tokio::task::spawn_blocking(move || environment.attach()).await {
        Ok(Ok(attached)) => Ok(attached),
        Ok(Err(AttachError::Closed(why))) => Err(why.into()),
        Ok(Err(AttachError::Start(error))) => {
            tracing::error!(%error, "no shell");
            Err(Goodbye::NoShell(error.to_string()))
        }
        Err(error) => {
            tracing::error!(%error, "attaching broke off");
            Err(Goodbye::NoShell("shell could not be started: internal error".to_owned()))
        }
    }
}
