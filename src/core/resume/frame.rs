//! The control frames, and what is wrong with one that is refused.
//!
//! On the wire a frame is text: U+0000, then a JSON object whose `type` names it. Fields that nobody knows are
//! ignored, so that later versions can say more; types that nobody knows are refused.

use std::borrow::Cow;

use super::fields::{Build, Fields, Value};
use super::{Id, MAX_NUMBER, Size, Violation};
use crate::core::token::Token;

/// What is said of text after the mark that is no JSON object, whatever the parser's own words: they differ.
pub const NO_OBJECT: Violation = Violation(Cow::Borrowed("a control frame that is not a JSON object"));

/// What the sender of a frame has counted so far on its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The number of the last message that it has sent, or that the peer is known to have. It must be exactly
    /// what the peer has received.
    pub sent: u64,
    /// The number of the last message that it has received. What it has received is never sent again.
    pub received: u64,
    /// The number of the last message that was consumed: taken by the source, seen by the application. Makes
    /// room in the window, or in the credit. At most `received`.
    pub consumed: u64,
}

/// The client's first frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The session to attach to; made if it does not exist.
    pub session: Id,
    /// The attachment: one tab's place in the session.
    pub attachment: Id,
    /// What proves that the attachment is one's own.
    pub secret: Id,
    /// From 1, higher with every try of this attachment.
    pub attempt: u64,
    /// The epoch of the latest welcome; `None` before the first.
    pub epoch: Option<Id>,
    /// The number of the last output that was received; 0 without an epoch.
    pub received: u64,
    /// The number of the last input that was ever handed to a socket.
    pub sent: u64,
    /// The number of the last input that the server is known to have; the client has kept what follows.
    pub acked: u64,
    /// The terminal's size, if there is a terminal.
    pub size: Option<Size>,
    /// What proves who the client is, if it has such a thing.
    pub token: Option<Token>,
}

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// First, and once.
    Hello(Hello),
    /// What it has.
    Ack(Counts),
    /// Asks for a pong.
    Ping(Counts),
    /// The answer to a ping, at once.
    Pong(Counts),
    /// The input up to this number will never be sent: it was too old.
    Skip {
        /// The last one.
        to: u64,
    },
    /// The terminal has another size. Numbered as input.
    Resize(Size),
    /// Takes the place of the token in the hello, before that one expires.
    Token(Token),
}

/// The server's first frame: the answer to a hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The life of the server's memory of this attachment. Another one than in the hello: all counts are void.
    pub epoch: Id,
    /// The number of the last input that the server has from this attachment: the client goes on after it.
    pub received: u64,
    /// The number of the first output that follows, or that the first gap begins with.
    pub next: u64,
    /// The number of the last output that exists by now: what follows up to it is replayed.
    pub live: u64,
    /// How often the server pings, in ms.
    pub heartbeat_ms: u64,
    /// How much output the server sends beyond what was consumed, as costs. Acknowledge at half of it.
    pub window: u64,
    /// How much input the client may send beyond what was consumed, as costs.
    pub credit: u64,
    /// The longest message that the server takes, in bytes.
    pub max_message: u64,
    /// Whether this attachment is the controller, whose size and queries' answers count.
    pub controller: bool,
    /// Whether it may send no input over this link. It is never the controller then.
    pub read_only: bool,
    /// The size that the terminal has where the output goes on, if there is a terminal.
    pub size: Option<Size>,
}

/// What a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFrame {
    /// First, and once.
    Welcome(Welcome),
    /// What it has.
    Ack(Counts),
    /// Asks for a pong.
    Ping(Counts),
    /// The answer to a ping, at once.
    Pong(Counts),
    /// Output that will never come.
    Gap {
        /// The first that is missing: the next one after what was sent.
        from: u64,
        /// The last one.
        to: u64,
        /// Why, in a word or a few.
        reason: Cow<'static, str>,
        /// Whether the next message is a picture of what the missing ones led to. It has no number.
        snapshot: bool,
        /// The size that the terminal has after what is missing, if there is a terminal.
        size: Option<Size>,
    },
    /// The terminal has another size. Numbered as output.
    Size(Size),
    /// The source has ended; nothing follows. Numbered as output.
    End {
        /// What it ended with, if it says so.
        code: Option<i32>,
    },
    /// Who is the controller has changed.
    Role {
        /// Whether it is this attachment now.
        controller: bool,
    },
    /// The server is about to close with this code.
    Bye {
        /// The close code.
        code: u16,
        /// How long to stay away, in ms.
        retry_after_ms: Option<u64>,
    },
}

