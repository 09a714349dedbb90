//! A TCP proxy on loopback that breaks on command. It knows bytes and nothing of what they mean.
//!
//! A *link* is one connection of a client and the one to the target that was made for it. What is planned for
//! a link is told before it comes ([`Proxy::plan`]), so that a cut meets exactly the byte that was meant.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | accepting, and what can be commanded |
//! | `flow` | whether bytes go each way |
//! | `link` | one link: bytes, and how it ends |
//! | `script` | the commands as lines, for programs that are not Rust |

mod flow;
mod link;
pub mod script;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::patience::within;
use flow::Flow;
use link::Link;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the target.
    Up,
    /// From the target to the client.
    Down,
}

/// How a link is cut, on both of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// RST: as a crash, or a firewall that forgot. Bytes that the kernels had not moved by then are lost.
    Reset,
    /// FIN: as an orderly end of TCP, without a word of the protocol above. Bytes on their way arrive.
    Finish,
}

/// A link's end, known before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Whose bytes are counted.
    pub way: Way,
    /// How many of them get through: the link is cut as soon as they have, with 0 at once.
    pub after: u64,
    /// How.
    pub manner: Manner,
}

/// What the proxy has seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Links that were begun.
    pub begun: u64,
    /// Links that are open.
    pub open: u64,
    /// Links that the proxy has cut.
    pub cut: u64,
    /// Connections that were refused.
    pub refused: u64,
    /// Bytes that were passed on to the target, over all links.
    pub up: u64,
    /// Bytes that were passed on to clients, over all links.
    pub down: u64,
}

/// A running proxy. Dropping it drops its links.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    _accepting: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    tally: watch::Sender<Tally>,
}

#[derive(Debug)]
struct State {
    target: SocketAddr,
    plans: VecDeque<Cut>,
    refuses: bool,
    /// For links to come.
    flow: Flow,
    delay: Duration,
    links: BTreeMap<u64, Handle>,
}

/// What the proxy holds of an open link.
#[derive(Debug)]
struct Handle {
    flow: watch::Sender<Flow>,
    cut: oneshot::Sender<Order>,
}

/// To cut a link, and to say when that is done.
type Order = (Manner, oneshot::Sender<()>);

impl Proxy {
    /// Listens on a free port of 127.0.0.1 and passes everything on.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let state = State {
            target,
            plans: VecDeque::new(),
            refuses: false,
            flow: Flow::default(),
            delay: Duration::ZERO,
            links: BTreeMap::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), tally: watch::Sender::default() });
        let accepting = AbortOnDropHandle::new(tokio::spawn(accept(listener, Arc::clone(&shared))));
        Ok(Self { addr, shared, _accepting: accepting })
    }

    /// Where clients connect.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Sends links to come elsewhere.
    pub fn retarget(&self, target: SocketAddr) {
        self.shared.lock().target = target;
    }

    /// Plans the end of a link to come: the first plan is for the next one, the second for the one after.
    pub fn plan(&self, cut: Cut) {
        self.shared.lock().plans.push_back(cut);
    }

    /// Cuts what is open; returns how many links that were, once they are cut.
    pub async fn cut(&self, manner: Manner) -> usize {
        let open = std::mem::take(&mut self.shared.lock().links);
        let mut cut = 0;
        for Handle { cut: order, .. } in open.into_values() {
            let (done, is_done) = oneshot::channel();
            // One that ends by itself in this moment is not counted.
            let _ = order.send((manner, done));
            cut += usize::from(is_done.await.is_ok());
        }
        cut
    }

    /// Passes nothing on in these directions, the end of a connection included, and closes nothing: the links
    /// that are open become half-open. Those to come are whole.
    pub fn hold_open(&self, ways: &[Way]) {
        let state = self.shared.lock();
        state.links.values().for_each(|link| link.flow.send_modify(|flow| flow.hold(ways)));
    }

    /// The same for links to come as well.
    pub fn hold(&self, ways: &[Way]) {
        self.shared.lock().change_flow(|flow| flow.hold(ways));
    }

    /// Passes on what was held, and what comes from now on.
    pub fn release(&self) {
        self.shared.lock().change_flow(Flow::release);
    }

    /// Has links to come pass everything on only so long after it came, in both directions.
    pub fn delay(&self, delay: Duration) {
        self.shared.lock().delay = delay;
    }

    /// Resets connections that come from now on, or no longer does.
    pub fn refuse(&self, refuses: bool) {
        self.shared.lock().refuses = refuses;
    }

    /// What it has seen so far.
    pub fn tally(&self) -> Tally {
        *self.shared.tally.borrow()
    }

    /// Waits until it has seen enough.
    ///
    /// # Panics
    /// When that takes far too long, with `what`.
    pub async fn until(&self, what: &str, reached: impl Fn(&Tally) -> bool) -> Tally {
        let mut tally = self.shared.tally.subscribe();
        *within(what, tally.wait_for(|tally| reached(tally))).await.expect("the sender is in `self`")
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this lock")
    }
}

impl State {
    fn change_flow(&mut self, change: impl Fn(&mut Flow)) {
        change(&mut self.flow);
        self.links.values().for_each(|link| link.flow.send_modify(&change));
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut links = JoinSet::new();
    for number in 0.. {
        let client = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = links.join_next() => continue,
        };
        // It fails when the client is gone already, or the machine has no descriptor left: neither is a link.
        let Ok((client, _)) = client else { continue };
        let Some((target, link)) = admit(&shared, number) else {
            shared.tally.send_modify(|tally| tally.refused += 1);
            link::reset(&client);
            continue;
        };
        links.spawn(run(client, target, link, Arc::clone(&shared), number));
    }
}

/// What a new link is to do; `None` when it is refused.
fn admit(shared: &Shared, number: u64) -> Option<(SocketAddr, Link)> {
    let mut state = shared.lock();
    if state.refuses {
        return None;
    }
    let (flow, flows) = watch::channel(state.flow);
    let (cut, order) = oneshot::channel();
    state.links.insert(number, Handle { flow, cut });
    shared.tally.send_modify(|tally| {
        tally.begun += 1;
        tally.open += 1;
    });
    let (plan, delay) = (state.plans.pop_front(), state.delay);
    Some((state.target, Link { plan, delay, flows, order, tally: shared.tally.clone() }))
}

async fn run(client: TcpStream, target: SocketAddr, link: Link, shared: Arc<Shared>, number: u64) {
    let sides = link.carry(client, target).await;
    shared.lock().links.remove(&number);
    shared.tally.send_modify(|tally| tally.open -= 1);
    sides.rest().await;
}
