//! The reference server of envsocket: real shells in pseudo-terminals over WebSockets. Unix only.
//!
//! | module | what it is |
//! | --- | --- |
//! | `config` | what the server is told: addresses, limits, the projects of a TOML file |
//! | `origin`, `gate` | which hosts and which pages may talk to it |
//! | `limits` | how much anybody may have of it |
//! | `auth` | who is asking, and what they may do |
//! | `server` | listening, running, ending in good order |
//! | `http` | the JSON API, the built page, the faults |
//! | `websocket` | WebSockets with compression |
//! | `socket` | one WebSocket connection from its upgrade to its close |
//! | `links` | all connections together, so that they can be cut or waited for |
//! | [`resume`] | lossless sessions over any source, as a library of its own |
//! | `world` | projects and environments |
//! | `shell` | one shell: its terminal, its output log, its processes |
//!
//! Embedding takes three lines: [`Server::bind`], [`Server::addr`], [`Server::run`].

#[cfg(not(unix))]
compile_error!("envsocket-server needs Unix pseudo-terminals; on Windows, run it in WSL");

/// The examples of the README are compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod auth;
mod config;
mod gate;
mod http;
mod limits;
mod links;
mod origin;
mod quote;
pub mod resume;
pub mod screen;
mod server;
mod shell;
mod socket;
mod websocket;
mod world;

pub use auth::{Algorithm, Auth, BadKey, TokenRules, VerifyingKey};
pub use config::{Config, ConfigError, Faults, File, Layout, Limits};
pub use limits::{Proxies, Quotas, raise_open_files};
pub use origin::{AllowedOrigin, BadOrigin};
pub use server::{BindError, Server};
