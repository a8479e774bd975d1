/**
 * What a balancer and its clients rely on when several skiffs serve copies of
 * one site, with HAProxy as `deploy/haproxy.cfg` configures it.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  Random,
  type Response,
  TemporaryDirectory,
  textOf,
} from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import { replaced } from "./daemon.ts";
import {
  Balancer,
  getOnce,
  HOST,
  type Known,
  lengthOf,
  Load,
  Replica,
  StrictClient,
} from "./replicas.ts";

const RANDOM = new Random(6);
const SCRIPT = "export const answer = 42;\n".repeat(2000);
const PICTURE = RANDOM.bytes(200_000);
/** Above 1 MiB, where the tag is of size and time. */
const LARGE = RANDOM.bytes(1_200_000);
/** More than the buffers of all that is between skiff and a client that does not read. */
const HUGE = new Uint8Array(64 * 1024 * 1024);
for (let at = 0; at < HUGE.length; at += 4096) HUGE[at] = at >> 12;

/** Copies of a site, one below another. Their files have different times, but for one, which is a copy with its times. */
function createCopies(): TemporaryDirectory {
  const place = new TemporaryDirectory();
  for (const name of ["1", "2", "3"]) {
    place.write(`${name}/index.html`, "<h1>home</h1>");
    place.write(`${name}/app.js`, SCRIPT);
    place.write(`${name}/picture.png`, PICTURE);
    place.write(`${name}/large.bin`, LARGE);
    for (const file of Deno.readDirSync(place.join(name))) {
      // Not in whole seconds, as a clock gives it: what a program has set makes no strong tag.
      const time = new Date(Date.UTC(2026, 0, Number(name)) + 250);
      Deno.utimeSync(place.join(`${name}/${file.name}`), time, time);
    }
    if (name === "1") place.write("1/huge.bin", HUGE);
    else {Deno.linkSync(
        place.join("1/huge.bin"),
        place.join(`${name}/huge.bin`),
      );}
  }
  return place;
}

/** Three replicas, and the balancer in front of them. */
class Stage implements AsyncDisposable {
  readonly replicas: readonly Replica[];
  readonly balancer: Balancer;
  readonly #place: TemporaryDirectory;

  private constructor(
    place: TemporaryDirectory,
    replicas: readonly Replica[],
    balancer: Balancer,
  ) {
    this.#place = place;
    this.replicas = replicas;
    this.balancer = balancer;
  }

