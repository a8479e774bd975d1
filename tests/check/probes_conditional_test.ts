import { assertEquals } from "@std/assert";
import type { ProbeFile } from "../../lib/check/probe.ts";
import { CONDITIONAL_PROBES } from "../../lib/check/probes_conditional.ts";
import { splitResponses } from "../../lib/check/responses.ts";

const FILE: ProbeFile = {
  host: "a.example",
  target: "/f.txt",
  etag: '"e"',
  modified: "Sat, 01 Jan 2022 00:00:00 GMT",
  fields: new Map([["etag", '"e"'], ["date", "x"]]),
  body: "01234567890123456789",
  hasRanges: true,
  takesContent: true,
};

/** Responses, a probe, and its verdict. */
const VERDICTS: readonly (readonly [
  response: string,
  title: string,
  verdict: string | undefined,
])[] = [
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
];

for (const [response, title, verdict] of VERDICTS) {
  Deno.test(`${title}: ${JSON.stringify(response.slice(0, 60))} is ${verdict ?? "a pass"}`, () => {
    const probe = CONDITIONAL_PROBES.find((each) => each.title === title)!;
    assertEquals(typeof probe.send(FILE), "string");
    const exchange = splitResponses(response, probe.methods, false);
    assertEquals(probe.judge(exchange, FILE), verdict);
  });
}
