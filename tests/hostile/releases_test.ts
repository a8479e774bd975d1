/**
 * Releases that come and go under load: every answer is of exactly one of them,
 * and none fails.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { bytesOf, until, within } from "../helpers.ts";
import { Http2Client } from "../http2_client.ts";
import { linesOf } from "../http2_messages.ts";
import { Client } from "../raw_client.ts";
import { Skiff, testPrograms } from "../skiff.ts";
import { Checker, downloadOf, DOWNLOADS, Releases } from "./release_load.ts";

/** How often each kind of swap is made. */
const ROUNDS = 4;

/** Connections that ask all the time, by protocol, and streams on each of the latter. */
const HTTP1_CLIENTS = 2;
const HTTP2_CLIENTS = 1;
const STREAMS = 3;

function linesFor(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

/** Asks on one HTTP/1.1 connection until the signal is aborted. */
async function askHttp1(port: number, checker: Checker, signal: AbortSignal) {
  using client = await Client.connect(port);
  for (let n = 0; !signal.aborted; n++) {
    const question = checker.question(n);
    await client.get(question.path, linesFor(question.fields));
    checker.check(question, await client.response());
  }
}

/** Asks on several streams of one HTTP/2 connection until the signal is aborted. */
async function askHttp2(port: number, checker: Checker, signal: AbortSignal) {
  await using client = await Http2Client.connect(port);
  const stream = async (first: number) => {
    for (let n = first; !signal.aborted; n++) {
      const question = checker.question(n);
      const { path, fields } = question;
      checker.check(question, await client.request("GET", path, fields));
      // What it keeps for tests of frames would grow all the time.
      client.frames.length = 0;
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, (_, n) => stream(7 * n)));
}

/** A download that has begun, and goes on when it is told to: returns of which release it said to be, and its bytes. */
type Download = () => Promise<readonly [release: string, bytes: Uint8Array]>;

async function beginHttp1(client: Client): Promise<Download> {
  await client.get("/large.bin");
  const { fields } = await client.head();
  const read = () => client.bytes(DOWNLOADS["/large.bin"]);
  return async () => [fields.get("x-release")!, await read()];
}

async function beginHttp2(client: Http2Client): Promise<Download> {
  const id = await client.begin(linesOf("GET", "/stream.bin", {}));
  await client.frame(({ streamId }) => streamId === id, "the beginning");
  return async () => {
    const more = 2 * DOWNLOADS["/stream.bin"];
    await client.openWindow(0, more);
    await client.openWindow(id, more);
    const { fields, body } = await client.response(id);
    return [fields.get("x-release")!, bytesOf(body)];
  };
}

/** Makes a swap while downloads are under way, and checks that they end as they began. */
async function withDownloads(
  port: number,
  checker: Checker,
  swap: () => Promise<void>,
): Promise<void> {
  using client = await Client.connect(port);
  await using other = await Http2Client.connect(port, { isHonest: false });
  const downloads = {
    "/large.bin": await beginHttp1(client),
    "/stream.bin": await beginHttp2(other),
  };
  await swap();
  for (const path of ["/large.bin", "/stream.bin"] as const) {
    const [release, bytes] = await downloads[path]();
    if (Buffer.compare(bytes, downloadOf(path, release)) !== 0) {
      checker.fail(`${path} of ${release}: ${bytes.length} bytes, or others`);
    }
  }
}

/** A kind of swap: what it does to releases of which `last` is the newest, and which one is served then. */
type Swap = readonly [
  name: string,
  run: (releases: Releases, last: number) => void,
  served: (last: number) => number,
];

const SWAPS: readonly Swap[] = [
  ["a new folder comes", (r, last) => r.deploy(`v${last + 1}`), (n) => n + 1],
  ["a link leads back", (r, n) => r.point(`v${n}`, "link"), (n) => n],
  ["the link goes", (r) => Deno.removeSync(r.join("current")), (n) => n + 1],
  ["a file leads back", (r, n) => r.point(`v${n}`, "file"), (n) => n],
  ["the folder served goes", (r, n) => r.take(`v${n}`), (n) => n + 1],
];

testPrograms(
  "every answer is of one release, and none fails, while releases are swapped",
  ["--workers=1", "--workers=2"],
  (crew) =>
    `every answer is of one release, and none fails, while releases are swapped (${crew})`,
  async (crew) => {
    using releases = new Releases();
    releases.deploy("v1");
    releases.deploy("v2");
    const args = [`--releases=${releases.path}`, "--port=0", "--log=off"];
    await using skiff = new Skiff([...args, "--h2c", crew]);
    const port = await skiff.listening();
    const checker = new Checker();
    const stop = new AbortController();
    const clients = [
      ...Array.from({ length: HTTP1_CLIENTS }, () => askHttp1),
      ...Array.from({ length: HTTP2_CLIENTS }, () => askHttp2),
    ].map((ask) => ask(port, checker, stop.signal));
    try {
      for (let last = 2; last < 2 + ROUNDS; last++) {
        for (const [name, run, served] of SWAPS) {
          checker.swap = `${name} (v${last})`;
          await withDownloads(port, checker, async () => {
            const before = skiff.stderr.length;
            const said = `Serving release "v${served(last)}"`;
            run(releases, last);
            const isSaid = () => skiff.stderr.slice(before).includes(said);
            await until(isSaid, `${said} in ${skiff.stderr}`);
          });
        }
      }
    } finally {
      stop.abort();
      await within(Promise.all(clients), "the clients");
    }
    assertEquals(checker.failures, []);
    assert(checker.answers > 400, `${checker.answers} answers`);
  },
);
