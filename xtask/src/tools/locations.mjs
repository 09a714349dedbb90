// Takes the places in Rust sources out of a wasm file: what a panic would print, were it not a trap by now.
// They are the names of folders on the machine that compiled it, too. It must know of wasm no more than where
// its data is.

/** Sections by their numbers, and what begins a segment that goes to a fixed address. */
const DATA_SECTION = 11;
const ACTIVE = 0;
const I32_CONST = 0x41;

/** A `core::panic::Location`: where the file's name is, how long it is, line and column. */
const LOCATION_BYTES = 16;

/** The same file with zeros for every location and its file's name: optimisers leave zeros out. */
export function withoutLocations(wasm) {
  const bytes = Buffer.from(wasm);
  const segments = [...dataSegments(bytes)];
  const places = segments.flatMap((segment) => [...locations(segment, segments)]);
  for (const { location, name } of places) {
    location.fill(0);
    name.fill(0);
  }
  return bytes;
}

function* locations({ data }, segments) {
  for (let at = 0; at + LOCATION_BYTES <= data.length; at += 4) {
    const location = data.subarray(at, at + LOCATION_BYTES);
    const [address, length, line, column] = [0, 4, 8, 12].map((field) => location.readUInt32LE(field));
    const isIn = ({ start, data }) => address >= start && address + length <= start + data.length;
    const home = segments.find(isIn);
    if (!home || line === 0 || column === 0) continue;
    const name = home.data.subarray(address - home.start, address - home.start + length);
    if (/^[\x20-\x7e]+\.rs$/.test(name.toString('latin1'))) yield { location, name };
  }
}

/** Where each segment goes in memory, and its bytes in the file. */
function* dataSegments(bytes) {
  // After the magic number and the version.
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at];
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = number();
    const end = number() + at;
    for (let left = section === DATA_SECTION ? number() : 0; left > 0; left -= 1) {
      if (number() !== ACTIVE || number() !== I32_CONST) throw new Error('a data segment of an unknown kind');
      const start = number();
      at += 1; // the end of the expression
      const length = number();
      yield { start, data: bytes.subarray(at, at + length) };
      at += length;
    }
    at = end;
  }
}
