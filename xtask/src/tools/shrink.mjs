// Makes the wasm as small as it gets: `node shrink.mjs FILE.wasm`. Beside it, FILE.names.json says what
// became of the names that it shares with JavaScript (as wasm-opt prints it); `package.rs` gives wasm-bindgen's
// glue the same ones.
//
// Rust's panics bring their messages along, and with them all of its formatting: an eighth of the download,
// for texts that nobody should ever see. Here each of these functions becomes a trap ("RuntimeError:
// unreachable"), and what only they used goes away. `cargo xtask build --dev` leaves them in.
//
// The compiler can do the same (`-Cpanic=immediate-abort`), but not the stable one.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import binaryen from 'binaryen';

import { withoutLocations } from './locations.mjs';

/** Functions that only a panic reaches, by parts of their names. */
const PANICS = new RegExp(
  [
    'panicking',
    'panic_',
    'rust_panic',
    'begin_unwind',
    'throw_str',
    'alloc_error',
    'capacity_overflow',
    '(unwrap|expect|assert|index|mismatch)_fail',
    'fmt',
  ].join('|'),
);

/** As `wasm-opt -Oz`. */
const LEVEL = 2;

/**
 * Functions with one caller are put into it only when they are smaller than that. More would save bytes, but
 * not after gzip: it finds what many small functions have in common.
 */
const ONE_CALLER_SIZE = 20;

/** As much as a call takes. */
const ALWAYS_SIZE = 4;

const [, , file] = process.argv;
// Names are needed to find the functions, and not wanted in what is written.
binaryen.setDebugInfo(true);
const module = binaryen.readBinary(withoutLocations(readFileSync(file)));
let traps = 0;
for (let at = 0; at < module.getNumFunctions(); at += 1) {
  const reference = module.getFunctionByIndex(at);
  const { name, module: importedFrom } = binaryen.getFunctionInfo(reference);
  if (importedFrom !== '' || !PANICS.test(name)) continue;
  binaryen.Function(reference).body = module.unreachable();
  traps += 1;
}
if (traps === 0) throw new Error(`${file} has no function that looks like a panic's: are its names gone?`);
binaryen.setDebugInfo(false);
binaryen.setOptimizeLevel(LEVEL);
binaryen.setShrinkLevel(LEVEL);
binaryen.setOneCallerInlineMaxSize(ONE_CALLER_SIZE);
binaryen.setAlwaysInlineMaxSize(ALWAYS_SIZE);
for (let round = 0; round < 3; round += 1) module.optimize();
writeFileSync(file, module.emitBinary());

// The new names come out of the program only.
const wasmOpt = fileURLToPath(new URL('./bin/wasm-opt', import.meta.resolve('binaryen')));
const LAST = ['--strip-producers', '--strip-target-features', '--minify-imports-and-exports-and-modules'];
const names = execFileSync(process.execPath, [wasmOpt, file, ...LAST, '-o', file]);
writeFileSync(file.replace(/wasm$/, 'names.json'), names);
