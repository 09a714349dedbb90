//! Serves the demo until it is told to stop: set-up, build, server.

use crate::args::Profile;
use crate::chores::build;
use crate::chores::setup::WasmTools;
use crate::failure::Failure;
use crate::places::Places;
use crate::say;
use crate::signals;
use crate::tools::server::{self, Options, Server, Shells, Users};

/// Returns when a signal has ended the server.
///
/// # Errors
/// Those of the set-up and the build; a port in use; a server that ends by itself.
pub(crate) fn run(places: &Places, port: u16) -> Result<(), Failure> {
    // Known at once, not after minutes of building.
    server::must_be_free(port)?;
    let tools = WasmTools::ready(places)?;
    build::package(places, &tools, Profile::Size)?;
    build::page(places)?;
    let program = build::server(places)?;
    let www = places.root.join("www/dist");
    say::doing("demo", "server", &program.display().to_string(), "with a shell for every environment");
    let options = Options {
        program: &program,
        port,
        www: Some(&www),
        origins: &[],
        shells: Shells::Users,
        users: Users::Demo,
        log: None,
    };
    let server = match Server::start(&options) {
        Err(Failure::Interrupted(_)) => return Ok(()),
        started => started?,
    };
    say::line(&format!("demo ready at http://{}/", server.address()));
    server.wait()?;
    let signal = signals::asked().unwrap_or_default();
    say::line(&format!("demo: stopped by signal {signal}, nothing left running"));
    Ok(())
}
