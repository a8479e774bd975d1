/**
 * An isolate that takes from a shared limit as fast as it can, for the test of that.
 *
 * @module
 */

import { type LimitMemory, RateLimit } from "../../lib/access/limits.ts";

/** What it is told to do. */
export interface Work {
  /** The shared memory. */
  readonly memory: LimitMemory;
  /** Requests per second, and at once. */
  readonly rate: number;
  /** Requests at once. */
  readonly burst: number;
  /** When to begin and when to end, in ms since the epoch. */
  readonly begin: number;
  /** When to end. */
  readonly end: number;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Work>) => void;
  postMessage(passed: number): void;
};

scope.onmessage = ({ data: { memory, rate, burst, begin, end } }) => {
  const limit = new RateLimit({ rate, burst }, memory);
  while (Date.now() < begin);
  let passed = 0;
  for (let now = Date.now(); now < end; now = Date.now()) {
    if (limit.take("192.0.2.1", now) === 0) passed++;
  }
  scope.postMessage(passed);
};

// Ready.
scope.postMessage(0);
