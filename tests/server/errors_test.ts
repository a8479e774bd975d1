import { assertEquals } from "@std/assert";
import { SourceChanged, SourceRefused } from "../../lib/http/reply.ts";
import { reportOf, statusFor } from "../../lib/server/errors.ts";

const ROWS: readonly (readonly [
  error: unknown,
  isFault: boolean,
  status: number,
])[] = [
  [new SourceChanged("changed"), false, 503],
  [new SourceRefused("no rights", 403), false, 403],
  [new SourceRefused("no descriptors", 503), false, 503],
  [new Deno.errors.ConnectionReset("reset"), false, 0],
  [new Deno.errors.BrokenPipe("gone"), false, 0],
  [new Deno.errors.BadResource("closed by a deadline"), false, 0],
  [new Deno.errors.UnexpectedEof("in a handshake"), false, 0],
  [new Deno.errors.InvalidData("no TLS"), false, 0],
  [new Deno.errors.PermissionDenied("not for us"), true, 500],
  [new TypeError("undefined is not a function"), true, 500],
  [new Error("something"), true, 500],
  ["a text", true, 500],
  [undefined, true, 500],
];

for (const [error, isFault, status] of ROWS) {
  const name = String(error);
  Deno.test(`reportOf() of ${name} before a reply: ${isFault}`, () => {
    assertEquals(reportOf(error, false), isFault ? error : undefined);
  });

  Deno.test(`statusFor() of ${name}: ${status}`, () => {
    assertEquals(statusFor(error), status);
  });
}

Deno.test("reportOf() tells of a file that changed inside a reply, and nothing more of clients that left", () => {
  assertEquals(
    reportOf(new SourceChanged("a.iso changed"), true),
    "a.iso changed",
  );
  assertEquals(reportOf(new SourceRefused("no rights", 403), true), undefined);
  assertEquals(reportOf(new Deno.errors.BrokenPipe("gone"), true), undefined);
});
