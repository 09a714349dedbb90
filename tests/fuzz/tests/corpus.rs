//! What is kept in `corpus/`, and what was found and mended: all of it still holds.

use std::fs;
use std::path::{Path, PathBuf};

use envsocket_fuzz::{decoder, session, snapshot};

fn replay(target: &str, run: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", dir.display());
    for file in files {
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // The last one that is named is the one that fails.
        println!("{}", file.display());
        run(&bytes);
    }
}

#[test]
fn the_decoder_takes_everything_in_its_corpus() {
    replay("decoder", decoder::run);
}

#[test]
fn the_session_takes_everything_in_its_corpus() {
    replay("session", session::run);
}

#[test]
fn the_screen_takes_everything_in_its_corpus() {
    replay("snapshot", snapshot::run);
}
