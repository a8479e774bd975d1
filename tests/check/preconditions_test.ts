import { assertEquals } from "@std/assert";
import {
  PRECONDITIONS,
  sendPrecondition,
} from "../../lib/check/preconditions.ts";
import type { ProbeFile } from "../../lib/check/probe.ts";
import { FILE as PROBE_FILE } from "./probe_verdicts.ts";

const FILE: ProbeFile = {
  ...PROBE_FILE,
  etag: '"aB-1"',
  modified: "Sun, 06 Nov 1994 08:49:37 GMT",
};

function linesOf(title: string, file: ProbeFile = FILE): string[] | string {
  const precondition = PRECONDITIONS.find((each) => each.title === title)!;
  const text = sendPrecondition(precondition, file, "GET");
  return typeof text === "string" ? text.split("\r\n").slice(3, -2) : text.skip;
}

Deno.test("preconditions write dates in all three forms (RFC 9110 §5.6.7)", () => {
  assertEquals(
    linesOf("If-Modified-Since in the form of RFC 850 is understood"),
    ["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"],
  );
  assertEquals(
    linesOf("If-Modified-Since in the form of asctime is understood"),
    ["If-Modified-Since: Sun Nov  6 08:49:37 1994"],
  );
  assertEquals(linesOf("If-Modified-Since with a later date gets 304"), [
    "If-Modified-Since: Sun, 06 Nov 1994 08:50:37 GMT",
  ]);
});

Deno.test("preconditions use the tag of the file", () => {
  assertEquals(linesOf("If-None-Match tells tags apart by case"), [
    'If-None-Match: "Ab-1"',
  ]);
  assertEquals(linesOf("If-None-Match compares weakly"), [
    'If-None-Match: W/"aB-1"',
  ]);
});

Deno.test("preconditions do not apply to a file without what they need", () => {
  const weak = { ...FILE, etag: 'W/"x"' };
  const bare = { ...FILE, etag: undefined, modified: undefined };
  assertEquals(
    linesOf("If-Match with the ETag gets 200", weak),
    "the file has only a weak ETag",
  );
  assertEquals(
    linesOf("If-None-Match with the ETag gets 304", bare),
    "the file has no ETag",
  );
  assertEquals(
    linesOf("If-Modified-Since with Last-Modified gets 304", bare),
    "the file has no Last-Modified",
  );
  for (const etag of ['"1-2"', 'W/"1-2"']) {
    assertEquals(
      linesOf("If-None-Match tells tags apart by case", { ...FILE, etag }),
      "the tag has no letters",
    );
  }
});

Deno.test("preconditions that are only recommended are advice", () => {
  const advice = PRECONDITIONS.filter((each) => each.level === "should");
  assertEquals(advice.map(({ title }) => title.split(" ")[0]), [
    "If-None-Match",
    ...Array(4).fill("If-Modified-Since"),
  ]);
});
