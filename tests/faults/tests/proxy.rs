//! The proxy by itself: what it promises to the tests that stand on it.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use envsocket_faults::patience::within;
use envsocket_faults::proxy::{Cut, Manner, Proxy, Way, script};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BOTH: [Way; 2] = [Way::Up, Way::Down];
const MANNERS: [Manner; 2] = [Manner::Reset, Manner::Finish];

/// A target that does nothing by itself: the test holds the other end of every link.
struct Target(TcpListener);

impl Target {
    async fn start() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port"))
    }

    fn addr(&self) -> SocketAddr {
        self.0.local_addr().expect("it listens")
    }

    /// A link through the proxy: the client's end and the target's.
    async fn link(&self, proxy: &Proxy) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(proxy.addr()).await.expect("the proxy listens");
        let (target, _) = within("a link", self.0.accept()).await.expect("the target listens");
        (client, target)
    }
}

async fn started() -> (Target, Proxy) {
    let target = Target::start().await;
    let proxy = Proxy::start(target.addr()).await.expect("a free port");
    (target, proxy)
}

async fn write(socket: &mut TcpStream, bytes: &[u8]) {
    socket.write_all(bytes).await.expect("the socket is open");
}

async fn expect(socket: &mut TcpStream, bytes: &[u8]) {
    let mut read = vec![0; bytes.len()];
    within("bytes", socket.read_exact(&mut read)).await.expect("the socket is open");
    assert_eq!(read, bytes);
}

/// All that comes until the end, and how that was.
async fn rest(socket: &mut TcpStream) -> (Vec<u8>, Manner) {
    let mut read = Vec::new();
    match within("the end", socket.read_to_end(&mut read)).await {
        Ok(_) => (read, Manner::Finish),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            (read, Manner::Reset)
        }
    }
}

/// Whether nothing has come by now.
fn is_silent(socket: &TcpStream) -> bool {
    socket.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn everything_is_passed_on_and_one_sides_end_leaves_the_other_side_open() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    write(&mut client, b"request").await;
    client.shutdown().await.expect("it is open");
    assert_eq!(rest(&mut server).await, (b"request".to_vec(), Manner::Finish));
    write(&mut server, b"answer").await;
    drop(server);
    assert_eq!(rest(&mut client).await, (b"answer".to_vec(), Manner::Finish));
    let tally = proxy.until("the link's end", |tally| tally.open == 0).await;
    assert_eq!((tally.begun, tally.cut, tally.up, tally.down), (1, 0, 7, 6));
}

#[tokio::test]
async fn a_side_that_breaks_off_is_passed_on_as_that() {
    let (target, proxy) = started().await;
    let (client, mut server) = target.link(&proxy).await;
    client.set_zero_linger().expect("it is open");
    drop(client);
    assert_eq!(rest(&mut server).await, (Vec::new(), Manner::Reset));
}

#[tokio::test]
async fn a_planned_cut_lets_exactly_so_many_bytes_through() {
    const TEXT: &[u8] = b"0123456789";
    let (target, proxy) = started().await;
    for manner in MANNERS {
        for way in BOTH {
            for after in 0..=TEXT.len() {
                proxy.plan(Cut { way, after: after as u64, manner });
                let (mut client, mut server) = target.link(&proxy).await;
                let (from, to) = match way {
                    Way::Up => (&mut client, &mut server),
                    Way::Down => (&mut server, &mut client),
                };
                // It fails when the cut was quicker.
                let _ = from.write_all(TEXT).await;
                let (read, ended) = rest(to).await;
                assert_eq!((read.as_slice(), ended), (&TEXT[..after], manner), "{way:?}");
                rest(from).await;
            }
        }
    }
    assert_eq!(proxy.tally().cut, 4 * (TEXT.len() as u64 + 1));
}

#[tokio::test]
async fn plans_are_for_links_in_their_order_and_the_next_one_is_whole() {
    let (target, proxy) = started().await;
    for after in [2, 3] {
        proxy.plan(Cut { way: Way::Down, after, manner: Manner::Finish });
    }
    let (mut first, mut first_server) = target.link(&proxy).await;
    let (mut second, mut second_server) = target.link(&proxy).await;
    let (mut third, mut third_server) = target.link(&proxy).await;
    write(&mut second_server, b"second").await;
    write(&mut first_server, b"first").await;
    write(&mut third_server, b"third").await;
    assert_eq!(rest(&mut first).await.0, b"fi");
    assert_eq!(rest(&mut second).await.0, b"sec");
    expect(&mut third, b"third").await;
}

#[tokio::test]
async fn a_cut_ends_all_open_links_and_none_that_comes_later() {
    let (target, proxy) = started().await;
    for manner in MANNERS {
        let mut links = [target.link(&proxy).await, target.link(&proxy).await];
        assert_eq!(proxy.cut(manner).await, 2);
        for (client, server) in &mut links {
            assert_eq!(rest(client).await, (Vec::new(), manner));
            assert_eq!(rest(server).await, (Vec::new(), manner));
        }
        assert_eq!(proxy.cut(manner).await, 0);
        let (mut client, mut server) = target.link(&proxy).await;
        write(&mut client, b"whole").await;
        expect(&mut server, b"whole").await;
        proxy.cut(Manner::Reset).await;
    }
}

