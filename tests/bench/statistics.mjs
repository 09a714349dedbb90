// The few statistics that the tables and the verdicts need.

/**
 * The value that this share of the others does not exceed, between two neighbours if need be.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return below + (above - below) * (at - Math.floor(at));
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * The middle 80 % of the rounds: one that the machine disturbed does not widen it.
 *
 * @param {readonly number[]} values
 * @returns {{ low: number, high: number }}
 */
export function range(values) {
  return { low: quantile(values, 0.1), high: quantile(values, 0.9) };
}

/**
 * Each round's figure as a share of another's in the same round.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} others
 */
export function ratios(values, others) {
  return values.map((value, round) => value / (others[round] ?? Number.NaN));
}
