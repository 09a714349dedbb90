//! The suites of `cargo xtask test`: what each runs, and what must run beside it.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::args::{Profile, Suite};
use crate::chores::build;
use crate::chores::setup::WasmTools;
use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::browser::{Browser, Browsers};
use crate::tools::server::{self, Options, Server, Shells, Users};
use crate::tools::tally::Tally;
use crate::tools::{npm, programs, python, webdriver};

/// The server beside the browser tests. Fixed as long as it is free: its address is compiled into them.
const WASM_TEST_PORT: u16 = 7421;

/// Seconds for one test binary in the browser, and for the driver to listen. The runner's own defaults, 20
/// and 5, are for quick machines: here the driver took longer once, with other work beside it.
const WASM_TEST_TIMEOUTS: [(&str, &str); 2] =
    [("WASM_BINDGEN_TEST_TIMEOUT", "120"), ("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")];

/// Everything that the suites need, ready.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    places: &'a Places,
    tools: WasmTools,
    browsers: Browsers,
}

impl<'a> Bench<'a> {
    /// Sets up.
    ///
    /// # Errors
    /// Those of the set-up.
    pub(crate) fn ready(places: &'a Places) -> Result<Self, Failure> {
        Ok(Self { places, tools: WasmTools::ready(places)?, browsers: Browsers::ready(places)? })
    }

    /// Builds what is published, which is what the suites test.
    ///
    /// # Errors
    /// Those of the build.
    pub(crate) fn build(&self) -> Result<(), Failure> {
        build::package(self.places, &self.tools, Profile::Size)
    }

    /// Runs one suite and counts its tests, also when it fails.
    ///
    /// # Errors
    /// Those of what runs beside it, or the runner's.
    pub(crate) fn run(&self, suite: Suite, tally: &mut Tally) -> Result<(), Failure> {
        match suite {
            Suite::Native => native(self.places, tally),
            Suite::Simulation => simulation(self.places, tally),
            Suite::Conformance => conformance(self.places, tally),
            Suite::Wasm => self.wasm(tally),
            Suite::Package => self.package(tally),
            Suite::Foreign => self.foreign(tally),
            Suite::Web => self.web(tally),
            Suite::E2e => self.e2e(tally),
        }
    }

    fn wasm(&self, tally: &mut Tally) -> Result<(), Failure> {
        let program = build::server(self.places)?;
        let home = self.empty_home()?;
        let server = Server::start(&Options {
            program: &program,
            port: server::preferred(WASM_TEST_PORT),
            www: None,
            // The runner serves the tests' page on a port of its own.
            origins: &["http://127.0.0.1:*"],
            shells: Shells::Plain(&home),
            users: Users::Anybody,
            log: Some(self.log("wasm")),
        })?;
        let capabilities = webdriver::with_browsers(self.places, &self.browsers)?;
        let Browsers { chromium, firefox } = &self.browsers;
        let browsers = [("chrome", "chromedriver", chromium), ("firefox", "geckodriver", firefox)];
        // One that fails does not hide what the other says.
        let ended = browsers.map(|(browser, driver, Browser { driver: program, .. })| {
            let mut test = self
                .tools
                .tool(self.places, "wasm-pack")
                .args(["test", "--mode", "no-install", "--headless", &format!("--{browser}")])
                .arg_path(&format!("--{driver}"), program)
                .env("ENVSOCKET_TEST_SERVER", format!("ws://{}", server.address()))
                .quiet_env(&driver.to_uppercase(), program)
                .quiet_env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
            for (name, seconds) in WASM_TEST_TIMEOUTS {
                test = test.quiet_env(name, env::var_os(name).unwrap_or_else(|| seconds.into()));
            }
            runner(Suite::Wasm, test, "the crate in a headless browser, against the real server", tally)
        });
        ended.into_iter().collect()
    }

    fn web(&self, tally: &mut Tally) -> Result<(), Failure> {
        let node = Tool::new("node")
            .args(["tests/web/run.mjs"])
            .dir(&self.places.root)
            .env("ENVSOCKET_CHROME", &self.browsers.chromium.browser)
            .env("ENVSOCKET_FIREFOX", &self.browsers.firefox.browser);
        runner(Suite::Web, node, "the built package in two browsers, beside their own WebSocket", tally)
    }

    fn foreign(&self, tally: &mut Tally) -> Result<(), Failure> {
        let node = Tool::new("node")
            .args(["tests/foreign/run.mjs"])
            .dir(&self.places.root)
            .env("ENVSOCKET_FOREIGN_PYTHON", python::foreign(self.places)?)
            .env("ENVSOCKET_TUNGSTENITE_ECHO", build::tungstenite_echo(self.places)?)
            .env("ENVSOCKET_CHROME", &self.browsers.chromium.browser)
            .env("ENVSOCKET_FIREFOX", &self.browsers.firefox.browser);
        runner(Suite::Foreign, node, "the built package in two browsers, on servers that are not ours", tally)
    }

    fn package(&self, tally: &mut Tally) -> Result<(), Failure> {
        let vitest = npm::tool(self.places, "vitest").args(["run", "--root", "tests/package"]);
        runner(Suite::Package, vitest, "the built package, in Node", tally)
    }

