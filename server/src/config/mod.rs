//! What the server is told before it starts. Nothing here reads arguments: the binary does.

mod auth;
mod file;
mod quotas;

pub use file::{ConfigError, File, Layout};
pub(crate) use file::{EnvironmentSpec, ProjectSpec};

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::auth::Auth;
use crate::limits::{Proxies, Quotas};
use crate::origin::AllowedOrigin;
use crate::resume::{self, Compression, Terms};

/// Everything that [`Server::bind`](crate::Server::bind) needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the built page, with an `index.html`; `None` serves a short text at `/`.
    pub www: Option<PathBuf>,
    /// The program of environments that name no other, and of those created over HTTP. Default: `$SHELL`
    /// if it is there, else `/bin/bash`, else `/bin/sh`.
    pub shell: PathBuf,
    /// Variables of this process's own environment that no shell gets: what is a secret of the server. An
    /// environment that names one of them itself gets what it says.
    pub withheld: Vec<String>,
    /// The projects and environments that exist from the start.
    pub layout: Layout,
    /// The origins of pages served elsewhere that may use this server.
    pub allow_origins: Vec<AllowedOrigin>,
    /// Whether `/faults` exists.
    pub faults: Faults,
    /// Who may use the server.
    pub auth: Auth,
    /// Times and bounds.
    pub limits: Limits,
    /// The most that anybody may have at a time.
    pub quotas: Quotas,
    /// Whom to believe where a request came from.
    pub proxies: Proxies,
    /// How what is sent is compressed; `None`: not at all.
    pub compression: Option<Compression>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7420)),
            www: None,
            shell: default_shell(),
            withheld: Vec::new(),
            layout: Layout::default(),
            allow_origins: Vec::new(),
            faults: Faults::Off,
            auth: Auth::Open,
            limits: Limits::default(),
            quotas: Quotas::default(),
            proxies: Proxies::default(),
            compression: Some(Compression::default()),
        }
    }
}

fn default_shell() -> PathBuf {
    let own = env::var_os("SHELL").map(PathBuf::from);
    let usual = ["/bin/bash", "/bin/sh"].map(PathBuf::from);
    let is_there = |shell: &PathBuf| shell.is_absolute() && shell.is_file();
    own.into_iter().chain(usual).find(is_there).unwrap_or_else(|| "/bin/sh".into())
}

/// Whether tests may disturb connections over HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Faults {
    /// `/faults/…` answers 404.
    #[default]
    Off,
    /// `POST /faults/drop`, `/faults/refuse` and `/faults/blackhole` exist.
    On,
}

/// What a shell tells of its past (64 KiB), and what its messages cost besides their bytes.
const SESSION_TAIL: u64 = 68 << 10;

/// What a terminal may have to print still when its user presses Ctrl-C: as much again waits for it here.
const SESSION_WINDOW: u64 = 256 << 10;

/// Times and bounds that an embedder may want otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many environments may exist at once, over all projects. Default 256: a shell each is what a
    /// developer's machine carries.
    pub environments: usize,
    /// Between two pings of a connection, with and without the protocol. Default 15 s (DESIGN §6).
    pub ping_interval: Duration,
    /// How long a viewer that takes nothing may hold its shell back. Default 5 s (DESIGN §5, "Windows").
    pub viewer_patience: Duration,
    /// The most output that a session keeps for those who come back, in bytes; a message counts 64 more than it
    /// has. Default 2 MiB (DESIGN §6).
    pub session_ring: u64,
    /// What all sessions together may cost, in bytes. When it is more, the subject whose sessions cost most loses some:
    /// first those that nobody is attached to, the longest detached before the others. Default 256 MiB.
    pub sessions_total: u64,
    /// How long a session that nobody is attached to is kept. Default 3 h.
    pub session_grace: Duration,
}

impl Limits {
    /// What the sessions keep to.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            ring: self.session_ring,
            window: SESSION_WINDOW,
            tail: SESSION_TAIL,
            heartbeat_ms: millis(self.ping_interval),
            patience_ms: millis(self.viewer_patience),
            ..Terms::default()
        }
    }

    /// How much of them is kept, and for how long.
    pub(crate) fn kept(&self) -> resume::Limits {
        resume::Limits { grace_ms: millis(self.session_grace), memory: self.sessions_total }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            environments: 256,
            ping_interval: Duration::from_secs(15),
            viewer_patience: Duration::from_secs(5),
            session_ring: Terms::default().ring,
            sessions_total: resume::Limits::default().memory,
            session_grace: Duration::from_millis(resume::Limits::default().grace_ms),
        }
    }
}
