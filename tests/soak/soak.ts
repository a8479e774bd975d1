/**
 * The soak test: many kinds of requests at once, clients that vanish, and files
 * that change underneath, for as long as one likes. Every body that arrives
 * complete must be of a version that existed, every status must be a legal one,
 * and memory and descriptors must be flat at the end.
 *
 *     deno task soak [MINUTES]
 *
 * @module
 */

import { gunzipSync } from "node:zlib";
import { TemporaryDirectory } from "../helpers.ts";
import { Ended, SoakClient, type SoakResponse, Wrong } from "./client.ts";
import { PIECE_BYTES_MIN, versionOf } from "./content.ts";
import {
  changeSome,
  makeFiles,
  type Random,
  seeded,
  type SoakFile,
} from "./files.ts";
import { type Holdings, holdings, holdingsIn } from "./holdings.ts";

/** Clients at a time. */
const CLIENTS = 24;

/** How often a file changes, in ms. */
const CHANGE_MS = 20;

/** For how long after its last change a file may be answered 503, in ms: skiff waits 200 ms for its writer. */
const SETTLE_MS = 250;

/** For how long a version may still be answered with after it is gone, in ms: the server looks ten times a second. */
const STALE_MS_MAX = 2000;

/** How often to look at what the server holds, in ms. */
const LOOK_MS = 1000;

/**
 * How much larger the least memory of the last quarter may be than that of the second, when caches are full. What lies
 * between two collections of the garbage changes by more than that, so single looks tell nothing.
 */
const MEMORY_GROWTH_MAX = 96 * 1024 * 1024;

/** Descriptors that may be open beyond those at the start: files kept open, and sockets on their way out. */
const DESCRIPTOR_GROWTH_MAX = 80;

/** The warning that a file changed in place ended a download: this test changes files so all the time. */
const EXPECTED_WARNING =
  /^skiff: warning: Download ended early: ".*" changed while it was sent(?: \(and \d+ more like it\))?\n/gm;

/** What was seen. */
interface Tally {
  requests: number;
  bodies: number;
  ended: number;
  readonly statuses: Map<number, number>;
  readonly wrongs: string[];
}

interface World {
  readonly port: number;
  readonly files: readonly SoakFile[];
  readonly random: Random;
  readonly tally: Tally;
}

function pick<T>(world: World, items: readonly T[]): T {
  return items[world.random(items.length)]!;
}

function head(method: string, path: string, fields: string = ""): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
}

/** Checks a response about a file; throws Wrong when it cannot be true. */
function check(
  world: World,
  file: SoakFile,
  response: SoakResponse,
  legal: readonly number[],
): void {
  const { status, fields } = response;
  const { tally } = world;
  tally.requests++;
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
  // A file that is deleted just now is missing, whatever was asked.
  if (status === 404) return;
  // A file whose writer does not pause may be of two versions: skiff then asks the client to come again.
  const isBeingWritten = response.askedAt - file.changedAt < SETTLE_MS;
  if (status === 503 && isBeingWritten) return;
  if (!legal.includes(status)) throw new Wrong(`${file.path}: ${status}`);
  if (status === 416) return checkUnsatisfiable(file, fields);
  if (response.body.length === 0) return;
  tally.bodies++;
  const body = fields.get("content-encoding") === "gzip"
    ? new Uint8Array(gunzipSync(response.body))
    : response.body;
  if (body.length < PIECE_BYTES_MIN) return;
  const version = status === 200
    ? checkWhole(file, body)
    : checkPart(file, body, fields.get("content-range")!);
  const age = response.askedAt - (file.goneAt[version] ?? Infinity);
  if (age > STALE_MS_MAX) {
    throw new Wrong(`${file.path}: version ${version} was gone for ${age} ms`);
  }
}

function checkWhole(file: SoakFile, body: Uint8Array): number {
  const version = versionOf(body, file.index, 0);
  if (version === undefined) {
    throw new Wrong(`${file.path}: ${body.length} bytes of no version`);
  }
  const length = file.lengths[version];
  const isWhole = body.length === length ||
    file.grown.has(version) && body.length < length!;
  if (!isWhole) {
    throw new Wrong(
      `${file.path}: ${body.length} of ${length} bytes of version ${version}`,
    );
  }
  return version;
}