    fn e2e(&self, tally: &mut Tally) -> Result<(), Failure> {
        programs::ready()?;
        build::page(self.places)?;
        let program = build::server(self.places)?;
        let fault_proxy = build::fault_proxy(self.places)?;
        let fault_program = build::fault_program(self.places)?;
        let home = self.empty_home()?;
        let www = self.places.root.join("www/dist");
        let server = Server::start(&Options {
            program: &program,
            port: 0,
            www: Some(&www),
            // The tests' own pages are served on a port of their own.
            origins: &["http://127.0.0.1:*"],
            shells: Shells::Plain(&home),
            users: Users::Anybody,
            log: Some(self.log("e2e")),
        })?;
        let playwright = npm::tool(self.places, "playwright")
            .args(["test", "--config", "tests/e2e"])
            .env("ENVSOCKET_E2E_URL", format!("http://{}", server.address()))
            .env("ENVSOCKET_SERVER", &program)
            .env("ENVSOCKET_FAULT_PROXY", fault_proxy)
            .env("ENVSOCKET_FAULT_PROGRAM", fault_program)
            .env("ENVSOCKET_CHROME", &self.browsers.chromium.browser);
        runner(Suite::E2e, playwright, "the demo in a browser, end to end", tally)
    }

    fn empty_home(&self) -> Result<PathBuf, Failure> {
        let home = self.places.target.join("test-home");
        if home.exists() {
            fs::remove_dir_all(&home).at("cannot remove", &home)?;
        }
        fs::create_dir_all(&home).at("cannot create", &home)?;
        Ok(home)
    }

    fn log(&self, suite: &str) -> PathBuf {
        let path = self.places.target.join(format!("server-{suite}.log"));
        say::line(&format!("test: {suite}: the server's log is {}", path.display()));
        path
    }
}

/// The core, the server and these chores. Needs nothing but cargo.
///
/// # Errors
/// When it does not compile, or a test fails.
pub(crate) fn native(places: &Places, tally: &mut Tally) -> Result<(), Failure> {
    let test = Tool::new("cargo")
        .args(["test", "--workspace", "--no-fail-fast"])
        .dir(&places.root)
        // The server's tests start shells: one that has no start-up files to read.
        .quiet_env("SHELL", "/bin/sh")
        .without_env(&["ENV"]);
    runner(Suite::Native, test, "the core, the server and the chores, natively", tally)
}

/// The core in virtual time: the client against plain servers, and both ends of `envsocket.v1`. Needs nothing but
/// cargo; without optimisation it would take minutes.
///
/// # Errors
/// When it does not compile, or a schedule breaks a promise.
pub(crate) fn simulation(places: &Places, tally: &mut Tally) -> Result<(), Failure> {
    let test = Tool::new("cargo")
        .args(["test", "--release", "--no-fail-fast", "--package", "envsocket"])
        .args(["--test", "simulation", "--test", "resume", "--", "--nocapture"])
        .dir(&places.root)
        .without_env(&["CARGO_BUILD_TARGET"]);
    runner(Suite::Simulation, test, "the core against a faulty network, in virtual time", tally)
}

/// What the Python package leaves out; the web servers below it do not say whether a close is answered.
const PYTHON_IS_WITHOUT: &str = "pictures,answers";

/// What the server on the document's last pages leaves out, or leaves to its reader.
const PAGE_IS_WITHOUT: &str = "plain,attachments,controller,pictures,sizes,holding,shutdown,gone,tokens";

/// Servers of `envsocket.v1` over the network, and the Python package's own tests. Needs cargo and a Python.
///
/// # Errors
/// When something cannot be built, or a test fails.
pub(crate) fn conformance(places: &Places, tally: &mut Tally) -> Result<(), Failure> {
    let (held_to, rust) = build::conformance(places)?;
    let python = python::package(places)?;
    let package = python::install(places, &python)?;
    let suite = || Tool::new(&held_to).dir(&places.root);
    let on_rust = suite().args(["--"]).args([&rust]).args(["{port}"]);
    let on_python = suite()
        .args(["--without", PYTHON_IS_WITHOUT, "--"])
        .args([&python])
        .args(["-m", "uvicorn", "told:app", "--app-dir", "tests/conformance/python"])
        .args(["--log-level", "error", "--lifespan", "off", "--port", "{port}"])
        .env("PYTHONPATH", &package);
    let on_page = suite()
        .args(["--without", PAGE_IS_WITHOUT, "--"])
        .args([&python])
        .args(["tests/conformance/python/page.py", "{port}"])
        .env("PYTHONPATH", &package);
    let of_package = || Tool::new(&python).dir(&places.root.join("server/python")).args(["-m"]);
    // The package, and the servers under test that are made of it.
    let python_folders = [".", "../../tests/conformance/python"];
    let ended = [
        runner(Suite::Conformance, on_rust, "the Rust library, held to the document", tally),
        runner(Suite::Conformance, on_python, "the Python package, held to the document", tally),
        runner(
            Suite::Conformance,
            on_page,
            "the server that the document prints, held to its other pages",
            tally,
        ),
        runner(Suite::Conformance, of_package().args(["mypy"]), "the Python package's types", tally),
        runner(
            Suite::Conformance,
            of_package().args(["ruff", "check", "--config", "pyproject.toml"]).args(python_folders),
            "the Python package's style",
            tally,
        ),
        runner(
            Suite::Conformance,
            of_package()
                .args(["ruff", "format", "--check", "--config", "pyproject.toml"])
                .args(python_folders),
            "one way to lay out code",
            tally,
        ),
        runner(
            Suite::Conformance,
            of_package().args(["pytest"]).env("PYTHONPATH", &package),
            "the Python package's own tests",
            tally,
        ),
    ];
    // One that fails does not hide what the others say.
    ended.into_iter().collect()
}

fn runner(suite: Suite, tool: Tool, why: &str, tally: &mut Tally) -> Result<(), Failure> {
    say::doing("test", suite.name(), &tool.line(), why);
    let ended = tool.shown();
    for line in ended.lines() {
        tally.read(line);
    }
    ended.or_by_hand("running the tests", "mend what the runner names above").map(drop)
}