#[tokio::test]
async fn a_half_open_link_carries_nothing_not_even_its_end_and_a_new_one_is_whole() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    write(&mut client, b"before").await;
    expect(&mut server, b"before").await;
    proxy.hold_open(&BOTH);
    write(&mut client, b"held").await;
    write(&mut server, b"too").await;
    drop(client);

    let (mut other, mut other_server) = target.link(&proxy).await;
    write(&mut other, b"whole").await;
    expect(&mut other_server, b"whole").await;
    write(&mut other_server, b"whole").await;
    expect(&mut other, b"whole").await;
    assert!(is_silent(&server));

    proxy.release();
    expect(&mut server, b"held").await;
    rest(&mut server).await;
}

#[tokio::test]
async fn one_direction_can_be_held_and_the_other_goes_on() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    proxy.hold(&[Way::Down]);
    write(&mut server, b"held").await;
    write(&mut client, b"passed").await;
    expect(&mut server, b"passed").await;
    // Held from its beginning.
    let (late, mut late_server) = target.link(&proxy).await;
    write(&mut late_server, b"held").await;
    assert!(is_silent(&client) && is_silent(&late));
    proxy.release();
    expect(&mut client, b"held").await;
}

#[tokio::test]
async fn a_held_link_can_be_cut() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    proxy.hold(&BOTH);
    write(&mut client, b"never").await;
    assert_eq!(proxy.cut(Manner::Finish).await, 1);
    assert_eq!(rest(&mut client).await, (Vec::new(), Manner::Finish));
    assert_eq!(rest(&mut server).await, (Vec::new(), Manner::Finish));
}

#[tokio::test]
async fn bytes_wait_as_long_as_they_are_delayed() {
    let (target, proxy) = started().await;
    proxy.delay(Duration::from_secs(3600));
    let (mut slow, slow_server) = target.link(&proxy).await;
    write(&mut slow, b"late").await;
    proxy.delay(Duration::from_millis(1));
    let (mut quick, mut quick_server) = target.link(&proxy).await;
    write(&mut quick, b"soon").await;
    expect(&mut quick_server, b"soon").await;
    assert!(is_silent(&slow_server));
}

#[tokio::test]
async fn new_connections_are_refused_while_it_is_told_to_and_open_ones_stay() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    proxy.refuse(true);
    let mut refused = TcpStream::connect(proxy.addr()).await.expect("the proxy listens");
    assert_eq!(rest(&mut refused).await, (Vec::new(), Manner::Reset));
    write(&mut client, b"open").await;
    expect(&mut server, b"open").await;
    proxy.refuse(false);
    target.link(&proxy).await;
    assert_eq!((proxy.tally().refused, proxy.tally().begun), (1, 2));
}

#[tokio::test]
async fn links_go_to_the_target_that_there_is_when_they_begin() {
    let (target, proxy) = started().await;
    let (mut client, mut server) = target.link(&proxy).await;
    let elsewhere = Target::start().await;
    proxy.retarget(elsewhere.addr());
    elsewhere.link(&proxy).await;
    write(&mut client, b"still here").await;
    expect(&mut server, b"still here").await;
}

#[tokio::test]
async fn a_client_is_reset_when_there_is_no_target() {
    let (target, proxy) = started().await;
    drop(target);
    let mut client = TcpStream::connect(proxy.addr()).await.expect("the proxy listens");
    assert_eq!(rest(&mut client).await, (Vec::new(), Manner::Reset));
}

#[tokio::test]
async fn lines_command_it_and_are_answered_with_what_it_has_seen() {
    let (target, proxy) = started().await;
    let answer = script::obey(&proxy, "plan down 3 finish").await;
    assert_eq!(answer, r#"{"begun":0,"cut":0,"down":0,"open":0,"refused":0,"up":0}"#);
    let (mut client, mut server) = target.link(&proxy).await;
    write(&mut server, b"planned").await;
    assert_eq!(rest(&mut client).await, (b"pla".to_vec(), Manner::Finish));
    let (mut client, _server) = target.link(&proxy).await;
    let answer = script::obey(&proxy, "cut reset").await;
    assert_eq!(answer, r#"{"begun":2,"cut":2,"down":3,"open":0,"refused":0,"up":0}"#);
    assert_eq!(script::obey(&proxy, "idle").await, answer);
    assert_eq!(rest(&mut client).await, (Vec::new(), Manner::Reset));
    for wrong in
        ["", "plan", "plan down", "plan down x reset", "plan both 1 reset", "cut", "hold x", "target x"]
    {
        assert!(script::obey(&proxy, wrong).await.contains("no such command"), "{wrong}");
    }
}
