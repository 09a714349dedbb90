//! A request that asks for a WebSocket: what it offers, and what it is answered.

use std::borrow::Cow;
use std::fmt;
use std::mem;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use envsocket::core::token::Token;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::bearer;
use super::offer::{Agreed, agree};
use super::packing::{Compression, Packer};
use super::socket::{Socket, bounded};

/// How much is read from a socket at once, in bytes. Every connection has a buffer of this size, which is cleared
/// before each reading, whether or not there is something to read; longer messages are put together elsewhere.
pub const READ_BUFFER_BYTES: usize = 4 * 1024;

/// An axum extractor for the request, over HTTP/1.1.
#[must_use]
pub struct Upgrade {
    upgrading: OnUpgrade,
    /// As it is when nothing is chosen and nothing agreed upon.
    response: Response,
    protocols: Vec<String>,
    chosen: Option<Cow<'static, str>>,
    token: Option<Token>,
    agreed: Option<Agreed>,
    compression: Option<Compression>,
    config: WebSocketConfig,
}

/// The request asks for no WebSocket, or for none that there is.
#[derive(Debug, thiserror::Error)]
pub enum NoUpgrade {
    /// What is missing, or wrong.
    #[error("this is for a WebSocket upgrade: {0}")]
    Refused(#[source] Error),
    /// It came over a connection that cannot become something else.
    #[error("this connection cannot become a WebSocket: upgrade it from HTTP/1.1")]
    Impossible,
}

/// The offers may have a token in them.
impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("token", &self.token).finish_non_exhaustive()
    }
}

impl Upgrade {
    /// How what is sent is compressed, if the client offers `permessage-deflate`; `None`: not at all. Without this
    /// call: as [`Compression::default`] says.
    pub fn compress(self, compression: Option<Compression>) -> Self {
        Self { compression, ..self }
    }

    /// The token that came with the request: in the header `Authorization: Bearer …`, for programs, or else as a
    /// subprotocol that the client offers (`envsocket.bearer.` and the token's base64url without padding), for pages,
    /// which can set no header. It is never looked for in the URL, which ends up in logs.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Chooses the first of these subprotocols that the client offers; else the one with its token, if there is one:
    /// some browsers (Chromium) fail a connection whose offer was not answered.
    pub(crate) fn choose<const N: usize>(self, protocols: [&'static str; N]) -> Self {
        let is_offered = |name: &&str| self.protocols.iter().any(|offered| offered == *name);
        let bearer = || self.protocols.iter().find(|offered| bearer::is_offer(offered));
        let chosen = match protocols.into_iter().find(is_offered) {
            Some(name) => Some(name.into()),
            None => bearer().map(|offered| offered.clone().into()),
        };
        Self { chosen, ..self }
    }

    /// The subprotocol that was chosen. It may be a secret.
    pub(crate) fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// Takes no message that is longer than so many bytes.
    pub(crate) fn bound(self, longest: usize) -> Self {
        Self { config: bounded(self.config, longest), ..self }
    }

    /// The answer; once it has been sent, `serve` gets the connection, in a task of its own.
    pub fn on_upgrade<F, Fut>(self, serve: F) -> Response
    where
        F: FnOnce(Socket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Self { upgrading, mut response, chosen, token, config, .. } = self;
        let with = self.agreed.zip(self.compression);
        if let Some(name) = &chosen {
            let name = HeaderValue::from_str(name).expect("it came in a header");
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
        }
        if let Some((agreed, _)) = with {
            let answer = agreed.answer().try_into().expect("it is made of tokens");
            response.headers_mut().insert(SEC_WEBSOCKET_EXTENSIONS, answer);
        }
        tokio::spawn(async move {
            match upgrading.await {
                Ok(upgraded) => {
                    let packer = with.map(|(agreed, compression)| Box::new(Packer::new(compression, agreed)));
                    serve(Socket::new(upgraded, config, chosen, token, packer).await).await;
                }
                Err(error) => tracing::debug!(%error, "gone before its upgrade"),
            }
        });
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = NoUpgrade;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoUpgrade> {
        // tungstenite reads a request; the headers are only lent to it.
        let mut request = Request::new(());
        *request.method_mut() = parts.method.clone();
        *request.version_mut() = parts.version;
        mem::swap(request.headers_mut(), &mut parts.headers);
        let response = create_response_with_body(&request, Body::empty);
        mem::swap(request.headers_mut(), &mut parts.headers);
        let response = response.map_err(NoUpgrade::Refused)?;
        let upgrading = parts.extensions.remove::<OnUpgrade>().ok_or(NoUpgrade::Impossible)?;
        let protocols: Vec<_> = texts(&parts.headers, SEC_WEBSOCKET_PROTOCOL)
            .flat_map(|names| names.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        Ok(Self {
            upgrading,
            response,
            token: bearer::of_header(&parts.headers).or_else(|| bearer::of_offers(&protocols)),
            protocols,
            chosen: None,
            agreed: agree(texts(&parts.headers, SEC_WEBSOCKET_EXTENSIONS)),
            compression: Some(Compression::default()),
            config: WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES),
        })
    }
}

/// What all headers of this name say.
fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

impl NoUpgrade {
    /// What the request is answered.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(Error::Protocol(ProtocolError::WrongHttpMethod)) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::Impossible => StatusCode::UPGRADE_REQUIRED,
        }
    }
}

impl IntoResponse for NoUpgrade {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}
