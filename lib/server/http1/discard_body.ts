/**
 * Passes over the body of a request, which a file server does not need.
 *
 * @module
 */

import { BodySkipper } from "../../http/http1/body.ts";
import type { Socket } from "../client.ts";
import type { Input } from "./input.ts";

/**
 * Reads to the end of a body of a known `framing`, where the next head begins in the input. Returns 0, or the status
 * to refuse the request with. If `isEnding` returns true after a read, that was the last one. Rejects with
 * UnexpectedEof if the client leaves before the end.
 */
export async function discardBody(
  framing: number,
  input: Input,
  socket: Pick<Socket, "read">,
  isEnding: () => boolean,
): Promise<number> {
  const skipper = new BodySkipper(framing);
  const headInput = input.bytes;
  for (;;) {
    input.start = skipper.skip(input.bytes, input.start, input.end);
    if (skipper.done || skipper.failure !== 0) return skipper.failure;
    // The head still refers to its input, so the body must not overwrite that.
    if (input.bytes === headInput) input.replace();
    input.start = input.end = 0;
    const count = await socket.read(input.bytes);
    if (count === null) throw new Deno.errors.UnexpectedEof();
    if (isEnding()) return 0;
    input.add(count);
  }
}
