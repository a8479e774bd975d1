/**
 * What all connections of a server share: how to respond, how long things may
 * take, and whom to inform.
 *
 * @module
 */

import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import type { Admission } from "./admission.ts";
import type { Client } from "./client.ts";
import type { StreamQuota } from "./stream_quota.ts";
import type { Exchange } from "../observe/exchange.ts";
import { REFUSAL_CAUSES, type RefusalCause } from "../observe/metric_layout.ts";
import type { Metrics } from "../observe/metrics.ts";

/** The longest duration of each phase of a connection, in ms. */
export interface Deadlines {
  /** From the first byte of a head to its last. Bytes that trickle in do not extend it. */
  readonly head: number;
  /** Between two requests. */
  readonly idle: number;
  /** For a request body, which skiff reads and discards. */
  readonly body: number;
  /** From a complete request to its reply, if the reply takes time (a listing, a password hash). Then 503. */
  readonly waiting: number;
  /** A window in which the client must take {@linkcode REPLY_BYTES_MIN} bytes per second of a reply. */
  readonly reply: number;
  /** A window in which the client must take something of the events that wait for it. */
  readonly events: number;
  /** From the last answer until the client closes. */
  readonly linger: number;
}

/** Default deadlines; they allow for a slow connection. */
export const DEADLINES: Deadlines = {
  head: 10_000,
  idle: 60_000,
  body: 10_000,
  waiting: 30_000,
  reply: 30_000,
  events: 30_000,
  linger: 2_000,
};

/** Slowest reading of a reply that skiff allows, in bytes per second over a window. */
export const REPLY_BYTES_MIN = 1024;

/**
 * Responds to a request. `now` is in ms since the epoch. A handler that knows the client's address better than the
 * connection does, for example from a proxy, sets `client.address`.
 */
export type Handler = (
  head: RequestHead,
  now: number,
  client: Client,
) => Reply | Promise<Reply>;

/** Counts what happens to connections. */
export type Counters = Pick<
  Metrics,
  | "countConnection"
  | "countRefusal"
  | "countTimeout"
  | "countReset"
  | "countGoAway"
  | "setConnections"
  | "setHttp2"
>;

/** What all connections of a server share. */
export interface ConnectionContext {
  /** Responds to requests. */
  readonly respond: Handler;
  /** Makes the reply for an error that precedes the handler: a malformed request, too many connections. */
  readonly refusal: (status: number) => Reply;
  /** How long each phase may take. */
  readonly deadlines: Deadlines;
  /** Resolves when a connection that was just served may read again; undefined if it may at once. */
  readonly nextTurn: () => Promise<void> | undefined;
  /** Called after each exchange; undefined if there is neither a log nor an admin port. */
  readonly record: ((exchange: Exchange) => void) | undefined;
  /** Called with errors that are the server's fault. */
  readonly report: (error: unknown) => void;
  /** Whether each reply ends its connection, because the server is about to stop. */
  readonly isDraining: () => boolean;
  /** Whether connections from an address start with a PROXY protocol header; undefined if none does. */
  readonly isProxy?: ((peer: string) => boolean) | undefined;
  /** Whether clients may speak HTTP/2 without TLS, if they know that skiff does. */
  readonly acceptsH2c?: boolean | undefined;
  /** Decides which connections stay. */
  readonly admission: Admission;
  /** Decides how many streams there may be on all HTTP/2 connections. */
  readonly streamQuota: StreamQuota;
  /** Returns the id of the next request; undefined if requests have no ids. */
  readonly nextRequestId?: (() => string) | undefined;
  /** Returns how often the site has had to look at the disk so far; undefined if exchanges are not recorded. */
  readonly getMisses?: (() => number) | undefined;
  /** Counts what happens to connections; undefined if nothing is counted. */
  readonly counters?: Counters | undefined;
}

/** The cause under which a malformed request is counted, by the status of its answer. */
export function parseCause(status: number): RefusalCause {
  const cause = REFUSAL_CAUSES.find((name) => name === `parse_${status}`);
  return cause ?? "parse_400";
}
