/**
 * Whose fault it is when a connection fails, and what is to be answered then.
 *
 * @module
 */

import { SourceChanged, SourceRefused } from "../http/reply.ts";

/**
 * What to report of an error that ends a connection: the error itself if it is the server's fault; of a file that
 * changed inside a reply its name, because the client sees nothing but the end; undefined for anything else.
 */
export function reportOf(error: unknown, isInside: boolean): unknown {
  if (statusFor(error) === 500) return error;
  return isInside && error instanceof SourceChanged ? error.message : undefined;
}

/** Thrown where a reply has not come within its deadline. */
export class ReplyTimeout extends Error {
  /** Its name. */
  override name = "ReplyTimeout";
}

/** The status that an error is answered with while nothing else has been; 0 when there is nobody to answer. */
export function statusFor(error: unknown): number {
  if (error instanceof SourceRefused) return error.status;
  if (error instanceof ReplyTimeout) return 503;
  // In a moment the file is another one, and as good as any.
  if (error instanceof SourceChanged) return 503;
  return DISCONNECTS.some((disconnect) => error instanceof disconnect)
    ? 0
    : 500;
}

/** What reading from and writing to a socket ends with when the other side, or a deadline, has ended it. */
const DISCONNECTS = [
  Deno.errors.BadResource,
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
  Deno.errors.Interrupted,
  // What a TLS handshake ends with when the other side does not speak it.
  Deno.errors.InvalidData,
  Deno.errors.NotConnected,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
];
