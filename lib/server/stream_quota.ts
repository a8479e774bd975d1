/**
 * Stream quota: how many requests the HTTP/2 connections of a server may have
 * under way together, and how many of them one client may have.
 *
 * @module
 */

/** Most streams of a connection at once, with those that were reset while their answer was being made. */
export const STREAMS_MAX = 100;

/**
 * Most streams at once on all HTTP/2 connections: two for each connection that there may be. Of the second half each
 * client gets only what one connection may have, so it takes a hundred clients to leave no room for others.
 */
export const ALL_STREAMS_MAX = 20_000;

/** The streams of one client, on all its connections. */
export interface StreamShare {
  /** The client; undefined for a share of one connection. */
  readonly subject: string | undefined;
  /** How many connections use the share. */
  connections: number;
  /** How many streams count. */
  streams: number;
}

/** Counts the streams of all clients. */
export class StreamQuota {
  readonly #max: number;
  #all = 0;
  readonly #bySubject = new Map<string, StreamShare>();

  /** A quota of `max` streams for all. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The share of a new connection's client. Without a subject the connection is a client of its own. */
  join(subject: string | undefined): StreamShare {
    const known = subject === undefined
      ? undefined
      : this.#bySubject.get(subject);
    const share = known ?? { subject, connections: 0, streams: 0 };
    share.connections++;
    if (subject !== undefined) this.#bySubject.set(subject, share);
    return share;
  }

  /** Undoes one {@linkcode StreamQuota.join}. The streams count for the client until they are given back. */
  leave(share: StreamShare): void {
    share.connections--;
    this.#forgetUnused(share);
  }

  /** Whether a client may begin another stream. */
  hasRoom(share: StreamShare): boolean {
    if (this.#all >= this.#max) return false;
    return share.streams < STREAMS_MAX || this.#all < this.#max / 2;
  }

  /** Counts a stream that begins. */
  take(share: StreamShare): void {
    share.streams++;
    this.#all++;
  }

  /** Undoes one {@linkcode StreamQuota.take}. */
  give(share: StreamShare): void {
    share.streams--;
    this.#all--;
    this.#forgetUnused(share);
  }

  #forgetUnused({ connections, streams, subject }: StreamShare): void {
    const isUsed = connections > 0 || streams > 0 || subject === undefined;
    if (!isUsed) this.#bySubject.delete(subject);
  }
}
