//! What one client has asked for, and what to do about its next message: the same for every server here, so
//! that only how the messages travel differs. Does no I/O.

use crate::command::{self, Command, Kind};

/// What a server says first on every new connection, or in every new session: the first byte that a client
/// waits for.
pub(crate) const GREETING: &str = "hello";

/// One client's requests so far.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    echo: bool,
    messages: usize,
    bytes: usize,
}

/// What a message leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Nothing: it was counted.
    Silence,
    /// Send it back.
    Echo,
    /// Send this text.
    Say(String),
    /// Send so many messages of so many bytes.
    Flood {
        /// How many.
        count: usize,
        /// How many bytes each.
        size: usize,
        /// Text or binary.
        kind: Kind,
    },
    /// Drop the TCP link, without a close frame.
    Cut,
}

impl Talk {
    /// Takes the next message: its text, unless it is binary, and its length in bytes.
    pub(crate) fn hear(&mut self, text: Option<&str>, bytes: usize) -> Reaction {
        match text.and_then(command::parse) {
            None => {
                self.messages += 1;
                self.bytes += bytes;
                if self.echo { Reaction::Echo } else { Reaction::Silence }
            }
            Some(Command::Echo) => {
                self.echo = true;
                Reaction::Silence
            }
            Some(Command::Count) => {
                let Self { messages, bytes, .. } = std::mem::take(self);
                Reaction::Say(format!("{messages} {bytes}"))
            }
            Some(Command::Flood { count, size, kind }) => Reaction::Flood { count, size, kind },
            Some(Command::Cut) => Reaction::Cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(talk: &mut Talk, text: &str) -> Reaction {
        talk.hear(Some(text), text.len())
    }

    #[test]
    fn data_is_counted_and_comes_back_only_if_asked() {
        let mut talk = Talk::default();
        assert_eq!(told(&mut talk, "data"), Reaction::Silence);
        assert_eq!(told(&mut talk, "!echo"), Reaction::Silence);
        assert_eq!(told(&mut talk, "data"), Reaction::Echo);
        assert_eq!(talk.hear(None, 10), Reaction::Echo);
        assert_eq!(told(&mut talk, "!count"), Reaction::Say("3 18".to_owned()));
    }

    #[test]
    fn a_count_begins_anew_and_ends_the_echo() {
        let mut talk = Talk::default();
        told(&mut talk, "!echo");
        told(&mut talk, "data");
        told(&mut talk, "!count");
        assert_eq!(told(&mut talk, "data"), Reaction::Silence);
        assert_eq!(told(&mut talk, "!count"), Reaction::Say("1 4".to_owned()));
    }

    #[test]
    fn a_binary_message_is_never_a_command() {
        assert_eq!(Talk::default().hear(None, "!cut".len()), Reaction::Silence);
        assert_eq!(told(&mut Talk::default(), "!cut"), Reaction::Cut);
    }
}
