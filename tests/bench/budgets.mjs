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
 * Who is compared with whom, and who shows how far that one is from itself.
 *
 * @template {import('./types.js').Name} N
 * @typedef {{ own: N, base: N, again: N, title: string }} Comparison
 */

/** @type {Comparison<import('./types.js').Peer>} */
const BESIDE_NATIVE = { own: 'EnvSocket', base: 'native', again: 'native again', title: "native's range" };

/** @type {Comparison<import('./types.js').Mode>} */
const BESIDE_OFF = {
  own: 'protocol on',
  base: 'protocol off',
  again: 'protocol off again',
  title: 'the range without the protocol',
};

/** Fewer say nothing of how far something is from itself. */
const ROUNDS = 10;

/**
 * How far something may be from itself for the comparison to say anything: beyond it, the machine was busy. The
 * slowest trips are few, and vary by themselves.
 */
const NOISE = { rate: 0.15, p50: 0.15, p99: 0.5 };

/**
 * @param {import('./types.js').Result} result
 * @returns {import('./types.js').Verdict[]}
 */
export function verdicts({ traffic, protocol, calls, idle, sizes, comingBack }) {
  const slim = sizes['envsocket/slim'];
  /** @param {keyof typeof calls[number]} call */
  const cost = (call) => median(calls.map((round) => round[call]));
  return [
    ...besides(traffic, BESIDE_NATIVE),
    ...besides(protocol, BESIDE_OFF),
    below('switching, 64 subscribers', cost('switchingAllSubscribed'), SWITCHING_US, 'µs'),
    below('getConnectionStatus', cost('status'), STATUS_US, 'µs'),
    below('getSnapshot unchanged, allocated', cost('snapshotBytes'), NO_ALLOCATION_BYTES, 'B'),
    below('an idle connection above native', aboveNative(idle, 'EnvSocket'), IDLE_BYTES, 'B'),
    below('the same, protocol on', aboveNative(idle, 'protocol on'), IDLE_BYTES, 'B'),
    below('envsocket/slim, gzipped', slim.script + slim.wasm, SLIM_BYTES, 'B'),
    back('back after a cut', comingBack.EnvSocket),
    back('back after a cut, protocol on', comingBack['protocol on']),
    replayed(comingBack['protocol on']),
  ];
}

/**
 * Bytes of one idle connection that a native one does not have.
 *
 * @param {import('./types.js').Figures['idle']} idle
 * @param {keyof import('./types.js').Figures['idle']['heap']} name
 */
export function aboveNative({ heap, wasm }, name) {
  return median(heap[name]) + median(wasm[name]) - median(heap.native);
}

/**
 * Everything that is sent, beside the same of another.
 *
 * @template {import('./types.js').Name} N
 * @param {import('./types.js').Traffic<N>} traffic
 * @param {Comparison<N>} comparison
 */
function besides({ rates, roundTrip }, comparison) {
  return [
    ...Object.entries(rates).map(([what, { perSecond }]) => atLeast(what, perSecond, comparison)),
    atMost('round trip, p50', roundTrip.p50, NOISE.p50, comparison),
    atMost('round trip, p99', roundTrip.p99, NOISE.p99, comparison),
  ];
}

/**
 * @template {import('./types.js').Name} N
 * @param {string} what
 * @param {Record<N, number[]>} rates
 * @param {Comparison<N>} comparison
 */
function atLeast(what, rates, comparison) {
  const { own, noise } = beside(rates, comparison);
  const allowed = Math.min(noise.low, 1);
  const outcome = judged(rates[comparison.base].length, own >= allowed, isFar(noise, NOISE.rate));
  return verdict(what, comparison, outcome, own, `${allowed.toFixed(2)} or more`);
}

/**
 * @template {import('./types.js').Name} N
 * @param {string} what
 * @param {Record<N, number[]>} times
 * @param {number} credible
 * @param {Comparison<N>} comparison
 */
function atMost(what, times, credible, comparison) {
  const { own, noise } = beside(times, comparison);
  const allowed = Math.max(noise.high, 1);
  const outcome = judged(times[comparison.base].length, own <= allowed, isFar(noise, credible));
  return verdict(what, comparison, outcome, own, `${allowed.toFixed(2)} or less`);
}

/**
 * @param {{ low: number, high: number }} noise
 * @param {number} credible
 */
function isFar({ low, high }, credible) {
  return low < 1 - credible || high > 1 + credible;
}

/**
 * @template {import('./types.js').Name} N
 * @param {Record<N, number[]>} figures
 * @param {Comparison<N>} comparison
 */
function beside(figures, { own, base, again }) {
  return {
    own: median(ratios(figures[own], figures[base])),
    noise: range(ratios(figures[again], figures[base])),
  };
}

/**
 * @param {string} budget
 * @param {import('./types.js').ComingBack[]} cuts
 */
function back(budget, cuts) {
  const times = cuts.map(({ back }) => back);
  return below(`${budget}, median of ${cuts.length}`, median(times), BACK_MS, 'ms');
}

/**
 * The first replayed message follows the welcome: nothing is asked for in between.
 *
 * @param {import('./types.js').ComingBack[]} cuts
 */
function replayed(cuts) {
  const since = cuts.map(({ sinceConnected }) => (sinceConnected ?? Number.NaN) * 1_000);
  const trip = Math.round(median(cuts.map(({ trip }) => trip * 1_000)));
  return below('the welcome to the first replayed message: a round trip', median(since), trip, 'µs');
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
 * @template {import('./types.js').Name} N
 * @param {string} what
 * @param {Comparison<N>} comparison
 * @param {import('./types.js').Verdict['outcome']} outcome
 * @param {number} own
 * @param {string} allowed
 * @returns {import('./types.js').Verdict}
 */
function verdict(what, { base, title }, outcome, own, allowed) {
  const measured = `${own.toFixed(2)} of ${base}, allowed ${allowed}`;
  return { budget: `${what}: ${title}`, outcome, measured };
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
