//! Brings what is missing. Says every step and its reason; what is there already is used.

use std::path::PathBuf;

use crate::args::Purpose;
use crate::failure::Failure;
use crate::places::Places;
use crate::process::Tool;
use crate::tools::browser::Browsers;
use crate::tools::wasm_target::Toolchain;
use crate::tools::{cargo_tools, npm, programs, python};

/// Everything that these purposes need.
///
/// # Errors
/// Those of the step that fails; the steps after it are not tried.
pub(crate) fn run(places: &Places, purposes: &[Purpose]) -> Result<(), Failure> {
    WasmTools::ready(places)?;
    if purposes.contains(&Purpose::Test) {
        Browsers::ready(places)?;
        python::foreign(places)?;
        programs::ready()?;
    }
    Ok(())
}

/// What turns the crate into a package, npm's part included.
#[derive(Debug)]
pub(crate) struct WasmTools {
    toolchain: Toolchain,
    /// The folders of wasm-pack and wasm-bindgen. What wasm-opt does is done with npm's binaryen.
    folders: Vec<PathBuf>,
}

impl WasmTools {
    /// Finds or brings them.
    ///
    /// # Errors
    /// Those of the step that fails.
    pub(crate) fn ready(places: &Places) -> Result<Self, Failure> {
        let toolchain = Toolchain::ready(places)?;
        let wasm_pack = cargo_tools::wasm_pack(places)?;
        let wasm_bindgen = cargo_tools::wasm_bindgen(places)?;
        npm::dependencies(places)?;
        Ok(Self { toolchain, folders: vec![wasm_bindgen, wasm_pack] })
    }

    /// A tool, wasm-pack or cargo, that finds all of them and compiles with the right compiler.
    pub(crate) fn tool(&self, places: &Places, name: &str) -> Tool {
        self.toolchain.applied_to(Tool::new(name).dir(&places.root).path_first(&self.folders), places)
    }

    /// Clippy for wasm; what it checks is still to be added.
    ///
    /// # Errors
    /// When the compiler's own clippy cannot be had.
    pub(crate) fn clippy(&self, places: &Places) -> Result<Tool, Failure> {
        Ok(self.toolchain.applied_to(self.toolchain.clippy()?.dir(&places.root), places))
    }
}
