/**
 * The program's admin port: figures of real requests, health, and what it says
 * while the program drains.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  exchange,
  request,
  type Response,
  TemporaryDirectory,
} from "./helpers.ts";
import { FIRST_PAIR, putPair, tlsArgs } from "./certificates.ts";
import { Client } from "./raw_client.ts";
import { runSkiff } from "./run_skiff.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

const FILES = { "a.txt": "first", "docs/b.txt": "second" };

/** A skiff with an admin port. */
class Watched implements AsyncDisposable {
  readonly skiff: Skiff;

  constructor(args: readonly string[]) {
    this.skiff = new Skiff(["--port=0", "--admin=127.0.0.1:0", ...args]);
  }

  /** The ports of the site and of the admin. */
  async ports(): Promise<readonly [site: number, admin: number]> {
    const site = await this.skiff.listening();
    const line = /^Metrics and health on http:\/\/127\.0\.0\.1:(\d+)\/$/m;
    const match = line.exec(this.skiff.stderr);
    assert(match !== null, this.skiff.stderr);
    return [site, Number(match[1])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.skiff[Symbol.asyncDispose]();
  }
}

/** The values of all metrics, by name with labels. */
async function metricsOf(admin: number): Promise<ReadonlyMap<string, number>> {
  const { status, fields, body } = await request(admin, "GET", "/metrics");
  assertEquals(status, 200);
  assertMatch(fields.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const lines = body.trimEnd().split("\n").filter((line) =>
    !line.startsWith("#")
  );
  return new Map(lines.map((line) => {
    const space = line.lastIndexOf(" ");
    return [line.slice(0, space), Number(line.slice(space + 1))];
  }));
}

/** Waits for figures that come to be known with the next look only. */
async function untilMetric(
  admin: number,
  name: string,
  isRight: (value: number) => boolean,
): Promise<void> {
  let value = NaN;
  for (let attempt = 0; attempt < 100; attempt++) {
    value = (await metricsOf(admin)).get(name) ?? NaN;
    if (isRight(value)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} is ${value}`);
}

testPrograms(
  "--admin counts what was answered",
  [1, 2],
  (workers) => `--admin counts what was answered with --workers=${workers}`,
  async (workers) => {
    using directory = new TemporaryDirectory(FILES);
    await using watched = new Watched([
      directory.path,
      `--workers=${workers}`,
    ]);
    const [site, admin] = await watched.ports();
    for (let count = 0; count < 30; count++) {
      await request(site, "GET", "/a.txt");
    }
    for (let count = 0; count < 5; count++) {
      await request(site, "HEAD", "/no");
    }
    await request(site, "OPTIONS", "/");
    await request(site, "DELETE", "/a.txt");
    await request(site, "GET", "/docs");
    const metrics = await metricsOf(admin);
    const requests = (method: string, status: string) =>
      metrics.get(
        `skiff_requests_total{method="${method}",status="${status}"}`,
      );
    assertEquals(requests("GET", "2xx"), 30);
    assertEquals(requests("GET", "3xx"), 1);
    assertEquals(requests("HEAD", "4xx"), 5);
    assertEquals(requests("OPTIONS", "2xx"), 1);
    assertEquals(requests("other", "4xx"), 1);
    assertEquals(metrics.get("skiff_request_duration_seconds_count"), 38);
    assertEquals(metrics.get("skiff_connections_accepted_total"), 38);
    assertEquals(metrics.get("skiff_worker_restarts_total"), 0);
    assert(metrics.get("process_resident_memory_bytes")! > 1e7);

    // So many that each worker has some, and tells of its own.
    const clients: Client[] = [];
    for (let count = 0; count < 12; count++) {
      const client = await Client.connect(site);
      clients.push(client);
      await client.get("/a.txt");
      await client.response();
    }
    await untilMetric(
      admin,
      'skiff_connections{state="idle"}',
      (n) => n === 12,
    );
    await untilMetric(admin, "skiff_cache_entries", (n) => n > 0);
    await untilMetric(admin, "skiff_cache_hits_total", (n) => n > 0);
    await untilMetric(admin, "skiff_cache_misses_total", (n) => n > 0);
    for (const client of clients) client[Symbol.dispose]();
  },
);

/** What is refused with options: what is sent, the status of the answer, and what it is counted as. */
const REFUSALS: readonly (readonly [
  args: readonly string[],
  rows: readonly (readonly [cause: string, send: string, status: string])[],
])[] = [
  [[], [
    ["host", "GET / HTTP/1.1\r\nHost: evil.example\r\n", "421"],
    ["parse_400", "GET / HTTP/1.1\r\n", "400"],
    ["parse_414", `GET /${"a".repeat(9000)} HTTP/1.1\r\n`, "414"],
    ["parse_431", `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(101)}`, "431"],
    ["parse_505", "GET / HTTP/2.0\r\n", "505"],
  ]],
  [["--deny=127.0.0.1"], [
    ["denied", "GET / HTTP/1.1\r\nHost: localhost\r\n", "403"],
  ]],
  [["--proxy-protocol", "--trusted-proxy=127.0.0.1"], [
    ["proxy_header", "GET / HTTP/1.1\r\nHost: localhost\r\n", ""],
  ]],
];

/** How often each cause has refused something; only those that did. */
function refusalsIn(metrics: ReadonlyMap<string, number>): [string, number][] {
  return [...metrics].flatMap(([name, count]) => {
    const match = /^skiff_refusals_total\{cause="(.*)"\}$/.exec(name);
    return match === null || count === 0 ? [] : [[match[1]!, count]];
  });
}

testPrograms(
  "--admin counts refusals",
  REFUSALS,
  ([args]) => `--admin counts refusals with ${args.join(" ") || "no option"}`,
  async ([args, rows]) => {
    await using watched = new Watched(args);
    const [site, admin] = await watched.ports();
    const expected = new Map<string, number>();
    for (const [cause, send, status] of rows) {
      for (let count = 0; count < 3; count++) {
        using client = await Client.connect(site);
        await client.send(`${send}Connection: close\r\n\r\n`);
        const answer = await client.rest();
        assertEquals(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? "", status);
      }
      expected.set(cause, 3);
      const counted = new Map(refusalsIn(await metricsOf(admin)));
      assertEquals(counted, expected, cause);
    }
  },
);

testProgram("--admin counts refusals: rate and connections", async () => {
  await using watched = new Watched([
    "--requests-per-second=0.01",
    "--connections-per-address=1",
  ]);
  const [site, admin] = await watched.ports();
  using client = await Client.connect(site);
  for (let count = 0; count < 12; count++) {
    await client.get("/");
    await client.response();
  }
  assertEquals((await request(site, "GET", "/")).status, 429);
  const metrics = await metricsOf(admin);
  const refused = (cause: string) =>
    metrics.get(`skiff_refusals_total{cause="${cause}"}`);
  // Ten requests at once may pass; the second connection comes to none.
  assertEquals([refused("rate"), refused("connections_per_address")], [2, 1]);
});

testProgram("the admin port has health and nothing of the site", async () => {
  using directory = new TemporaryDirectory(FILES);
  await using watched = new Watched([directory.path]);
  const [site, admin] = await watched.ports();
  const answers: readonly (readonly [string, string, number, string])[] = [
    ["GET", "/healthz", 200, "ok\n"],
    ["GET", "/readyz", 200, "ready\n"],
    ["HEAD", "/readyz", 200, ""],
    ["GET", "/a.txt", 404, ""],
    ["POST", "/metrics", 405, ""],
  ];
  for (const [method, target, status, body] of answers) {
    const answer = await request(admin, method, target);
    assertEquals(answer.status, status, target);
    if (status === 200) assertEquals(answer.body, body);
    assertEquals(answer.fields.get("cache-control"), "no-store");
  }
  for (const target of ["/metrics", "/healthz", "/readyz", "/figures.json"]) {
    assertEquals((await request(site, "GET", target)).status, 404);
  }
  const other = await exchange(
    admin,
    "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  );
  assertMatch(other, /^HTTP\/1\.1 421 /);
  // Questions to the admin port are no requests of the site.
  assertEquals(
    (await metricsOf(admin)).get("skiff_request_duration_seconds_count"),
    4,
  );
});

testPrograms(
  "a port that is taken is told in one line",
  ["--admin", "--https-redirect"],
  (option) => `a port of ${option} that is taken is told in one line`,
  async (option) => {
    using yard = new TemporaryDirectory({ "a.txt": "a" });
    putPair(yard, FIRST_PAIR);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const value = option === "--admin" ? `127.0.0.1:${port}` : String(port);
    const { code, stderr } = await runSkiff([
      "--port=0",
      ...tlsArgs(yard),
      `${option}=${value}`,
    ]);
    assertEquals(code, 1);
    assertEquals(
      stderr,
      `skiff: Cannot listen on 127.0.0.1:${port}: the port is taken; choose another with ${option}, or 0 for any\n`,
    );
  },
);

/** Waits until the program has noticed that it is to stop. */
async function untilUnready(admin: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { status } = await request(admin, "GET", "/readyz");
    if (status === 503) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("Still ready");
}

testPrograms(
  "--drain: not ready, and still there",
  [1, 2],
  (workers) => `--drain with --workers=${workers}: not ready, and still there`,
  async (workers) => {
    using directory = new TemporaryDirectory(FILES);
    await using watched = new Watched([
      directory.path,
      "--drain=300",
      `--workers=${workers}`,
    ]);
    const { skiff } = watched;
    const [site, admin] = await watched.ports();
    using before = await Client.connect(site);
    const onBefore = async (): Promise<Response> => {
      await before.get("/a.txt");
      return await before.response();
    };
    assertEquals((await onBefore()).fields.has("connection"), false);
    skiff.signal("SIGTERM");
    await untilUnready(admin);
    assertEquals((await request(admin, "GET", "/healthz")).status, 200);
    // Connections that are there are told to go elsewhere, and new ones are served.
    let connection: string | undefined;
    for (let count = 0; count < 1000 && connection === undefined; count++) {
      connection = (await onBefore()).fields.get("connection");
    }
    assertEquals(connection, "close");
    for (let count = 0; count < 10; count++) {
      assertEquals((await request(site, "GET", "/a.txt")).body, "first");
    }
    // A second signal ends it at once.
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
  },
);

testProgram("--drain takes its time", async () => {
  await using watched = new Watched(["--drain=1"]);
  await watched.ports();
  const start = Date.now();
  watched.skiff.signal("SIGTERM");
  assertEquals(await watched.skiff.ended(), 0);
  assert(Date.now() - start >= 900);
});

testProgram("without --drain a stop is a stop", async () => {
  await using skiff = new Skiff(["--port=0"]);
  await skiff.listening();
  skiff.signal("SIGTERM");
  assertEquals(await skiff.ended(), 0);
  assert(!skiff.stderr.includes("Draining"), skiff.stderr);
});
