/**
 * Workers that are loaded from memory.
 *
 * @module
 */

/**
 * Starts a worker whose module has this text: reading a module from disk may not be permitted, and executables cannot
 * make a worker from a blob.
 */
export function startSourceWorker(source: string): Worker {
  const address = `data:text/javascript,${encodeURIComponent(source)}`;
  return new Worker(address, { type: "module" });
}
