//! Messages that come back: many on their way at once, for the rate, and one at a time, for how long one takes.

use std::io;
use std::time::Instant;

use super::{Done, SIZE, expect, measured};
use crate::client::Link;
use crate::statistics::quantile;
use crate::target::Target;

/// One message's way there and back, in µs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trips {
    /// Half of them took at most this.
    pub(crate) p50: f64,
    /// All but one in a hundred took at most this.
    pub(crate) p99: f64,
}

/// Messages that came back, of so many on each of so many connections, `window` of each on their way at once.
///
/// # Errors
/// Those of the connections; a message that came back as another one, or out of order.
pub(crate) async fn echoes(target: &Target, links: usize, window: usize, each: usize) -> io::Result<Done> {
    measured(target, links, each, move |link| echo(link, window, each)).await
}

async fn echo(mut link: Link, window: usize, count: usize) -> io::Result<Link> {
    link.queue(b"!echo");
    let (mut sent, mut back) = (0, 0);
    while back < count {
        if sent == back {
            // Nothing is on its way that could bring room with it.
            link.wait_for_room(SIZE).await?;
        }
        while sent < count && sent - back < window && link.has_room(SIZE) {
            link.queue(&numbered(sent));
            sent += 1;
        }
        link.flush().await?;
        let mut all_right = true;
        link.receive(|message| {
            all_right &= *message == numbered(back);
            back += 1;
        })
        .await?;
        if !all_right {
            return Err(io::Error::other("a message came back as another one"));
        }
    }
    expect(&mut link, "!count", &format!("{count} {}", count * SIZE)).await?;
    Ok(link)
}

/// A message that no other one equals.
fn numbered(number: usize) -> [u8; SIZE] {
    let mut message = [b'x'; SIZE];
    for (nibble, digit) in message[..16].iter_mut().enumerate() {
        *digit = b'a' + (number >> (nibble * 4)) as u8 % 16;
    }
    message
}

/// One message after the other, each sent when the one before is back.
///
/// # Errors
/// As above.
pub(crate) async fn trips(target: &Target, count: usize) -> io::Result<Trips> {
    let mut link = target.door.open().await?;
    link.queue(b"!echo");
    let message = "x".repeat(SIZE);
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let sent = Instant::now();
        link.ask(&message).await?;
        times.push(sent.elapsed().as_secs_f64() * 1e6);
    }
    link.close().await?;
    Ok(Trips { p50: quantile(&times, 0.5), p99: quantile(&times, 0.99) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_text_and_none_equals_another() {
        let some = [0, 1, 15, 16, 255, 1 << 20, (1 << 20) + 1].map(numbered);
        for (i, message) in some.iter().enumerate() {
            assert!(message.is_ascii());
            assert!(!some[..i].contains(message), "{i}");
        }
    }
}
