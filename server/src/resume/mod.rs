//! Lossless sessions over any source of messages: the server's side of `envsocket.v1`.
//!
//! A [`Source`] is anything that has output and may take input. [`Sessions`] keeps a log of each source's recent
//! output and knows who has had how much of it: a client whose connection was cut comes back and gets exactly
//! what it lacks, its input arrives exactly once, and what cannot be made good is announced. Clients that do not
//! speak the protocol are served as well, without any of that.
//!
//! A feed of JSON, whole:
//!
//! ```
//! use axum::{Router, routing::any};
//! use envsocket_server::resume::{Limits, Output, Sessions, Source, Terms, Upgrade};
//! use tokio::sync::broadcast::{self, error::RecvError};
//!
//! struct Prices(broadcast::Receiver<String>);
//!
//! impl Source for Prices {
//!     type Input = (); // it takes none
//!
//!     fn input(&mut self) {}
//!
//!     async fn next(&mut self) -> Output {
//!         match self.0.recv().await {
//!             Ok(json) => json.into(),
//!             Err(RecvError::Lagged(_)) => Output::end("too far behind"),
//!             Err(RecvError::Closed) => Output::end("no more prices"),
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (prices, _) = broadcast::channel(1024);
//! let sessions = Sessions::new(Terms::default(), Limits::default());
//! let feed = prices.clone();
//! let upgrade = async move |request: Upgrade| {
//!     sessions.upgrade(request, "prices", async move || Ok(Prices(feed.subscribe())))
//! };
//! let app: Router = Router::new().route("/prices", any(upgrade));
//! # let _ = app;
//! # }
//! ```
//!
//! | file | idea |
//! | --- | --- |
//! | `source` | what stands behind a session |
//! | `admission` | who may come in, as whom, and for how long |
//! | `sessions` | all sessions of a server, and which of them have to go |
//! | `room`, `pump` | one session: its state behind a lock, and what moves it along |
//! | `link`, `plain` | one connection, with the protocol and without |
//! | [`frames`], `message` | what is on the wire |
//! | `left` | who has left, for hellos that come late |
//! | `parting` | how a connection ends |
//! | `upgrade` | from an HTTP request to a connection |

mod admission;
mod clock;
pub mod frames;
mod left;
mod link;
mod message;
mod parting;
mod plain;
mod pump;
mod room;
mod sessions;
mod source;
mod upgrade;

pub use admission::{Admission, Admitted};
pub use envsocket::core::resume::session::{Entry, Farewell, Limits, Recorder, Terms};
pub use envsocket::core::resume::{Access, Size};
pub use envsocket::core::token::Token;
pub use message::Message;
pub use parting::Parting;
pub(crate) use parting::going_away;
pub use sessions::{Sessions, SourceKey};
pub use source::{Input, Output, Source, Urgent};

pub use crate::websocket::{Compression, Fault, NoUpgrade, READ_BUFFER_BYTES, Socket, Upgrade, Utf8Bytes};
