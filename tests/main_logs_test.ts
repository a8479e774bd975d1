/**
 * The program's access log, in all its forms, for real requests: those that are
 * well-meant, and those that are made to break it.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  exchange,
  parseResponses,
  Random,
  request,
  TemporaryDirectory,
  textOf,
  until,
} from "./helpers.ts";
import { Client } from "./raw_client.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

const FILES = {
  "a.txt": "first",
  "b.css": "p { color: red } ".repeat(100),
  "b.css.br": "not really brotli",
};

/** A line of the JSON form. */
type Line = Readonly<Record<string, unknown>>;

const KEYS = [
  "time",
  "remote",
  "method",
  "target",
  "version",
  "status",
  "bytes",
  "duration_us",
  "encoding",
  "cache",
  "referer",
  "agent",
  "tls",
  "worker",
  "id",
];

/** The lines that a skiff has written by its end, which this makes. */
async function linesOf(skiff: Skiff): Promise<string[]> {
  skiff.signal("SIGTERM");
  assertEquals(await skiff.ended(), 0);
  const lines = skiff.stdout.split("\n");
  assertEquals(lines.pop(), "");
  return lines;
}

function parsed(lines: readonly string[]): Line[] {
  return lines.map((line) => {
    const object = JSON.parse(line) as Line;
    assertEquals(Object.keys(object), KEYS);
    return object;
  });
}

/** Sends bytes that end the connection themselves. */
async function sendAll(
  port: number,
  requests: readonly string[],
): Promise<void> {
  for (const text of requests) assertNotEquals(await exchange(port, text), "");
}

const CLOSE = "Host: localhost\r\nConnection: close\r\n";

/** Requests, and what the log says of each, without time and address. */
const SAMPLES: readonly (readonly [
  text: string,
  line: string,
  referer: string,
  agent: string,
])[] = [
  [
    `GET /a.txt?q=%22 HTTP/1.1\r\n${CLOSE}\r\n`,
    '"GET /a.txt?q=%22 HTTP/1.1" 200 5',
    "-",
    "-",
  ],
  [
    `HEAD /a.txt HTTP/1.1\r\n${CLOSE}User-Agent: a "b" \\ c\r\n\r\n`,
    '"HEAD /a.txt HTTP/1.1" 200 -',
    "-",
    "a \\x22b\\x22 \\x5c c",
  ],
  [
    `GET /a.txt HTTP/1.0\r\nReferer: https://a.example/\r\nUser-Agent: \xe4\xff\r\n\r\n`,
    '"GET /a.txt HTTP/1.0" 200 5',
    "https://a.example/",
    "\\xe4\\xff",
  ],
  [
    `POST /" HTTP/1.1\r\n${CLOSE}User-Agent: x\r\n\r\n`,
    '"POST /\\x22 HTTP/1.1" 405 N',
    "-",
    "x",
  ],
  [
    `DELETE /a.txt HTTP/1.1\r\n${CLOSE}\r\n`,
    '"DELETE /a.txt HTTP/1.1" 405 N',
    "-",
    "-",
  ],
  ["GET / HTTP/1.1\r\n\x1b[2J: a\r\n\r\n", '"GET / HTTP/1.1" 400 N', "-", "-"],
  ["\x1b]0;hello\x07\r\n\r\n", '"-" 400 N', "-", "-"],
];

const START =
  /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}(?::\d\d){3} \+0000\] /;

testPrograms(
  "--log writes a line for each answer",
  ["common", "combined"] as const,
  (format) => `--log ${format} writes a line for each answer`,
  async (format) => {
    using directory = new TemporaryDirectory(FILES);
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      `--log=${format}`,
    ]);
    await sendAll(await skiff.listening(), SAMPLES.map(([text]) => text));
    const lines = await linesOf(skiff);
    assertEquals(lines.length, SAMPLES.length);
    lines.forEach((line, index) => {
      const [, expected, referer, agent] = SAMPLES[index]!;
      assertMatch(line, START);
      // Error pages have their own length.
      const rest = line.replace(START, "").replace(/" (4\d\d) \d+/, '" $1 N');
      const more = format === "common" ? "" : ` "${referer}" "${agent}"`;
      assertEquals(rest, expected + more);
    });
  },
);

