//! What a session holds that has nothing to do: the server's memory with thousands of them, less what it had
//! before.

use std::io;

use super::{close, expect, open, together};
use crate::target::Target;

/// One message there, one back.
const QUESTION: &str = "!count";
const ANSWER: &str = "0 0";

/// Bytes of the server for each session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle {
    /// After the greeting and nothing else.
    pub(crate) silent: f64,
    /// After one message to the server and its answer: what a buffer was needed for stays.
    pub(crate) used: f64,
}

/// Opens so many sessions on a server that has had none but one, and closes them again.
///
/// # Errors
/// Those of the connections.
pub(crate) async fn idle(target: &Target, count: usize) -> io::Result<Idle> {
    // What is made once is not counted.
    let mut first = target.door.open().await?;
    expect(&mut first, QUESTION, ANSWER).await?;
    let before = target.resident()?;
    let a_session = |now: u64| (now as f64 - before as f64) / count as f64;
    let links = open(&target.door, count).await?;
    let silent = a_session(target.resident()?);
    let links = together(links, |mut link| async {
        expect(&mut link, QUESTION, ANSWER).await?;
        Ok(link)
    })
    .await?;
    let used = a_session(target.resident()?);
    close(links).await?;
    first.close().await?;
    Ok(Idle { silent, used })
}
