import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { BODY_BYTES_MAX } from "../../lib/http/content_length.ts";
import {
  FIELDS_BYTES_MAX,
  FIELDS_MAX,
  METHOD_BYTES_MAX,
  TARGET_BYTES_MAX,
} from "../../lib/http/head.ts";
import {
  CHUNK_LINE_BYTES_MAX,
  TRAILERS_MAX,
} from "../../lib/http/http1/body.ts";
import { RANGES_MAX } from "../../lib/http/range.ts";
import { request, TemporaryDirectory } from "../helpers.ts";
import { Client } from "../raw_client.ts";
import { Skiff, testProgram } from "../skiff.ts";
import { readOnce } from "./crowd.ts";

/** The first line of a request for the file, and its Host. */
const LINE = "GET /a.txt HTTP/1.1\r\n";
const HOST = "Host: localhost\r\n";

/** A field line of so many bytes, CRLF included. */
function fieldLine(bytes: number): string {
  return `A: ${"b".repeat(bytes - "A: \r\n".length)}\r\n`;
}

function chunked(body: string): string {
  return `POST /a.txt HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${body}`;
}

function post(length: number): string {
  const head =
    `POST /a.txt HTTP/1.1\r\n${HOST}Content-Length: ${length}\r\n\r\n`;
  return head + "x".repeat(length);
}

function ranges(count: number): string {
  const list = Array.from({ length: count }, (_, i) => `${2 * i}-${2 * i}`);
  return `${LINE}${HOST}Range: bytes=${list.join()}\r\n\r\n`;
}

const EXTENSION = ";".padEnd(CHUNK_LINE_BYTES_MAX, "x");
const ROOM = FIELDS_BYTES_MAX - HOST.length;

/** What is just within a bound, what is just beyond it, and the answers to both. "close": nothing more is read from this client. */
const BOUNDS: Readonly<
  Record<
    string,
    readonly [within: string, want: string, beyond: string, refusal: string]
  >
> = {
  METHOD_BYTES_MAX: [
    `${"A".repeat(METHOD_BYTES_MAX)} /a.txt HTTP/1.1\r\n${HOST}\r\n`,
    "501",
    `${"A".repeat(METHOD_BYTES_MAX + 1)} /a.txt HTTP/1.1\r\n${HOST}\r\n`,
    "501 close",
  ],
  TARGET_BYTES_MAX: [
    `GET /${"a".repeat(TARGET_BYTES_MAX - 1)} HTTP/1.1\r\n${HOST}\r\n`,
    "404",
    `GET /${"a".repeat(TARGET_BYTES_MAX)} HTTP/1.1\r\n${HOST}\r\n`,
    "414 close",
  ],
  FIELDS_BYTES_MAX: [
    `${LINE}${HOST}${fieldLine(ROOM)}\r\n`,
    "200",
    `${LINE}${HOST}${fieldLine(ROOM + 1)}\r\n`,
    "431 close",
  ],
  FIELDS_MAX: [
    `${LINE}${HOST}${"A: b\r\n".repeat(FIELDS_MAX - 1)}\r\n`,
    "200",
    `${LINE}${HOST}${"A: b\r\n".repeat(FIELDS_MAX)}\r\n`,
    "431 close",
  ],
  BODY_BYTES_MAX: [
    post(BODY_BYTES_MAX),
    "405",
    post(BODY_BYTES_MAX + 1),
    "413 close",
  ],
  CHUNK_LINE_BYTES_MAX: [
    chunked(`0${EXTENSION}\r\n\r\n`),
    "405",
    chunked(`0${EXTENSION}x\r\n\r\n`),
    "400 close",
  ],
  TRAILERS_MAX: [
    chunked(`0\r\n${"A: b\r\n".repeat(TRAILERS_MAX)}\r\n`),
    "405",
    chunked(`0\r\n${"A: b\r\n".repeat(TRAILERS_MAX + 1)}\r\n`),
    "400 close",
  ],
  HOST_LENGTH_MAX: [
    `${LINE}Host: ${"a".repeat(255)}\r\n\r\n`,
    "200",
    `${LINE}Host: ${"a".repeat(256)}\r\n\r\n`,
    "400 close",
  ],
  PORT_DIGITS_MAX: [
    `${LINE}Host: localhost:08000\r\n\r\n`,
    "200",
    `${LINE}Host: localhost:080000\r\n\r\n`,
    "400 close",
  ],
  RANGES_MAX: [ranges(RANGES_MAX), "206", ranges(RANGES_MAX + 1), "200"],
};

testProgram(
  "every bound of a request is reached, and not before",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "0123456789".repeat(9),
    });
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      "--log=off",
      "--allowed-hosts=*",
    ]);
    const port = await skiff.listening();
    /** The status, and whether it is the last one. */
    const answer = async (text: string): Promise<string> => {
      using client = await Client.connect(port);
      await client.send(text);
      const { status, fields } = await client.head();
      return `${status} ${fields.get("connection") ?? ""}`.trim();
    };
    for (const [name, row] of Object.entries(BOUNDS)) {
      const [within, want, beyond, refusal] = row;
      assertEquals(await answer(within), want, `within ${name}`);
      assertEquals(await answer(beyond), refusal, `beyond ${name}`);
    }
    assertEquals((await request(port, "GET", "/a.txt")).status, 200);
    assertEquals(skiff.stderr.includes("skiff:"), false, skiff.stderr);
  },
);

/** Deadlines of the program as it is, in ms, and how late they may be on a busy machine. */
const HEAD_MS = 10_000;
const BODY_MS = 10_000;
const GRACE_MS = 10_000;
const LATENESS_MS = 3_000;

/** More than the system's buffers hold for a client that does not read. */
const LARGE_BYTES = 64 * 1024 * 1024;

/** How long a client who sends a beginning waits for his 408, in ms. */
async function timeTo408(port: number, beginning: string): Promise<number> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(new TextEncoder().encode(beginning));
  const start = Date.now();
  const answer = await readOnce(socket);
  assertEquals(answer.slice(0, 12), "HTTP/1.1 408");
  return Date.now() - start;
}

/** How long a program that is told to stop goes on, in ms. */
async function timeToEnd(skiff: Skiff): Promise<number> {
  const start = Date.now();
  skiff.signal("SIGTERM");
  await skiff.ended();
  return Date.now() - start;
}

testProgram(
  "the program itself gives a head and a body ten seconds, and downloads ten more after SIGTERM",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    Deno.createSync(directory.join("large.bin")).close();
    Deno.truncateSync(directory.join("large.bin"), LARGE_BYTES);
    await using skiff = new Skiff([directory.path, "--port=0", "--log=off"]);
    await using other = new Skiff([directory.path, "--port=0", "--log=off"]);
    const port = await skiff.listening();
    using client = await Client.connect(await other.listening());
    await client.send("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await client.head();
    const [head, body, grace] = await Promise.all([
      timeTo408(port, LINE),
      timeTo408(port, post(10).slice(0, -1)),
      timeToEnd(other),
    ]);
    for (
      const [took, want] of [[head, HEAD_MS], [body, BODY_MS], [
        grace,
        GRACE_MS,
      ]]
    ) {
      assertGreater(took!, want! - 100);
      assertLess(took!, want! + LATENESS_MS);
    }
  },
);
