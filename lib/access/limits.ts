/**
 * Limits for any number of subjects (mostly addresses) in memory of a fixed
 * size, which all isolates of the process share.
 *
 * A subject is hashed to one cell in each of a few rows. It shares each cell
 * with others, but hardly ever all of them with busy ones, and the least of its
 * cells counts (Cormode and Muthukrishnan, "An improved
 * data stream summary: the count-min sketch", 2005). So no
 * subject gets more than the limit, and a few may get less: see the classes for
 * the bounds.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { type HashKey, KeyedHash } from "./keyed_hash.ts";

/** The memory of a limit. Isolates that it is sent to share the limit. */
export interface LimitMemory {
  /** The cells. */
  readonly buffer: SharedArrayBuffer;
  /** The secret key of the hash. */
  readonly key: HashKey;
}

/** Cells of a row, as many as 16 bits of a hash can select. */
const CELLS = 65_536;
const RATE_ROWS = 3;
const CONNECTION_ROWS = 2;

/** The number of locks, a power of two. Subjects with different locks need not wait for each other. */
const LOCKS = 1024;

/** Attempts to take a lock before taking it over: the isolate that holds it may have died. */
const LOCK_TRIES = 10_000;

/** The size of a {@linkcode RateLimit} in bytes: 1.5 MiB, and 4 KiB for locks. */
export const RATE_BYTES: number = RATE_ROWS * CELLS *
    Float64Array.BYTES_PER_ELEMENT + LOCKS * Int32Array.BYTES_PER_ELEMENT;

/** The size of a {@linkcode ConnectionLimit} per isolate in bytes: 512 KiB. */
export const CONNECTION_BYTES: number = CONNECTION_ROWS * CELLS *
  Int32Array.BYTES_PER_ELEMENT;

/** Memory for a {@linkcode RateLimit}. */
export function rateMemory(): LimitMemory {
  return { buffer: new SharedArrayBuffer(RATE_BYTES), key: randomKey() };
}

/** Memory for the {@linkcode ConnectionLimit} of several isolates. */
export function connectionMemory(isolates: number = 1): LimitMemory {
  const buffer = new SharedArrayBuffer(isolates * CONNECTION_BYTES);
  return { buffer, key: randomKey() };
}