  static async open(
    program: string,
    args: readonly string[],
    change?: (config: string) => string,
  ): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const place = stack.use(createCopies());
    const replicas = await Promise.all(["1", "2", "3"].map(async (name) => {
      const all = ["--allowed-hosts", HOST, ...args];
      return stack.use(await Replica.start(name, place.join(name), all));
    }));
    const balancer = await Balancer.start(program, replicas, change);
    stack.move();
    return new Stage(place, replicas, balancer);
  }

  /** The files that load may ask for, each seen to have one tag. */
  async known(): Promise<Known[]> {
    const files: [string, string][] = [
      ["/", "<h1>home</h1>"],
      ["/app.js", SCRIPT],
      ["/picture.png", textOf(PICTURE)],
    ];
    return await Promise.all(files.map(async ([target, body]) => {
      const answers = await this.each(target);
      const etag = onlyOf(answers.map(({ fields }) => fields.get("etag")));
      return { target, body, etag: etag! };
    }));
  }

  /** The answers of all replicas, asked without the balancer. */
  each(
    target: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Response[]> {
    return Promise.all(
      this.replicas.map(({ port }) => getOnce(port, target, fields)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.balancer[Symbol.asyncDispose]();
    for (const replica of this.replicas) await replica[Symbol.asyncDispose]();
    this.#place[Symbol.dispose]();
  }
}

/** The one value that all have. */
function onlyOf<T>(values: readonly T[]): T {
  assertEquals(new Set(values).size, 1, `Not one value: ${values}`);
  return values[0]!;
}

const QUIET = ["--log", "off"];

testAgainst(
  "haproxy",
  "replicas: tags and conditions agree",
  async (haproxy) => {
    await using stage = await Stage.open(haproxy, QUIET);
    const times = (await stage.each("/app.js"))
      .map(({ fields }) => fields.get("last-modified"));
    assertEquals(new Set(times).size, 3);
    for (const { target, etag } of await stage.known()) {
      for (let turn = 0; turn < 3; turn++) {
        const fields = { "If-None-Match": etag };
        const { status } = await getOnce(stage.balancer.path, target, fields);
        assertEquals(status, 304, target);
      }
    }
  },
);

testAgainst("haproxy", "replicas: encodings have one tag", async (haproxy) => {
  await using stage = await Stage.open(haproxy, QUIET);
  for (const coding of ["br", "gzip"]) {
    const fields = { "Accept-Encoding": coding };
    const etags = await Promise.all(stage.replicas.map(async ({ port }) => {
      // The answer for which an encoding is made comes without it.
      for (;;) {
        const { fields: sent } = await getOnce(port, "/app.js", fields);
        if (sent.get("content-encoding") === coding) return sent.get("etag");
      }
    }));
    const inm = { ...fields, "If-None-Match": onlyOf(etags)! };
    const answers = await stage.each("/app.js", inm);
    assertEquals(answers.map(({ status }) => status), [304, 304, 304]);
  }
});

testAgainst(
  "haproxy",
  "replicas: a download goes on at another one",
  async (haproxy) => {
    await using stage = await Stage.open(haproxy, QUIET);
    const { path } = stage.balancer;
    using client = await StrictClient.connect(path);
    const parts: string[] = [];
    const servers = new Set<string>();
    let etag = "";
    for (let at = 0; at < PICTURE.length; at += 50_000) {
      const range = { Range: `bytes=${at}-${at + 49_999}` };
      const fields = at === 0 ? range : { ...range, "If-Range": etag };
      const answer = await client.get("/picture.png", fields);
      assertEquals(answer.status, 206);
      etag = answer.fields.get("etag")!;
      servers.add(answer.fields.get("x-replica")!);
      parts.push(answer.body);
    }
    assertEquals(servers.size, 3);
    assert(parts.join("") === textOf(PICTURE));
  },
);

testAgainst(
  "haproxy",
  "replicas: above 1 MiB other times are another version, and never mixed",
  async (haproxy) => {
    await using stage = await Stage.open(haproxy, QUIET);
    const [first, second] = stage.replicas;
    const { fields } = await getOnce(first!.port, "/large.bin");
    const etag = fields.get("etag")!;
    const range = { Range: "bytes=1000000-", "If-Range": etag };
    const same = await getOnce(first!.port, "/large.bin", range);
    assertEquals([same.status, same.body.length], [206, 200_000]);
    const other = await getOnce(second!.port, "/large.bin", range);
    assertEquals([other.status, other.body.length], [200, LARGE.length]);
    assertNotEquals(other.fields.get("etag"), etag);
    // Copied with its time it is the same.
    const heads = await stage.each("/huge.bin", { Range: "bytes=0-0" });
    onlyOf(heads.map((head) => head.fields.get("etag")));
  },
);

/** A download that has begun at a replica, and of which more is taken only when it is told to. */
interface Download {
  readonly by: string;
  readonly client: StrictClient;
  /** Takes the rest. */
  finish(): Promise<void>;
}

/** A download from each replica. */
async function beginDownloads(
  stage: Stage,
  stack: DisposableStack,
): Promise<ReadonlyMap<string, Download>> {
  const downloads = new Map<string, Download>();
  for (const _ of stage.replicas) {
    const client = stack.use(await StrictClient.connect(stage.balancer.path));
    const head = await client.ask("/huge.bin");
    assertEquals([head.status, lengthOf(head)], [200, HUGE.length]);
    const by = head.fields.get("x-replica")!;
    const finish = async () => {
      for (let at = 0; at < HUGE.length; at += 1 << 20) {
        const piece = await client.take(1 << 20);
        assertEquals(piece, HUGE.subarray(at, at + (1 << 20)));
      }
    };
    downloads.set(by, { by, client, finish });
  }
  assertEquals([...downloads.keys()].sort(), ["1", "2", "3"]);
  return downloads;
}

/** Whether a port of this machine takes connections. */
async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    // It may also end in between.
    const { ConnectionRefused, ConnectionReset } = Deno.errors;
    if (error instanceof ConnectionRefused) return false;
    if (error instanceof ConnectionReset) return false;
    throw error;
  }
}

const CLIENTS = 6;

