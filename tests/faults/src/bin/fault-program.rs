//! What runs in an environment in place of a shell, on a terminal that changes nothing of what goes through it.
//!
//! - `fault-program echo FILE` adds a line to the file, says `ready` and then whatever it hears, until that is
//!   `q`.
//! - `fault-program say BYTES SEED` says `ready`, and then so much noise, a part for every byte that it hears: a
//!   program that waits for nobody would say more while a link is down than the server keeps. For one more byte it
//!   says the noise's SHA-256, in hex.
//! - `fault-program hear BYTES SEED` says `ready`, and then whether it heard so much noise.
//! - `fault-program digest BYTES` says `ready`, and then the SHA-256 of so many bytes that it heard, in hex.
//!
//! All of them end with their terminal.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use envsocket_faults::noise::{Noise, PART};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use sha2::{Digest, Sha256};

type Done = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["echo", file] => echo(file),
        ["say", bytes, seed] => noise(bytes, seed, say),
        ["hear", bytes, seed] => noise(bytes, seed, hear),
        ["digest", bytes] => digest(bytes),
        _ => Err("usage: fault-program echo FILE | say BYTES SEED | hear BYTES SEED | digest BYTES".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fault-program: {error}");
            ExitCode::FAILURE
        }
    }
}

fn echo(file: &str) -> Done {
    OpenOptions::new().append(true).create(true).open(file)?.write_all(b"started\n")?;
    be_ready()?;
    let mut heard = [0; 4096];
    loop {
        match io::stdin().read(&mut heard)? {
            0 => return Ok(()),
            _ if heard.starts_with(b"q") => return Ok(()),
            count => tell(&heard[..count])?,
        }
    }
}

fn noise(bytes: &str, seed: &str, run: impl FnOnce(u64, Noise) -> Done) -> Done {
    run(bytes.parse()?, Noise::new(seed.parse()?))
}

fn say(bytes: u64, mut noise: Noise) -> Done {
    let mut said = Sha256::new();
    be_ready()?;
    while noise.at() < bytes {
        io::stdin().read_exact(&mut [0])?;
        let end = bytes.min(noise.at() + PART);
        while noise.at() < end {
            let chunk = noise.take(end - noise.at());
            said.update(&chunk);
            tell(&chunk)?;
        }
    }
    io::stdin().read_exact(&mut [0])?;
    tell_digest(said)?;
    stay()
}

fn hear(bytes: u64, mut noise: Noise) -> Done {
    be_ready()?;
    let mut heard = vec![0; 64 * 1024];
    while noise.at() < bytes {
        let count = io::stdin().read(&mut heard)?;
        if count == 0 {
            return Err(format!("ended after {} bytes", noise.at()).into());
        }
        if let Err(differs) = noise.expect(&heard[..count]) {
            tell(differs.to_string().as_bytes())?;
            return stay();
        }
    }
    tell(b"whole")?;
    stay()
}

fn digest(bytes: &str) -> Done {
    let bytes: u64 = bytes.parse()?;
    let mut heard = Sha256::new();
    be_ready()?;
    if io::copy(&mut io::stdin().take(bytes), &mut heard)? < bytes {
        return Err("ended before all was heard".into());
    }
    tell_digest(heard)?;
    stay()
}

/// Has the terminal pass everything on as it is, and says so: what came before may have been changed.
fn be_ready() -> Done {
    let mut terminal = tcgetattr(io::stdin())?;
    terminal.make_raw();
    tcsetattr(io::stdin(), OptionalActions::Now, &terminal)?;
    tell(b"ready")
}

fn tell_digest(digest: Sha256) -> Done {
    tell(format!("{:x}", digest.finalize()).as_bytes())
}

fn tell(bytes: &[u8]) -> Done {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// An end would be one more thing that happens.
fn stay() -> Done {
    while io::stdin().read(&mut [0; 64])? > 0 {}
    Ok(())
}
