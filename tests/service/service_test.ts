import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  REFUSAL_CAUSES,
  type RefusalCause,
} from "../../lib/observe/metric_layout.ts";
import { readMetrics } from "../../lib/observe/metrics.ts";
import { type Plan, PlanError } from "../../lib/service/plan.ts";
import {
  exchange,
  HAS_NETWORK,
  request,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { Client } from "../raw_client.ts";
import { FACTS } from "../observe/snapshots.ts";
import { planFor, TestService } from "./plans.ts";

/** How often something was refused, for a cause. */
function refusals({ memory }: Plan, cause: RefusalCause): number {
  const { refusals } = readMetrics(memory.metrics, FACTS);
  return refusals[REFUSAL_CAUSES.indexOf(cause)]!;
}

testWith(
  HAS_NETWORK,
  "reload() answers by the new plan, also on connections that are open",
  async () => {
    using first = new TemporaryDirectory({ "a.txt": "first" });
    using second = new TemporaryDirectory({
      "a.txt": "second",
      "_redirects": "x",
    });
    await using server = new TestService(planFor(first.path));
    assertEquals(server.service.warnings, []);
    using client = await Client.connect(server.port);
    const bodyOf = async () => {
      await client.send("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return (await client.response()).body;
    };
    assertEquals(await bodyOf(), "first");
    server.service.reload(planFor(second.path));
    assertEquals(await bodyOf(), "second");
    assertMatch(server.service.warnings.join(), /^_redirects:1: /);
    assertEquals(server.reports, []);
  },
);

testWith(
  HAS_NETWORK,
  "reload() keeps the old answers when the new plan cannot be followed",
  async () => {
    using first = new TemporaryDirectory({ "a.txt": "first" });
    using second = new TemporaryDirectory({ "a.txt": "second" });
    await using server = new TestService(planFor(first.path));
    const wrong = [
      { deny: ["nonsense"] },
      { trustedProxy: ["nonsense"] },
      { allowedHosts: ["http://x/"] },
    ];
    for (const options of wrong) {
      const plan = planFor(second.path, { options });
      assertThrows(() => server.service.reload(plan), PlanError, "--");
    }
    const plan = planFor(second.path, { credentials: "ann:secret" });
    assertThrows(() => server.service.reload(plan), PlanError);
    for (const target of ["/a.txt", "/a.txt"]) {
      assertEquals((await request(server.port, "GET", target)).body, "first");
    }
  },
);

testWith(
  HAS_NETWORK,
  "reload() lets replies that are being sent come to their end",
  async () => {
    const big = new Uint8Array(32 * 1024 * 1024).fill(0x61);
    using first = new TemporaryDirectory({ "big.bin": big });
    using second = new TemporaryDirectory({ "big.bin": "small" });
    await using server = new TestService(planFor(first.path));
    using client = await Client.connect(server.port);
    await client.send("GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(
      (await client.head()).fields.get("content-length"),
      `${big.length}`,
    );
    server.service.reload(planFor(second.path));
    const bytes = await client.bytes(big.length, 1024 * 1024);
    assertEquals(bytes.length, big.length);
    assert(bytes.every((byte) => byte === 0x61));
    await client.send("GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals((await client.response()).body, "small");
  },
);

testWith(
  HAS_NETWORK,
  "a service that cannot follow its plan does not begin",
  () => {
    using directory = new TemporaryDirectory();
    const plan = planFor(directory.path, { options: { allow: ["x"] } });
    assertThrows(() => new TestService(plan), PlanError, "--allow");
  },
);

/** Is fulfilled when nobody listens on a port any more. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } catch (error) {
      assert(error instanceof Deno.errors.ConnectionRefused);
      return;
    }
  }
}

testWith(
  HAS_NETWORK,
  "more connections of an address than it may have are told so with 429, and counted",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = { connectionsPerAddress: 2, requestId: true };
    const plan = planFor(directory.path, { options });
    await using server = new TestService(plan);
    const connect = async () => {
      const client = await Client.connect(server.port);
      await client.send("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return { client, answer: await client.response() };
    };
    const [first, second] = [await connect(), await connect()];
    assertEquals([first.answer.status, second.answer.status], [200, 200]);
    for (let count = 1; count <= 3; count++) {
      const { client, answer } = await connect();
      assertEquals(answer.status, 429);
      assertEquals(answer.fields.get("retry-after"), "1");
      assertEquals(answer.fields.get("connection"), "close");
      assert(answer.fields.has("x-request-id"));
      assertEquals(await client.rest(), "");
      client.close();
      assertEquals(refusals(plan, "connections_per_address"), count);
    }
    // Those that have left do not count, and those that were turned away only until they have left.
    first.client.close();
    let third = await connect();
    for (let tries = 0; third.answer.status === 429 && tries < 200; tries++) {
      third.client.close();
      await new Promise((resolve) => setTimeout(resolve, 5));
      third = await connect();
    }
    assertEquals(third.answer.status, 200);
    const last = await connect();
    assertEquals(last.answer.status, 429);
    for (const { client } of [second, third, last]) client.close();
  },
);

testWith(
  HAS_NETWORK,
  "a proxy may have any number of connections, as soon as it is trusted",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = { connectionsPerAddress: 1 };
    const plan = planFor(directory.path, { options });
    await using server = new TestService(plan);
    const clients: Client[] = [];
    const statusOf = async () => {
      const client = await Client.connect(server.port);
      clients.push(client);
      await client.send("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return (await client.response()).status;
    };
    const trusting = {
      ...plan,
      options: { ...plan.options, trustedProxy: ["127.0.0.1"] },
    };
    try {
      assertEquals([await statusOf(), await statusOf()], [200, 429]);
      server.service.reload(trusting);
      assertEquals([await statusOf(), await statusOf()], [200, 200]);
      server.service.reload(plan);
      // The first one is still there; those of the proxy were not counted, and are not taken back.
      assertEquals(await statusOf(), 429);
      for (const client of clients.splice(0)) client.close();
      await until(() => server.log.split("\n").length >= 5, "the log");
      for (let tries = 0; await statusOf() !== 200; tries++) {
        assert(tries < 200);
        clients.pop()!.close();
      }
      assertEquals([await statusOf(), await statusOf()], [429, 429]);
    } finally {
      for (const client of clients) client.close();
    }
  },
);

/** Requests, each of which is answered with an id. */
const REQUESTS: readonly (readonly [text: string, status: number])[] = [
  ["GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n", 200],
  ["HEAD /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n", 200],
  ["GET /a.txt HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n", 304],
  [
    "GET /nothing HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: mine\r\n\r\n",
    404,
  ],
  ["GET /a.txt HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421],
  ["POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", 405],
  ["GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
  ["GET / HTTP/1.1\r\n\r\n", 400],
  ["GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505],
  ["nonsense\r\n\r\n", 400],
];

testWith(
  HAS_NETWORK,
  "every request has an id of its own, which the answer and the log have",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = { requestId: true, log: "json" } as const;
    const ids: string[] = [];
    for (let run = 0; run < 2; run++) {
      await using server = new TestService(
        planFor(directory.path, { options }),
      );
      for (const [text, status] of REQUESTS) {
        const closing = text.replace(
          /\r\n\r\n/,
          "\r\nConnection: close\r\n\r\n",
        );
        const answer = await exchange(server.port, closing);
        assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
        const found = [...answer.matchAll(/^X-Request-Id: (.*)\r$/gmi)];
        assertEquals(found.length, 1, answer);
        ids.push(found[0]![1]!);
      }
      await until(
        () => server.log.split("\n").length > REQUESTS.length,
        "the log",
      );
      const logged = server.log.trimEnd().split("\n").map((line) =>
        JSON.parse(line).id
      );
      assertEquals(logged, ids.slice(-REQUESTS.length));
    }
    for (const id of ids) assertMatch(id, /^[0-9a-f]{24}$/);
    assertEquals(new Set(ids).size, ids.length);
  },
);

testWith(
  HAS_NETWORK,
  "there is no id unless it is asked for, and no log when it is off",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = { log: "off" } as const;
    const server = new TestService(planFor(directory.path, { options }));
    const { fields } = await request(server.port, "GET", "/a.txt");
    assertEquals(fields.has("x-request-id"), false);
    await server[Symbol.asyncDispose]();
    assertEquals(server.log, "");
  },
);

testWith(
  HAS_NETWORK,
  "figures are counted for the admin port, with the log and without it",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const admin = { host: "127.0.0.1", port: 0 };
    for (const log of ["off", "common"] as const) {
      const plan = planFor(directory.path, { options: { admin, log } });
      {
        await using server = new TestService(plan);
        await request(server.port, "GET", "/a.txt");
        await request(server.port, "GET", "/a.txt", { Host: "twice" });
      }
      const figures = readMetrics(plan.memory.metrics, FACTS);
      assertEquals(figures.accepted, 2);
      assertEquals(figures.requests.reduce((sum, count) => sum + count), 2);
      assertEquals(refusals(plan, "parse_400"), 1);
    }
  },
);

testWith(
  HAS_NETWORK,
  "figures of the site's memory do not fall when another plan is followed",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const plan = planFor(directory.path);
    const sums: number[] = [];
    {
      await using server = new TestService(plan);
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 5; i++) await request(server.port, "GET", "/a.txt");
        server.service.reload(plan);
        const { hits, misses, entries } = server.service.cacheStatistics();
        sums.push(hits + misses);
        // The cache of the plan before is gone.
        assertEquals(entries, 0);
      }
    }
    assert(sums[0]! >= 5 && sums[1]! >= sums[0]! + 5, `${sums}`);
  },
);

