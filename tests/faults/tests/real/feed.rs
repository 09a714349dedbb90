//! A feed that waits for nobody, over a log that is too small for it: what is missing after a cut is announced, to
//! the number, and everything else arrives once.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::routing::any;
use envsocket::core::event::{CloseInfo, Direction};
use envsocket_faults::client::{Client, Told, eager};
use envsocket_faults::noise::Noise;
use envsocket_faults::proxy::{Cut, Manner, Proxy, Way};
use envsocket_server::resume::{Input, Limits, Message, Output, Sessions, Source, Terms, Upgrade};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

const CUTS: u64 = 40;
const RING: u64 = 64 * 1024;

/// What a session may cost besides its log: itself, and input that waits.
const BESIDES: u64 = 16 * 1024;

/// Says its own count, until somebody says something.
#[derive(Clone, Default)]
struct Feed {
    said: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

/// Some of it could be taken for a control frame.
fn saying(number: u64) -> String {
    if number.is_multiple_of(5) { format!("\0{number}") } else { number.to_string() }
}

impl Source for Feed {
    type Input = Self;

    fn input(&mut self) -> Self {
        self.clone()
    }

    async fn next(&mut self) -> Output {
        tokio::task::yield_now().await;
        if self.is_over.load(Ordering::Relaxed) {
            return Output::end("told to");
        }
        Output::from(saying(self.said.fetch_add(1, Ordering::Relaxed) + 1))
    }
}

impl Input for Feed {
    async fn take(&mut self, _: Message) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

async fn serve(feed: Feed, sessions: Sessions<&'static str>) -> (SocketAddr, AbortOnDropHandle<()>) {
    let upgrade = async move |request: Upgrade| {
        let feed = feed.clone();
        sessions.upgrade(request, "feed", async move || Ok(feed))
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let addr = listener.local_addr().expect("it listens");
    let app = Router::new().route("/feed", any(upgrade));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it never ends") });
    (addr, AbortOnDropHandle::new(serving))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_small_log_could_not_keep_is_announced_exactly() {
    let (feed, terms) = (Feed::default(), Terms { ring: RING, tail: 4 * 1024, ..Terms::default() });
    let sessions = Sessions::new(terms, Limits::default());
    let (addr, _serving) = serve(feed.clone(), sessions.clone()).await;
    let proxy = Proxy::start(addr).await.expect("a free port");
    let mut dice = Noise::new(6);
    for _ in 0..CUTS {
        // A link has some 600 bytes before its first message.
        let after = 500 + dice.number() % 20_000;
        proxy.plan(Cut { way: Way::Down, after, manner: Manner::Reset });
    }

    let mut client = Client::start(proxy.addr(), "/feed", eager());
    let (mut next, mut gaps, mut is_told) = (None, 0, false);
    let ended = loop {
        // The log, and what is on its way to the client: half of the log at most.
        assert!(sessions.cost() <= RING + RING / 2 + BESIDES, "{} bytes are kept", sessions.cost());
        match client.next().await {
            Told::Message(message) => {
                let text = String::from_utf8_lossy(message.as_bytes()).into_owned();
                let number = text.trim_start_matches('\0').parse().expect("a count");
                assert_eq!((text, number), (saying(number), next.unwrap_or(number)));
                next = Some(number + 1);
            }
            Told::Gap { direction, from, to, reason, snapshot } => {
                assert_eq!((direction, from, &*reason, snapshot), (Direction::In, next, "evicted", false));
                next = to.map(|to| to + 1);
                gaps += 1;
            }
            Told::Close(info) => break info,
            Told::Open | Told::Status(..) => {}
            other => panic!("{other:?}"),
        }
        if !is_told && proxy.tally().cut == CUTS {
            client.send("enough").await;
            is_told = true;
        }
    };
    assert_eq!(ended, CloseInfo { code: 1000, reason: "told to".into(), clean: true });
    assert_eq!(next, Some(feed.said.load(Ordering::Relaxed) + 1), "the last one was told, or is in a gap");
    assert!(gaps > 0, "nothing was evicted");
    assert_eq!(client.counted().await.lost, gaps);
}