function randomKey(): HashKey {
  const bytes = randomBytes(8);
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

/** A rate with a burst. */
export interface Rate {
  /** Requests per second in the long run, above 0 and at most a million. Above 1,000, rounding of times costs a few percent of precision. */
  readonly rate: number;
  /** Requests that may come at once after a pause, at least 1. The default is the larger of 10 and twice the rate. */
  readonly burst?: number | undefined;
}

/** The largest step back of the clock to ignore, in ms; clocks of isolates differ by less. */
const CLOCK_SLACK_MS = 1_000;

/**
 * Requests per second for each subject, by the generic cell rate algorithm (ITU-T I.371, "virtual
 * scheduling"): a cell holds the time at which the next request would arrive at an even pace.
 *
 * - A subject gets at most rate · t + burst requests in any t seconds, from all isolates together.
 * - A subject within the limit is refused only if it shares each of its three cells with a subject near its
 *   limit. With n such busy subjects and 65,536 cells a row, this affects (1 − e^(−n/65536))³ of all subjects:
 *   4 in a million for 1,000, 0.3 % for 10,000, 15 % for 50,000. The hash is keyed, so an attacker cannot
 *   choose whom.
 * - When the clock is set back, no subject waits more than a second longer than the rate requires.
 */
export class RateLimit {
  /** The interval between requests at an even pace, in ms. */
  readonly #interval: number;
  /** How far ahead of the clock a cell may be while requests pass, in ms. */
  readonly #tolerance: number;
  readonly #cells: Float64Array;
  readonly #locks: Int32Array;
  readonly #hash: KeyedHash;
  readonly #places = new Uint32Array(RATE_ROWS);

  /** A limit, in its own memory or in that of another isolate's limit with the same rate. */
  constructor({ rate, burst }: Rate, memory: LimitMemory = rateMemory()) {
    const atOnce = burst ?? Math.max(10, 2 * rate);
    this.#interval = 1000 / rate;
    this.#tolerance = (atOnce - 1) * this.#interval;
    this.#cells = new Float64Array(memory.buffer, 0, RATE_ROWS * CELLS);
    this.#locks = new Int32Array(memory.buffer, this.#cells.byteLength, LOCKS);
    this.#hash = new KeyedHash(memory.key);
  }

  /** Counts a request and returns 0 if it may pass; else returns the seconds to wait, 1 or more. `now` is in ms since the epoch. */
  take(subject: string, now: number): number {
    const lock = this.#lock(subject);
    const arrival = Math.max(this.#arrival(now), now);
    const wait = this.#waitFor(arrival - now);
    if (wait === 0) this.#raise(arrival + this.#interval);
    Atomics.store(this.#locks, lock, 0);
    return wait;
  }

  /**
   * Takes back one request that {@linkcode take} counted, from any isolate. Changes only the cells that
   * decide for the subject. A subject that shares one of them may therefore get one request too many.
   */
  giveBack(subject: string, now: number): void {
    const lock = this.#lock(subject);
    const arrival = this.#arrival(now);
    for (const place of this.#places) {
      if (this.#cells[place] === arrival) {
        this.#cells[place] = arrival - this.#interval;
      }
    }
    Atomics.store(this.#locks, lock, 0);
  }

  /** How many requests a subject is ahead of an even pace, 0 or more. */
  ahead(subject: string, now: number): number {
    this.#hash.update(subject);
    return Math.max(0, this.#arrival(now) - now) / this.#interval;
  }

  /** Hashes a subject and locks its cells. Returns the lock, which the caller sets to 0 again. */
  #lock(subject: string): number {
    this.#hash.update(subject);
    const lock = this.#hash.high >>> 16 & LOCKS - 1;
    // Without the lock, isolates that look at the same moment would all take the same room.
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (Atomics.compareExchange(this.#locks, lock, 0, 1) === 0) break;
    }
    return lock;
  }

  /** Seconds until a request may pass, 0 if it may now. Does not count it. */
  peek(subject: string, now: number): number {
    this.#hash.update(subject);
    const arrival = Math.max(this.#arrival(now), now);
    return this.#waitFor(arrival - now);
  }

  #waitFor(early: number): number {
    // The rounding error of added intervals must not cost a request.
    const over = early - this.#tolerance - this.#interval / 1000;
    return over <= 0 ? 0 : Math.max(1, Math.ceil(over / 1000));
  }

  /** The least of the cells of the last hashed subject; stores their places in #places. */
  #arrival(now: number): number {
    const places = this.#places;
    const cells = this.#cells;
    const { low, high } = this.#hash;
    places[0] = low & 0xffff;
    places[1] = CELLS + (low >>> 16);
    places[2] = 2 * CELLS + (high & 0xffff);
    const least = Math.min(
      cells[places[0]]!,
      cells[places[1]]!,
      cells[places[2]]!,
    );
    const latest = now + this.#tolerance + this.#interval;
    if (least <= latest + CLOCK_SLACK_MS) return least;
    // No request can have written this by the current clock, so it was set back.
    for (const place of places) {
      if (cells[place]! > latest) cells[place] = latest;
    }
    return latest;
  }

  /** Changes only cells that are behind; the others are ahead because of other subjects (Estan and Varghese's conservative update). */
  #raise(arrival: number): void {
    const cells = this.#cells;
    for (const place of this.#places) {
      if (cells[place]! < arrival) cells[place] = arrival;
    }
  }
}

/**
 * Connections open at the same time, for each subject.
 *
 * - A subject with more open connections than the limit never counts as within it.
 * - It is refused below the limit only if it shares both of its cells. With n connections open in all, at most a
 *   quarter of all subjects have more than 2n / 65,536 foreign connections counted as their own. With 10,000 from
 *   as many subjects that is one too many for 2 % of them, and two or more for 0.01 %.
 *
 * Each isolate counts in its own part of the memory, so that starting its successor forgets the connections of
 * one that crashed.
 */
export class ConnectionLimit {
  readonly #max: number;
  /** The cells of all isolates, and the start of this one's. */
  readonly #cells: Int32Array;
  readonly #own: number;
  readonly #hash: KeyedHash;

  /**
   * A limit of `max` connections, in its own memory or in one made for several isolates, of which this is
   * number `isolate` (from 0). It starts with no open connection.
   */
  constructor(
    max: number,
    memory: LimitMemory = connectionMemory(),
    isolate: number = 0,
  ) {
    this.#max = max;
    this.#cells = new Int32Array(memory.buffer);
    this.#own = isolate * CONNECTION_ROWS * CELLS;
    this.#hash = new KeyedHash(memory.key);
    for (let i = 0; i < CONNECTION_ROWS * CELLS; i++) {
      Atomics.store(this.#cells, this.#own + i, 0);
    }
  }

  /** Counts a connection. Returns by how many its subject now exceeds the limit; 0 within it. */
  open(subject: string): number {
    this.#count(subject, 1);
    const { low } = this.#hash;
    const open = Math.min(this.#sum(firstCell(low)), this.#sum(nextCell(low)));
    return Math.max(0, open - this.#max);
  }

  /** Takes back a connection that {@linkcode open} counted, whatever it returned. */
  close(subject: string): void {
    this.#count(subject, -1);
  }

  #count(subject: string, change: number): void {
    this.#hash.update(subject);
    const { low } = this.#hash;
    Atomics.add(this.#cells, this.#own + firstCell(low), change);
    Atomics.add(this.#cells, this.#own + nextCell(low), change);
  }

  /** The sum of a cell over all isolates. */
  #sum(cell: number): number {
    let sum = 0;
    for (
      let at = cell;
      at < this.#cells.length;
      at += CONNECTION_ROWS * CELLS
    ) {
      sum += Atomics.load(this.#cells, at);
    }
    return sum;
  }
}

function firstCell(hash: number): number {
  return hash & 0xffff;
}

function nextCell(hash: number): number {
  return CELLS + (hash >>> 16);
}