testProgram("--log json says all of an answer", async () => {
  using directory = new TemporaryDirectory(FILES);
  await using skiff = new Skiff([directory.path, "--port=0", "--log=json"]);
  const port = await skiff.listening();
  const fields = { Referer: "https://a.example/", "User-Agent": 'a "b" \\' };
  await request(port, "GET", "/a.txt?q", fields);
  await request(port, "GET", "/a.txt");
  await request(port, "GET", "/b.css", { "Accept-Encoding": "br" });
  await request(port, "HEAD", "/gone");
  await exchange(port, "nonsense\r\n\r\n");
  const lines = parsed(await linesOf(skiff));
  const [first, second, encoded, gone, unread] = lines;
  const { time, duration_us, ...rest } = first!;
  assert(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert(Number.isInteger(duration_us) && Number(duration_us) >= 0);
  assertEquals(rest, {
    remote: "127.0.0.1",
    method: "GET",
    target: "/a.txt?q",
    version: "HTTP/1.1",
    status: 200,
    bytes: 5,
    encoding: null,
    cache: "miss",
    referer: "https://a.example/",
    agent: 'a "b" \\',
    tls: false,
    worker: null,
    id: null,
  });
  assertEquals([second!.cache, second!.agent], ["hit", null]);
  assertEquals([encoded!.encoding, encoded!.bytes], ["br", 17]);
  assertEquals([gone!.status, gone!.bytes], [404, 0]);
  assertEquals(
    [unread!.method, unread!.target, unread!.version, unread!.status],
    [null, null, null, 400],
  );
  assertEquals(lines.length, 5);
});

/** Bytes that end a text, a line or an escape sequence somewhere. */
const HOSTILE = [..." \"\\'%{}[],;\t\x1b\x7f\x85\x9b"].map((character) =>
  character.charCodeAt(0)
);

/** Those of them that may stand in a field (RFC 9110 §5.5), so that they come as far as the log. */
const ALLOWED = HOSTILE.filter((byte) => byte >= 32 && byte !== 0x7f);

/** A request with many such bytes. */
function hostile(random: Random): string {
  const bad = random.below(2) === 0 ? ALLOWED : HOSTILE;
  const piece = (length: number) =>
    textOf(
      random.bytes(length).map((byte) =>
        byte < 128 ? bad[byte % bad.length]! : byte
      ),
    );
  const target = piece(random.below(10)).replaceAll(" ", "");
  return `GET /${target} HTTP/1.1\r\n${CLOSE}` +
    `User-Agent: ${piece(random.below(60))}\r\nReferer: ${piece(10)}\r\n\r\n`;
}

const PRINTABLE = /^[ -~]*$/;

/** What each form of a line must be, whatever was sent. */
const GRAMMARS: Readonly<Record<string, (line: string) => void>> = {
  common: (line) => {
    assertMatch(line.replace(START, ""), /^"[^"]*" \d{3} (?:\d+|-)$/);
  },
  combined: (line) => {
    const rest = line.replace(START, "");
    assertMatch(rest, /^"[^"]*" \d{3} (?:\d+|-) "[^"]*" "[^"]*"$/);
    assertMatch(line, PRINTABLE);
  },
  json: (line) => {
    parsed([line]);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(line), false, line);
  },
};

testPrograms(
  "nothing that is sent breaks a line of --log",
  Object.entries(GRAMMARS),
  ([format]) => `nothing that is sent breaks a line of --log ${format}`,
  async ([format, check]) => {
    const random = new Random(6);
    await using skiff = new Skiff(["--port=0", `--log=${format}`]);
    const port = await skiff.listening();
    const requests = Array.from({ length: 300 }, () => hostile(random));
    await sendAll(port, requests);
    const lines = await linesOf(skiff);
    assertEquals(lines.length, requests.length);
    for (const line of lines) check(line);
    // Otherwise nothing hostile would have come as far as the log.
    const read = lines.filter((line) =>
      line.includes("GET /") || line.includes('"GET"')
    );
    assert(read.length > 50, `${read.length} were read`);
  },
);

