import { assertEquals } from "@std/assert";
import { CONDITIONAL_PROBES } from "../../lib/check/probes_conditional.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(CONDITIONAL_PROBES, [
  [
    "HTTP/1.1 304 Not\r\n\r\n",
    "If-None-Match with the ETag gets 304",
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "If-None-Match with the ETag gets 304",
    "expected 304, got 200",
  ],
  [
    "HTTP/1.1 304 Not\r\n\r\n",
    "304 has the etag of 200",
    "there is no etag",
  ],
  [
    "HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n",
    "304 has the Content-Length of 200, or none",
    "9 in place of 20",
  ],
  [
    "HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 0\r\n\r\n",
    "an ETag is quoted",
    "ETag: x",
  ],
]);

Deno.test("preconditions that are only recommended are advice", () => {
  const advice = CONDITIONAL_PROBES.filter(({ level, title }) =>
    level === "should" && !title.endsWith(", with HEAD")
  );
  assertEquals(advice.map(({ title }) => title.split(" ")[0]), [
    "If-None-Match",
    ...Array(4).fill("If-Modified-Since"),
  ]);
});
