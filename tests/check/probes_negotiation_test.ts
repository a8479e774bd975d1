import { assertEquals } from "@std/assert";
import type { ProbeFile } from "../../lib/check/probe.ts";
import { NEGOTIATION_PROBES } from "../../lib/check/probes_negotiation.ts";
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
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    'Accept-Encoding "gzip;q=0" gets identity',
    "Content-Encoding: gzip",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno",
    'Accept-Encoding "GZIP" gets one of gzip, identity',
    "the content is not gzip",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    'Accept-Encoding "GZIP" gets one of gzip, identity',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
    "an encoded response varies by Accept-Encoding",
    "Vary: none",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nVary: Origin, accept-encoding\r\nContent-Length: 0\r\n\r\n",
    "an encoded response varies by Accept-Encoding",
    undefined,
  ],
  [
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n',
    "an encoded response has a strong ETag of its own, or a weak one",
    "both have the same strong ETag",
  ],
];

for (const [response, title, verdict] of VERDICTS) {
  Deno.test(`${title}: ${JSON.stringify(response.slice(0, 60))} is ${verdict ?? "a pass"}`, () => {
    const probe = NEGOTIATION_PROBES.find((each) => each.title === title)!;
    assertEquals(typeof probe.send(FILE), "string");
    const exchange = splitResponses(response, probe.methods, false);
    assertEquals(probe.judge(exchange, FILE), verdict);
  });
}