impl ClientFrame {
    /// Reads a parsed frame.
    ///
    /// # Errors
    /// What is wrong with it, by the names of the frame and the field.
    pub fn read(fields: &impl Fields) -> Result<Self, Violation> {
        let kind = kind(fields)?;
        let frame = |name| Frame { name, fields };
        Ok(match &*kind {
            "hello" => Self::Hello(frame("hello").hello()?),
            "ack" => Self::Ack(frame("ack").counts()?),
            "ping" => Self::Ping(frame("ping").counts()?),
            "pong" => Self::Pong(frame("pong").counts()?),
            "skip" => Self::Skip { to: frame("skip").number("to", 1, MAX_NUMBER)? },
            "resize" => Self::Resize(frame("resize").size()?),
            "token" => Self::Token(frame("token").token()?),
            _ => return Err(unknown(&kind)),
        })
    }

    /// Writes it, `type` first.
    pub fn write(&self, object: &mut impl Build) {
        match self {
            Self::Hello(hello) => {
                set_kind(object, "hello");
                set_id(object, "session", hello.session);
                set_id(object, "attachment", hello.attachment);
                set_id(object, "secret", hello.secret);
                set_number(object, "attempt", hello.attempt);
                object.set("epoch", hello.epoch.map_or(Value::Null, |epoch| Value::Text(epoch.digits())));
                set_number(object, "received", hello.received);
                set_number(object, "sent", hello.sent);
                set_number(object, "acked", hello.acked);
                set_size_or_null(object, hello.size);
                object.set("token", hello.token.as_ref().map_or(Value::Null, text_of));
            }
            Self::Ack(counts) => set_counts(object, "ack", counts),
            Self::Ping(counts) => set_counts(object, "ping", counts),
            Self::Pong(counts) => set_counts(object, "pong", counts),
            Self::Skip { to } => {
                set_kind(object, "skip");
                set_number(object, "to", *to);
            }
            Self::Resize(size) => set_size(object, "resize", *size),
            Self::Token(token) => {
                set_kind(object, "token");
                object.set("token", text_of(token));
            }
        }
    }
}

impl ServerFrame {
    /// Reads a parsed frame.
    ///
    /// # Errors
    /// What is wrong with it, by the names of the frame and the field.
    pub fn read(fields: &impl Fields) -> Result<Self, Violation> {
        let kind = kind(fields)?;
        let frame = |name| Frame { name, fields };
        Ok(match &*kind {
            "welcome" => Self::Welcome(frame("welcome").welcome()?),
            "ack" => Self::Ack(frame("ack").counts()?),
            "ping" => Self::Ping(frame("ping").counts()?),
            "pong" => Self::Pong(frame("pong").counts()?),
            "gap" => frame("gap").gap()?,
            "size" => Self::Size(frame("size").size()?),
            "end" => Self::End { code: frame("end").exit_code()? },
            "role" => Self::Role { controller: frame("role").flag("controller")? },
            "bye" => {
                let frame = frame("bye");
                Self::Bye {
                    code: frame.number("code", 1000, 4999)? as u16,
                    retry_after_ms: frame.number_or_null("retryAfterMs", 0, MAX_NUMBER)?,
                }
            }
            _ => return Err(unknown(&kind)),
        })
    }

    /// Writes it, `type` first.
    pub fn write(&self, object: &mut impl Build) {
        match self {
            Self::Welcome(welcome) => {
                set_kind(object, "welcome");
                set_id(object, "epoch", welcome.epoch);
                set_number(object, "received", welcome.received);
                set_number(object, "next", welcome.next);
                set_number(object, "live", welcome.live);
                set_number(object, "heartbeatMs", welcome.heartbeat_ms);
                set_number(object, "window", welcome.window);
                set_number(object, "credit", welcome.credit);
                set_number(object, "maxMessage", welcome.max_message);
                object.set("controller", Value::Flag(welcome.controller));
                object.set("readOnly", Value::Flag(welcome.read_only));
                set_size_or_null(object, welcome.size);
            }
            Self::Ack(counts) => set_counts(object, "ack", counts),
            Self::Ping(counts) => set_counts(object, "ping", counts),
            Self::Pong(counts) => set_counts(object, "pong", counts),
            Self::Gap { from, to, reason, snapshot, size } => {
                set_kind(object, "gap");
                set_number(object, "from", *from);
                set_number(object, "to", *to);
                object.set("reason", Value::Text(reason.to_string()));
                object.set("snapshot", Value::Flag(*snapshot));
                set_size_or_null(object, *size);
            }
            Self::Size(size) => set_size(object, "size", *size),
            Self::End { code } => {
                set_kind(object, "end");
                object.set("code", code.map_or(Value::Null, |code| Value::Number(code.into())));
            }
            Self::Role { controller } => {
                set_kind(object, "role");
                object.set("controller", Value::Flag(*controller));
            }
            Self::Bye { code, retry_after_ms } => {
                set_kind(object, "bye");
                set_number(object, "code", (*code).into());
                object.set("retryAfterMs", retry_after_ms.map_or(Value::Null, |ms| Value::Number(ms as f64)));
            }
        }
    }
}

