import { assertEquals } from "@std/assert";
import { SourceChanged } from "../../lib/http/reply.ts";
import { isServerFault } from "../../lib/server/faults.ts";

const ROWS: readonly (readonly [error: unknown, isFault: boolean])[] = [
  [new SourceChanged("changed"), false],
  [new Deno.errors.ConnectionReset("reset"), false],
  [new Deno.errors.BrokenPipe("gone"), false],
  [new Deno.errors.BadResource("closed by a deadline"), false],
  [new Deno.errors.UnexpectedEof("in a handshake"), false],
  [new Deno.errors.InvalidData("no TLS"), false],
  [new Deno.errors.PermissionDenied("not for us"), true],
  [new TypeError("undefined is not a function"), true],
  [new Error("something"), true],
  ["a text", true],
  [undefined, true],
];

for (const [error, isFault] of ROWS) {
  const name = error instanceof Error ? error.name : String(error);
  Deno.test(`isServerFault() of ${name}: ${isFault}`, () => {
    assertEquals(isServerFault(error), isFault);
  });
}
