/**
 * Serving in rounds, so that no connection starves.
 *
 * A read that finds data at once never waits in the system's poller, so a busy
 * connection that was just served would be served again before those that wait
 * there are even looked at: with 1,000 busy connections some would time out
 * while others are answered without a pause. Therefore a connection that was
 * served reads again only in the next round, and a round ends when a byte has
 * gone through the poller, behind everyone who was ready.
 *
 * @module
 */

/** Up to so many connections nobody waits long for his turn, and the round would cost more than it brings. */
const CONNECTIONS_MIN = 16;

/**
 * The poller hands out 256 events at a time, so with many connections one trip is not behind everyone.
 * A trip for each of so many connections keeps clear of that (measured: up to 4,000 connections).
 */
const CONNECTIONS_PER_TRIP = 120;

/** Both ends of a connection of the process with itself. */
export interface Loopback {
  /** Where a byte is sent. */
  readonly near: Deno.Conn;
  /** Where it arrives. */
  readonly far: Deno.Conn;
}

/** Tells connections when their next turn is. */
export class Rounds {
  readonly #loopback: Loopback;
  readonly #byte: Uint8Array<ArrayBuffer> = new Uint8Array(1);
  /**
   * Must be larger than what arrives: after a read that has filled its buffer the runtime tries the next one
   * at once, finds the byte, and the trip has gone past the poller (seen: 7 polls for 3,000 trips).
   */
  readonly #arrived: Uint8Array<ArrayBuffer> = new Uint8Array(2);
  #next: Promise<void> | undefined;

  /** Rounds over a loopback connection, which they close. */
  constructor(loopback: Loopback) {
    this.#loopback = loopback;
  }

  /** When a connection of so many may read again; undefined when at once. Never rejects. */
  next(connections: number): Promise<void> | undefined {
    if (connections < CONNECTIONS_MIN) return undefined;
    const trips = Math.ceil(connections / CONNECTIONS_PER_TRIP);
    return this.#next ??= this.#turn(trips).finally(() => {
      this.#next = undefined;
    });
  }

  /** Ends the loopback connection. */
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
      // Closed: then there are no turns to wait for.
    }
  }
}
