/**
 * Going on with a value that may be there already, without a turn of the event
 * loop when it is.
 *
 * @module
 */

/** Calls `goOn` with a value: at once, or when it is there. Returns the result, or a promise of it. */
export function after<T, R>(
  value: T | Promise<T>,
  goOn: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
