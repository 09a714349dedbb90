//! What is decided: pure Rust that touches no clock, no randomness of its own, no browser.
//!
//! The shape is that of a state machine without I/O. A driver (`browser`, or a test in virtual time)
//! tells a [`Pool`](pool::Pool) what happened and does what it answers:
//!
//! 1. [`Pool::handle`](pool::Pool::handle) and the commands (`connect`, `send`, `close`, …) take the
//!    time as an argument and change the state at once;
//! 2. [`Pool::poll_output`](pool::Pool::poll_output) is then called until it has nothing more to say:
//!    every mutation is followed by a full drain, by the outermost caller when calls are nested;
//! 3. [`Pool::poll_timeout`](pool::Pool::poll_timeout) names the one next deadline; when it has come,
//!    [`Input::Timeout`](event::Input::Timeout) is handed in.
//!
//! Sockets are generation numbers: what an older one still has to say changes nothing. Payloads are a
//! type parameter and are moved, never looked into.
//!
//! | file | idea |
//! | --- | --- |
//! | [`event`] | what goes in and what comes out |
//! | [`key`] | the pair that names a connection |
//! | [`time`], [`rng`] | time and randomness, as they come in |
//! | [`options`] | what can be configured, and the defaults |
//! | [`backoff`], [`close`] | when to try again, and whether |
//! | [`wire`] | what is spoken over an open socket |
//! | [`question`] | the one question that a connection may wait for |
//! | [`queue`] | what waits for an open socket |
//! | [`resume`] | the resume protocol: what both ends of the wire do |
//! | [`metrics`], [`histogram`], [`log`] | what a connection has done |
//! | [`timer`] | every deadline of a connection |
//! | [`token`] | what proves who a client is |
//! | [`status`] | what people are told of all this |
//! | [`connection`] | one connection's life |
//! | [`poll`] | the sidebar's regular look |
//! | [`pool`] | all connections of a page, and which of them is active |

pub mod backoff;
pub mod close;
pub mod connection;
pub mod event;
pub mod histogram;
pub mod key;
pub mod log;
pub mod metrics;
pub mod options;
pub mod poll;
pub mod pool;
pub mod question;
pub mod queue;
pub mod resume;
pub mod rng;
pub mod status;
pub mod time;
pub mod timer;
pub mod token;
pub mod wire;

#[cfg(test)]
mod tests;
