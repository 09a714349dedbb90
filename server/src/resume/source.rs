//! What stands behind a session: something that has output, and may take input. It knows neither sockets nor
//! who is listening.

use std::future::{Future, pending};

use envsocket::core::resume::Size;
use envsocket::core::resume::session::{Entry, Farewell, Recorder};

use super::Message;

/// What a source has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A message, for everybody who is attached.
    Message(Message),
    /// Its terminal has another size; announced in the order of the output.
    Size(Size),
    /// Its end. Whoever has had all output until here is closed with 1000 and these words (123 bytes at most).
    End {
        /// What it ended with, if it says so.
        code: Option<i32>,
        /// Why, for people.
        reason: String,
    },
    /// It concerns the session, and not those who are attached.
    Urgent(Urgent),
}

/// What a source has to say that nothing may hold up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Urgent {
    /// It is no more, and nothing of it is delivered any more: everybody is closed with this at once.
    Gone(Farewell),
    /// Whether this session is in charge, where several are over one thing: the one whose input was taken last. The
    /// others have no controller, and hold nothing back. A source that never says so is in its session's charge.
    InCharge(bool),
}

impl From<Urgent> for Output {
    fn from(urgent: Urgent) -> Self {
        Self::Urgent(urgent)
    }
}

impl Output {
    /// The end, without a code.
    pub fn end(reason: impl Into<String>) -> Self {
        Self::End { code: None, reason: reason.into() }
    }
}

impl<T: Into<Message>> From<T> for Output {
    fn from(message: T) -> Self {
        Self::Message(message.into())
    }
}

/// Something with output. One task asks it for the next, and is its only reader.
pub trait Source: Send + 'static {
    /// The end of it that takes input; `()` for a source that takes none.
    type Input: Input;

    /// Asked for once, before anything else.
    fn input(&mut self) -> Self::Input;

    /// The next of what it says, waiting for it. Never called again after [`Output::End`] or [`Urgent::Gone`].
    /// The future may be dropped before it is ready and must then have lost nothing.
    ///
    /// Not called while the source is held back: let it wait then, rather than lose anything.
    fn next(&mut self) -> impl Future<Output = Output> + Send;

    /// A session begins with it; what it returns is there before the first client is welcomed, who takes it for
    /// the past. From now on the session sees to it that the source is not held back for long. Not called for a
    /// client that speaks no protocol, which has a source of its own.
    fn begin(&mut self) -> Vec<Output> {
        Vec::new()
    }

    /// Completes when there is something urgent, although output may be waiting. Asked while the source is held back,
    /// so that this can be heard even then; what is said here need not be said by [`next`](Self::next) any more.
    /// May be dropped, as that.
    fn urgent(&mut self) -> impl Future<Output = Urgent> + Send {
        pending()
    }

    /// Who draws what is missing, when a client comes back too late for the output itself. Asked once, for a
    /// session.
    fn recorder(&mut self) -> Option<Box<dyn Recorder<Message> + Send>> {
        None
    }
}

/// Takes the input of a source, one by one, in the order in which it came.
pub trait Input: Send + 'static {
    /// Takes a message. What it waits for holds the clients back: more than their credit is never sent. Once it
    /// returns, the message counts as consumed.
    fn take(&mut self, message: Message) -> impl Future<Output = ()> + Send;

    /// The controller's terminal has this size.
    fn resize(&mut self, _size: Size) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Takes no notice of anything.
impl Input for () {
    async fn take(&mut self, _message: Message) {}
}

/// What an output is in a session's log.
pub(super) enum Logged {
    Entry(Entry<Message>),
    Urgent(Urgent),
}

impl From<Output> for Logged {
    fn from(output: Output) -> Self {
        Self::Entry(match output {
            Output::Message(message) => Entry::Message(message),
            Output::Size(size) => Entry::Size(size),
            Output::End { code, reason } => Entry::End { code, reason: reason.into() },
            Output::Urgent(urgent) => return Self::Urgent(urgent),
        })
    }
}