/// A frame that is being read.
struct Frame<'a, F> {
    name: &'static str,
    fields: &'a F,
}

impl<F: Fields> Frame<'_, F> {
    fn hello(&self) -> Result<Hello, Violation> {
        let hello = Hello {
            session: self.id("session")?,
            attachment: self.id("attachment")?,
            secret: self.id("secret")?,
            attempt: self.number("attempt", 1, MAX_NUMBER)?,
            epoch: match self.fields.get("epoch") {
                Value::Null => None,
                _ => Some(self.id("epoch")?),
            },
            received: self.number("received", 0, MAX_NUMBER)?,
            sent: self.number("sent", 0, MAX_NUMBER)?,
            acked: self.number("acked", 0, MAX_NUMBER)?,
            size: self.size_or_null()?,
            token: match self.fields.get("token") {
                Value::Null | Value::Missing => None,
                _ => Some(self.token()?),
            },
        };
        if hello.acked > hello.sent {
            return Err(self.wrong("acked", "is more than `sent`"));
        }
        if hello.epoch.is_none() && (hello.received, hello.sent) != (0, 0) {
            return Err(self.wrong("epoch", "is null, but the counts are not 0"));
        }
        Ok(hello)
    }

    fn welcome(&self) -> Result<Welcome, Violation> {
        let welcome = Welcome {
            epoch: self.id("epoch")?,
            received: self.number("received", 0, MAX_NUMBER)?,
            next: self.number("next", 1, MAX_NUMBER)?,
            live: self.number("live", 0, MAX_NUMBER)?,
            heartbeat_ms: self.number("heartbeatMs", 1, MAX_NUMBER)?,
            window: self.number("window", 1, MAX_NUMBER)?,
            credit: self.number("credit", 1, MAX_NUMBER)?,
            max_message: self.number("maxMessage", 1, MAX_NUMBER)?,
            controller: self.flag("controller")?,
            read_only: match self.fields.get("readOnly") {
                Value::Missing => false,
                _ => self.flag("readOnly")?,
            },
            size: self.size_or_null()?,
        };
        if welcome.next > welcome.live + 1 {
            return Err(self.wrong("live", "is less than `next` - 1"));
        }
        if welcome.read_only && welcome.controller {
            return Err(self.wrong("controller", "is true, but so is `readOnly`"));
        }
        Ok(welcome)
    }

    fn counts(&self) -> Result<Counts, Violation> {
        let counts = Counts {
            sent: self.number("sent", 0, MAX_NUMBER)?,
            received: self.number("received", 0, MAX_NUMBER)?,
            consumed: self.number("consumed", 0, MAX_NUMBER)?,
        };
        if counts.consumed > counts.received {
            return Err(self.wrong("consumed", "is more than `received`"));
        }
        Ok(counts)
    }

    fn gap(&self) -> Result<ServerFrame, Violation> {
        let from = self.number("from", 1, MAX_NUMBER)?;
        let to = self.number("to", 1, MAX_NUMBER)?;
        if to < from {
            return Err(self.wrong("to", "is less than `from`"));
        }
        Ok(ServerFrame::Gap {
            from,
            to,
            reason: self.text("reason")?.into(),
            snapshot: self.flag("snapshot")?,
            size: self.size_or_null()?,
        })
    }

    fn size(&self) -> Result<Size, Violation> {
        Ok(Size {
            cols: self.number("cols", 1, u16::MAX.into())? as u16,
            rows: self.number("rows", 1, u16::MAX.into())? as u16,
        })
    }

    /// Missing means null.
    fn size_or_null(&self) -> Result<Option<Size>, Violation> {
        match (self.fields.get("cols"), self.fields.get("rows")) {
            (Value::Null | Value::Missing, Value::Null | Value::Missing) => Ok(None),
            _ => self.size().map(Some),
        }
    }

    fn exit_code(&self) -> Result<Option<i32>, Violation> {
        match self.fields.get("code") {
            Value::Null => Ok(None),
            Value::Number(code) if f64::from(code as i32) == code => Ok(Some(code as i32)),
            _ => Err(self.wrong("code", "must be a whole number of 32 bits, or null")),
        }
    }

    fn id(&self, name: &'static str) -> Result<Id, Violation> {
        match self.fields.get(name) {
            Value::Text(text) => Id::read(&text),
            _ => None,
        }
        .ok_or_else(|| self.wrong(name, "must be 32 hexadecimal digits in lower case"))
    }

    fn token(&self) -> Result<Token, Violation> {
        match self.fields.get("token") {
            Value::Text(text) => Token::new(text),
            _ => None,
        }
        .ok_or_else(|| self.wrong("token", "must be a text of 1 to 8192 bytes"))
    }

    fn text(&self, name: &'static str) -> Result<String, Violation> {
        match self.fields.get(name) {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong(name, "must be a text")),
        }
    }

    fn flag(&self, name: &'static str) -> Result<bool, Violation> {
        match self.fields.get(name) {
            Value::Flag(flag) => Ok(flag),
            _ => Err(self.wrong(name, "must be true or false")),
        }
    }

    fn number(&self, name: &'static str, least: u64, most: u64) -> Result<u64, Violation> {
        match self.fields.get(name) {
            Value::Number(number) => whole(number, least, most),
            _ => None,
        }
        .ok_or_else(|| self.wrong(name, "must be a whole number within its bounds"))
    }

    fn number_or_null(&self, name: &'static str, least: u64, most: u64) -> Result<Option<u64>, Violation> {
        match self.fields.get(name) {
            Value::Null => Ok(None),
            _ => self.number(name, least, most).map(Some),
        }
    }

    fn wrong(&self, field: &'static str, what: &'static str) -> Violation {
        Violation([self.name, ": `", field, "` ", what].concat().into())
    }
}

