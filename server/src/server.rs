//! Listening, running, and ending in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::auth::Authority;
use crate::config::Config;
use crate::gate::Gate;
use crate::http::{App, NoPage, router};
use crate::limits::{self, Crowd, Doorway, Peer, Rarely};
use crate::links::Links;
use crate::resume::Sessions;
use crate::shell::Common;
use crate::world::{CreateError, Registry};

/// The longest an orderly end may take; whatever is left after it is cut. Shells take 2 s at most, closing
/// handshakes 3 s.
const END_WITHIN: Duration = Duration::from_secs(4);

/// A server that listens already and answers once it runs.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use envsocket_server::{Config, Server};
/// use tokio_util::sync::CancellationToken;
///
/// let server = Server::bind(Config { listen: "127.0.0.1:0".parse()?, ..Config::default() }).await?;
/// println!("{}", server.addr());
/// let shutdown = CancellationToken::new();
/// # shutdown.cancel();
/// server.run(shutdown.clone()).await; // until somebody cancels `shutdown`
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    listener: Doorway,
    addr: SocketAddr,
    router: Router,
    app: Arc<App>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address is taken, or is none of this machine's.
    #[error("cannot listen on {addr}: {source}; choose another address with --listen")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// [`Config::www`] has no page.
    #[error("{0}")]
    NoPage(String),
    /// [`Config::layout`] has more environments than [`Limits`](crate::Limits) allow.
    #[error("{0}")]
    TooMany(String),
}

impl From<NoPage> for BindError {
    fn from(error: NoPage) -> Self {
        Self::NoPage(error.to_string())
    }
}

impl From<CreateError> for BindError {
    fn from(error: CreateError) -> Self {
        Self::TooMany(error.to_string())
    }
}

impl Server {
    /// Checks the configuration and begins to listen.
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        let registry = Registry::new(
            config.layout,
            Common { shell: config.shell, withheld: config.withheld },
            config.limits,
        )?;
        let shutdown = CancellationToken::new();
        let (quotas, proxies) = (config.quotas, config.proxies);
        let (terms, kept) = (config.limits.terms(), config.limits.kept());
        let sessions = Sessions::with_share(terms, kept, quotas.sessions_per_subject);
        let compression = config.compression;
        let authority = Authority::new(config.auth);
        let sockets = quotas.sockets.min(limits::sockets(config.limits.environments));
        let (links, crowd) = (Links::new(), Crowd::new(quotas, sockets));
        let app = Arc::new(App {
            authority,
            registry,
            links,
            crowd,
            proxies: proxies.clone(),
            sessions,
            compression,
            shutdown,
        });
        let gate =
            Gate { listen: config.listen.ip(), allowed: config.allow_origins, refused: Rarely::default() };
        let router = router(Arc::clone(&app), gate, config.www.as_deref(), config.faults)?;
        let failed = |source| BindError::Listen { addr: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        match &app.authority {
            Authority::Tokens(_) => {}
            Authority::Open | Authority::Demo(_) if addr.ip().is_loopback() => {}
            Authority::Open | Authority::Demo(_) => {
                tracing::warn!(%addr, "not loopback: whoever reaches this address gets a shell on this machine");
            }
        }
        if sockets / 2 < quotas.connections_per_address {
            tracing::warn!(
                sockets,
                "few files may be open: no address gets more than half of so many sockets; raise `ulimit -n`"
            );
        }
        // WebSockets, and as many others.
        let most = quotas.connections_per_address.saturating_mul(2);
        Ok(Self { listener: Doorway::new(listener, most, sockets, proxies), addr, router, app })
    }

    /// Where it listens, with the port that it got.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `shutdown` is cancelled; then closes every WebSocket with 1001, ends every process that
    /// was started in an environment, and returns within about 5 s. Dropping the future instead leaves
    /// shells and connections to themselves.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { listener, router, app, .. } = self;
        let service = router.into_make_service_with_connect_info::<Peer>();
        let serving =
            axum::serve(listener, service).with_graceful_shutdown(app.shutdown.clone().cancelled_owned());
        let serving = AbortOnDropHandle::new(tokio::spawn(serving.into_future()));
        shutdown.cancelled().await;
        tracing::info!("shutting down");
        app.shutdown.cancel();
        app.sessions.shut_down();
        // The goodbyes are to be said now, whatever fault was asked for.
        app.links.hold(Duration::ZERO);
        let end = async { tokio::join!(serving, app.links.ended(), app.registry.close()) };
        if tokio::time::timeout(END_WITHIN, end).await.is_err() {
            app.links.refuse(END_WITHIN);
            let cut = app.links.cut().await;
            tracing::warn!(cut, "not everything ended in time");
        }
    }
}
