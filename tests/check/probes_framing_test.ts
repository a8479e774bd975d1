import { assertEquals } from "@std/assert";
import type { ProbeFile } from "../../lib/check/probe.ts";
import { FRAMING_PROBES } from "../../lib/check/probes_framing.ts";
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
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    'Content-Length "-1" is refused',
    "expected a refusal, got 200",
  ],
  [
    "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n",
    'Content-Length "-1" is refused',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a request with Content-Length and Transfer-Encoding is refused, or ends the connection",
    "expected a refusal or the end of the connection, got 200 on an open one",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "fields without a value are taken",
    undefined,
  ],
  [
    "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n",
    "fields without a value are taken",
    "expected 200, got 400",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "HEAD has no content",
    "there is content",
  ],
];

for (const [response, title, verdict] of VERDICTS) {
  Deno.test(`${title}: ${JSON.stringify(response.slice(0, 60))} is ${verdict ?? "a pass"}`, () => {
    const probe = FRAMING_PROBES.find((each) => each.title === title)!;
    assertEquals(typeof probe.send(FILE), "string");
    const exchange = splitResponses(response, probe.methods, false);
    assertEquals(probe.judge(exchange, FILE), verdict);
  });
}
