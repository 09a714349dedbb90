//! A lean WebSocket client that can speak `envsocket.v1`: it must cost little, and notice everything that a
//! server does wrong, because a server that loses messages is fast.
//!
//! | module | what it is |
//! | --- | --- |
//! | `framing` | frames of RFC 6455 |
//! | `handshake` | the upgrade |
//! | `attachment`, `json` | the client's end of `envsocket.v1`: counts, and control frames as text |
//! | `unpacking` | compressed messages |
//! | `link` | one connection |

mod attachment;
mod framing;
mod handshake;
mod json;
mod link;
mod unpacking;

pub(crate) use attachment::Attachment;
pub(crate) use handshake::Offer;
pub(crate) use link::Link;
