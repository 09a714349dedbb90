//! What is done: the driver of [`core`](crate::core) in a browser. It decides nothing.
//!
//! | file | idea |
//! | --- | --- |
//! | `engine` | what the TypeScript facade calls |
//! | `driver` | the loop between the state machine and the platform |
//! | `perform` | what the state machine asks for, done |
//! | `host`, `sink` | the facade's half of the engine, and of a connection |
//! | `socket` | one native WebSocket, which the facade makes |
//! | `frames` | control frames, as the platform's JSON has them |
//! | `payload` | messages, as the `JsValue`s that they are |
//! | `listeners` | callbacks of `subscribe` and `pollStatus` |
//! | `report` | snapshots, metrics and logs, as arrays that the facade names |
//! | `error` | errors, as the platform words and types them |
//! | `platform` | the few calls that web-sys and js-sys do not bring as we need them |
//!
//! Two laws: no borrow is held across a call into JavaScript that may call back, as listeners and the
//! application's own objects do; and payloads stay on JavaScript's side.
//!
//! What JavaScript's conventions ask for (options, URLs, promises, conversions of arguments, events and their
//! handlers) is the facade's: there it costs a fraction of the bytes.

mod driver;
mod engine;
mod error;
#[doc(hidden)]
pub mod frames;
mod host;
mod listeners;
mod payload;
mod perform;
mod platform;
mod report;
mod sink;
mod socket;

pub use engine::Engine;
pub use host::Host;
pub use sink::Sink;

/// What is kept here is small and few; std's allocator would be a twelfth of the download.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
