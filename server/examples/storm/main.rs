//! What a storm of bad handshakes costs those who are there already: the round trip of a hundred typists with and
//! without it, each in a shell of their own. `cargo build --release -p envsocket-server`, and then `cargo run
//! --release -p envsocket-server --example storm -- target/release/envsocket-server`. Linux only.
//!
//! The storm is a process of its own with the lowest priority: it stands for other people's machines, and where it
//! has to share the server's, it is not to be taken for the server's cost.
//!
//! Must not: call a figure good when a message was lost or somebody was cut.

mod attack;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use attack::{Outcome, Stormer};
use futures_util::future::try_join_all;
use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{EncodingKey, Header};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Socket = WebSocketStream<TcpStream>;

const SECRET: &str = "a secret of the benchmark, of 32 bytes or more";
const TYPISTS: usize = 100;
/// A fast typist, or a program that types.
const KEY_EVERY: Duration = Duration::from_millis(50);
const KEYS: usize = 200;
const HANDSHAKES: usize = 10_000;
/// As many at a time.
const STORMERS: usize = 50;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [program] => compare(program).await,
        ["--attack", server, per_second] => attack(server.parse()?, per_second.parse()?).await,
        _ => Err("usage: storm PROGRAM, where PROGRAM is envsocket-server".into()),
    }
}

async fn compare(program: &str) -> Result<()> {
    let lifted =
        "handshakes_per_second = 1000000\nhandshakes_burst = 1000000\nconnections_per_address = 1000000\n";
    println!(
        "{TYPISTS} typists with a key each {KEY_EVERY:?}; {HANDSHAKES} bad handshakes; round trips in ms\n"
    );
    for (name, limits, per_second) in [
        ("500 a second from one address, usual limits", "", 500),
        ("as fast as they go from one address, usual limits", "", u32::MAX),
        ("500 a second, limits lifted: every token is looked at", lifted, 500),
        ("as fast as they go, limits lifted", lifted, u32::MAX),
    ] {
        let (mut server, addr, folder) = start(program, limits).await?;
        let mut sockets = try_join_all((0..TYPISTS).map(|number| typist(addr, number))).await?;
        type_keys(&mut sockets, KEYS / 4).await?;
        let quiet = type_keys(&mut sockets, KEYS).await?;
        // The lowest priority there is, however high this one's is.
        let mut attacker = Command::new("chrt");
        attacker.args(["--idle", "0"]).arg(env::current_exe()?);
        attacker.args(["--attack", &addr.to_string(), &per_second.to_string()]);
        let attacker = attacker.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let outcome = tokio::spawn(attacker.wait_with_output());
        let mut stormy = Vec::new();
        // As long as it lasts.
        while !outcome.is_finished() {
            stormy.extend(type_keys(&mut sockets, 20).await?);
        }
        let outcome = outcome.await??;
        let again = type_keys(&mut sockets, KEYS).await?;
        server.kill().await?;
        std::fs::remove_dir_all(folder)?;
        let noise = Percentiles::of(again.clone()).p99 / Percentiles::of(quiet.clone()).p99;
        let (quiet, stormy) = (Percentiles::of([quiet, again].concat()), Percentiles::of(stormy));
        println!("{name}\n  {}", String::from_utf8_lossy(&outcome.stdout).trim());
        println!("  before and after: {quiet}\n  during:           {stormy}");
        println!(
            "  p99 with / without: {:.2}; after / before, the noise: {noise:.2}\n",
            stormy.p99 / quiet.p99
        );
    }
    Ok(())
}

/// A server with a shell for each typist, in which what is typed comes back.
async fn start(program: &str, limits: &str) -> Result<(Child, SocketAddr, std::path::PathBuf)> {
    let folder = env::temp_dir().join(format!("envsocket-storm-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut text = format!(
        "[auth]\nalgorithm = \"HS256\"\nkey_env = \"STORM_SECRET\"\n[limits]\n{limits}[[project]]\nname = \"p\"\n"
    );
    for number in 0..TYPISTS {
        let command = "[\"/bin/sh\", \"-c\", \"stty raw -echo; echo ready; exec cat\"]";
        write!(text, "[[project.environment]]\nid = \"{number}\"\ncommand = {command}\n")?;
    }
    let file = folder.join("server.toml");
    std::fs::write(&file, text)?;
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--config"]).arg(&file).kill_on_drop(true);
    command.env("STORM_SECRET", SECRET).env("HOME", &folder).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("it is piped")?).lines();
    let line = lines.next_line().await?.ok_or("the server does not start")?;
    let addr = line
        .strip_prefix("listening on http://")
        .ok_or("it says where it listens")?
        .trim_end_matches('/')
        .parse()?;
    Ok((child, addr, folder))
}

