//! Assembles the npm package in `pkg/` from what wasm-pack made and from `pkg-template/`.
//!
//! Must not: replace the folder `pkg/` itself. npm's workspace links to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::failure::{AtPath, Failure};
use crate::places::Places;

/// The crate's version: all of the workspace has one.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the package is made of; a change in any of it makes a built package out of date.
const SOURCES: [&str; 5] = ["src", "pkg-template", "Cargo.toml", "Cargo.lock", "package-lock.json"];

/// Where wasm-pack leaves its files. Never `pkg/`: it would put a package.json of its own there.
pub(crate) fn wasm_pack_output(places: &Places) -> PathBuf {
    places.target.join("wasm-pack")
}

/// Where the package is.
pub(crate) fn folder(places: &Places) -> PathBuf {
    places.root.join("pkg")
}

/// Empties `pkg/` and fills it with everything but what the TypeScript compiler adds.
///
/// Of wasm-pack's files, `envsocket.js` is left out: it imports the wasm as a module, which not every
/// bundler can. The wasm comes as a file and as a module that holds it in base64.
///
/// # Errors
/// When the versions of the crate and of the package differ, or a file cannot be read or written.
pub(crate) fn assemble(places: &Places) -> Result<(), Failure> {
    let (from, to) = (wasm_pack_output(places), folder(places));
    let template = places.root.join("pkg-template");
    same_version(&template.join("package.json"))?;
    if from.join("snippets").exists() {
        return Err(Failure::step(
            "the crate brings JavaScript snippets, for which the package has no place",
            "remove inline_js and module imports of local files from the crate",
        ));
    }
    let _ = fs::remove_file(stamp(places));
    empty(&to)?;
    let wasm = to.join("wasm");
    fs::create_dir_all(&wasm).at("cannot create", &wasm)?;
    glue(&from, &wasm)?;
    copy(&from.join("envsocket_bg.wasm"), &wasm)?;
    types(&from.join("envsocket.d.ts"), &wasm.join("envsocket_bg.d.ts"))?;
    inline(&from.join("envsocket_bg.wasm"), &wasm)?;
    copy(&template.join("package.json"), &to)?;
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&places.root.join(license), &to)?;
    }
    let readme = [template.join("README.md"), places.root.join("README.md")];
    readme.iter().find(|path| path.exists()).map_or(Ok(()), |path| copy(path, &to))
}

/// Notes that the package is complete.
///
/// # Errors
/// When the note cannot be written.
pub(crate) fn finished(places: &Places) -> Result<(), Failure> {
    let stamp = stamp(places);
    fs::write(&stamp, VERSION).at("cannot write", &stamp)
}

/// Whether the package is complete and newer than all that it is made of.
pub(crate) fn is_fresh(places: &Places) -> bool {
    let Some(built) = modified(&stamp(places)) else { return false };
    let oldest_allowed = SOURCES.iter().filter_map(|source| newest(&places.root.join(source))).max();
    folder(places).join("wasm/inline.js").exists() && oldest_allowed.is_some_and(|source| source < built)
}

fn stamp(places: &Places) -> PathBuf {
    places.target.join("pkg.stamp")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// When the path, or anything below it, last changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let below = fs::read_dir(path).into_iter().flatten().flatten();
    below.filter_map(|entry| newest(&entry.path())).chain(modified(path)).max()
}

fn same_version(manifest: &Path) -> Result<(), Failure> {
    let text = fs::read_to_string(manifest).at("cannot read", manifest)?;
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| Failure::step(format!("{} is no JSON: {error}", manifest.display()), "mend it"))?;
    match json.get("version").and_then(serde_json::Value::as_str) {
        Some(VERSION) => Ok(()),
        other => Err(Failure::step(
            format!("the crate is {VERSION}, and {} says {}", manifest.display(), other.unwrap_or("nothing")),
            "make the two versions one",
        )),
    }
}

fn empty(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir).at("cannot create", dir)?;
    for entry in fs::read_dir(dir).at("cannot read", dir)?.flatten() {
        let path = entry.path();
        let removed = if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.at("cannot remove", &path)?;
    }
    Ok(())
}

fn copy(from: &Path, dir: &Path) -> Result<(), Failure> {
    let name = from.file_name().expect("only files with names are copied");
    fs::copy(from, dir.join(name)).map(drop).at("cannot copy", from)
}

