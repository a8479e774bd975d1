/**
 * Errors that end a connection: which are the server's fault, and which status
 * answers them.
 *
 * @module
 */

import { SourceChanged, SourceRefused } from "../http/reply.ts";

/**
 * What to report when an error ends a connection: the error itself if it is the server's fault, the message of a
 * {@linkcode SourceChanged} inside a reply (the client sees only a connection that ends early), otherwise undefined.
 */
export function reportOf(error: unknown, isInside: boolean): unknown {
  if (statusFor(error) === 500) return error;
  return isInside && error instanceof SourceChanged ? error.message : undefined;
}

/** Thrown when a reply misses its deadline. */
export class ReplyTimeout extends Error {
  override name = "ReplyTimeout";
}

/** The status to answer an error with if no reply has begun; 0 if the client has left. */
export function statusFor(error: unknown): number {
  if (error instanceof SourceRefused) return error.status;
  if (error instanceof ReplyTimeout) return 503;
  // A client that retries gets the new version of the file.
  if (error instanceof SourceChanged) return 503;
  return DISCONNECTS.some((disconnect) => error instanceof disconnect)
    ? 0
    : 500;
}

/** What reads and writes throw after the client, or one of skiff's deadlines, has ended the connection. */
const DISCONNECTS = [
  Deno.errors.BadResource,
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
  Deno.errors.Interrupted,
  // A TLS handshake with a client that does not speak TLS.
  Deno.errors.InvalidData,
  Deno.errors.NotConnected,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
];
