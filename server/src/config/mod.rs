//! What the server is told before it starts. Nothing here reads arguments: the binary does.

mod file;

pub use file::{ConfigError, Layout};
pub(crate) use file::{EnvironmentSpec, ProjectSpec};

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::origin::AllowedOrigin;

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
    /// The projects and environments that exist from the start.
    pub layout: Layout,
    /// The origins of pages served elsewhere that may use this server.
    pub allow_origins: Vec<AllowedOrigin>,
    /// Whether `/faults` exists.
    pub faults: Faults,
    /// Times and bounds.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7420)),
            www: None,
            shell: default_shell(),
            layout: Layout::default(),
            allow_origins: Vec::new(),
            faults: Faults::Off,
            limits: Limits::default(),
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

/// Times and bounds that an embedder may want otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many environments may exist at once, over all projects. Default 256: a shell each is what a
    /// developer's machine carries.
    pub environments: usize,
    /// Between two protocol pings of a connection. Default 15 s (DESIGN §6).
    pub ping_interval: Duration,
    /// How long a viewer that takes nothing may hold its shell back. Default 5 s (DESIGN §5, "Windows").
    pub viewer_patience: Duration,
}

impl Limits {
    /// Silence for so long means that the peer is gone: 2.3 ping intervals (DESIGN §6), so that one lost
    /// pong is forgiven and two are not.
    pub(crate) fn dead_after(&self) -> Duration {
        self.ping_interval * 23 / 10
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            environments: 256,
            ping_interval: Duration::from_secs(15),
            viewer_patience: Duration::from_secs(5),
        }
    }
}
