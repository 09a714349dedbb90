//! Faults for real: what stands between a real client and a real server, and breaks.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`proxy`] | a TCP proxy that cuts after exactly so many bytes, holds, refuses and delays |
//! | [`client`] | a native client: the real core, driven over real sockets |
//! | [`noise`] | bytes that both ends of a transfer know |
//! | [`patience`] | how long a test waits before it says what was missing |
//!
//! The tests are in `tests/`; the binary `fault-proxy` is the proxy for those in a browser, `fault-program` is
//! what runs in place of a shell where a shell would be too slow or too clever, and `fault-server` is the
//! server's own program, to be killed.

pub mod client;
pub mod noise;
pub mod patience;
pub mod proxy;
