//! The server library, as a server under test: the sources and the terms that README.md asks for.

mod gates;
mod tokens;
mod told;

use std::error::Error;

use axum::Router;
use axum::routing::{MethodRouter, any};
use envsocket_server::resume::{Limits, Sessions, Terms, Upgrade};
use tokio::net::TcpListener;

use gates::Gates;
use tokens::Words;
use told::Told;

/// The terms of `/told`, and of what differs from it in one thing.
const TOLD: Terms = Terms {
    ring: 256 << 10,
    window: 64 << 10,
    tail: 4 << 10,
    credit: 64 << 10,
    max_message: 128 << 10,
    heartbeat_ms: 15_000,
    patience_ms: 2_000,
};

const NARROW: Terms = Terms { ring: 4096, window: 1024, tail: 512, credit: 2048, max_message: 8192, ..TOLD };

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: conformance-server PORT")?.parse::<u16>()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let gates = Gates::default();
    let usual = Limits::default();
    let brief = Limits { grace_ms: 300, ..usual };
    let tight = Limits { memory: 1 << 20, ..usual };
    let app = Router::new()
        .route("/told", serving(&gates, TOLD, usual, false))
        .route("/narrow", serving(&gates, NARROW, usual, false))
        .route("/pictured", serving(&gates, NARROW, usual, true))
        .route("/brisk", serving(&gates, Terms { heartbeat_ms: 1000, ..TOLD }, usual, false))
        .route("/brief", serving(&gates, TOLD, brief, false))
        .route("/tight", serving(&gates, TOLD, tight, false))
        .route("/leaving", serving(&gates, TOLD, usual, false))
        .route("/token", asking(&gates, true))
        .route("/token-missing", asking(&gates, false));
    axum::serve(listener, app).await?;
    Ok(())
}

/// Sessions of their own, with these terms.
fn serving(gates: &Gates, terms: Terms, limits: Limits, draws: bool) -> MethodRouter {
    let (sessions, gates) = (Sessions::new(terms, limits), gates.clone());
    any(async move |request: Upgrade| {
        let (told, leaving) = (gates.clone(), sessions.clone());
        sessions.upgrade(request, (), async move || Ok(Told::new(told, draws, move || leaving.shut_down())))
    })
}

/// The same, for whoever has a token.
fn asking(gates: &Gates, exists: bool) -> MethodRouter {
    let (sessions, gates) = (Sessions::new(TOLD, Limits::default()), gates.clone());
    let words = Words::new(exists);
    any(async move |request: Upgrade| {
        let (told, leaving) = (gates.clone(), sessions.clone());
        sessions.upgrade_asking(request, words.clone(), async move || {
            Ok(Told::new(told, false, move || leaving.shut_down()))
        })
    })
}
