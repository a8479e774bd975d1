/**
 * What a benchmark makes must be wanted by somebody, or the compiler leaves
 * the making out.
 *
 * @module
 */

/** The last thing that was kept. */
export let kept: unknown;

/** Keeps a value for as long as no other comes. */
export function keep(value: unknown): void {
  kept = value;
}
