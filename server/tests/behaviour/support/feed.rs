//! A server of JSON feeds, made with the library alone: prices by name, whose snapshot is all of them at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::any;
use envsocket_server::resume::{
    Entry, Input, Limits, Message, Output, Recorder, Sessions, Size, Source, Terms, Upgrade,
};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_util::task::AbortOnDropHandle;

use super::Tab;

/// All that is open, and what they were told.
#[derive(Clone, Default)]
pub(crate) struct Feed {
    open: Arc<Mutex<Vec<UnboundedSender<Output>>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct FeedServer {
    pub(crate) addr: SocketAddr,
    pub(crate) feed: Feed,
    pub(crate) sessions: Sessions<&'static str>,
    _serving: AbortOnDropHandle<()>,
}

struct Prices {
    output: UnboundedReceiver<Output>,
    feed: Feed,
}

/// Remembers the latest price of everything.
#[derive(Default)]
struct Latest(BTreeMap<String, Value>);

impl Source for Prices {
    type Input = Feed;

    fn input(&mut self) -> Feed {
        self.feed.clone()
    }

    async fn next(&mut self) -> Output {
        self.output.recv().await.unwrap_or_else(|| Output::end("no more prices"))
    }

    fn recorder(&mut self) -> Option<Box<dyn Recorder<Message> + Send>> {
        Some(Box::<Latest>::default())
    }
}

impl Input for Feed {
    async fn take(&mut self, message: Message) {
        self.note(String::from_utf8(message.into_bytes().into()).expect("the tests send text"));
    }

    async fn resize(&mut self, Size { cols, rows }: Size) {
        self.note(format!("{cols}x{rows}"));
    }
}

impl Recorder<Message> for Latest {
    fn record(&mut self, entry: &Entry<Message>) {
        let Entry::Message(Message::Text(json)) = entry else { return };
        let prices: Map<String, Value> = serde_json::from_str(json).expect("the feed is JSON objects");
        self.0.extend(prices);
    }

    fn snapshot(&self) -> Option<Message> {
        Some(serde_json::to_string(&self.0).expect("it is JSON").into())
    }
}

impl Feed {
    fn note(&self, what: String) {
        self.taken.lock().expect("nobody panics").push(what);
    }

    /// All input that any source took, in its order.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("nobody panics").clone()
    }

    /// How many sources were opened.
    pub(crate) fn opened(&self) -> usize {
        self.open.lock().expect("nobody panics").len()
    }

    /// Waits until nobody holds any source.
    pub(crate) async fn until_dropped(&self) {
        let sources = self.open.lock().expect("nobody panics").clone();
        for source in sources {
            super::within("a source to be let go", source.closed()).await;
        }
    }

    /// Every source says this.
    pub(crate) fn say(&self, output: impl Into<Output>) {
        let output = output.into();
        for source in &*self.open.lock().expect("nobody panics") {
            // A source that nobody holds any more says nothing.
            let _ = source.send(output.clone());
        }
    }
}

impl FeedServer {
    pub(crate) async fn start(terms: Terms, limits: Limits) -> Self {
        let (feed, sessions) = (Feed::default(), Sessions::new(terms, limits));
        let upgrade = {
            let (feed, sessions) = (feed.clone(), sessions.clone());
            async move |request: Upgrade| {
                let open = async move || {
                    let (sender, output) = mpsc::unbounded_channel();
                    feed.open.lock().expect("nobody panics").push(sender);
                    Ok(Prices { output, feed })
                };
                sessions.upgrade(request, "prices", open)
            }
        };
        let router = Router::new().route("/prices", any(upgrade));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("it listens");
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { addr, feed, sessions, _serving: AbortOnDropHandle::new(serving) }
    }

    /// A tab in a session of its own.
    pub(crate) fn tab(&self) -> Tab {
        Tab::new(self.addr, "/prices")
    }

    /// Waits until there are so many sessions.
    pub(crate) async fn until_count(&self, count: usize) {
        let counted = async {
            while self.sessions.count() != count {
                tokio::task::yield_now().await;
            }
        };
        super::within("sessions to come or go", counted).await;
    }

    /// Waits until the sources have taken this, in all.
    pub(crate) async fn until_taken(&self, expected: &[&str]) {
        let taken = async {
            while self.feed.taken().len() < expected.len() {
                tokio::task::yield_now().await;
            }
        };
        super::within("input to be taken", taken).await;
        assert_eq!(self.feed.taken(), expected);
    }
}