/// wasm-bindgen describes `envsocket.js`, which leaves out the functions that ours calls.
fn types(from: &Path, to: &Path) -> Result<(), Failure> {
    let types = fs::read_to_string(from).at("cannot read", from)?;
    let whole = format!(
        "{types}\nexport function __wbg_set_wasm(exports: WebAssembly.Exports): void;\n\
        export function __wbg_start(): void;\n"
    );
    fs::write(to, whole).at("cannot write", to)
}

/// wasm-bindgen's functions, by the names that the wasm knows them by.
fn glue(from: &Path, to: &Path) -> Result<(), Failure> {
    let path = from.join("envsocket_bg.js");
    let mut glue = fs::read_to_string(&path).at("cannot read", &path)?;
    // What `envsocket.js` does, where nobody else would know the name.
    glue.push_str("\nexport function __wbg_start() { wasm.__wbindgen_start(); }\n");
    let wasm = from.join("envsocket_bg.wasm");
    if !has_own_names(&fs::read(&wasm).at("cannot read", &wasm)?) {
        let path = from.join("envsocket_bg.names.json");
        let names = fs::read_to_string(&path).at("cannot read", &path)?;
        let names = serde_json::from_str(&names).map_err(|error| {
            Failure::step(format!("{} is no map of names: {error}", path.display()), "build again")
        })?;
        glue = renamed(&glue, &names);
    }
    let to = to.join("envsocket_bg.js");
    fs::write(&to, glue).at("cannot write", &to)
}

/// Whether the wasm has the names that wasm-bindgen gave; names of an earlier build would be the wrong ones.
fn has_own_names(wasm: &[u8]) -> bool {
    const MODULE: &[u8] = b"./envsocket_bg.js";
    wasm.windows(MODULE.len()).any(|part| part == MODULE)
}

/// What `shrink.mjs` made of the names in the wasm. `imports`: of what it takes, the module's name, the old
/// name and the new one. `exports`: of what it gives, the old name and the new one.
type Names = BTreeMap<String, Vec<Vec<String>>>;

/// The glue with the wasm's new names. Of its own functions it exports those that the wasm takes under their
/// new names only.
fn renamed(glue: &str, names: &Names) -> String {
    let mut glue = glue.to_owned();
    let mut taken = Vec::new();
    for import in names.get("imports").into_iter().flatten() {
        let [_, old, new] = &import[..] else { continue };
        glue = glue.replace(&format!("export function {old}("), &format!("function {old}("));
        taken.push(format!("{old} as {new}"));
    }
    let given: BTreeMap<_, _> =
        names.get("exports").into_iter().flatten().map(|pair| (&*pair[0], &*pair[1])).collect();
    let mut parts = glue.split("wasm.");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (old, rest) = part.split_at(end);
        whole.extend(["wasm.", given.get(old).unwrap_or(&old), rest]);
    }
    whole.push_str(&format!("export {{ {} }};\n", taken.join(", ")));
    whole
}

fn inline(from: &Path, dir: &Path) -> Result<(), Failure> {
    let wasm = fs::read(from).at("cannot read", from)?;
    let (script, types) = (dir.join("inline.js"), dir.join("inline.d.ts"));
    fs::write(&script, inlined(&wasm)).at("cannot write", &script)?;
    let declared =
        "/** `envsocket_bg.wasm` in base64. */\ndeclare const wasm: string;\nexport default wasm;\n";
    fs::write(&types, declared).at("cannot write", &types)
}

fn inlined(wasm: &[u8]) -> String {
    format!("export default \"{}\";\n", STANDARD.encode(wasm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inlined_wasm_is_a_module_with_one_string() {
        assert_eq!(inlined(b"\0asm"), "export default \"AGFzbQ==\";\n");
    }

    #[test]
    fn the_glue_has_the_names_that_the_wasm_has() {
        let names = serde_json::from_str(
            r#"{"imports": [["m", "__wbg_a", "$"]], "exports": [["f", "b"], ["f_g", "c"]]}"#,
        );
        let glue = "export function __wbg_a(x) { wasm.f_g(x); }\nexport class Engine { f() { wasm.f(); } }\n";
        assert_eq!(
            renamed(glue, &names.expect("names")),
            "function __wbg_a(x) { wasm.c(x); }\nexport class Engine { f() { wasm.b(); } }\nexport { __wbg_a as $ };\n"
        );
    }

    #[test]
    fn a_build_with_names_of_its_own_is_not_renamed() {
        assert!(has_own_names(b"\0asm..\x11./envsocket_bg.js..."));
        assert!(!has_own_names(b"\0asm..."));
    }

    #[test]
    fn crate_and_package_have_one_version() {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pkg-template/package.json");
        same_version(&template).expect("pkg-template/package.json has the crate's version");
    }
}
