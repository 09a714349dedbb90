//! Messages in one direction, as fast as they go.

use std::io;

use super::{Done, SIZE, expect, measured};
use crate::client::Link;
use crate::target::Target;

/// How many messages are handed to the system at once.
const AT_ONCE: usize = 256;

/// Messages from the server, of so many on each of so many connections.
///
/// # Errors
/// Those of the connections; too many messages, or of another size.
pub(crate) async fn received(target: &Target, links: usize, each: usize) -> io::Result<Done> {
    measured(target, links, each, move |link| receive(link, each)).await
}

async fn receive(mut link: Link, count: usize) -> io::Result<Link> {
    link.queue(format!("!flood {count} {SIZE} text").as_bytes());
    link.flush().await?;
    let (mut here, mut bytes) = (0, 0);
    while here < count {
        here += link.receive(|message| bytes += message.len()).await?;
    }
    if bytes != count * SIZE {
        return Err(io::Error::other(format!("{count} messages brought {bytes} bytes")));
    }
    link.wait_for_room(SIZE).await?;
    expect(&mut link, "!count", "0 0").await?;
    Ok(link)
}

/// Messages to the server, of so many on each of so many connections, until it has confirmed the last.
///
/// # Errors
/// Those of the connections; a count that is not the number sent.
pub(crate) async fn sent(target: &Target, links: usize, each: usize) -> io::Result<Done> {
    measured(target, links, each, move |link| send(link, each)).await
}

async fn send(mut link: Link, count: usize) -> io::Result<Link> {
    let message = [b'x'; SIZE];
    let mut left = count;
    while left > 0 {
        link.wait_for_room(SIZE).await?;
        for _ in 0..left.min(AT_ONCE) {
            if !link.has_room(SIZE) {
                break;
            }
            link.queue(&message);
            left -= 1;
        }
        link.flush().await?;
    }
    link.wait_for_room(SIZE).await?;
    expect(&mut link, "!count", &format!("{count} {}", count * SIZE)).await?;
    Ok(link)
}
