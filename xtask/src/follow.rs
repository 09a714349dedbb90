//! Follows one child to its end: every line as it arrives, the exit, the time limit.
//!
//! Must not: start anything, or know what the child is for.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Outcome, Stream};
use crate::signals::Group;

/// How long the pipes may stay open after the tool's end: something it started and left behind may hold
/// them for ever.
const PIPE_GRACE: Duration = Duration::from_secs(2);

/// How long a tool that took too long may take to end.
const KILL_GRACE: Duration = Duration::from_secs(5);

enum Event {
    Line(Stream, Vec<u8>),
    Ended(io::Result<ExitStatus>),
}

/// Hands every line on until the child has ended and its pipes are drained. What takes longer than
/// `limit` is ended, with all that it started.
pub(crate) fn follow(
    mut child: Child,
    group: &Group,
    limit: Option<Duration>,
    mut each: impl FnMut(Stream, &[u8]),
) -> Outcome {
    let (events, arriving) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        read(out, Stream::Out, events.clone());
    }
    if let Some(err) = child.stderr.take() {
        read(err, Stream::Err, events.clone());
    }
    thread::spawn(move || events.send(Event::Ended(child.wait())));
    let mut patience = Patience::new(limit);
    let mut ended = None;
    loop {
        match patience.next(&arriving) {
            Ok(Event::Line(from, bytes)) => each(from, &bytes),
            Ok(Event::Ended(status)) => {
                ended = Some(status);
                patience.begin(PIPE_GRACE);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {
                patience.ran_out(group);
            }
        }
    }
    match (patience.pressure, ended) {
        (Pressure::Asked | Pressure::Killed, _) => Outcome::TooLong(limit.unwrap_or_default()),
        (Pressure::None, Some(Ok(status))) if status.success() => Outcome::Success,
        (Pressure::None, Some(Ok(status))) => Outcome::Failed(status),
        (Pressure::None, Some(Err(error))) => Outcome::NotStarted(error),
        (Pressure::None, None) => Outcome::NotStarted(io::Error::other("its end could not be awaited")),
    }
}

/// Until when to wait for the next event, and what was done when it did not come.
struct Patience {
    until: Option<Instant>,
    pressure: Pressure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressure {
    None,
    Asked,
    Killed,
}

impl Patience {
    fn new(limit: Option<Duration>) -> Self {
        Self { until: limit.map(|limit| Instant::now() + limit), pressure: Pressure::None }
    }

    fn begin(&mut self, time: Duration) {
        self.until = Some(Instant::now() + time);
    }

    fn next(&self, arriving: &Receiver<Event>) -> Result<Event, RecvTimeoutError> {
        match self.until {
            None => arriving.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => arriving.recv_timeout(until.saturating_duration_since(Instant::now())),
        }
    }

    /// Asks first, then kills.
    fn ran_out(&mut self, group: &Group) {
        self.pressure = match self.pressure {
            Pressure::None => {
                group.terminate();
                Pressure::Asked
            }
            Pressure::Asked | Pressure::Killed => {
                group.kill();
                Pressure::Killed
            }
        };
        self.begin(KILL_GRACE);
    }
}

fn read(pipe: impl Read + Send + 'static, from: Stream, events: Sender<Event>) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut line = Vec::new();
            match pipe.read_until(b'\n', &mut line) {
                Ok(1..) => {
                    if events.send(Event::Line(from, line)).is_err() {
                        break;
                    }
                }
                Ok(0) | Err(_) => break,
            }
        }
    });
}
