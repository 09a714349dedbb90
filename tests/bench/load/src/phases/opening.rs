//! How fast sessions are opened: upgrade, and where it is spoken hello and welcome, until the server's first
//! message is here.

use std::io;

use super::{Done, close, open, timed};
use crate::target::Target;

/// Opens so many, each a session of its own, and closes them again; the closing is not measured.
///
/// # Errors
/// Those of the connections.
pub(crate) async fn opened(target: &Target, count: usize) -> io::Result<Done> {
    let (links, done) = timed(target, count, open(&target.door, count)).await?;
    close(links).await?;
    Ok(done)
}
