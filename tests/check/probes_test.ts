import { assertEquals } from "@std/assert";
import { PROBES } from "../../lib/check/probe_run.ts";
import type { ProbeExchange } from "../../lib/check/responses.ts";
import { EVERYTHING } from "./probe_verdicts.ts";

/** Fields of servers that are wrong in one way or another. */
const FIELDS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "content-encoding": "gzip" },
  {
    "content-encoding": "gzip",
    "content-length": "999",
    "content-type": "a/b",
    "etag": '"e"',
  },
  {
    "content-length": "999",
    "date": "Sat, 01 Jan 2000 00:00:00 GMT",
    "etag": "e",
    "expires": "tomorrow",
    "last-modified": "Sat, 01 Jan 2022 00:00:00 GMT",
    "location": "//example.com/",
    "transfer-encoding": "chunked",
    "x-probe": "1",
  },
];

/** What broken servers send: one of them must fail each probe, or else nothing can. */
function* brokenServers(): Generator<ProbeExchange> {
  const bodies = ["", EVERYTHING.body, "root:x:0:0\n".repeat(9_999)];
  for (const status of [101, 200, 204, 206, 304, 400, 404, 416, 500]) {
    for (const own of FIELDS) {
      const fields = new Map(Object.entries(own));
      for (const body of bodies) {
        for (const [rest, isClosed] of [["", false], ["more", true]] as const) {
          const response = { status, fields, body };
          yield { responses: [response], rest, isClosed };
          const plain = { ...response, fields: new Map() };
          yield { responses: [response, plain], rest, isClosed };
        }
      }
    }
  }
}

const BROKEN = [...brokenServers()];

for (const { group, title, send, judge } of PROBES) {
  Deno.test(`${group}: "${title}" can fail`, () => {
    const text = send(EVERYTHING);
    assertEquals(typeof text, "string");
    assertEquals(/\{/.test(`${text}`), false, "a value has an unknown name");
    const verdicts = BROKEN.map((exchange) => judge(exchange, EVERYTHING));
    assertEquals(verdicts.some((each) => typeof each === "string"), true);
  });
}
