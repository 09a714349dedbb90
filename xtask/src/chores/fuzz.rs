//! Feeds the targets of tests/fuzz with what libFuzzer makes up, guided by what of the code it reaches.
//!
//! What reaches more is collected in cargo's target folder, and is where the next run goes on; the corpus in the
//! repository is only read. A finding is an error, and lies in `tests/fuzz/libfuzzer/artifacts`.

use std::fs;

use crate::args::Target;
use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::{cargo_tools, nightly};

/// Longer inputs say nothing new, and take long.
const MOST_BYTES: &str = "-max_len=4096";

/// An input that takes so many seconds is a finding.
const SLOWEST: &str = "-timeout=20";

/// Sets up, and fuzzes one after the other.
///
/// # Errors
/// Those of the set-up; the first finding.
pub(crate) fn run(places: &Places, seconds: u32, targets: &[Target]) -> Result<(), Failure> {
    let cargo_fuzz = cargo_tools::cargo_fuzz(places)?;
    let toolchain = nightly::toolchain()?;
    let room = places.root.join("tests/fuzz");
    for target in targets {
        let name = target.name();
        let collected = places.target.join("fuzz/corpus").join(name);
        fs::create_dir_all(&collected).at("cannot create", &collected)?;
        let dictionary = room.join("dictionaries").join(format!("{name}.dict"));
        let dictionary = dictionary.is_file().then(|| format!("-dict={}", dictionary.display()));
        // The code is safe Rust: the address sanitizer would find nothing, and take half of the speed.
        let fuzz = Tool::new("cargo")
            .args(toolchain)
            .args(["fuzz", "run", "--sanitizer", "none"])
            .arg_path("--fuzz-dir", &room.join("libfuzzer"))
            .arg_path("--target-dir", &places.target.join("fuzz"))
            .arg_path(name, &collected)
            .args([room.join("corpus").join(name)])
            .args(["--", &format!("-max_total_time={seconds}"), MOST_BYTES, SLOWEST])
            .args(dictionary)
            .dir(&places.root)
            .path_first(std::slice::from_ref(&cargo_fuzz))
            // It is run on this machine, whatever the user builds for.
            .without_env(&["CARGO_BUILD_TARGET"]);
        say::doing("fuzz", name, &fuzz.line(), "with whatever libFuzzer makes up");
        let by_hand = format!(
            "mend it, and put the input, under a name that says what it was, into tests/fuzz/corpus/{name}"
        );
        fuzz.shown().or_by_hand(&format!("fuzzing {name}"), by_hand)?;
    }
    Ok(())
}
