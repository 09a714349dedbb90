//! What terminals print, sent to clients: how many bytes it takes, and how much of a core.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::{close, expect, open, timed, together};
use crate::client::Link;
use crate::recordings::Recording;
use crate::target::Target;

/// How many messages of a connection are on their way at once.
const WINDOW: usize = 8;

/// What one recording took, on each of some connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replay {
    /// Bytes on the wire, for one.
    pub(crate) bytes: f64,
    /// The server's time on a core for one message, in µs.
    pub(crate) cpu_a_message: f64,
}

/// Has the server echo a recording, on so many connections.
///
/// # Errors
/// Those of the connections; a message that came back as another one.
pub(crate) async fn replayed(target: &Target, recording: &Recording, links: usize) -> io::Result<Replay> {
    let messages: Arc<[Vec<u8>]> = recording.messages.clone().into();
    let (links, count) = (open(&target.door, links).await?, links);
    let before: u64 = links.iter().map(Link::came).sum();
    let work = |link| echo(link, Arc::clone(&messages));
    let (links, done) = timed(target, count * messages.len(), together(links, work)).await?;
    let bytes = links.iter().map(Link::came).sum::<u64>() - before;
    close(links).await?;
    Ok(Replay {
        bytes: bytes as f64 / count as f64,
        cpu_a_message: Duration::from_secs(1).as_micros() as f64 / done.a_cpu_second(),
    })
}

async fn echo(mut link: Link, messages: Arc<[Vec<u8>]>) -> io::Result<Link> {
    link.queue(b"!echo");
    let (mut sent, mut back, mut all_right) = (0, 0, true);
    while back < messages.len() {
        while sent < messages.len() && sent - back < WINDOW && link.has_room(messages[sent].len()) {
            link.queue_bytes(&messages[sent]);
            sent += 1;
        }
        link.flush().await?;
        link.receive(|message| {
            all_right &= messages.get(back).is_some_and(|sent| sent == message);
            back += 1;
        })
        .await?;
        if !all_right {
            return Err(io::Error::other("a message came back as another one"));
        }
    }
    let bytes: usize = messages.iter().map(Vec::len).sum();
    expect(&mut link, "!count", &format!("{} {bytes}", messages.len())).await?;
    Ok(link)
}