testAgainst(
  "haproxy",
  "replicas: one is stopped by SIGTERM under load and started again, and no request fails",
  async (haproxy) => {
    await using stage = await Stage.open(haproxy, [...QUIET, "--drain", "2"]);
    using stack = new DisposableStack();
    const downloads = await beginDownloads(stage, stack);
    const load = new Load(stage.balancer.path, await stage.known(), CLIENTS);
    const leaving = stage.replicas[1]!;
    try {
      await load.goesOn(300);
      assertEquals(Object.keys(load.answered).sort(), ["1", "2", "3"]);

      leaving.skiff.signal("SIGTERM");
      await stage.balancer.notices(leaving, "DOWN");
      // It has been taken out before it stops: whoever comes all the same is served, and sent away.
      const ready = await getOnce(leaving.adminPort, "/readyz", {
        Host: "a.localhost",
      });
      assertEquals(ready.status, 503);
      const late = await getOnce(leaving.port, "/");
      assertEquals(late.fields.get("connection"), "close");
      assertEquals([late.status, late.body], [200, "<h1>home</h1>"]);
      const before = load.answered["2"]!;
      await load.goesOn(300);
      const after = load.answered["2"]! - before;
      assert(after <= CLIENTS, `${after} answers of one that was taken out`);

      while (await isOpen(leaving.port)) await load.goesOn(10);
      await downloads.get("2")!.finish();
      assertEquals(await leaving.skiff.ended(), 0);
      await load.goesOn(100);

      await leaving.restart();
      await stage.balancer.notices(leaving, "UP");
      const away = load.answered["2"]!;
      await load.goesOn(300);
      assert(load.answered["2"]! > away, "It is not asked again");
    } finally {
      await load.stop();
    }
    assertEquals(load.failures, []);
    await downloads.get("1")!.finish();
    await downloads.get("3")!.finish();
  },
);

testAgainst(
  "haproxy",
  "replicas: one is killed under load, and only what it was answering fails",
  async (haproxy) => {
    await using stage = await Stage.open(haproxy, QUIET);
    using stack = new DisposableStack();
    const downloads = await beginDownloads(stage, stack);
    const load = new Load(stage.balancer.path, await stage.known(), CLIENTS);
    const victim = stage.replicas[2]!;
    let killed = Infinity;
    try {
      await load.goesOn(300);
      victim.skiff.signal("SIGKILL");
      killed = performance.now();
      await stage.balancer.notices(victim, "DOWN");
      await load.goesOn(300);
    } finally {
      await load.stop();
    }
    assert(load.failures.length <= CLIENTS, `${load.failures.length} failures`);
    const later = load.failures.filter(({ begun }) => begun > killed);
    assertEquals(later, [], "Requests failed that were begun afterwards");
    await downloads.get("1")!.finish();
    await downloads.get("2")!.finish();
    // What cannot be finished is seen to be incomplete.
    const error = await downloads.get("3")!.finish().catch((error) => error);
    assert(
      error instanceof Error && /cut short/.test(error.message),
      `${error}`,
    );
  },
);

/** The addresses in the log of a skiff, once so many lines of it are there. */
function remotes(replica: Replica): string[] {
  return replica.skiff.stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line).remote);
}

const PROXY_WAYS: readonly (readonly [
  name: string,
  args: readonly string[],
  change: (config: string) => string,
])[] = [
  ["X-Forwarded-For", [], (config) => config],
  [
    "the PROXY protocol",
    ["--proxy-protocol"],
    (config) =>
      replaced(
        replaced(config, "    option forwardfor\n", ""),
        /( server skiff.*)/g,
        "$1 send-proxy-v2",
      ),
  ],
];

for (const [name, args, change] of PROXY_WAYS) {
  testAgainst(
    "haproxy",
    `replicas: the log has the client's address by ${name}`,
    async (haproxy) => {
      await using stage = await Stage.open(
        haproxy,
        ["--log", "json", "--trusted-proxy", "127.0.0.1", ...args],
        // The test can be no client of another address; a balancer in front of this one can say that it has one.
        (config) =>
          change(replaced(config, "bind BIND", "bind BIND accept-proxy")),
      );
      const addresses = Array.from({ length: 12 }, (_, at) => `192.0.2.${at}`);
      addresses.push("2001:db8::7");
      for (const address of addresses) {
        using client = await StrictClient.connect(stage.balancer.path);
        const family = address.includes(":") ? "TCP6" : "TCP4";
        const server = address.includes(":") ? "2001:db8::1" : "192.0.2.200";
        await client.send(`PROXY ${family} ${address} ${server} 5000 80\r\n`);
        // What clients say of themselves counts for nothing.
        const forged = { "X-Forwarded-For": "198.51.100.1" };
        assertEquals((await client.get("/", forged)).status, 200);
      }
      for (const { skiff } of stage.replicas) {
        skiff.signal("SIGTERM");
        assertEquals(await skiff.ended(), 0);
      }
      const logged = stage.replicas.flatMap(remotes);
      assertEquals(logged.sort(), addresses.sort());
    },
  );
}
