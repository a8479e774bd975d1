/**
 * What a client still sends after its last answer.
 *
 * @module
 */

import type { Socket } from "./client.ts";

/** Most bytes to read from a client after its last answer. Beyond that, skiff closes the connection. */
export const LINGER_BYTES_MAX: number = 1024 * 1024;

/** Reads and discards what a client sends until it ends, or sends too much. Calls `onHeard` whenever something came. */
export async function linger(
  socket: Pick<Socket, "read">,
  input: Uint8Array,
  onHeard: () => void,
): Promise<void> {
  for (let total = 0; total < LINGER_BYTES_MAX;) {
    const count = await socket.read(input);
    if (count === null) return;
    onHeard();
    total += count;
  }
}