async fn typist(addr: SocketAddr, number: usize) -> Result<Socket> {
    let mut request = format!("ws://{addr}/ws/p/{number}").into_client_request()?;
    let token = format!("Bearer {}", signed(SECRET)?);
    request.headers_mut().insert("authorization", token.parse()?);
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await?;
    echoed(&mut socket, b"ready\r\n".len() - 1).await?;
    Ok(socket)
}

fn signed(secret: &str) -> Result<String> {
    let exp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3_600;
    let claims =
        serde_json::json!({ "sub": "typist", "exp": exp, "access": [{ "rights": ["read", "write"] }] });
    Ok(jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))?)
}

/// Everybody types so many keys; all round trips, in ms. Fails if one does not come back.
async fn type_keys(sockets: &mut [Socket], keys: usize) -> Result<Vec<f64>> {
    let count = sockets.len() as u32;
    let typists = sockets.iter_mut().enumerate().map(async |(number, socket)| {
        // Nobody types in step with anybody else.
        sleep(KEY_EVERY / count * number as u32).await;
        let mut ticks = interval(KEY_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut trips = Vec::with_capacity(keys);
        for _ in 0..keys {
            ticks.tick().await;
            let begun = Instant::now();
            socket.send(Message::binary(&b"k"[..])).await?;
            echoed(socket, 1).await?;
            trips.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        Result::Ok(trips)
    });
    Ok(try_join_all(typists).await?.concat())
}

/// Waits until exactly so many bytes have come.
async fn echoed(socket: &mut Socket, mut bytes: usize) -> Result<()> {
    while bytes > 0 {
        match socket.next().await.ok_or("a typist was cut")?? {
            Message::Binary(data) => {
                bytes = bytes.checked_sub(data.len()).ok_or("more came back than was typed")?
            }
            Message::Ping(_) => {}
            other => return Err(format!("{other:?} instead of an echo").into()),
        }
    }
    Ok(())
}

/// The storm: in the time that so many handshakes a second take, or in no more time than they need.
async fn attack(server: SocketAddr, per_second: u32) -> Result<()> {
    let bad_token = signed("another secret, which is long enough")?;
    let begun = Instant::now();
    let stormers = (0..STORMERS).map(async |first| {
        let mut stormer = Stormer::new(server, Ipv4Addr::new(127, 0, 1, 1), "/ws/p/0", &bad_token);
        for number in (first..HANDSHAKES).step_by(STORMERS) {
            let due = Duration::from_secs_f64(number as f64 / f64::from(per_second));
            sleep(due.saturating_sub(begun.elapsed())).await;
            stormer.next().await?;
        }
        Result::Ok(stormer.outcome)
    });
    let outcome = try_join_all(stormers).await?.into_iter().fold(Outcome::default(), Outcome::and);
    let rate = outcome.count() as f64 / begun.elapsed().as_secs_f64();
    println!("{} handshakes, {rate:.0} a second: {outcome:?}", outcome.count());
    Ok(())
}

struct Percentiles {
    p50: f64,
    p99: f64,
    most: f64,
    count: usize,
}

impl Percentiles {
    fn of(mut trips: Vec<f64>) -> Self {
        trips.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| {
            trips.get((trips.len() as f64 * part) as usize).or(trips.last()).copied().unwrap_or(f64::NAN)
        };
        Self { p50: at(0.5), p99: at(0.99), most: at(1.0), count: trips.len() }
    }
}

impl std::fmt::Display for Percentiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { p50, p99, most, count } = self;
        write!(f, "p50 {p50:.2}, p99 {p99:.2}, most {most:.2} ({count} round trips)")
    }
}
