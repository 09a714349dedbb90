//! Close codes, all of them: which a program may send, and what follows from those that a server sends.

/// The longest close reason, in bytes of UTF-8: a control frame's 125 less the code (RFC 6455, 5.5).
pub const MAX_REASON_BYTES: usize = 123;

/// What is shown of a close frame without a code (RFC 6455, 7.4.1).
pub const NO_CODE: u16 = 1005;

/// The connection is over and nobody said so: no closing handshake took place (RFC 6455, 7.4.1).
pub const ABNORMAL: u16 = 1006;

/// It has come to its end: the source is over, or the client has left for good.
pub const NORMAL: u16 = 1000;

/// The server, or the page, is going away; it may come back.
pub const GOING_AWAY: u16 = 1001;

/// The peer does not keep to RFC 6455, or to an extension that was agreed upon.
pub const PROTOCOL_ERROR: u16 = 1002;

/// Data that is not what it says that it is.
pub const GARBLED: u16 = 1007;

/// A message is longer than the server takes.
pub const TOO_BIG: u16 = 1009;

/// Something went wrong on the server.
pub const INTERNAL: u16 = 1011;

/// The peer does not keep to the resume protocol.
pub const VIOLATION: u16 = 4400;

/// The server wants another token, or one at all.
pub const UNAUTHORIZED: u16 = 4401;

/// Somebody else's, or not theirs to do.
pub const FORBIDDEN: u16 = 4403;

/// There is no such environment, for somebody who may know.
pub const UNKNOWN: u16 = 4404;

/// An end gives this link up, for want of signs of life or to begin another one; the attachment stays. A page cannot
/// send 1001, and a close without a code says that it will not come back.
pub const ABANDONED: u16 = 4408;

/// The attachment has a newer socket, or had one.
pub const SUPERSEDED: u16 = 4409;

/// The environment was deleted.
pub const DELETED: u16 = 4410;

/// What comes next was evicted before the client made room for it.
pub const TOO_SLOW: u16 = 4413;

/// There is no room for the client now.
pub const SLOW_DOWN: u16 = 4429;

/// Why `close(code, reason)` was refused. Nothing was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseError {
    /// Programs may send 1000 and 3000 to 4999 only.
    Code,
    /// The reason is longer than [`MAX_REASON_BYTES`].
    Reason,
}

/// What [`UNAUTHORIZED`] means for whoever has shown a token.
pub(crate) const REJECTED: &str = "the token was rejected";

/// What a program may pass to `close`, by the platform's rule.
pub fn check_close(code: Option<u16>, reason: &str) -> Result<(), CloseError> {
    if code.is_some_and(|code| code != NORMAL && !(3000..=4999).contains(&code)) {
        Err(CloseError::Code)
    } else if reason.len() > MAX_REASON_BYTES {
        Err(CloseError::Reason)
    } else {
        Ok(())
    }
}

/// What a close that the program did not ask for leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A broken link, a restart, an overload: it is worth another try.
    Retry,
    /// It has come to its end: the session is over, or its environment is gone.
    Ended,
    /// Refused for good: the next try would be refused as well.
    Refused,
    /// Refused with this token: another one may do.
    Renew,
}

/// Judges a close code and says, for people, what it means.
pub fn judge(code: u16) -> (Verdict, &'static str) {
    use Verdict::{Ended, Refused, Renew, Retry};
    match code {
        NORMAL => (Ended, "closed by the server"),
        GOING_AWAY => (Retry, "the server is going away"),
        PROTOCOL_ERROR => (Refused, "the server saw a protocol error"),
        1003 => (Refused, "the server cannot take this type of data"),
        GARBLED => (Refused, "the server saw data that contradicts its type"),
        1008 => (Refused, "against the server's policy"),
        TOO_BIG => (Refused, "a message was too big for the server"),
        1010 => (Refused, "the server lacks an extension"),
        INTERNAL => (Retry, "an error on the server"),
        1012 => (Retry, "the server is restarting"),
        1013 => (Retry, "the server is overloaded"),
        UNAUTHORIZED => (Renew, REJECTED),
        FORBIDDEN => (Refused, "forbidden"),
        UNKNOWN => (Refused, "unknown environment"),
        ABANDONED => (Retry, "the server gave the link up"),
        SUPERSEDED => (Refused, "superseded by another connection"),
        DELETED => (Ended, "the environment was deleted"),
        TOO_SLOW => (Retry, "too slow for the server"),
        SLOW_DOWN => (Retry, "the server asks to slow down"),
        _ => (Retry, "the connection was lost"),
    }
}

/// A server can ask for more than that, in ms; nobody waits longer.
pub const MAX_RETRY_AFTER_MS: u64 = 3_600_000;

/// How long a server asks to stay away, in ms, when its close reason says so in the words of HTTP:
/// `retry-after: 5`, in seconds, anywhere in it. A page cannot read the header of a refused handshake.
pub fn retry_after_ms(reason: &str) -> Option<u64> {
    const NAME: &[u8] = b"retry-after:";
    let bytes = reason.as_bytes();
    let at = bytes.windows(NAME.len()).position(|part| part.eq_ignore_ascii_case(NAME))?;
    let value = bytes[at + NAME.len()..].trim_ascii_start();
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
    let number =
        |seconds: u64, digit: &u8| seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    value.first().filter(|byte| byte.is_ascii_digit())?;
    Some(digits.fold(0, number).saturating_mul(1_000).min(MAX_RETRY_AFTER_MS))
}
