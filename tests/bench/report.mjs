// The tables, as Markdown: what is printed goes into the docs as it is.

import { aboveNative } from './budgets.mjs';
import { median, range, ratios } from './statistics.mjs';

/**
 * @param {import('./types.js').Result} result
 * @param {readonly import('./types.js').Verdict[]} verdicts
 */
export function print(result, verdicts) {
  const { machine, plan, quick } = result;
  console.log(`${machine.cores} cores (${machine.cpu}), ${machine.browser}`);
  console.log(`${plan.rounds} rounds${quick ? '; a quick run is too short for a verdict' : ''}\n`);
  traffic(result.traffic, 'native');
  traffic(result.protocol, 'protocol off');
  idle(result.idle);
  calls(result.calls);
  comingBack(result.comingBack);
  sizes(result.sizes);
  table(
    ['budget', '', 'measured'],
    verdicts.map(({ budget, outcome, measured }) => [budget, outcome, measured]),
  );
}

/**
 * @template {import('./types.js').Name} N
 * @param {import('./types.js').Traffic<N>} figures
 * @param {N} base
 */
function traffic({ rates, roundTrip }, base) {
  const rows = Object.entries(rates).map(([what, { size, perSecond }]) => {
    const large = size > 1_024;
    const unit = large ? 'MB/s' : 'messages/s';
    const shown = (/** @type {number} */ rate) => (large ? (rate * size) / 1e6 : rate).toFixed(0);
    return [`${what}, ${unit}`, ...cells(perSecond, base, shown)];
  });
  for (const [what, times] of Object.entries(roundTrip)) {
    rows.push([`round trip 64 B, ${what}, µs`, ...cells(times, base, (time) => time.toFixed(0))]);
  }
  table(['', ...Object.keys(roundTrip.p50)], rows);
}

/**
 * The median, and beside it how it stands to the base: the median and the range of the rounds' ratios.
 *
 * @template {import('./types.js').Name} N
 * @param {Record<N, number[]>} figures
 * @param {N} base
 * @param {(value: number) => string} shown
 */
function cells(figures, base, shown) {
  const all = /** @type {[string, number[]][]} */ (Object.entries(figures));
  return all.map(([name, values]) => {
    const value = shown(median(values));
    if (name === base) return value;
    const beside = ratios(values, figures[base]);
    const { low, high } = range(beside);
    return `${value} · ${median(beside).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  });
}

/** @param {import('./types.js').Figures['idle']} figures */
function idle(figures) {
  const names = /** @type {(keyof typeof figures.heap)[]} */ (Object.keys(figures.heap));
  const rows = names.map((name) => [
    name,
    median(figures.heap[name]).toFixed(0),
    median(figures.wasm[name]).toFixed(0),
    aboveNative(figures, name).toFixed(0),
  ]);
  table(['one idle connection of 200, bytes', 'heap', 'wasm', 'above native'], rows);
}

/** @param {import('./types.js').Figures['calls']} rounds */
function calls(rounds) {
  /** @type {[string, keyof typeof rounds[number]][]} */
  const named = [
    ['getConnectionStatus', 'status'],
    ['getSnapshot, unchanged', 'snapshot'],
    ['setActiveConnection, no subscriber', 'switching'],
    ['setActiveConnection, 1 subscriber', 'switchingOneSubscriber'],
    ['setActiveConnection, 64 subscribers', 'switchingAllSubscribed'],
  ];
  const rows = named.map(([what, call]) => {
    const values = rounds.map((round) => round[call]);
    const { low, high } = range(values);
    return [what, microseconds(median(values)), `${microseconds(low)}–${microseconds(high)}`];
  });
  table(['a call, with 64 connections', 'µs', 'range'], rows);
}

/** @param {import('./types.js').Figures['comingBack']} figures */
function comingBack(figures) {
  const rows = Object.entries(figures).map(([name, cuts]) => {
    const times = cuts.map(({ back }) => back);
    const { low, high } = range(times);
    const since = cuts.flatMap(({ sinceConnected }) => sinceConnected ?? []).map((ms) => ms * 1_000);
    return [
      name,
      String(cuts.length),
      median(times).toFixed(0),
      `${low.toFixed(0)}–${high.toFixed(0)}`,
      since.length === 0 ? '' : median(since).toFixed(0),
      (median(cuts.map(({ trip }) => trip)) * 1_000).toFixed(0),
    ];
  });
  const head = ['back after a dropped link', 'cuts', 'median, ms', 'range', 'of it since connected, µs'];
  table([...head, 'a round trip, µs'], rows);
}

/** @param {import('./types.js').Result['sizes']} sizes */
function sizes(sizes) {
  const rows = Object.entries(sizes).map(([name, { script, wasm }]) => [
    name,
    String(script),
    wasm === 0 ? '' : String(wasm),
    String(script + wasm),
  ]);
  table(['download, gzipped, bytes', 'JavaScript', 'wasm', 'together'], rows);
}

/** @param {number} value */
function microseconds(value) {
  return value < 1 ? value.toFixed(3) : value.toFixed(1);
}

/**
 * @param {readonly string[]} head
 * @param {readonly string[][]} rows
 */
function table(head, rows) {
  const all = [[...head], ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0), 3));
  const dashes = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  for (const row of [head, dashes, ...rows]) {
    const padded = row.map((cell, i) => cell[i === 0 ? 'padEnd' : 'padStart'](widths[i] ?? 0));
    console.log(`| ${padded.join(' | ')} |`);
  }
  console.log();
}
