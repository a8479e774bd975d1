import { assertEquals } from "@std/assert";
import type { ProbeFile } from "../../lib/check/probe.ts";
import { TARGET_PROBES } from "../../lib/check/probes_target.ts";
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
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nroot:",
    "//etc/passwd does not leave the site",
    "it sends /etc/passwd",
  ],
  [
    "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "//etc/passwd does not leave the site",
    undefined,
  ],
  [
    "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    "//etc/passwd does not leave the site",
    "got 500",
  ],
  [
    "HTTP/1.1 301 Go\r\nLocation: //example.com/\r\nContent-Length: 0\r\n\r\n",
    "//example.com// leads to no other host",
    "Location: //example.com/",
  ],
  [
    "HTTP/1.1 301 Go\r\nLocation: /example.com/\r\nContent-Length: 0\r\n\r\n",
    "//example.com// leads to no other host",
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nX-Probe: 1\r\nContent-Length: 0\r\n\r\n",
    "/x%0d%0aX-Probe:1 puts no line into the response",
    "there is X-Probe",
  ],
  [
    "HTTP/1.1 421 No\r\nContent-Length: 0\r\n\r\n",
    'the Host "a b" is refused',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: today",
  ],
];

for (const [response, title, verdict] of VERDICTS) {
  Deno.test(`${title}: ${JSON.stringify(response.slice(0, 60))} is ${verdict ?? "a pass"}`, () => {
    const probe = TARGET_PROBES.find((each) => each.title === title)!;
    assertEquals(typeof probe.send(FILE), "string");
    const exchange = splitResponses(response, probe.methods, false);
    assertEquals(probe.judge(exchange, FILE), verdict);
  });
}
