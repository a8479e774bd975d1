/**
 * Requests with random damage, over real sockets. Nothing is said of what the
 * server makes of one: only that it answers legally or ends the connection,
 * gives away nothing, and serves on.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { REASON_PHRASES } from "../lib/http/status.ts";
import {
  HAS_NETWORK,
  numberFrom,
  parseResponses,
  Random,
  request,
  type Response,
  TemporaryDirectory,
  testWith,
} from "./helpers.ts";
import { TestServer } from "./test_server.ts";
import { Client } from "./raw_client.ts";

const CONNECTIONS = 16;

/** What no answer may contain. */
const SECRET = "TOP SECRET";

const FILES = {
  "site/index.html": "<h1>Home</h1>",
  "site/a.txt": "0123456789".repeat(20),
  "site/docs/b.txt": "b",
  "site/large.bin": new Uint8Array(300_000),
  "site/.env": SECRET,
  "site/docs/.git/config": SECRET,
  "outside.txt": SECRET,
  "site-old/a.txt": SECRET,
};

const GOOD: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET /a.txt?x=1 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n",
  "HEAD /docs/../a.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br;q=0.5\r\n\r\n",
  "GET /%2e%2e/outside.txt HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /docs/%2egit/config HTTP/1.0\r\n\r\n",
  "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9, 20-29, -5\r\nIf-Range: Tue, 01 Jul 2025 12:00:00 GMT\r\n\r\n",
  'GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/"abc", "def"\r\nIf-Modified-Since: Tue, 01 Jul 2025 12:00:00 GMT\r\n\r\n',
  "POST /docs HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nExpect: 100-continue\r\n\r\n",
  "GET http://a/docs/ HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n",
  "GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=5-200000\r\n\r\n",
];

/** What is put into requests: what has a meaning somewhere. */
const TOKENS: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  '"',
  "%",
  "%2e",
  "%2f",
  "%00",
  "%ff",
  "..",
  "/../",
  "//",
  "\\",
  "?",
  "#",
  "*",
  "\x7f",
  "\x80",
  "\xff",
  "HTTP/1.1",
  "HTTP/9.9",
  "Host: b\r\n",
  "Content-Length: 1\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "Range: bytes=0-\r\n",
  "Range: bytes=99999999999999999999-\r\n",
  "Expect: x\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "0\r\n\r\n",
  "FFFFFFFF\r\n",
  "x".repeat(9000),
];

/** One request or several, with some damage. */
function damaged(random: Random): string {
  let text = "";
  for (let count = 1 + random.below(3); count > 0; count--) text += pick();
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(text.length + 1);
    const end = Math.min(text.length, at + random.below(10));
    const [before, after] = [text.slice(0, at), text.slice(end)];
    switch (random.below(6)) {
      case 0: // Something else in its place.
        text = before + String.fromCharCode(random.below(256)) + after;
        break;
      case 1: // Something is missing.
        text = before + after;
        break;
      case 2: // Something more.
        text = before + TOKENS[random.below(TOKENS.length)] + text.slice(at);
        break;
      case 3: // Something twice.
        text = text.slice(0, end) + text.slice(at);
        break;
      case 4: // The rest of another.
        text = before + pick().slice(random.below(40));
        break;
      case 5: // Cut off.
        if (random.below(4) === 0) text = before;
    }
  }
  return text;

  function pick(): string {
    return GOOD[random.below(GOOD.length)]!;
  }
}

/** Splits answers whose methods are not known; undefined when there is no way to read them. */
function readAnswers(text: string): Response[] | undefined {
  if (text === "") return [];
  for (const hasBody of [true, false]) {
    const first = readAnswer(text, hasBody);
    if (first === undefined) continue;
    const rest = readAnswers(text.slice(first.end));
    if (rest !== undefined) return [first.response, ...rest];
  }
  return undefined;
}

/** The answer at the beginning of a text, and where it ends; undefined when it cannot be one. */
function readAnswer(text: string, hasBody: boolean) {
  const headEnd = text.indexOf("\r\n\r\n") + 4;
  try {
    const [head] = parseResponses(text.slice(0, headEnd), ["HEAD"]);
    const isBodyless = head!.status === 204 || head!.status === 304;
    const length = Number(head!.fields.get("content-length"));
    const end = hasBody && !isBodyless ? headEnd + length : headEnd;
    const method = hasBody ? "GET" : "HEAD";
    const [response] = parseResponses(text.slice(0, end), [method]);
    return { response: response!, end };
  } catch {
    return undefined;
  }
}

