import { assertEquals, assertMatch } from "@std/assert";
import { probe, type ProbeFile, skip } from "../../lib/check/probe.ts";
import {
  PROBE_FILE_BYTES_MAX,
  PROBE_FILE_BYTES_MIN,
  probeFile,
  PROBES,
  runProbes,
  type Send,
} from "../../lib/check/probe_run.ts";
import { splitResponses } from "../../lib/check/responses.ts";

const BODY = "x".repeat(PROBE_FILE_BYTES_MIN);

/** A server that answers everything with this. */
function server(answer: string): Send {
  return (_text, methods) =>
    Promise.resolve(splitResponses(answer, methods, true));
}

const FILE = await probeFile(
  server(
    `HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  ),
  "h",
  "/f",
) as ProbeFile;

Deno.test("probeFile() learns what the file has", () => {
  assertEquals([
    FILE.etag,
    FILE.modified,
    FILE.body,
    FILE.hasRanges,
    FILE.takesContent,
  ], ['"e"', undefined, BODY, false, true]);
});

/** Answers with which nothing can be probed. */
const UNFIT: readonly (readonly [answer: string, reason: RegExp])[] = [
  ["", /no valid response/],
  [
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    /answers \/f with 404/,
  ],
  [
    `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    /only encoded/,
  ],
  ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", /has 1 bytes/],
  [
    `HTTP/1.0 200 OK\r\n\r\n${"x".repeat(PROBE_FILE_BYTES_MAX + 1)}`,
    /bytes: name one/,
  ],
];

for (const [answer, reason] of UNFIT) {
  Deno.test(`probeFile() refuses ${JSON.stringify(answer.slice(0, 40))}`, async () => {
    assertMatch(await probeFile(server(answer), "h", "/f") as string, reason);
  });
}

Deno.test("runProbes() tells faults from what does not apply", async () => {
  const parts = { group: "g", section: "s", title: "t" };
  const probes = [
    probe({ ...parts, send: () => "a", judge: () => undefined }),
    probe({ ...parts, send: () => "a", judge: () => "bad" }),
    probe({ ...parts, send: () => skip("no"), judge: () => "bad" }),
    probe({ ...parts, send: () => "a", judge: () => skip("later") }),
  ];
  const results = await runProbes(server(""), FILE, undefined, probes);
  assertEquals(results.map(({ outcome, reason }) => [outcome, reason]), [
    ["pass", undefined],
    ["fail", "bad"],
    ["skip", "no"],
    ["skip", "later"],
  ]);
  const failing: Send = () => Promise.reject(new Error("refused"));
  const [result] = await runProbes(
    failing,
    FILE,
    undefined,
    probes.slice(0, 1),
  );
  assertEquals(result!.reason, "no connection: refused");
});

Deno.test("probes have titles of their own, sections, and harmless methods", () => {
  const titles = PROBES.map(({ group, title }) => `${group}: ${title}`);
  assertEquals(titles.length, new Set(titles).size);
  assertEquals(PROBES.length >= 200 && PROBES.length <= 300, true);
  for (const { section, send } of PROBES) {
    assertMatch(section, /^RFC \d{4} §\d/);
    const text = send({
      ...FILE,
      hasRanges: true,
      modified: new Date(0).toUTCString(),
    });
    if (typeof text === "string") {
      assertEquals(/\b(?:POST|PUT|PATCH|DELETE|CONNECT)\b/.test(text), false);
    }
  }
});

Deno.test("no probe takes the silence of a server for a pass of what it must send", async () => {
  const results = await runProbes(
    () => Promise.resolve(splitResponses("", ["GET"], false)),
    { ...FILE, hasRanges: true },
  );
  const passed = results.filter(({ outcome, title }) =>
    outcome === "pass" &&
    !/many overlapping|leads to no|no chunks|Content-Length of GET|not in the future|as the standard prefers/
      .test(title)
  );
  assertEquals(passed.map(({ title }) => title), []);
});
