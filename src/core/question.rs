//! One question at a time: the gate of a connection. It knows which question waits and whether a socket has had its
//! message; what that means when a link ends is the connection's to say, what an answer looks like the facade's.

use super::time::Instant;

/// Why a question was not taken. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskError {
    /// Another one waits for its answer.
    Busy,
    /// The connection is over, or about to be, or takes no messages.
    Refused,
}

/// Why a question will have no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Loss {
    /// Its time is over.
    TimedOut,
    /// The link over which it went is gone, and this server cannot resume.
    Link,
    /// The session to which it belonged is no more.
    Session,
    /// The connection is over, or about to be.
    Over,
}

/// The question that waits, if one does.
#[derive(Debug, Default)]
pub(crate) struct Gate(Option<Question>);

/// Ahead of a message that will not be sent.
const NEVER: usize = usize::MAX;

#[derive(Debug, Clone, Copy)]
struct Question {
    number: u32,
    asked_at: Instant,
    /// How many messages go to a socket before its own, which is the first that was sent after it was asked; `None` once
    /// its own has gone, too.
    ahead: Option<usize>,
    /// Its time ran out unobserved, and was put off.
    is_excused: bool,
}

impl Gate {
    /// Lets a question in, whose message goes behind `ahead` others; unless one waits.
    pub(crate) fn enter(&mut self, number: u32, now: Instant, ahead: usize) -> Result<(), AskError> {
        if self.0.is_some() {
            return Err(AskError::Busy);
        }
        self.0 = Some(Question { number, asked_at: now, ahead: Some(ahead), is_excused: false });
        Ok(())
    }

    /// The number of the question that waits; they begin with 1.
    pub(crate) fn number(&self) -> Option<u32> {
        self.0.map(|question| question.number)
    }

    /// Frees the gate, if this is the question that waits. When it was asked.
    pub(crate) fn settle(&mut self, number: u32) -> Option<Instant> {
        self.0.take_if(|question| question.number == number).map(|question| question.asked_at)
    }

    /// So many more messages went to a plain socket.
    pub(crate) fn messages_gone(&mut self, count: usize) {
        if let Some(Question { ahead, .. }) = &mut self.0 {
            *ahead = ahead.and_then(|ahead| ahead.checked_sub(count));
        }
    }

    /// So many messages, the oldest of those that wait, will never go to a socket. If its own is among them, no link
    /// takes the question along, and none can lose it: whoever asked is told of the messages, and settles it.
    pub(crate) fn messages_dropped(&mut self, count: usize) {
        if let Some(Question { ahead: Some(ahead), .. }) = &mut self.0 {
            *ahead = ahead.checked_sub(count).unwrap_or(NEVER);
        }
    }

    /// Whether one waits whose message waits no more.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.is_some_and(|question| question.ahead.is_none())
    }

    /// Whether the time that ran out unobserved counts as over: that is put off once.
    pub(crate) fn excuse(&mut self) -> bool {
        self.0.as_mut().is_some_and(|question| !std::mem::replace(&mut question.is_excused, true))
    }
}
