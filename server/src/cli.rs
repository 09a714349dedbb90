//! The binary's arguments. What they mean is the library's business.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum, value_parser};
use envsocket_server::{AllowedOrigin, Auth, Config, ConfigError, Faults, File};

/// Real shells over WebSockets: the reference server of envsocket.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Where to listen; port 0 takes a free one. Whoever reaches it gets a shell: keep it on loopback.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7420")]
    listen: SocketAddr,
    /// Serves the built page of this folder.
    #[arg(long, value_name = "DIR")]
    www: Option<PathBuf>,
    /// Projects, environments and limits, as TOML. Without it: alpha and beta, each with dev and staging.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Lets pages of this origin use the server, as http://localhost:5173 or http://localhost:* (repeatable).
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<AllowedOrigin>,
    /// Adds POST /faults/drop, /faults/refuse and /faults/blackhole, which disturb connections. For tests and
    /// demos.
    #[arg(long)]
    faults: bool,
    /// Hands out short-lived tokens to everybody who asks (POST /api/demo/token), and takes no others. For demos.
    #[arg(long)]
    demo_auth: bool,
    /// How long such a token is good; for tests.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(2..=3600))]
    #[arg(requires = "demo_auth")]
    demo_auth_seconds: u64,
    /// How log lines on standard error are written. RUST_LOG says which.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Shuts down when standard input ends, so that the server ends with the program that started it.
    #[arg(long)]
    pub(crate) exit_with_stdin: bool,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Cli {
    /// Reads the configuration file, if one was named.
    pub(crate) fn config(self) -> Result<Config, ConfigError> {
        let File { layout, limits, quotas, proxies, compression, tokens, withheld } =
            self.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let auth = match tokens {
            Some(_) if self.demo_auth => return Err(ConfigError::TwoAuthorities),
            Some(rules) => Auth::Tokens(rules),
            None if self.demo_auth => Auth::Demo(Duration::from_secs(self.demo_auth_seconds)),
            None => Auth::Open,
        };
        Ok(Config {
            listen: self.listen,
            www: self.www,
            layout,
            withheld,
            limits,
            quotas,
            proxies,
            compression,
            allow_origins: self.allow_origin,
            faults: if self.faults { Faults::On } else { Faults::Off },
            auth,
            ..Config::default()
        })
    }
}
