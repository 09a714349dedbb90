// Makes the wasm as small as it gets: `node shrink.mjs FILE.wasm`.
//
// Rust's panics bring their messages along, and with them all of its formatting: an eighth of the download,
// for texts that nobody should ever see. Here each of these functions becomes a trap ("RuntimeError:
// unreachable"), and what only they used goes away. `cargo xtask build --dev` leaves them in.
//
// The compiler can do the same (`-Cpanic=immediate-abort`), but not the stable one.

import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';

/** Functions that only a panic reaches, by parts of their names. */
const PANICS = new RegExp(
  [
    'panicking',
    'panic_',
    'rust_panic',
    'begin_unwind',
    'alloc_error',
    'capacity_overflow',
    '(unwrap|expect|assert|index|mismatch)_fail',
    'fmt',
  ].join('|'),
);

/** As `wasm-opt -Oz`. */
const LEVEL = 2;

const [, , file] = process.argv;
// Names are needed to find the functions, and not wanted in what is written.
binaryen.setDebugInfo(true);
const module = binaryen.readBinary(readFileSync(file));
let traps = 0;
for (let at = 0; at < module.getNumFunctions(); at += 1) {
  const reference = module.getFunctionByIndex(at);
  const { name, module: importedFrom } = binaryen.getFunctionInfo(reference);
  if (importedFrom !== '' || !PANICS.test(name)) continue;
  binaryen.Function(reference).body = module.unreachable();
  traps += 1;
}
if (traps === 0) throw new Error(`${file} has no function that looks like a panic's: were its names stripped?`);
binaryen.setDebugInfo(false);
binaryen.setOptimizeLevel(LEVEL);
binaryen.setShrinkLevel(LEVEL);
for (let round = 0; round < 3; round += 1) module.optimize();
writeFileSync(file, module.emitBinary());
