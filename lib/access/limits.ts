/**
 * Limits for each of any number of subjects (addresses, mostly) in memory of a
 * fixed size, which all isolates of the process share.
 *
 * A subject is not looked up but hashed: it has one cell in each of a few rows,
 * and shares each with others, but hardly ever all of them with busy ones. The
 * least of its cells is what counts (Cormode and Muthukrishnan, "An improved
 * data stream summary: the count-min sketch", 2005). So nobody gets more than
 * the limit, and a few may get less: the bounds are at the classes.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { KeyedHash } from "./keyed_hash.ts";

/** What a limit keeps. It may be sent to other isolates, whose limits then are the same one. */
export interface LimitMemory {
  /** The cells. */
  readonly buffer: SharedArrayBuffer;
  /** The key of the hash, from 0 to 2⁵³ − 1: nobody outside may know it. */
  readonly seed: number;
}

/** Cells of a row: a power of two that 16 bits of a hash choose from. */
const CELLS = 65_536;
const RATE_ROWS = 3;
const CONNECTION_ROWS = 2;

/** Subjects with different numbers from 0 on need not wait for each other. A power of two. */
const LOCKS = 1024;

/** How often a lock is tried: an isolate that has died with it must not hold up the others, which take it over then. */
const LOCK_TRIES = 10_000;

/** What a {@linkcode RateLimit} takes, in bytes: 1.5 MiB, and 4 KiB for locks. */
export const RATE_BYTES: number = RATE_ROWS * CELLS *
    Float64Array.BYTES_PER_ELEMENT + LOCKS * Int32Array.BYTES_PER_ELEMENT;

/** What a {@linkcode ConnectionLimit} takes for each isolate, in bytes: 512 KiB. */
export const CONNECTION_BYTES: number = CONNECTION_ROWS * CELLS *
  Int32Array.BYTES_PER_ELEMENT;

/** Memory for a {@linkcode RateLimit}. */
export function rateMemory(): LimitMemory {
  return { buffer: new SharedArrayBuffer(RATE_BYTES), seed: randomSeed() };
}

/** Memory for the {@linkcode ConnectionLimit} of so many isolates. */
export function connectionMemory(isolates: number = 1): LimitMemory {
  const buffer = new SharedArrayBuffer(isolates * CONNECTION_BYTES);
  return { buffer, seed: randomSeed() };
}

function randomSeed(): number {
  const bytes = randomBytes(8);
  return (bytes.readUInt32LE(0) >>> 11) * 2 ** 32 + bytes.readUInt32LE(4);
}

