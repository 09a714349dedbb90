//! One WebSocket connection: upgrade, conversation with a shell, goodbye. The shell does not end with it.

mod door;
mod terminal;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use envsocket::core::close::{INTERNAL, SLOW_DOWN, UNKNOWN};
use envsocket::core::key::Key;
use tracing::Instrument;

use crate::http::{ApiError, App};
use crate::limits::{Peer, TooMany};
use crate::links::Link;
use crate::resume::{Farewell, NoUpgrade, Socket, Upgrade};
use crate::world::Environment;
use door::Door;
use terminal::Terminal;

/// What a connection asked for, as far as its path could be read.
#[derive(Debug, Default)]
struct Asked {
    project: Option<String>,
    env: Option<String>,
    environment: Option<Arc<Environment>>,
}

impl Asked {
    fn environment(&self) -> Result<Arc<Environment>, Farewell> {
        self.environment.clone().ok_or_else(|| Farewell::new(UNKNOWN, "unknown environment"))
    }
}

/// `/ws/{project}/{env}`
pub(crate) async fn attach(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
    upgrade: Result<Upgrade, NoUpgrade>,
) -> Result<Response, ApiError> {
    // A path that cannot be decoded names no environment.
    let asked = path.map_or_else(
        |_| Asked::default(),
        |Path((project, env))| Asked {
            environment: app.registry.find(&project, &env).ok(),
            project: Some(project),
            env: Some(env),
        },
    );
    let client = app.proxies.client(peer.addr, &headers);
    accept(app, peer.addr, client, asked, upgrade).await
}

/// Any other path below `/ws`.
pub(crate) async fn attach_to_nothing(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    upgrade: Result<Upgrade, NoUpgrade>,
) -> Result<Response, ApiError> {
    let client = app.proxies.client(peer.addr, &headers);
    accept(app, peer.addr, client, Asked::default(), upgrade).await
}

async fn accept(
    app: Arc<App>,
    peer: SocketAddr,
    client: IpAddr,
    asked: Asked,
    upgrade: Result<Upgrade, NoUpgrade>,
) -> Result<Response, ApiError> {
    // First, so that requests which are wrong count as well.
    let entered = app.crowd.enter(client);
    let upgrade = match upgrade {
        Ok(upgrade) => app.sessions.negotiate(upgrade.compress(app.compression)),
        Err(no_upgrade) => {
            entered?;
            return Err(no_upgrade.into());
        }
    };
    // Where not even that may be said, an answer over HTTP has to do.
    let told = match &entered {
        Ok(_) => None,
        Err(too_many) => Some(app.crowd.tell().ok_or(*too_many)?),
    };
    // Before the upgrade, so that a cut that comes while it is under way finds the connection.
    let link = app.links.open().await?;
    Ok(upgrade.on_upgrade(async move |socket| match entered {
        Ok(entered) => {
            tracing::debug!(%peer, %client, "entered");
            connection(socket, app, link, peer, asked).await;
            drop(entered);
        }
        Err(too_many) => {
            link.carry(app.sessions.refuse(socket, slow_down(too_many))).await;
            drop(told);
        }
    }))
}

fn slow_down(too_many: TooMany) -> Farewell {
    Farewell::new(SLOW_DOWN, too_many.to_string())
}

async fn connection(socket: Socket, app: Arc<App>, link: Link, peer: SocketAddr, asked: Asked) {
    let of_key =
        |part: fn(&Key) -> &str| asked.environment.as_ref().map_or("", |it| part(it.key())).to_owned();
    let (project, env) = (of_key(Key::project), of_key(Key::env));
    let environment = asked.environment();
    let door = Door { app: Arc::clone(&app), asked, counted: OnceLock::new() };
    tracing::info!(project, env, %peer, "connected");
    let talk = async {
        let is_forgiven = |since| link.was_held_since(since);
        let session = tracing::info_span!("session", project, env, %peer);
        let talk = app.sessions.serve_forgiving(socket, &door, || open(environment), is_forgiven);
        let parting = talk.instrument(session).await;
        // As a text, which is escaped: it may quote the client.
        let why = parting.to_string();
        tracing::info!(project, env, %peer, code = parting.code(), parting = why, "disconnected");
    };
    if link.carry(talk).await.is_none() {
        tracing::info!(project, env, %peer, "cut by a fault");
    }
}

/// Joins or starts the shell, on a thread that may wait for the fork.
async fn open(environment: Result<Arc<Environment>, Farewell>) -> Result<Terminal, Farewell> {
    let environment = environment?;
    let opening = tokio::task::spawn_blocking(move || Terminal::open(environment));
    opening.await.unwrap_or_else(|error| {
        tracing::error!(%error, "attaching broke off");
        Err(Farewell::new(INTERNAL, "shell could not be started: internal error"))
    })
}
