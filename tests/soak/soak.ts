/**
 * The soak test: many kinds of requests at once, clients that vanish, and files
 * that change underneath, for as long as one likes. Every body that arrives
 * complete must be of a version that existed, every status must be a legal one,
 * and memory and descriptors must be flat from one rest to the next (but not
 * memory where a system says at each change that everything has changed).
 *
 *     deno task soak [MINUTES [on | off | nothing | everything | late]]
 *
 * The second word says what the system tells the server of changes.
 *
 * @module
 */

import { TemporaryDirectory, within } from "../helpers.ts";
import { type WatchMode, watchModeOf } from "../watch_mode.ts";
import { Ended, SoakClient, Wrong } from "./client.ts";
import { changeSome, makeFiles, seeded } from "./files.ts";
import { type Holdings, holdings, leastOf } from "./holdings.ts";
import { beHttp2Client } from "./http2.ts";
import { check, pick, type Tally, type World } from "./world.ts";

/** Clients of HTTP/1.1 at a time, and those of HTTP/2, each with many streams. */
const CLIENTS = 20;
const HTTP2_CLIENTS = 4;

/** How often a file changes, in ms. */
const CHANGE_MS = 20;

/** How often to look at what the server holds, in ms. */
const LOOK_MS = 1000;

/**
 * How long the server rests after each half, in ms. Under load, what waits for slow clients and for the collector
 * changes by 100 MiB and more; how much of it is there at a time depends on what else the machine does.
 */
const REST_MS = 20_000;

/** How long clients may take to end when their time is over, in ms: longer than one of HTTP/2 waits for a response. */
const END_MS = 180_000;

/** How much more memory the server may hold at rest after the second half than after the first. */
const MEMORY_GROWTH_MAX = 64 * 1024 * 1024;

/** Descriptors that may be open beyond those at the start: files kept open, and sockets on their way out. */
const DESCRIPTOR_GROWTH_MAX = 80;

/** The warning that a file changed in place ended a download: this test changes files so all the time. */
const EXPECTED_WARNING =
  /^skiff: warning: Download ended early: ".*" changed while it was sent(?: \(and \d+ more like it\))?\n/gm;

/** The warning of a server that has found out that the system tells it nothing. */
const UNTOLD_WARNING =
  /^skiff: warning: Changes of files show after 100 ms .*: the file system did not tell of one to ".*"\n/m;

function head(method: string, path: string, fields: string = ""): string {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
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
async function startServer(root: string, watch: WatchMode) {
  const lying = watch === "on" || watch === "off"
    ? []
    : ["--preload=tests/soak/lying_watch.ts", "--allow-env=WATCH"];
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", ...lying, "--allow-net", "--allow-read", "main.ts", root],
      ...["--port", "0", "--h2c", "--log=off"],
      ...watch === "off" ? ["--no-watch"] : [],
    ],
    env: { WATCH: watch },
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

/** Ends a server that a failure may have left. */
function endAtOnce(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function report(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function judge(
  tally: Tally,
  before: Holdings,
  after: Holdings,
  said: string,
  watch: WatchMode,
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
  const rest = said.replaceAll(EXPECTED_WARNING, "");
  const others = watch === "nothing" ? rest.replace(UNTOLD_WARNING, "") : rest;
  if (others !== "") faults.push(`The server reported: ${others}`);
  return faults;
}

/** Loads a server for some time, in ms, and returns what it holds at rest: the least memory of that time. */
async function loadAndRest(
  world: World,
  root: string,
  pid: number,
  duration: number,
): Promise<Holdings> {
  const loadMs = duration - REST_MS;
  const deadline = Date.now() + loadMs;
  const changing = setInterval(
    () => changeSome(root, world.files, world.random),
    CHANGE_MS,
  );
  const clients = Promise.all([
    ...Array.from({ length: CLIENTS }, () => beClient(world, deadline)),
    ...Array.from(
      { length: HTTP2_CLIENTS },
      () => beHttp2Client(world, deadline),
    ),
  ]);
  try {
    await within(clients, "the end of all clients", loadMs + END_MS);
  } finally {
    clearInterval(changing);
  }
  const looks: Holdings[] = [];
  for (let waited = 0; waited < REST_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    looks.push(holdings(pid));
  }
  return leastOf(looks);
}

async function soak(minutes: number, watch: WatchMode): Promise<string[]> {
  using directory = new TemporaryDirectory();
  const root = directory.path;
  const random = seeded(20261120);
  const files = makeFiles(root);
  const { process, port, rest } = await startServer(root, watch);
  using stack = new DisposableStack();
  stack.defer(() => endAtOnce(process));
  const tally: Tally = {
    requests: 0,
    bodies: 0,
    ended: 0,
    statuses: new Map(),
    wrongs: [],
  };
  const world = { port, files, random, tally };
  const half = minutes * 30_000;
  const before = await loadAndRest(world, root, process.pid, half);
  const after = await loadAndRest(world, root, process.pid, half);
  process.kill("SIGTERM");
  const { code } = await within(process.status, "the end of the server");
  const faults = judge(tally, before, after, await rest, watch);
  if (code !== 0) faults.push(`The server ended with ${code}`);
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  report(`requests ${tally.requests}, bodies checked ${tally.bodies}`);
  report(`statuses ${JSON.stringify(Object.fromEntries(tally.statuses))}`);
  report(`connections ended early ${tally.ended}`);
  report(
    `memory at rest ${megabytes(before.bytes)} → ${megabytes(after.bytes)}`,
  );
  report(`descriptors ${before.descriptors} → ${after.descriptors}`);
  return faults;
}

if (import.meta.main && Deno.build.os !== "linux") {
  report("soak: skipped, because only Linux tells what a process holds");
} else if (import.meta.main) {
  const minutes = Number(Deno.args[0] ?? 10);
  if (!(minutes >= 1)) {
    report(
      `Cannot soak for "${Deno.args[0]}" minutes: expected a number, 1 or more`,
    );
    Deno.exit(2);
  }
  const watch = watchModeOf(Deno.args[1] ?? "on");
  const faults = await soak(minutes, watch);
  for (const fault of faults) report(`FAULT ${fault}`);
  report(faults.length === 0 ? "soak: passed" : "soak: failed");
  Deno.exitCode = faults.length === 0 ? 0 : 1;
}
