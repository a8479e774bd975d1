/**
 * What all connections of a server share, and are told: how to answer, how long
 * things may take, and who wants to know of what.
 *
 * @module
 */

import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import type { Admission } from "./admission.ts";
import type { Client } from "./client.ts";
import type { Exchange } from "../observe/exchange.ts";
import {
  type Phase,
  REFUSAL_CAUSES,
  type RefusalCause,
} from "../observe/metric_layout.ts";

/** How long things may take, in ms. */
export interface Deadlines {
  /** From the first byte of a head to its last, however slowly they drip. */
  readonly head: number;
  /** Between two requests. */
  readonly idle: number;
  /** For a body that is discarded. */
  readonly body: number;
  /** From a complete request to its reply, where that has to be waited for: a listing, a password's hash. Then 503. */
  readonly waiting: number;
  /** In such a window a client must take {@linkcode REPLY_BYTES_MIN} bytes per second of a reply. */
  readonly reply: number;
  /** From the last answer to the client's own closing. */
  readonly linger: number;
}

/** Deadlines that do not hurt a person with a bad line. */
export const DEADLINES: Deadlines = {
  head: 10_000,
  idle: 60_000,
  body: 10_000,
  waiting: 30_000,
  reply: 30_000,
  linger: 2_000,
};

/** Slowest reading of a reply that is put up with, in bytes per second over a window. */
export const REPLY_BYTES_MIN = 1024;

/**
 * Makes a reply of a head. `now` is the time in ms since the epoch. Whoever knows better who the client is
 * than the connection does says so in `client.address`.
 */
export type Handler = (
  head: RequestHead,
  now: number,
  client: Client,
) => Reply | Promise<Reply>;

/** Counts what happens to connections. */
export interface Counters {
  /** A connection was accepted. */
  countConnection(): void;
  /** Something was turned away. */
  countRefusal(cause: RefusalCause): void;
  /** A deadline has passed. */
  countTimeout(phase: Phase): void;
  /** How many connections are in each phase. */
  setConnections(counts: Readonly<Record<Phase, number>>): void;
}

/** What all connections of a server share. */
export interface ConnectionContext {
  /** Makes the replies. */
  readonly respond: Handler;
  /** The answer for an error that is found before there is a request to respond to. */
  readonly refusal: (status: number) => Reply;
  /** How long things may take. */
  readonly deadlines: Deadlines;
  /** When a connection that was served may read again; undefined when at once. */
  readonly nextTurn: () => Promise<void> | undefined;
  /** Is told of every exchange; undefined when nobody wants to know. */
  readonly record: ((exchange: Exchange) => void) | undefined;
  /** Is told of failures that are the server's own. */
  readonly report: (error: unknown) => void;
  /** Whether replies are to be the last of their connections, because the server will stop. */
  readonly isDraining: () => boolean;
  /** Whether connections from an address begin with a PROXY protocol header; undefined when none does. */
  readonly isProxy?: ((peer: string) => boolean) | undefined;
  /** Decides which connections stay. */
  readonly admission: Admission;
  /** Gives the next request its id; undefined when requests have none. */
  readonly nextRequestId?: (() => string) | undefined;
  /** How often a file or directory had to be looked at so far; undefined where nobody counts. */
  readonly getMisses?: (() => number) | undefined;
  /** Counts; undefined when nobody wants to know. */
  readonly counters?: Counters | undefined;
}

/** What a request that cannot be read is counted as. */
export function parseCause(status: number): RefusalCause {
  const cause = REFUSAL_CAUSES.find((name) => name === `parse_${status}`);
  return cause ?? "parse_400";
}
