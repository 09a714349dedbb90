//! What a case is, and what it has to work with.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_tungstenite::tungstenite::Error;

use crate::tab::Tab;
use crate::wire::{Dialed, Target};

/// What the document allows a server to leave out, and what not every server under test can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Links without the protocol.
    Plain,
    /// Several attachments to a session.
    Attachments,
    /// The controller, and `role`.
    Controller,
    /// Gaps with a picture.
    Pictures,
    /// Terminals: `size`, and `resize` that is applied.
    Sizes,
    /// The source is held for a controller that lacks more than the window.
    Holding,
    /// Entries of the past for those who come new.
    Tail,
    /// It hears whether its close frames are answered.
    Answers,
    /// It can be shut down.
    Shutdown,
    /// Sources that are no more from one moment to the next.
    Gone,
    /// Tokens.
    Tokens,
}

impl Feature {
    /// All of them, by what they are called on the command line.
    pub(crate) const ALL: [(&'static str, Self); 11] = [
        ("plain", Self::Plain),
        ("attachments", Self::Attachments),
        ("controller", Self::Controller),
        ("pictures", Self::Pictures),
        ("sizes", Self::Sizes),
        ("holding", Self::Holding),
        ("tail", Self::Tail),
        ("answers", Self::Answers),
        ("shutdown", Self::Shutdown),
        ("gone", Self::Gone),
        ("tokens", Self::Tokens),
    ];
}

/// One promise of the document.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Only for servers that have these.
    pub(crate) with: &'static [Feature],
    /// Only for servers that have left these out.
    pub(crate) without: &'static [Feature],
    pub(crate) run: fn(At) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A case by its function: `case!(name)`, `case!(name, with Tail)`, `case!(name, without Tail)`.
macro_rules! case {
    ($name:ident) => {
        $crate::case::case!($name, with)
    };
    ($name:ident, with $($feature:ident)*) => {
        $crate::case::case!($name, [$($crate::case::Feature::$feature),*], [])
    };
    ($name:ident, with $($feature:ident)*; without $($other:ident)*) => {
        $crate::case::case!($name, [$($crate::case::Feature::$feature),*], [$($crate::case::Feature::$other),*])
    };
    ($name:ident, without $($feature:ident)*) => {
        $crate::case::case!($name, [], [$($crate::case::Feature::$feature),*])
    };
    ($name:ident, $with:expr, $without:expr) => {
        $crate::case::Case {
            name: stringify!($name),
            with: &$with,
            without: &$without,
            run: |at| Box::pin($name(at)),
        }
    };
}
pub(crate) use case;

/// The server under test, and names that nobody else has.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub(crate) target: Target,
}

impl At {
    /// A tab in a session of its own, without a socket.
    pub(crate) fn tab(&self, path: &str) -> Tab {
        Tab::new(&self.target, path)
    }

    /// A tab in a session of its own, welcomed.
    pub(crate) async fn attached(&self, path: &str) -> Tab {
        let mut tab = self.tab(path);
        tab.attach().await;
        tab
    }

    /// A socket with this offer.
    pub(crate) async fn dial(&self, path: &str, offer: Option<&str>) -> Result<Dialed, Error> {
        self.target.dial(path, offer).await
    }

    /// A name for a gate.
    pub(crate) fn gate(&self) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// Opens a gate, by a session of its own.
    pub(crate) async fn open_gate(&self, gate: &str) {
        let mut tab = self.attached("/told").await;
        tab.send(format!("!go {gate}")).await;
        tab.send("opened").await;
        tab.expect(&["opened"]).await;
        tab.close(Some(1000)).await;
    }

    /// Waits until a gate is open, by a session of its own.
    pub(crate) async fn pass_gate(&self, gate: &str) {
        let mut tab = self.attached("/told").await;
        tab.send(format!("!stop {gate}")).await;
        tab.send("passed").await;
        tab.expect(&["passed"]).await;
        tab.close(Some(1000)).await;
    }
}

/// What `!say` says for its nth message of so many bytes.
pub(crate) fn numbered(number: u64, length: usize) -> String {
    let mut text = number.to_string();
    text.extend(std::iter::repeat_n('.', length.saturating_sub(text.len())));
    text.truncate(length);
    text
}
