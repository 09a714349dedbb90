//! Loads the servers of the benchmark with WebSockets, and prints what they do in a second of a core's time.
//! `cargo xtask bench server` runs it.
//!
//! | module | what it is |
//! | --- | --- |
//! | `target` | a server under test: a process of its own, its CPU time, its memory |
//! | `client` | a lean client, with and without `envsocket.v1` |
//! | `recordings` | what terminals print |
//! | `phases`, `plan` | what is measured, and how much of it |
//! | `figures`, `statistics` | what comes out |
//!
//! Must not: measure two servers at a time, or call a measurement good that lost a message. It has one thread,
//! as each server has: on two cores, both run at full speed. Linux only.

mod client;
mod figures;
mod phases;
mod plan;
mod recordings;
mod statistics;
mod target;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use client::Offer;
use figures::Figures;
use lexopt::prelude::*;
use plan::{FULL, Plan, QUICK, WARM_UP};
use recordings::{Recording, SCRIPTS, record};
use rustix::process::{Resource, getrlimit, setrlimit};
use target::{Kind, Target};

/// What is compared: a bare axum WebSocket, the same under another name, which shows the noise, and the server
/// library without the protocol, with it, and with compression as well.
const KINDS: [Kind; 5] = [
    Kind { name: "bare axum", server: "bare", offer: Offer::Nothing },
    Kind { name: "bare axum again", server: "bare", offer: Offer::Nothing },
    Kind { name: "envsocket, plain", server: "library", offer: Offer::Plain },
    Kind { name: "envsocket.v1", server: "library", offer: Offer::V1 },
    Kind { name: "v1, compressed", server: "library", offer: Offer::PackedV1 },
];

/// What is compared where the question is compression.
const PACKED_KINDS: [Kind; 3] = [
    Kind { name: "envsocket.v1", server: "library", offer: Offer::V1 },
    Kind { name: "envsocket.v1 again", server: "library", offer: Offer::V1 },
    Kind { name: "v1, compressed", server: "library", offer: Offer::PackedV1 },
];

/// How many messages of a connection are on their way at once, so that a server can deal with several together.
/// A crowd has one each, with which it cannot.
const WINDOW: usize = 16;

/// Nothing that is measured takes as long, and what hangs is to say so.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is asked for.
#[derive(Debug)]
struct Asked {
    server: PathBuf,
    out: PathBuf,
    quick: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error}\nusage: envsocket-load --server PROGRAM --out DIR [--quick]");
            return ExitCode::from(2);
        }
    };
    match run(&asked).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("envsocket-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Result<Asked, lexopt::Error> {
    let (mut server, mut out, mut quick) = (None, None, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("server") => server = Some(parser.value()?.into()),
            Long("out") => out = Some(parser.value()?.into()),
            Long("quick") => quick = true,
            other => return Err(other.unexpected()),
        }
    }
    let missing = |name| lexopt::Error::Custom(format!("{name} is missing").into());
    Ok(Asked {
        server: server.ok_or_else(|| missing("--server"))?,
        out: out.ok_or_else(|| missing("--out"))?,
        quick,
    })
}

async fn run(asked: &Asked) -> io::Result<()> {
    as_many_files_as_allowed()?;
    let plan = if asked.quick { QUICK } else { FULL };
    let mut figures = Figures::of(KINDS.map(|kind| kind.name).to_vec());
    speed(&asked.server, &plan, &mut figures).await?;
    memory(&asked.server, &plan, &mut figures).await?;
    println!("\n{} rounds, {} of memory\n", plan.rounds, plan.idle_rounds);
    println!("{}", figures.table());
    std::fs::create_dir_all(&asked.out)?;
    let mut terminals = Figures::of(PACKED_KINDS.map(|kind| kind.name).to_vec());
    compression(&asked.server, &recorded(&asked.out).await?, &plan, &mut terminals).await?;
    println!("\n{} rounds of {} connections each\n\n{}", plan.replay_rounds, plan.replays, terminals.table());
    let file = asked.out.join("load.json");
    let all = serde_json::json!({ "load": figures.json(), "terminals": terminals.json() });
    std::fs::write(&file, format!("{all:#}\n"))?;
    println!("all figures: {}", file.display());
    Ok(())
}

/// Thousands of sockets are as many files, here and in the servers, which inherit the limit.
fn as_many_files_as_allowed() -> io::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}

/// Everything but memory: all servers stay up, and each round begins with another one.
async fn speed(program: &Path, plan: &Plan, figures: &mut Figures) -> io::Result<()> {
    let mut targets = Vec::new();
    for kind in KINDS {
        targets.push(Target::start(program, kind).await?);
    }
    let mut thrown_away = Figures::of(KINDS.map(|kind| kind.name).to_vec());
    round("warming up", &targets, 0, &WARM_UP, &mut thrown_away).await?;
    for number in 1..=plan.rounds {
        round(&format!("round {number} of {}", plan.rounds), &targets, number, plan, figures).await?;
    }
    for target in targets {
        target.stop().await?;
    }
    Ok(())
}

