// The budgets, and whether the figures keep them. The numbers here are the design's, not what was reached.

import { median, range, ratios } from './statistics.mjs';

const SWITCHING_US = 50;
const STATUS_US = 2;
const IDLE_BYTES = 4 * 1024;
const SLIM_BYTES = 24 * 1024;
const BACK_MS = 250;

/** Less than one smallest object in a hundred calls: what is left is the measuring's own. */
const NO_ALLOCATION_BYTES = 0.1;

/**
 * @param {import('./types.js').Result} result
 * @returns {import('./types.js').Verdict[]}
 */
export function verdicts({ traffic, calls, idle, sizes, comingBack }) {
  const { p50, p99 } = traffic.roundTrip;
  const slim = sizes['envsocket/slim'] ?? { script: Number.NaN, wasm: Number.NaN };
  /** @param {keyof typeof calls[number]} call */
  const cost = (call) => median(calls.map((round) => round[call]));
  return [
    ...Object.entries(traffic.rates).map(([what, { perSecond }]) => atLeastNative(what, perSecond)),
    atMostNative('round trip, p50', p50),
    atMostNative('round trip, p99', p99),
    below('switching the active connection, 64 subscribers', cost('switchingAllSubscribed'), SWITCHING_US, 'µs'),
    below('getConnectionStatus', cost('status'), STATUS_US, 'µs'),
    below('getSnapshot unchanged, allocated', cost('snapshotBytes'), NO_ALLOCATION_BYTES, 'B'),
    below('an idle connection above native', aboveNative(idle, 'EnvSocket'), IDLE_BYTES, 'B'),
    below('envsocket/slim, gzipped', slim.script + slim.wasm, SLIM_BYTES, 'B'),
    below(`back after a dropped link, median of ${comingBack.EnvSocket.length}`, median(comingBack.EnvSocket), BACK_MS, 'ms'),
  ];
}

/**
 * Bytes of one idle connection that a native one does not have.
 *
 * @param {import('./types.js').Figures['idle']} idle
 * @param {keyof import('./types.js').ByName<unknown>} name
 */
export function aboveNative({ heap, wasm }, name) {
  return median(heap[name]) + median(wasm[name]) - median(heap.native);
}

/**
 * @param {string} what
 * @param {import('./types.js').ByName<number[]>} rates
 */
function atLeastNative(what, rates) {
  const { own, noise } = besideNative(rates);
  return verdict(`${what}: native's range`, own >= noise.low, own, `${noise.low.toFixed(2)} or more`);
}

/**
 * @param {string} what
 * @param {import('./types.js').ByName<number[]>} times
 */
function atMostNative(what, times) {
  const { own, noise } = besideNative(times);
  return verdict(`${what}: native's range`, own <= noise.high, own, `${noise.high.toFixed(2)} or less`);
}

/** @param {import('./types.js').ByName<number[]>} figures */
function besideNative(figures) {
  return {
    own: median(ratios(figures.EnvSocket, figures.native)),
    noise: range(ratios(figures['native again'], figures.native)),
  };
}

/**
 * @param {string} budget
 * @param {boolean} met
 * @param {number} own
 * @param {string} allowed
 */
function verdict(budget, met, own, allowed) {
  return { budget, met, measured: `${own.toFixed(2)} of native, allowed ${allowed}` };
}

/**
 * @param {string} what
 * @param {number} value
 * @param {number} limit
 * @param {string} unit
 */
function below(what, value, limit, unit) {
  const digits = value < 10 ? 2 : 0;
  return { budget: what, met: value <= limit, measured: `${value.toFixed(digits)} ${unit}, allowed ${limit} ${unit}` };
}
