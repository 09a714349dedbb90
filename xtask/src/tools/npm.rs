//! The npm dependencies of the whole workspace, and the tools that come with them.
//!
//! Must not: change package-lock.json. Who adds a dependency runs `npm install` and commits the result.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::failure::{AtPath, Failure};
use crate::places::{self, Places};
use crate::process::Tool;
use crate::say;

/// What a package.json and its entry in package-lock.json must agree on.
const DEPENDENCIES: [&str; 4] =
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/// What an entry of package-lock.json says of itself when npm may leave it out.
const MAY_MISS: [&str; 3] = ["optional", "devOptional", "extraneous"];

/// The workspace's packages as package-lock.json keys them, the root first.
const WORKSPACE: [&str; 3] = ["", "pkg", "www"];

/// Brings node_modules up to date with package-lock.json, if it is not.
///
/// # Errors
/// When npm is missing, or `npm ci` fails.
pub(crate) fn dependencies(places: &Places) -> Result<(), Failure> {
    if places::on_path(&["npm"]).is_none() {
        return Err(Failure::step("npm is missing", "install Node.js 20.19 or later, which brings npm"));
    }
    // The generated package is a member of the workspace: npm needs its package.json before it is built.
    let pkg = places.root.join("pkg");
    fs::create_dir_all(&pkg).at("cannot create", &pkg)?;
    copy_if_other(&places.root.join("pkg-template/package.json"), &pkg.join("package.json"))?;
    let wanted = wanted(&places.root)?;
    let stamp = places.root.join("node_modules/.envsocket");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) || up_to_date(&places.root) {
        say::using("setup", "npm", "node_modules, which is what package-lock.json says");
        return Ok(());
    }
    let ci =
        Tool::new("npm").args(["ci"]).dir(&places.root).quiet_env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    say::doing(
        "setup",
        "npm",
        &ci.line(),
        "because node_modules is not what package-lock.json says (about 30 s)",
    );
    let by_hand = "run `npm ci` in the repository; if it says that package.json and package-lock.json differ, \
                   run `npm install` and commit package-lock.json";
    ci.quietly().or_by_hand("installing the npm dependencies", by_hand)?;
    fs::write(&stamp, wanted).at("cannot write", &stamp)
}

/// All that `npm ci` reads. It is content with a range that was edited and still holds, which
/// [`up_to_date`] is not: what it has been content with once is noted, not asked again.
fn wanted(root: &Path) -> Result<String, Failure> {
    let manifests = WORKSPACE.iter().map(|member| root.join(member).join("package.json"));
    let mut wanted = String::new();
    for path in manifests.chain([root.join("package-lock.json")]) {
        wanted += &fs::read_to_string(&path).at("cannot read", &path)?;
    }
    Ok(wanted)
}

fn copy_if_other(from: &Path, to: &Path) -> Result<(), Failure> {
    let wanted = fs::read(from).at("cannot read", from)?;
    if fs::read(to).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    fs::write(to, wanted).at("cannot write", to)
}

/// One of the tools that the dependencies bring: tsc, publint, vitest, playwright.
pub(crate) fn tool(places: &Places, name: &str) -> Tool {
    Tool::new(places.root.join("node_modules/.bin").join(name)).dir(&places.root)
}

/// Whether somebody else, `npm install` for one, has installed what is wanted.
fn up_to_date(root: &Path) -> bool {
    let Some(lock) = packages(&root.join("package-lock.json")) else { return false };
    let Some(installed) = packages(&root.join("node_modules/.package-lock.json")) else { return false };
    all_installed(&lock, &installed) && WORKSPACE.iter().all(|member| in_sync(root, member, &lock))
}

fn packages(path: &Path) -> Option<Map<String, Value>> {
    match json(path)?.get_mut("packages")?.take() {
        Value::Object(packages) => Some(packages),
        _ => None,
    }
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// npm notes what it has installed in the format of package-lock.json; what it may leave out is what
/// other platforms need, and what nothing needs any more.
fn all_installed(lock: &Map<String, Value>, installed: &Map<String, Value>) -> bool {
    lock.iter().filter(|(path, _)| path.starts_with("node_modules/")).all(|(path, wanted)| {
        let may_miss = MAY_MISS.iter().any(|key| wanted.get(key) == Some(&Value::Bool(true)));
        installed.get(path).map_or(may_miss, |present| present.get("version") == wanted.get("version"))
    })
}

fn in_sync(root: &Path, member: &str, lock: &Map<String, Value>) -> bool {
    let Some(manifest) = json(&root.join(member).join("package.json")) else { return false };
    let Some(locked) = lock.get(member) else { return false };
    DEPENDENCIES.iter().all(|kind| manifest.get(kind) == locked.get(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("the tests' own JSON")
    }

    const LOCK: &str = r#"{
        "": {"devDependencies": {"vite": "^8"}},
        "node_modules/vite": {"version": "8.0.1"},
        "node_modules/@scope/for-macs": {"version": "1.0.0", "optional": true}
    }"#;

    #[test]
    fn what_is_installed_is_not_installed_again() {
        assert!(all_installed(&map(LOCK), &map(r#"{"node_modules/vite": {"version": "8.0.1"}}"#)));
    }

    #[test]
    fn another_version_or_a_missing_package_is_noticed() {
        assert!(!all_installed(&map(LOCK), &map(r#"{"node_modules/vite": {"version": "8.0.0"}}"#)));
        assert!(!all_installed(&map(LOCK), &map("{}")));
        let wrong_optional = r#"{"node_modules/vite": {"version": "8.0.1"},
                                 "node_modules/@scope/for-macs": {"version": "0.9.0"}}"#;
        assert!(!all_installed(&map(LOCK), &map(wrong_optional)));
    }

    #[test]
    fn a_manifest_that_the_lock_does_not_know_is_noticed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-such-folder");
        assert!(!in_sync(&root, "", &map(LOCK)));
    }
}