async function send(port: number, text: string): Promise<string> {
  using client = await Client.connect(port);
  const answer = client.rest();
  try {
    await client.send(text);
    await client.endSending();
  } catch (error) {
    // The server may have ended the connection already.
    const isEnd = error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.NotConnected;
    if (!isEnd) throw error;
  }
  return await answer;
}

/** What is wrong with an answer, whatever the request was; undefined if nothing is. */
function faultIn(answer: string): string | undefined {
  if (answer.includes(SECRET)) return "A secret was given away";
  const responses = readAnswers(answer);
  if (responses === undefined) return "The answer is illegal";
  for (const { status, reason, fields } of responses) {
    if (reason !== REASON_PHRASES[status]) return `${status} is "${reason}"`;
    if (status === 500) return "The server failed";
    if (!fields.has("date")) return "An answer has no date";
  }
  // Nothing follows a response that announces the end of the connection.
  const closing = responses.findIndex(({ fields }) =>
    fields.get("connection") === "close"
  );
  if (closing !== -1 && closing !== responses.length - 1) {
    return "More follows the last answer";
  }
  return undefined;
}

/** Sends a request on a connection of its own: says what is wrong with the answer, or undefined. */
async function tryOut(
  server: TestServer,
  text: string,
): Promise<string | undefined> {
  const reports = server.reports.length;
  try {
    const fault = faultIn(await send(server.port, text));
    if (fault !== undefined) return fault;
  } catch (error) {
    return String(error);
  }
  return server.reports.length === reports
    ? undefined
    : `The server reported ${server.reports.at(-1)}`;
}

/** The shortest text that cutting pieces out of this one comes to, and that still `fails`. */
async function shrink(
  text: string,
  fails: (text: string) => Promise<boolean>,
): Promise<string> {
  let shortest = text;
  for (let size = shortest.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at + size <= shortest.length;) {
      const shorter = shortest.slice(0, at) + shortest.slice(at + size);
      if (await fails(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}

/** Requests that a run has found something with: a JSON string a line. Every run sends them first. */
const CORPUS = new URL("corpus/requests.txt", import.meta.url);

function readCorpus(): string[] {
  return Deno.readTextFileSync(CORPUS).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => JSON.parse(line));
}

/** Reduces a request to what makes it fail, adds it to the corpus, and returns the error to throw. */
async function keep(
  server: TestServer,
  text: string,
  fault: string,
): Promise<Error> {
  const fails = async (text: string) =>
    await tryOut(server, text) !== undefined;
  // What fails only beside other requests stays as it is.
  const found = await fails(text) ? await shrink(text, fails) : text;
  const line = JSON.stringify(found);
  Deno.writeTextFileSync(CORPUS, `${line}\n`, { append: true });
  return new Error(`${fault}: ${line} (now in ${CORPUS.pathname})`);
}

/** The same all day long, so that a failure can be repeated, and another one tomorrow. */
const TODAY = Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""));
const SEED = numberFrom("FUZZ_SEED", TODAY);
const ROUNDS = numberFrom("FUZZ_ROUNDS", 3000);

testWith(
  HAS_NETWORK,
  "requests in the corpus are answered legally or not at all",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using server = new TestServer(directory.join("site"));
    for (const text of readCorpus()) {
      assertEquals(await tryOut(server, text), undefined, JSON.stringify(text));
    }
  },
);

testWith(
  HAS_NETWORK,
  `${ROUNDS} damaged requests are answered legally or not at all (FUZZ_SEED=${SEED})`,
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using server = new TestServer(directory.join("site"));
    const random = new Random(SEED);
    let left = ROUNDS;
    let found: { text: string; fault: string } | undefined;
    const worker = async () => {
      while (left-- > 0 && found === undefined) {
        const text = damaged(random);
        const fault = await tryOut(server, text);
        if (fault !== undefined) found ??= { text, fault };
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    if (found !== undefined) throw await keep(server, found.text, found.fault);
    assertEquals(
      (await request(server.port, "GET", "/docs/b.txt")).body,
      "b",
    );
  },
);

Deno.test("shrink() leaves what makes a text fail", async () => {
  const fails = (text: string) =>
    Promise.resolve(/a[^]*b/.test(text) && text.includes("%"));
  assertEquals(await shrink("xxaxx%xxxbxxx", fails), "a%b");
});

Deno.test("readAnswers() reads answers with and without bodies", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  assertEquals(readAnswers(`${head}abc${head}${head}abc`)?.length, 3);
  assertEquals(readAnswers(`${head}abc${head}`)?.length, 2);
  assertEquals(readAnswers(""), []);
});
