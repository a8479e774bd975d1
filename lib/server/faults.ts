/**
 * Whose fault it is when a connection fails.
 *
 * @module
 */

import { SourceChanged } from "../http/reply.ts";

/** Whether an error says something of this server, rather than of the client's or the file's being gone. */
export function isServerFault(error: unknown): boolean {
  return !(error instanceof SourceChanged ||
    DISCONNECTS.some((disconnect) => error instanceof disconnect));
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