function checkPart(file: SoakFile, body: Uint8Array, range: string): number {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range);
  if (match === null) throw new Wrong(`Content-Range: ${range}`);
  const [start, end] = [Number(match[1]), Number(match[2]) + 1];
  if (body.length !== end - start) throw new Wrong(`${range}: wrong length`);
  const version = versionOf(body, file.index, start);
  if (version === undefined) {
    throw new Wrong(`${file.path} ${range}: no version`);
  }
  const total = Number(match[3]);
  const isRight = total === file.lengths[version] || file.grown.has(version);
  if (!isRight) throw new Wrong(`${file.path} ${range}: version ${version}`);
  return version;
}

/**
 * A range that lies behind the file's end: only of a file that is being written
 * in place, and has been cut for a moment, as every range begins within all versions.
 */
function checkUnsatisfiable(
  file: SoakFile,
  fields: ReadonlyMap<string, string>,
): void {
  const range = fields.get("content-range") ?? "";
  const match = /^bytes \*\/(\d+)$/.exec(range);
  if (match === null) throw new Wrong(`Content-Range: ${range}`);
  if (file.grown.size === 0 || Number(match[1]) >= file.base) {
    throw new Wrong(`${file.path}: ${range} instead of a part`);
  }
}

type Deed = (world: World, client: SoakClient) => Promise<void>;

/** What a client does in one go. */
const DEEDS: Readonly<Record<string, Deed>> = {
  async get(world, client) {
    const file = pick(world, world.files);
    await client.send(head("GET", file.path));
    check(world, file, await client.read("GET"), [200]);
  },
  async head(world, client) {
    const file = pick(world, world.files);
    await client.send(head("HEAD", file.path));
    check(world, file, await client.read("HEAD"), [200]);
  },
  async gzip(world, client) {
    const file = pick(world, world.files);
    await client.send(head("GET", file.path, "Accept-Encoding: gzip\r\n"));
    check(world, file, await client.read("GET"), [200]);
  },
  async range(world, client) {
    const file = pick(world, world.files);
    const start = world.random(file.base);
    const end = start + world.random(200_000);
    const field = `Range: bytes=${start}-${end}\r\n`;
    await client.send(head("GET", file.path, field));
    check(world, file, await client.read("GET"), [206, 416]);
  },
  async conditional(world, client) {
    const file = pick(world, world.files);
    await client.send(head("GET", file.path));
    const first = await client.read("GET");
    check(world, file, first, [200]);
    const field = `If-None-Match: ${first.fields.get("etag") ?? '"none"'}\r\n`;
    await client.send(head("GET", file.path, field));
    check(world, file, await client.read("GET"), [200, 304]);
  },
  async slow(world, client) {
    // Others are quick; only one client in a while leaves a large file waiting.
    if (world.random(8) > 0) return;
    const file = world.files[world.files.length - 1]!;
    await client.send(head("GET", file.path));
    await new Promise((resolve) => setTimeout(resolve, 500));
    check(world, file, await client.read("GET"), [200]);
  },
  async pipeline(world, client) {
    const files = Array.from(
      { length: 16 },
      () => pick(world, world.files.slice(0, 24)),
    );
    await client.send(files.map(({ path }) => head("GET", path)).join(""));
    for (const file of files) {
      check(world, file, await client.read("GET"), [200]);
    }
  },
  async listing(world, client) {
    await client.send(head("GET", "/"));
    const { status } = await client.read("GET");
    world.tally.requests++;
    if (status !== 200) throw new Wrong(`Listing: ${status}`);
  },
  async missing(world, client) {
    await client.send(head("GET", `/missing-${world.random(1000)}`));
    const { status } = await client.read("GET");
    world.tally.requests++;
    if (status !== 404) throw new Wrong(`Missing file: ${status}`);
  },
  async vanish(world, client) {
    await client.send(head("GET", pick(world, world.files).path).repeat(3));
    client.close();
    throw new Ended("vanished");
  },
  async garbage(world, client) {
    const text = head("GET", pick(world, world.files).path);
    const at = world.random(text.length - 4);
    await client.send(`${text.slice(0, at)}\0${text.slice(at + 1)}`);
    const { status } = await client.read("GET");
    world.tally.requests++;
    if (status !== 400) throw new Wrong(`Garbage: ${status}`);
    throw new Ended("refused");
  },
  async drip(world, client) {
    const file = pick(world, world.files);
    for (const character of head("GET", file.path)) {
      await client.send(character);
    }
    check(world, file, await client.read("GET"), [200]);
  },
};