function hashWith({ seed }: LimitMemory): KeyedHash {
  return new KeyedHash([seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
}

/** A rate, and how much may come at once. */
export interface Rate {
  /** Requests per second in the long run; above 0, and a million at most. Above 1,000 it is kept to a few percent only, for what times are rounded to. */
  readonly rate: number;
  /** Requests that may come at once after a pause; 10 or twice the rate, whichever is more, unless given. At least 1. */
  readonly burst?: number | undefined;
}

const RATE_MAX = 1_000_000;

/** A clock that goes back by less than this is waited for, in ms; isolates differ by less, too. */
const CLOCK_SLACK_MS = 1_000;

/**
 * Requests per second for each subject, by the generic cell rate algorithm (ITU-T I.371, "virtual
 * scheduling"): a cell holds the time at which the next request would arrive if all came evenly.
 *
 * - A subject gets at most rate · t + burst requests in any t seconds, from all isolates together.
 * - A subject within the limit is refused only when each of its three cells is another's as well that is
 *   near its limit. With n such busy ones of 65,536 cells a row, that is the lot of (1 − e^(−n/65536))³ of
 *   all subjects: 4 in a million for 1,000, 0.3 % for 10,000, 15 % for 50,000. Who the unlucky ones are
 *   nobody can choose, because the hash is keyed.
 * - When the clock is set back, nobody waits for more than a second beyond what the rate asks.
 */
export class RateLimit {
  /** For the same limit in another isolate. */
  readonly memory: LimitMemory;
  /** Between two requests that come evenly, in ms. */
  readonly #interval: number;
  /** How far ahead of the clock a cell may be for a request to pass, in ms. */
  readonly #tolerance: number;
  readonly #cells: Float64Array;
  readonly #locks: Int32Array;
  readonly #hash: KeyedHash;
  readonly #places = new Uint32Array(RATE_ROWS);

  /** A limit, in memory of its own or in that of another isolate's limit with the same rate. */
  constructor({ rate, burst }: Rate, memory: LimitMemory = rateMemory()) {
    const atOnce = burst ?? Math.max(10, 2 * rate);
    if (!(rate > 0 && rate <= RATE_MAX && atOnce >= 1 && atOnce < Infinity)) {
      throw new RangeError(`Cannot limit to ${rate}/s with ${atOnce} at once`);
    }
    this.memory = memory;
    this.#interval = 1000 / rate;
    this.#tolerance = (atOnce - 1) * this.#interval;
    this.#cells = new Float64Array(memory.buffer, 0, RATE_ROWS * CELLS);
    this.#locks = new Int32Array(memory.buffer, this.#cells.byteLength, LOCKS);
    this.#hash = hashWith(memory);
  }

  /** Counts a request if it may pass: 0 then, else the seconds to wait, 1 or more. `now` is in ms since the epoch. */
  take(subject: string, now: number): number {
    const lock = this.#lock(subject);
    const arrival = Math.max(this.#arrival(now), now);
    const wait = this.#waitFor(arrival - now);
    if (wait === 0) this.#raise(arrival + this.#interval);
    Atomics.store(this.#locks, lock, 0);
    return wait;
  }

  /**
   * Takes back one request that {@linkcode take} has counted, from any isolate. Only the cells that decide
   * for the subject change. A subject that shares one of them may therefore get one request too many.
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

  /** How many requests a subject is ahead of an even pace: what it has had at once and not waited for since. 0 or more. */
  ahead(subject: string, now: number): number {
    this.#hash.update(subject);
    return Math.max(0, this.#arrival(now) - now) / this.#interval;
  }

  /** Hashes a subject and locks its cells. Returns the lock, which the caller sets to 0 again. */
  #lock(subject: string): number {
    this.#hash.update(subject);
    const lock = this.#hash.high >>> 16 & LOCKS - 1;
    // Without it, isolates that look in the same moment would all see the same room, and all take it.
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (Atomics.compareExchange(this.#locks, lock, 0, 1) === 0) break;
    }
    return lock;
  }

  /** Whether a request may pass (0), or in how many seconds, without counting it. */
  peek(subject: string, now: number): number {
    this.#hash.update(subject);
    const arrival = Math.max(this.#arrival(now), now);
    return this.#waitFor(arrival - now);
  }

  #waitFor(early: number): number {
    // What adding up intervals loses in precision is not to cost anybody a request.
    const over = early - this.#tolerance - this.#interval / 1000;
    return over <= 0 ? 0 : Math.max(1, Math.ceil(over / 1000));
  }

  /** The least of the cells of the subject that was hashed last, whose places it leaves in #places. */
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
    // No request can have written that by this clock: it was set back.
    this.#lower(latest);
    return latest;
  }

  /** Only cells that are behind are changed: the others are so for somebody else (Estan and Varghese's conservative update). */
  #raise(arrival: number): void {
    const cells = this.#cells;
    for (const place of this.#places) {
      if (cells[place]! < arrival) cells[place] = arrival;
    }
  }

  #lower(arrival: number): void {
    const cells = this.#cells;
    for (const place of this.#places) {
      if (cells[place]! > arrival) cells[place] = arrival;
    }
  }
}

/**
 * Connections that are open at the same time, for each subject.
 *
 * - A subject is never told that it is within the limit when it has more open.
 * - It is refused below it only when both of its cells are others' as well. With n connections open in all,
 *   more than 2n / 65,536 of the others' are counted as its own for a quarter of all subjects at most. With
 *   10,000 from as many subjects that is one too many for 2 % of them, and two or more for 0.01 %.
 *
 * Each isolate counts in a part of the memory of its own, so that what one that has crashed had open is
 * forgotten when the next is started in its place.
 */
export class ConnectionLimit {
  /** For the same limit in another isolate. */
  readonly memory: LimitMemory;
  readonly #max: number;
  /** All isolates' cells, and where this one's begin. */
  readonly #cells: Int32Array;
  readonly #own: number;
  readonly #hash: KeyedHash;

  /**
   * A limit of `max` connections, in memory of its own, or in one that was made for several isolates, of
   * which this is the one with the number `isolate` (from 0). No connection is open in it.
   */
  constructor(
    max: number,
    memory: LimitMemory = connectionMemory(),
    isolate: number = 0,
  ) {
    this.memory = memory;
    this.#max = max;
    this.#cells = new Int32Array(memory.buffer);
    this.#own = isolate * CONNECTION_ROWS * CELLS;
    this.#hash = hashWith(memory);
    for (let i = 0; i < CONNECTION_ROWS * CELLS; i++) {
      Atomics.store(this.#cells, this.#own + i, 0);
    }
  }

  /** Counts a connection. Returns by how many its subject is above the limit with it; 0 within it. */
  open(subject: string): number {
    this.#count(subject, 1);
    const { low } = this.#hash;
    const open = Math.min(this.#sum(firstCell(low)), this.#sum(nextCell(low)));
    return Math.max(0, open - this.#max);
  }

  /** Takes back a connection that {@linkcode open} has counted, whatever it has returned. */
  close(subject: string): void {
    this.#count(subject, -1);
  }

  #count(subject: string, change: number): void {
    this.#hash.update(subject);
    const { low } = this.#hash;
    Atomics.add(this.#cells, this.#own + firstCell(low), change);
    Atomics.add(this.#cells, this.#own + nextCell(low), change);
  }

  /** What all isolates have in a cell. */
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