async fn round(
    what: &str,
    targets: &[Target],
    number: usize,
    plan: &Plan,
    figures: &mut Figures,
) -> io::Result<()> {
    println!("load: {what}");
    let mut order: Vec<_> = targets.iter().enumerate().collect();
    order.rotate_left(number % targets.len());
    if number % 2 == 1 {
        order.reverse();
    }
    for (server, target) in order {
        every_phase(target, plan, |row, figure| figures.add(row, server, figure)).await?;
    }
    Ok(())
}

async fn every_phase(target: &Target, plan: &Plan, mut add: impl FnMut(&'static str, f64)) -> io::Result<()> {
    let kind = target.kind;
    let done = patient(kind, "opening", phases::opened(target, plan.sessions)).await?;
    add("sessions opened a second", done.a_second());
    add("sessions opened a CPU second", done.a_cpu_second());
    let done = patient(kind, "echoes", phases::echoes(target, plan.links, WINDOW, plan.echoes)).await?;
    add("echoes a second", done.a_second());
    add("echoes a CPU second", done.a_cpu_second());
    let done =
        patient(kind, "a crowd's echoes", phases::echoes(target, plan.crowd, 1, plan.crowd_echoes)).await?;
    add("a crowd's echoes a second", done.a_second());
    add("a crowd's echoes a CPU second", done.a_cpu_second());
    let done = patient(kind, "receiving", phases::received(target, plan.links, plan.one_way)).await?;
    add("messages from the server a second", done.a_second());
    add("messages from the server a CPU second", done.a_cpu_second());
    let done = patient(kind, "sending", phases::sent(target, plan.links, plan.one_way)).await?;
    add("messages to the server a second", done.a_second());
    add("messages to the server a CPU second", done.a_cpu_second());
    let trips = patient(kind, "round trips", phases::trips(target, plan.trips)).await?;
    add("round trip, p50, µs", trips.p50);
    add("round trip, p99, µs", trips.p99);
    if kind.offer == Offer::V1 {
        let resumes = patient(kind, "resuming", phases::resumes(target, plan.resumes)).await?;
        add("resume: connecting to the welcome, µs", resumes.welcome);
        add("resume: the welcome to the first replayed message, µs", resumes.replay);
        add("resume: a round trip before the cut, µs", resumes.trip);
    }
    Ok(())
}

/// Memory wants a new process each time: what was used once is rarely given back.
async fn memory(program: &Path, plan: &Plan, figures: &mut Figures) -> io::Result<()> {
    for number in 1..=plan.idle_rounds {
        println!("load: memory, round {number} of {}", plan.idle_rounds);
        for (server, kind) in KINDS.into_iter().enumerate() {
            let target = Target::start(program, kind).await?;
            let idle = patient(kind, "idling", phases::idle(&target, plan.idle)).await?;
            figures.add("bytes a silent session", server, idle.silent);
            figures.add("bytes a session after one message and its answer", server, idle.used);
            target.stop().await?;
        }
    }
    Ok(())
}

/// What the programs print that this machine has.
async fn recorded(out: &Path) -> io::Result<Vec<Recording>> {
    let mut recordings = Vec::new();
    for script in SCRIPTS {
        if !script.is_there() {
            println!("load: no {} here: its rows are left out", script.name);
            continue;
        }
        println!("load: recording {}", script.name);
        let recording = tokio::time::timeout(PATIENCE, record(script, out)).await??;
        let bytes: usize = recording.messages.iter().map(Vec::len).sum();
        println!("load: {}: {} messages, {bytes} bytes", script.name, recording.messages.len());
        recordings.push(recording);
    }
    Ok(recordings)
}

/// What terminals print, with compression and without.
async fn compression(
    program: &Path,
    recordings: &[Recording],
    plan: &Plan,
    figures: &mut Figures,
) -> io::Result<()> {
    let mut targets = Vec::new();
    for kind in PACKED_KINDS {
        targets.push(Target::start(program, kind).await?);
    }
    for number in 0..=plan.replay_rounds {
        println!("load: terminals, round {number} of {}", plan.replay_rounds);
        for (server, target) in targets.iter().enumerate() {
            for recording in recordings {
                let replay = phases::replayed(target, recording, plan.replays);
                let replay = patient(target.kind, recording.script.name, replay).await?;
                // The first one warms up.
                if number > 0 {
                    let [bytes, cpu] = recording.script.rows;
                    figures.add(bytes, server, replay.bytes);
                    figures.add(cpu, server, replay.cpu_a_message);
                }
            }
        }
    }
    for target in targets {
        target.stop().await?;
    }
    Ok(())
}

/// The work; if something goes wrong, the error says where.
async fn patient<T>(kind: Kind, what: &str, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let ended =
        tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    ended.map_err(|error| io::Error::new(error.kind(), format!("{}, {what}: {error}", kind.name)))
}