testWith(
  HAS_NETWORK,
  "drain() makes every reply the last of its connection, and stop() ends the service",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const server = new TestService(planFor(directory.path));
    using client = await Client.connect(server.port);
    server.service.drain();
    await client.send("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const { fields } = await client.response();
    assertEquals(fields.get("connection"), "close");
    assertEquals(await client.rest(), "");
    await server[Symbol.asyncDispose]();
    assertMatch(server.log, /"GET \/a\.txt HTTP\/1\.1" 200 1\n$/);
    await refusing(server.port);
  },
);

testWith(
  HAS_NETWORK,
  "Service shows another key pair once, and none with a plan that is invalid",
  async () => {
    using site = new TemporaryDirectory();
    const shown: string[] = [];
    const pairOf = (cert: string) => ({ cert, key: "" });
    const plan = planFor(site.path, { keyPair: pairOf("a") });
    await using stage = new TestService(plan, ({ cert }) => {
      if (cert === "bad") throw new Error("a bad certificate");
      shown.push(cert);
    });
    const { service } = stage;
    service.renew(pairOf("a"));
    service.reload(plan);
    assertEquals(shown, []);
    service.renew(pairOf("b"));
    service.renew(pairOf("b"));
    service.reload({ ...plan, keyPair: pairOf("b") });
    assertEquals(shown, ["b"]);
    service.reload({ ...plan, keyPair: pairOf("c") });
    assertEquals(shown, ["b", "c"]);

    const options = { ...plan.options, deny: ["nonsense"] };
    const invalid = { ...plan, options, keyPair: pairOf("d") };
    assertThrows(() => service.reload(invalid), PlanError);
    assertThrows(
      () => service.reload({ ...plan, keyPair: pairOf("bad") }),
      Error,
      "a bad certificate",
    );
    assertEquals(shown, ["b", "c"]);
    // The plan before still serves.
    assertEquals((await request(stage.port, "GET", "/")).status, 200);
  },
);
