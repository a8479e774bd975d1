import { assertEquals, assertMatch } from "@std/assert";
import { probesOf } from "../../lib/check/probe.ts";
import {
  PROBE_FILE_BYTES_MAX,
  PROBE_FILE_BYTES_MIN,
  probeFile,
  PROBES,
  type ProbeSender,
  runProbes,
  UNCONNECTED_MAX,
} from "../../lib/check/probe_run.ts";
import { type ProbeFile, skip } from "../../lib/check/probe_values.ts";
import { splitResponses } from "./exchanges.ts";
import { EVERYTHING } from "./probe_verdicts.ts";

const BODY = "x".repeat(PROBE_FILE_BYTES_MIN);

/** A server that answers everything with this. */
function server(answer: string): ProbeSender {
  return (_text, methods) =>
    Promise.resolve(splitResponses(answer, methods, true));
}

const SUBJECT = { host: "h", target: "/f" };

const FILE = await probeFile(
  server(
    `HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  ),
  SUBJECT,
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
    "HTTP/1.1 301 Moved\r\nLocation: https://b/\u202eg\r\nContent-Length: 0\r\n\r\n",
    /redirects \/f to "https:\/\/b\/\\u202eg"/,
  ],
  [
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    /401: put a name and a password/,
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
    assertMatch(await probeFile(server(answer), SUBJECT) as string, reason);
  });
}

Deno.test("runProbes() tells faults from what does not apply", async () => {
  const { must } = probesOf("g");
  const probes = [
    must("s", "t", {}, () => undefined),
    must("s", "t", {}, () => "bad"),
    must("s", "t", () => skip("no"), () => "bad"),
    must("s", "t", {}, () => skip("later")),
  ];
  const results = await runProbes(server(""), FILE, { probes });
  assertEquals(results.map(({ outcome, reason }) => [outcome, reason]), [
    ["pass", undefined],
    ["fail", "bad"],
    ["skip", "no"],
    ["skip", "later"],
  ]);
  const failing: ProbeSender = () => Promise.reject(new Error("refused"));
  const [result] = await runProbes(failing, FILE, { probes });
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

/** What comes from servers that answer nothing, whatever is asked. */
const NO_ANSWERS: readonly (readonly [text: string, isClosed: boolean])[] = [
  ["", false],
  ["<html>nothing</html>", false],
  ["<html>nothing</html>", true],
  ["HTTP/1.1 200 OK\r\nContent-Le", true],
];

for (const [text, isClosed] of NO_ANSWERS) {
  Deno.test(`runProbes() passes nothing for ${JSON.stringify(text)}, ${isClosed ? "closed" : "open"}`, async () => {
    const results = await runProbes(
      (_, methods) => Promise.resolve(splitResponses(text, methods, isClosed)),
      EVERYTHING,
    );
    const others = results.filter(({ outcome }) => outcome !== "fail");
    assertEquals(others.map(({ title }) => title), []);
  });
}

Deno.test("runProbes() skips what is left after a signal, and after a server that takes no connection", async () => {
  const results = await runProbes(server(""), EVERYTHING, {
    signal: AbortSignal.abort(),
  });
  assertEquals(new Set(results.map(({ reason }) => reason)).size, 1);
  assertEquals(results[0]!.outcome, "skip");
  let asked = 0;
  const gone = await runProbes(() => {
    asked++;
    return Promise.reject(new Error("refused"));
  }, EVERYTHING);
  assertEquals(asked, UNCONNECTED_MAX);
  assertEquals(gone.at(-1)!.reason, "the server takes no more connections");
});

Deno.test("probes send name and password, and ask beside the file", () => {
  const file = {
    ...EVERYTHING,
    target: "/app/f.txt?v=1",
    authorization: "Basic x",
  };
  const sent = PROBES.map(({ title, send }) => [title, send(file)] as const);
  const without = sent.filter(([, text]) =>
    typeof text === "string" && !text.includes("Authorization: Basic x\r\n")
  );
  assertEquals(without.map(([title]) => title), [
    "a request line without a version is refused",
  ]);
  const texts = sent.map(([, text]) => `${text}`.split(" HTTP/")[0]);
  for (
    const target of [
      "/app/.env",
      "/app/../../../../../../etc/passwd",
      "/app../app/f.txt",
      "/app/skiff-check-no-such-file",
    ]
  ) assertEquals(texts.includes(`GET ${target}`), true, target);
});

Deno.test("a server that answers everything with one page has no hidden files", () => {
  const probe = PROBES.find(({ title }) => title === "/.env is not public")!;
  const judge = (body: string, fallback?: string) =>
    probe.judge(
      splitResponses(
        `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ["GET"],
        false,
      ),
      { ...EVERYTHING, fallback },
    );
  assertEquals(judge("<app>", "<app>"), undefined);
  assertEquals(judge("KEY=1", "<app>"), "it is sent");
  assertEquals(judge("<app>"), "it is sent");
});
