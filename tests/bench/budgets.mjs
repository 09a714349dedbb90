// The budgets, and whether the figures keep them. The numbers here are the design's, not what was reached.

import { median, range, ratios } from './statistics.mjs';

const SWITCHING_US = 50;
const STATUS_US = 2;
const IDLE_BYTES = 4 * 1024;
const SLIM_BYTES = 24 * 1024;
const BACK_MS = 250;

/** Less than one smallest object in a hundred calls: what is left is the measuring's own. */
const NO_ALLOCATION_BYTES = 0.1;

/** Fewer say nothing of how far native is from itself. */
const ROUNDS = 10;

/**
 * How far native may be from itself for the comparison to say anything: beyond it, the machine was busy. The
 * slowest trips are few, and vary by themselves.
 */
const NOISE = { rate: 0.15, p50: 0.15, p99: 0.5 };

/**
 * @param {import('./types.js').Result} result
 * @returns {import('./types.js').Verdict[]}
 */
export function verdicts({ traffic, calls, idle, sizes, comingBack }) {
  const { p50, p99 } = traffic.roundTrip;
  const cuts = comingBack.EnvSocket;
  const slim = sizes['envsocket/slim'];
  /** @param {keyof typeof calls[number]} call */
  const cost = (call) => median(calls.map((round) => round[call]));
  return [
    ...Object.entries(traffic.rates).map(([what, { perSecond }]) => atLeastNative(what, perSecond)),
    atMostNative('round trip, p50', p50, NOISE.p50),
    atMostNative('round trip, p99', p99, NOISE.p99),
    below('switching, 64 subscribers', cost('switchingAllSubscribed'), SWITCHING_US, 'µs'),
    below('getConnectionStatus', cost('status'), STATUS_US, 'µs'),
    below('getSnapshot unchanged, allocated', cost('snapshotBytes'), NO_ALLOCATION_BYTES, 'B'),
    below('an idle connection above native', aboveNative(idle, 'EnvSocket'), IDLE_BYTES, 'B'),
    below('envsocket/slim, gzipped', slim.script + slim.wasm, SLIM_BYTES, 'B'),
    below(`back after a cut, median of ${cuts.length}`, median(cuts), BACK_MS, 'ms'),
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
  const isNoisy = isFar(noise, NOISE.rate);
  const allowed = Math.min(noise.low, 1);
  const outcome = judged(rates.native.length, own >= allowed, isNoisy);
  return verdict(what, outcome, own, `${allowed.toFixed(2)} or more`);
}

/**
 * @param {string} what
 * @param {import('./types.js').ByName<number[]>} times
 * @param {number} credible
 */
function atMostNative(what, times, credible) {
  const { own, noise } = besideNative(times);
  const isNoisy = isFar(noise, credible);
  const allowed = Math.max(noise.high, 1);
  const outcome = judged(times.native.length, own <= allowed, isNoisy);
  return verdict(what, outcome, own, `${allowed.toFixed(2)} or less`);
}

/**
 * @param {{ low: number, high: number }} noise
 * @param {number} credible
 */
function isFar({ low, high }, credible) {
  return low < 1 - credible || high > 1 + credible;
}

/** @param {import('./types.js').ByName<number[]>} figures */
function besideNative(figures) {
  return {
    own: median(ratios(figures.EnvSocket, figures.native)),
    noise: range(ratios(figures['native again'], figures.native)),
  };
}

/**
 * @param {number} rounds
 * @param {boolean} isWithin
 * @param {boolean} isNoisy
 * @returns {import('./types.js').Verdict['outcome']}
 */
function judged(rounds, isWithin, isNoisy) {
  if (rounds < ROUNDS) return 'too short';
  if (!isWithin) return 'NOT MET';
  return isNoisy ? 'too noisy' : 'met';
}

/**
 * @param {string} what
 * @param {import('./types.js').Verdict['outcome']} outcome
 * @param {number} own
 * @param {string} allowed
 * @returns {import('./types.js').Verdict}
 */
function verdict(what, outcome, own, allowed) {
  const measured = `${own.toFixed(2)} of native, allowed ${allowed}`;
  return { budget: `${what}: native's range`, outcome, measured };
}

/**
 * @param {string} budget
 * @param {number} value
 * @param {number} limit
 * @param {string} unit
 * @returns {import('./types.js').Verdict}
 */
function below(budget, value, limit, unit) {
  const measured = `${value.toFixed(value < 10 ? 2 : 0)} ${unit}, allowed ${limit} ${unit}`;
  return { budget, outcome: value <= limit ? 'met' : 'NOT MET', measured };
}
