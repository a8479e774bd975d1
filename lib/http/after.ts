/**
 * Continues with a value or the promise of one. A value that is ready costs no
 * turn of the event loop.
 *
 * @module
 */

/** Calls `goOn` with a value: at once, or when its promise resolves. Returns the result, or a promise of it. */
export function after<T, R>(
  value: T | Promise<T>,
  goOn: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