fn kind(fields: &impl Fields) -> Result<String, Violation> {
    match fields.get("type") {
        Value::Text(kind) => Ok(kind),
        _ => Err(Violation("a control frame without a `type`".into())),
    }
}

fn unknown(kind: &str) -> Violation {
    // What is left of a close reason's 123 bytes is enough to recognise it by. Not by an index: the words of its
    // panic, with tables of Unicode, would be in the download.
    let shown = kind.get(..kind.floor_char_boundary(32)).unwrap_or_default();
    // It ends up in logs and on screens, where line breaks and escapes would say what nobody has said.
    let shown: String = shown.chars().map(|char| if char.is_control() { '?' } else { char }).collect();
    Violation(["unknown control frame `", &shown, "`"].concat().into())
}

fn whole(number: f64, least: u64, most: u64) -> Option<u64> {
    // Beyond 2⁵³ the conversion and its reverse could agree on a number that nobody wrote.
    let whole = number as u64;
    (whole as f64 == number && (least..=most).contains(&whole)).then_some(whole)
}

fn set_kind(object: &mut impl Build, kind: &'static str) {
    object.set("type", Value::Text(kind.to_owned()));
}

fn set_id(object: &mut impl Build, name: &'static str, id: Id) {
    object.set(name, Value::Text(id.digits()));
}

fn text_of(token: &Token) -> Value {
    Value::Text(token.reveal().to_owned())
}

fn set_number(object: &mut impl Build, name: &'static str, number: u64) {
    object.set(name, Value::Number(number as f64));
}

fn set_counts(object: &mut impl Build, kind: &'static str, counts: &Counts) {
    set_kind(object, kind);
    set_number(object, "sent", counts.sent);
    set_number(object, "received", counts.received);
    set_number(object, "consumed", counts.consumed);
}

fn set_size(object: &mut impl Build, kind: &'static str, size: Size) {
    set_kind(object, kind);
    set_size_or_null(object, Some(size));
}

fn set_size_or_null(object: &mut impl Build, size: Option<Size>) {
    for (name, cells) in [("cols", size.map(|size| size.cols)), ("rows", size.map(|size| size.rows))] {
        object.set(name, cells.map_or(Value::Null, |cells| Value::Number(cells.into())));
    }
}
