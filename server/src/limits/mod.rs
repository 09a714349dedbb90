//! How much anybody may have of the server. What is counted is given back by dropping it, so that nothing is ever
//! counted for somebody who has gone. Nobody is judged here by what they say: that is `auth`'s business, and costs
//! more.
//!
//! | file | idea |
//! | --- | --- |
//! | `address` | whose address counts, behind a proxy too |
//! | `tally` | how many there are of each |
//! | `pace` | how many begin in a second |
//! | `rarely` | what is told at the powers of two |
//! | `files` | how many sockets there may be at all |
//! | `listener` | sockets that ask for nothing, or for nothing more |
//! | `crowd` | all of it together |

mod address;
mod crowd;
mod files;
mod listener;
mod pace;
mod rarely;
mod tally;

pub use address::Proxies;
pub(crate) use crowd::{Crowd, TooMany};
#[cfg(target_os = "linux")]
pub(crate) use files::give_back;
pub use files::raise_open_files;
pub(crate) use files::sockets;
pub(crate) use listener::{Doorway, Peer};
pub(crate) use rarely::Rarely;
pub(crate) use tally::{Taken, Tally};

/// The most that anybody may have at a time. All of them are at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// WebSockets of one subject; where nobody is asked for a token, there is none. Default 256: what a browser opens
    /// to one host (DESIGN §6), so that nobody's own page runs into it.
    pub connections_per_subject: usize,
    /// WebSockets of one address, or of one /64 of IPv6, which is what one customer has. Default 2048: a company
    /// behind one address. Sockets that are no WebSockets (yet) may be as many again; more are closed without a
    /// word.
    pub connections_per_address: usize,
    /// Sockets of all together. Default 1,000,000; what the system's limit of open files leaves, if that is less. One
    /// address may have no more of them than are left free, so that nobody takes all.
    pub sockets: usize,
    /// WebSockets that one address may begin in a second, in the long run. Default 200.
    pub handshakes_per_second: u32,
    /// WebSockets that one address may begin at once, after a rest. Default 1000: all that a company has open comes
    /// back at once after a broken link.
    pub handshakes_burst: u32,
    /// Requests that are no WebSockets (pages, the API, the health check) that one address may make in a second, in
    /// the long run. Default 200. Those beyond are answered with 429. What the gate refuses (403) is not counted: that
    /// costs no more than to refuse it for being one too many.
    pub requests_per_second: u32,
    /// Such requests that one address may make at once, after a rest. Default 1000: a page takes a few dozen.
    pub requests_burst: u32,
    /// Sessions of one subject. Those that nobody is attached to make room first, the longest detached before the
    /// others. Default 256.
    pub sessions_per_subject: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            connections_per_subject: 256,
            connections_per_address: 2048,
            sockets: 1_000_000,
            handshakes_per_second: 200,
            handshakes_burst: 1000,
            requests_per_second: 200,
            requests_burst: 1000,
            sessions_per_subject: 256,
        }
    }
}