testProgram("--log off writes nothing", async () => {
  await using skiff = new Skiff(["--port=0", "--log=off"]);
  await request(await skiff.listening(), "GET", "/");
  assertEquals(await linesOf(skiff), []);
});

testProgram("--request-id: answer and log agree, errors too", async () => {
  using directory = new TemporaryDirectory(FILES);
  const args = [directory.path, "--port=0", "--log=json", "--request-id"];
  await using skiff = new Skiff(args);
  const port = await skiff.listening();
  using client = await Client.connect(port);
  const targets = ["/a.txt", "/gone", "/%00", "/b.css"];
  // All at once: pipelined answers have an id each as well.
  await client.send(
    targets.map((target) =>
      `GET ${target} HTTP/1.1\r\nHost: a.localhost\r\n\r\n`
    )
      .join(""),
  );
  const ids: unknown[] = [];
  for (const _ of targets) {
    ids.push((await client.response()).fields.get("x-request-id"));
  }
  const broken = parseResponses(await exchange(port, "?\r\n\r\n"), ["GET"]);
  ids.push(broken[0]!.fields.get("x-request-id"));
  // What the client calls its request is not taken over.
  const named = await request(port, "GET", "/a.txt", {
    "X-Request-Id": "mine",
  });
  ids.push(named.fields.get("x-request-id"));
  for (const id of ids) assertMatch(String(id), /^[0-9a-f]{24}$/);
  assertEquals(new Set(ids).size, ids.length);
  client[Symbol.dispose]();
  assertEquals(parsed(await linesOf(skiff)).map(({ id }) => id), ids);
});

testProgram("without --request-id no answer has one", async () => {
  await using skiff = new Skiff(["--port=0"]);
  const { fields } = await request(await skiff.listening(), "GET", "/");
  assertEquals(fields.has("x-request-id"), false);
});

testProgram(
  "two workers write one log, with lines that are whole",
  async () => {
    using directory = new TemporaryDirectory(FILES);
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      "--log=json",
      "--request-id",
      "--workers=2",
    ]);
    const port = await skiff.listening();
    const sent = await Promise.all(
      Array.from(
        { length: 100 },
        (_, index) => request(port, "GET", `/a.txt?${index}`),
      ),
    );
    await until(() => skiff.stdout.split("\n").length > 100, "the log");
    const lines = parsed(await linesOf(skiff));
    const byTarget = new Map(lines.map((line) => [line.target, line]));
    assertEquals(byTarget.size, 100);
    sent.forEach(({ fields }, index) => {
      assertEquals(
        byTarget.get(`/a.txt?${index}`)?.id,
        fields.get("x-request-id"),
      );
    });
    assertEquals(new Set(lines.map(({ id }) => id)).size, 100);
    assertEquals(new Set(lines.map(({ worker }) => worker)), new Set([0, 1]));
  },
);

testPrograms(
  "--log terminal writes lines for people",
  [[], ["--workers=2"]],
  (more) => ["--log terminal writes lines for people", ...more].join(" "),
  async (more) => {
    using directory = new TemporaryDirectory(FILES);
    const permissions = ["--allow-net", "--allow-read"];
    await using skiff = new Skiff(
      [directory.path, "--port=0", "--log=terminal", ...more],
      permissions,
    );
    const port = await skiff.listening();
    const page = "http://localhost/page/%1b[2J";
    await request(port, "GET", "/a.txt");
    await request(port, "GET", "/%e2%80%ae", { Referer: page });
    await until(() => skiff.stdout.split("\n").length > 2, "two lines");
    const lines = skiff.stdout.split("\n").sort();
    assertMatch(
      lines[1]!,
      /^\d\d:\d\d:\d\d 200 GET \/a.txt 5 B \d+(?:\.\d)? m?s$/,
    );
    assertMatch(
      lines[2]!,
      /^\d\d:\d\d:\d\d 404 GET \/\\u202e ← \/page\/\\u001b\[2J [\d.]+ k?B [\d.]+ m?s$/,
    );
  },
);
