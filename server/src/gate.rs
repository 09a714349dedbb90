//! Who may talk to the server. Every request passes here before anything else looks at it.
//!
//! Two attacks are meant. A page of any site can send requests to loopback: its Origin gives it away. And a
//! site can let its own name point to loopback (DNS rebinding), so that the browser takes the server for
//! the site's own: the Host gives it away. Programs without an Origin are no pages, and pass.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::ApiError;
use crate::limits::{Peer, Rarely};
use crate::origin::{AllowedOrigin, Authority, Host, Origin};
use crate::quote;

/// How long a browser may remember a preflight's answer; a developer who changes the flags waits no longer.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// How long a request may take, with its body. Deleting an environment takes seconds; nothing takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the server listens on and whom it allows besides.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) listen: IpAddr,
    pub(crate) allowed: Vec<AllowedOrigin>,
    /// Requests that did not pass.
    pub(crate) refused: Rarely,
}

/// Why a request was refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("a request needs exactly one valid Host header")]
    NoHost,
    #[error("\"{0}\" is no name of this server; use a loopback name, or start it with --allow-origin")]
    ForeignHost(String),
    #[error("origin \"{0}\" may not use this server; start it with --allow-origin if it should")]
    ForeignOrigin(String),
}

impl Gate {
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let host = the_only(request.headers(), &header::HOST).ok_or(Refusal::NoHost)?;
        let authority = self.check_host(host)?;
        // A proxy's request line carries a host of its own.
        if let Some(target) = request.uri().authority() {
            self.check_host(target.as_str())?;
        }
        if !request.headers().contains_key(header::ORIGIN) {
            return Ok(());
        }
        let given = the_only(request.headers(), &header::ORIGIN).unwrap_or_default();
        match Origin::parse(given) {
            Some(origin) if origin == Origin::own(&authority) || self.allows(&origin) => Ok(()),
            _ => Err(Refusal::ForeignOrigin(quote::cut(given).into_owned())),
        }
    }

    fn check_host(&self, given: &str) -> Result<Authority, Refusal> {
        let authority = Authority::parse(given).ok_or(Refusal::NoHost)?;
        let host = &authority.host;
        let known = host.is_loopback()
            || self.is_listened_on(host)
            || self.allowed.iter().any(|allowed| allowed.host() == host);
        if known { Ok(authority) } else { Err(Refusal::ForeignHost(quote::cut(given).into_owned())) }
    }

    /// Listening on every address, any address may be meant; a rebinding site always comes by a name.
    fn is_listened_on(&self, host: &Host) -> bool {
        match host {
            Host::Address(address) => *address == self.listen || self.listen.is_unspecified(),
            Host::Name(_) => false,
        }
    }

    fn allows(&self, origin: &Origin) -> bool {
        self.allowed.iter().any(|allowed| allowed.allows(origin))
    }
}

fn the_only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The middleware: 403 before anything is routed, WebSocket upgrades included.
pub(crate) async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.clone());
    let asking = peer.as_ref().map(Peer::asks);
    let response = answer(&gate, request, next).await;
    if let Some(asking) = asking.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
        asking.stay();
    }
    response
}

async fn answer(gate: &Gate, request: Request, next: Next) -> Response {
    // Nothing is read of these but their head, and a fault may hold them.
    let is_socket = request.uri().path().starts_with("/ws/");
    match gate.check(&request) {
        Ok(()) if is_socket => next.run(request).await,
        Ok(()) => timeout(ANSWER_WITHIN, next.run(request)).await.unwrap_or_else(|_| {
            let why = "the request's body did not come, or what was asked for took too long";
            ApiError::new(StatusCode::REQUEST_TIMEOUT, why).into_response()
        }),
        Err(refusal) => {
            if let Some(count) = gate.refused.again() {
                let (method, path) =
                    (quote::cut(request.method().as_str()), quote::cut(request.uri().path()));
                // As texts, which are escaped.
                let refusal = refusal.to_string();
                tracing::warn!(
                    count,
                    method = &*method,
                    path = &*path,
                    refusal,
                    "requests refused since the start"
                );
            }
            ApiError::forbidden(refusal).into_response()
        }
    }
}

/// Tells browsers that pages of the allowed origins may read the answers.
pub(crate) fn cors(gate: Arc<Gate>) -> CorsLayer {
    let allowed = AllowOrigin::predicate(move |origin, _| {
        origin.to_str().ok().and_then(Origin::parse).is_some_and(|origin| gate.allows(&origin))
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        // Chromium asks this of a public page that talks to loopback.
        .allow_private_network(true)
        .max_age(PREFLIGHT_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn check(gate: &Gate, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        gate.check(&request.body(Body::empty()).expect("the headers are valid"))
    }

    fn gate(listen: &str, allowed: &[&str]) -> Gate {
        let allowed = allowed.iter().map(|text| text.parse().expect("an origin")).collect();
        Gate { listen: listen.parse().expect("an address"), allowed, refused: Rarely::default() }
    }

    #[test]
    fn only_names_of_this_server_pass_as_host() {
        let loopback = gate("127.0.0.1", &[]);
        assert_eq!(check(&loopback, &[("host", "localhost:7420")]), Ok(()));
        assert_eq!(check(&loopback, &[]), Err(Refusal::NoHost));
        assert_eq!(check(&loopback, &[("host", "localhost"), ("host", "localhost")]), Err(Refusal::NoHost));
        let foreign = |host: &str| Err(Refusal::ForeignHost(host.to_owned()));
        assert_eq!(check(&loopback, &[("host", "evil.example")]), foreign("evil.example"));
        assert_eq!(check(&loopback, &[("host", "192.168.0.9")]), foreign("192.168.0.9"));
        assert_eq!(check(&gate("192.168.0.9", &[]), &[("host", "192.168.0.9:1")]), Ok(()));
        assert_eq!(check(&gate("0.0.0.0", &[]), &[("host", "192.168.0.9")]), Ok(()));
        assert_eq!(check(&gate("0.0.0.0", &[]), &[("host", "evil.example")]), foreign("evil.example"));
        let behind_proxy = gate("127.0.0.1", &["https://app.example"]);
        assert_eq!(check(&behind_proxy, &[("host", "app.example")]), Ok(()));
    }

    #[test]
    fn a_host_in_the_request_line_must_pass_too() {
        let request = Request::builder().uri("http://evil.example/").header("host", "localhost");
        let request = request.body(Body::empty()).expect("a valid request");
        assert!(matches!(gate("127.0.0.1", &[]).check(&request), Err(Refusal::ForeignHost(_))));
    }

    #[test]
    fn only_the_own_origin_and_the_allowed_ones_pass() {
        let gate = gate("127.0.0.1", &["http://localhost:5173", "https://app.example:*"]);
        let with = |origin| check(&gate, &[("host", "localhost:7420"), ("origin", origin)]);
        for origin in ["http://localhost:7420", "http://localhost:5173", "https://app.example:1"] {
            assert_eq!(with(origin), Ok(()), "{origin}");
        }
        let foreign = [
            "null",
            "",
            "http://localhost",
            "https://localhost:7420",
            "http://127.0.0.1:7420",
            "http://evil.example",
            "http://localhost:7420.evil.example",
            "http://localhost:7420/",
        ];
        for origin in foreign {
            assert_eq!(with(origin), Err(Refusal::ForeignOrigin(origin.to_owned())), "{origin}");
        }
        let twice = [("host", "localhost"), ("origin", "http://localhost"), ("origin", "http://localhost")];
        assert!(check(&gate, &twice).is_err());
    }
}
