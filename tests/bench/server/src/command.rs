//! What a page can ask for: text messages that begin with `!`. Parses; does nothing.

/// One request of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// `!flood COUNT SIZE text|binary`: send so many messages of so many bytes.
    Flood {
        /// How many.
        count: usize,
        /// How many bytes each.
        size: usize,
        /// Text or binary.
        kind: Kind,
    },
    /// `!echo`: from now on, every message comes back.
    Echo,
    /// `!count`: say how many messages and bytes have come since the last time, and stop echoing.
    Count,
    /// `!cut`: drop the TCP link, without a close frame.
    Cut,
}

/// The type of a data message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8; here always ASCII.
    Text,
    /// Bytes.
    Binary,
}

/// Reads a text message; `None` for one that is data.
pub(crate) fn parse(text: &str) -> Option<Command> {
    let mut words = text.strip_prefix('!')?.split(' ');
    let command = match words.next()? {
        "flood" => {
            let (count, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let kind = match words.next()? {
                "text" => Kind::Text,
                "binary" => Kind::Binary,
                _ => return None,
            };
            Command::Flood { count, size, kind }
        }
        "echo" => Command::Echo,
        "count" => Command::Count,
        "cut" => Command::Cut,
        _ => return None,
    };
    words.next().is_none().then_some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_understood() {
        let flood = Command::Flood { count: 20_000, size: 64, kind: Kind::Text };
        assert_eq!(parse("!flood 20000 64 text"), Some(flood));
        assert_eq!(parse("!echo"), Some(Command::Echo));
        assert_eq!(parse("!count"), Some(Command::Count));
        assert_eq!(parse("!cut"), Some(Command::Cut));
    }

    #[test]
    fn all_else_is_data() {
        for text in ["", "!", "cut", "!cut now", "!flood 1 64", "!flood 1 64 blob", "xxxx"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
