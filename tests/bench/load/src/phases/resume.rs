//! Coming back to a session in the middle of its output: until the welcome, and from there to the first message
//! that the cut had cost.

use std::io;
use std::time::Instant;

use super::{SIZE, expect};
use crate::statistics::median;
use crate::target::Target;

/// More than is read at once, and less than a window: when the link is cut, all of it was sent and some of it
/// was received.
const MESSAGES: usize = 4_000;

/// Medians, in µs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resumes {
    /// From connecting to the welcome: connection, upgrade, hello.
    pub(crate) welcome: f64,
    /// From the welcome to the first replayed message.
    pub(crate) replay: f64,
    /// A message there and its answer back, on the same link before the cut.
    pub(crate) trip: f64,
}

/// Cuts so many links, each in a session of its own, and resumes them. Only for `envsocket.v1`.
///
/// # Errors
/// Those of the connections; a message that is missing after the resume, or there twice.
pub(crate) async fn resumes(target: &Target, count: usize) -> io::Result<Resumes> {
    let (mut welcome, mut replay, mut trip) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let place = target.door.place();
        let mut link = target.door.open_at(&place).await?;
        let asked = Instant::now();
        expect(&mut link, "!count", "0 0").await?;
        trip.push(microseconds(asked));
        link.queue(format!("!flood {MESSAGES} {SIZE} text").as_bytes());
        link.flush().await?;
        let mut here = link.receive(|_| {}).await?;
        let attachment = link.cut().ok_or_else(|| io::Error::other("a plain link cannot be resumed"))?;
        let cut = Instant::now();
        let mut link = target.door.resume(&place, attachment).await?;
        welcome.push(microseconds(cut));
        let welcomed = Instant::now();
        here += link.receive(|_| {}).await?;
        replay.push(microseconds(welcomed));
        while here < MESSAGES {
            here += link.receive(|_| {}).await?;
        }
        // Whatever came twice would be in the place of the answer.
        expect(&mut link, "!count", "0 0").await?;
        link.close().await?;
    }
    Ok(Resumes { welcome: median(&welcome), replay: median(&replay), trip: median(&trip) })
}

fn microseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}
