//! The server library, over a source that does what it is told. Every session, and every client without the
//! protocol, has one of its own.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use axum::serve::ListenerExt;
use envsocket_server::resume::{Input, Limits, Message, Output, Sessions, Source, Terms, Upgrade};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

use crate::command::Kind;
use crate::talk::{GREETING, Reaction, Talk};

/// How much of what a source is told to do may wait.
const WAITING: usize = 64;

/// Serves whoever connects, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let sessions = Sessions::new(Terms::default(), Limits::default());
    let cut = Arc::new(Notify::new());
    let router = Router::new().fallback(any(async move |request: Upgrade| {
        sessions.negotiate(request).on_upgrade(async move |socket| {
            let told = Arc::clone(&cut);
            tokio::select! {
                // First, so that nothing goes out over a link that was cut.
                biased;
                () = cut.notified() => {}
                _ = sessions.serve(socket, (), async move || Ok(Told::new(told))) => {}
            }
        })
    }));
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("envsocket-bench: {error}");
        }
    });
    axum::serve(listener, router).await
}

/// Says what its input was asked for.
struct Told {
    input: Option<Listener>,
    tasks: mpsc::Receiver<Task>,
    saying: Task,
}

/// What there is to say: so many times this.
type Task = (usize, Message);

/// Takes a client's messages.
struct Listener {
    talk: Talk,
    tasks: mpsc::Sender<Task>,
    /// Cuts every link of this address: a source knows of none, and the page has one on each address.
    cut: Arc<Notify>,
}

impl Told {
    fn new(cut: Arc<Notify>) -> Self {
        let (sender, tasks) = mpsc::channel(WAITING);
        Self {
            input: Some(Listener { talk: Talk::default(), tasks: sender, cut }),
            tasks,
            saying: (1, GREETING.into()),
        }
    }
}

impl Source for Told {
    type Input = Listener;

    fn input(&mut self) -> Listener {
        self.input.take().expect("the library asks for it once")
    }

    async fn next(&mut self) -> Output {
        loop {
            if let (left @ 1.., message) = &mut self.saying {
                *left -= 1;
                return message.clone().into();
            }
            match self.tasks.recv().await {
                Some(task) => self.saying = task,
                None => return Output::end("nobody is left to tell it anything"),
            }
        }
    }
}

impl Input for Listener {
    async fn take(&mut self, message: Message) {
        let reaction = match &message {
            Message::Text(text) => self.talk.hear(Some(text), text.len()),
            Message::Binary(bytes) => self.talk.hear(None, bytes.len()),
        };
        let task = match reaction {
            Reaction::Silence => return,
            Reaction::Echo => (1, message),
            Reaction::Say(text) => (1, text.into()),
            Reaction::Flood { count, size, kind } => (count, sample(size, kind)),
            Reaction::Cut => {
                self.cut.notify_waiters();
                // What the next link begins with: a session has been greeted before.
                (1, GREETING.into())
            }
        };
        // A source that is no more has nobody to say it to.
        let _ = self.tasks.send(task).await;
    }
}

/// One message of a flood; its clones share its bytes.
fn sample(size: usize, kind: Kind) -> Message {
    let text = "x".repeat(size);
    match kind {
        Kind::Text => text.into(),
        Kind::Binary => text.into_bytes().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_it_is_told_is_said_in_order_after_the_greeting() {
        let mut source = Told::new(Arc::default());
        let mut input = source.input();
        for told in ["!flood 2 3 text", "!echo", "back", "!count"] {
            input.take(told.into()).await;
        }
        for said in [GREETING, "xxx", "xxx", "back", "1 4"] {
            assert_eq!(source.next().await, said.into());
        }
    }

    #[tokio::test]
    async fn a_cut_reaches_every_link_and_is_followed_by_a_greeting() {
        let cut = Arc::new(Notify::new());
        let mut links = [Box::pin(cut.notified()), Box::pin(cut.notified())];
        for link in &mut links {
            assert!(!link.as_mut().enable(), "nothing was cut yet");
        }
        let mut source = Told::new(Arc::clone(&cut));
        source.input().take("!cut".into()).await;
        for link in links {
            link.await;
        }
        assert_eq!(source.next().await, GREETING.into());
        assert_eq!(source.next().await, GREETING.into());
    }
}
