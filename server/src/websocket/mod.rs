//! A WebSocket that compresses, where the client offers it: `permessage-deflate`, RFC 7692.
//!
//! tungstenite, which axum brings too, knows no extensions. It stays what reads and writes frames: it is strict, and
//! much used. What an extension adds is little, and is done around it:
//! - What goes out is compressed before it becomes a frame, and the frame is handed over with its mark (RSV1) on it.
//! - What comes in passes, on its way from the socket to tungstenite, somebody who takes the marks off the frames'
//!   headers, in place, and remembers them (`walk`). The payload is not looked at there. What tungstenite returns,
//!   whole and unmasked, is inflated, up to the limit and no further.
//! - Where nothing was agreed upon, a mark is left where it is, and tungstenite refuses it.
//!
//! Other crates were looked at in November 2026, in their sources. tungstenite has had patches for it since 2020, none
//! of which stayed; tokio-websockets has none. yawc 0.5 has it, but takes offers with parameters that it does not know
//! (RFC 7692 has them declined), takes none where there are two, sends a close frame in words of its own before the
//! server can say its farewell, and lets over-long close frames pass. sockudo-ws 3.1 has 54,000 lines with its tests,
//! and corrupted what it had compressed until August.
//!
//! | file | idea |
//! | --- | --- |
//! | `upgrade` | a request that asks for a WebSocket, and its answer |
//! | `bearer` | the token that comes with a request |
//! | `offer` | what is agreed upon of what a client offers |
//! | `socket` | the messages of a connection, compressed and inflated |
//! | `walk` | which of the frames that come in are compressed, and how long their messages are |
//! | `marks` | the socket below, whose bytes go that way |
//! | `packing`, `unpacking` | one message smaller, and large again |
//! | `fault` | what reading fails with |

pub(crate) mod bearer;
mod fault;
mod marks;
mod offer;
mod packing;
mod socket;
mod unpacking;
mod upgrade;
mod walk;

pub use fault::Fault;
pub use packing::Compression;
pub use socket::Socket;
pub use tokio_tungstenite::tungstenite::Utf8Bytes;
pub use upgrade::{NoUpgrade, READ_BUFFER_BYTES, Upgrade};

pub(crate) use tokio_tungstenite::tungstenite::{Message as Frame, protocol::CloseFrame};