/** One client after the other, each for some deeds, until the time is over. */
async function beClient(world: World, deadline: number): Promise<void> {
  const deeds = Object.values(DEEDS);
  while (Date.now() < deadline) {
    const client = await SoakClient.connect(world.port);
    try {
      for (let i = world.random(40); i >= 0 && Date.now() < deadline; i--) {
        await pick(world, deeds)(world, client);
      }
    } catch (error) {
      if (error instanceof Wrong) world.tally.wrongs.push(error.message);
      // A file that changed while it was being sent ends the connection, as does a refusal.
      else world.tally.ended++;
    } finally {
      try {
        client.close();
      } catch {
        // Closed already.
      }
    }
  }
}

/** Starts the server as a person would, and waits until it listens. */
async function startServer(root: string) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-net", "--allow-read", "main.ts", root],
      ...["--port", "0", "--log=off"],
    ],
    stderr: "piped",
    stdout: "null",
  }).spawn();
  const reader = process.stderr.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!/Listening on http:\/\/127\.0\.0\.1:\d+\/\n/.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start the server: ${text}`);
    text += value;
  }
  const rest = (async () => {
    let said = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return said;
      said += value;
    }
  })();
  const port = Number(/:(\d+)\/\n/.exec(text)![1]);
  return { process, port, rest };
}

function report(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function judge(
  tally: Tally,
  before: Holdings,
  after: Holdings,
  said: string,
): string[] {
  const faults = tally.wrongs.slice(0, 20);
  if (tally.bodies === 0) faults.push("No body was ever checked");
  if (after.bytes - before.bytes > MEMORY_GROWTH_MAX) {
    faults.push(`Memory grew from ${before.bytes} to ${after.bytes} bytes`);
  }
  if (after.descriptors - before.descriptors > DESCRIPTOR_GROWTH_MAX) {
    faults.push(
      `Descriptors grew from ${before.descriptors} to ${after.descriptors}`,
    );
  }
  const others = said.replaceAll(EXPECTED_WARNING, "");
  if (others !== "") faults.push(`The server reported: ${others}`);
  return faults;
}

async function soak(minutes: number): Promise<string[]> {
  using directory = new TemporaryDirectory();
  const root = directory.path;
  const random = seeded(20261120);
  const files = makeFiles(root);
  const { process, port, rest } = await startServer(root);
  const tally: Tally = {
    requests: 0,
    bodies: 0,
    ended: 0,
    statuses: new Map(),
    wrongs: [],
  };
  const world = { port, files, random, tally };
  const duration = minutes * 60_000;
  const deadline = Date.now() + duration;
  const looks = [holdings(process.pid)];
  const looking = setInterval(
    () => looks.push(holdings(process.pid)),
    LOOK_MS,
  );
  const changing = setInterval(
    () => changeSome(root, files, random),
    CHANGE_MS,
  );
  await Promise.all(
    Array.from({ length: CLIENTS }, () => beClient(world, deadline)),
  );
  clearInterval(changing);
  clearInterval(looking);
  const quarter = Math.floor(looks.length / 4);
  const before = holdingsIn(looks.slice(quarter, 2 * quarter + 1));
  const after = {
    ...holdings(process.pid),
    bytes: holdingsIn(looks.slice(3 * quarter)).bytes,
  };
  process.kill("SIGTERM");
  const { code } = await process.status;
  const faults = judge(tally, before, after, await rest);
  if (code !== 0) faults.push(`The server ended with ${code}`);
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  report(`requests ${tally.requests}, bodies checked ${tally.bodies}`);
  report(`statuses ${JSON.stringify(Object.fromEntries(tally.statuses))}`);
  report(`connections ended early ${tally.ended}`);
  const most = Math.max(...looks.map(({ bytes }) => bytes));
  report(
    `least memory ${megabytes(before.bytes)} → ${megabytes(after.bytes)}, ` +
      `most ${megabytes(most)}`,
  );
  report(`descriptors ${before.descriptors} → ${after.descriptors}`);
  return faults;
}

if (import.meta.main && Deno.build.os !== "linux") {
  report("soak: skipped, because only Linux tells what a process holds");
} else if (import.meta.main) {
  const minutes = Number(Deno.args[0] ?? 10);
  if (!(minutes > 0)) {
    report(`Cannot soak for "${Deno.args[0]}" minutes: expected a number`);
    Deno.exit(2);
  }
  const faults = await soak(minutes);
  for (const fault of faults) report(`FAULT ${fault}`);
  report(faults.length === 0 ? "soak: passed" : "soak: failed");
  Deno.exitCode = faults.length === 0 ? 0 : 1;
}
