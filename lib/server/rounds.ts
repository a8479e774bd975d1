/**
 * Rounds: turns that keep busy connections from starving others.
 *
 * A read that finds data at once never waits in the system's poller. A busy
 * connection that was just served would thus be served again before the poller
 * looks at the others: of 1,000 busy connections some time out while others get
 * one answer after the other. Therefore a connection reads again only in the
 * next round, and a round ends when a byte has gone through the poller, behind
 * all connections that were ready.
 *
 * @module
 */

/** With fewer connections none waits long for its turn, and a round costs more than it gains. */
const CONNECTIONS_MIN = 16;

/**
 * The poller returns 256 events at a time, so with many connections one trip is not behind all of them. One trip per
 * this many connections is enough (measured up to 4,000 connections).
 */
const CONNECTIONS_PER_TRIP = 120;

/** Resolves when all tasks that were awaited so far have had their turns. */
let tasks: Promise<void> = Promise.resolve();

/**
 * Resolves when other work had its turn: a write that the system takes at once lets no other connection in. Those that
 * await it continue one at a time, so that many do not delay others any longer than one.
 */
export function nextTask(): Promise<void> {
  return tasks = tasks.then(() =>
    new Promise((resolve) => setTimeout(resolve, 0))
  );
}

/** Both ends of a connection of the process to itself. */
export interface Loopback {
  /** The sending end. */
  readonly near: Deno.Conn;
  /** The receiving end. */
  readonly far: Deno.Conn;
}

/** Gives connections their turns. */
export class Rounds {
  readonly #loopback: Loopback;
  readonly #byte: Uint8Array<ArrayBuffer> = new Uint8Array(1);
  /**
   * Larger than what arrives: after a read that fills its buffer, the runtime tries the next read at once and finds
   * its byte without the poller (7 polls for 3,000 trips were seen).
   */
  readonly #arrived: Uint8Array<ArrayBuffer> = new Uint8Array(2);
  #next: Promise<void> | undefined;

  /** Rounds over a loopback connection, which they close. */
  constructor(loopback: Loopback) {
    this.#loopback = loopback;
  }

  /** Resolves when one of that many connections may read again; undefined if it may at once. Never rejects. */
  next(connections: number): Promise<void> | undefined {
    if (connections < CONNECTIONS_MIN) return undefined;
    const trips = Math.ceil(connections / CONNECTIONS_PER_TRIP);
    return this.#next ??= this.#turn(trips).finally(() => {
      this.#next = undefined;
    });
  }

  /** Closes the loopback connection. */
  close(): void {
    this.#loopback.near.close();
    this.#loopback.far.close();
  }

  async #turn(trips: number): Promise<void> {
    try {
      for (let trip = 0; trip < trips; trip++) {
        await this.#loopback.near.write(this.#byte);
        await this.#loopback.far.read(this.#arrived);
      }
    } catch {
      // Closed: there are no more turns to wait for.
    }
  }
}
