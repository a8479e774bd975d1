import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { Server } from "../../lib/server/server.ts";
import { REFUSAL_CAUSES } from "../../lib/observe/metric_layout.ts";
import { readMetrics } from "../../lib/observe/metrics.ts";
import {
  bytesOf,
  exchange,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  within,
} from "../helpers.ts";
import { NO_COUNTERS } from "../server/counters.ts";
import { Client } from "../raw_client.ts";
import { FACTS } from "../observe/snapshots.ts";
import { planFor, TestService } from "./plans.ts";

const PROXY_OPTIONS: Partial<Options> = {
  proxyProtocol: true,
  trustedProxy: ["127.0.0.1"],
  log: "json",
};

const REQUEST =
  "GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2: command PROXY or LOCAL, family and addresses. */
function binary(command: number, family: number, addresses: string): string {
  const length = String.fromCharCode(
    addresses.length >> 8,
    addresses.length & 0xff,
  );
  return SIGNATURE + String.fromCharCode(0x20 | command, family) + length +
    addresses;
}

const PORTS = "\x10\x00\x00\x50";
const IPV4 = "\xc0\x00\x02\x07\x7f\x00\x00\x01" + PORTS;
const IPV6 = "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x07" + "\0".repeat(15) +
  "\x01" + PORTS;

/** Headers, and the client that they tell of. */
const HEADERS:
  readonly (readonly [name: string, header: string, remote: string])[] = [
    [
      "version 1, IPv4",
      "PROXY TCP4 192.0.2.7 127.0.0.1 4096 80\r\n",
      "192.0.2.7",
    ],
    [
      "version 1, IPv6",
      "PROXY TCP6 2001:db8::7 ::1 4096 80\r\n",
      "2001:db8::7",
    ],
    ["version 1, unknown", "PROXY UNKNOWN\r\n", "127.0.0.1"],
    ["version 2, IPv4", binary(1, 0x11, IPV4), "192.0.2.7"],
    ["version 2, IPv6", binary(1, 0x21, IPV6), "2001:db8::7"],
    [
      "version 2, more behind it",
      binary(1, 0x11, `${IPV4}\x04\0\x02ab`),
      "192.0.2.7",
    ],
    ["version 2, the proxy itself", binary(0, 0, ""), "127.0.0.1"],
  ];

for (const [name, header, remote] of HEADERS) {
  for (const pieceBytes of [Infinity, 5, 1]) {
    testWith(
      HAS_NETWORK,
      `a trusted proxy says who the client is: ${name}, in pieces of ${pieceBytes}`,
      async () => {
        using directory = new TemporaryDirectory({ "a.txt": "a" });
        const server = new TestService(
          planFor(directory.path, { options: PROXY_OPTIONS }),
        );
        const answer = await exchange(
          server.port,
          header + REQUEST,
          pieceBytes,
        );
        await server[Symbol.asyncDispose]();
        assertMatch(answer, /^HTTP\/1\.1 200 /);
        assertEquals(JSON.parse(server.log).remote, remote);
        assertEquals(server.reports, []);
      },
    );
  }
}

for (const [name, header, remote] of HEADERS) {
  testWith(
    HAS_NETWORK,
    `what the client says of itself behind a PROXY header is not believed: ${name}`,
    async () => {
      using directory = new TemporaryDirectory({ "a.txt": "a" });
      const options = { ...PROXY_OPTIONS, deny: ["203.0.113.9"] };
      const server = new TestService(planFor(directory.path, { options }));
      const forged = "\r\nX-Forwarded-For: 203.0.113.9\r\n";
      const answer = await exchange(
        server.port,
        header + REQUEST.replace("\r\n", forged),
      );
      await server[Symbol.asyncDispose]();
      assertMatch(answer, /^HTTP\/1\.1 200 /);
      assertEquals(JSON.parse(server.log).remote, remote);
    },
  );
}

/** What a proxy may not begin with. */
const GARBAGE: readonly (readonly [name: string, text: string])[] = [
  ["no header", REQUEST],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["no addresses", "PROXY TCP4\r\n" + REQUEST],
  ["a name", "PROXY TCP4 localhost 127.0.0.1 1 2\r\n" + REQUEST],
  ["lower case", "proxy TCP4 192.0.2.7 127.0.0.1 1 2\r\n" + REQUEST],
  ["LF alone", "PROXY TCP4 192.0.2.7 127.0.0.1 1 2\n" + REQUEST],
  ["a line without end", "PROXY UNKNOWN " + "x".repeat(5000)],
  ["version 3", SIGNATURE + "\x31\x11\0\x0c" + IPV4 + REQUEST],
  ["too short for its family", binary(1, 0x11, "\xc0\0") + REQUEST],
  ["too long", SIGNATURE + "\x21\x11\xff\xff" + "\0".repeat(5000)],
];

for (const [name, text] of GARBAGE) {
  testWith(
    HAS_NETWORK,
    `a proxy that sends no header is not answered, and counted: ${name}`,
    async () => {
      using directory = new TemporaryDirectory({ "a.txt": "a" });
      const plan = planFor(directory.path, { options: PROXY_OPTIONS });
      const server = new TestService(plan);
      using client = await Client.connect(server.port);
      await client.send(text);
      assertEquals(await client.rest(), "");
      await server[Symbol.asyncDispose]();
      const { refusals } = readMetrics(plan.memory.metrics, FACTS);
      assertEquals(refusals[REFUSAL_CAUSES.indexOf("proxy_header")], 1);
      assertEquals([server.log, server.reports], ["", []]);
    },
  );
}

testWith(
  HAS_NETWORK,
  "somebody who is no proxy cannot say who he is, and needs no header",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = { ...PROXY_OPTIONS, trustedProxy: ["192.0.2.99"] };
    const server = new TestService(planFor(directory.path, { options }));
    for (const [name, header] of HEADERS) {
      const answer = await exchange(server.port, header + REQUEST);
      assertMatch(answer, /^HTTP\/1\.1 400 /, name);
    }
    assertMatch(await exchange(server.port, REQUEST), /^HTTP\/1\.1 200 /);
    await server[Symbol.asyncDispose]();
    const remotes = server.log.trimEnd().split("\n").map((line) =>
      JSON.parse(line).remote
    );
    assertEquals(new Set(remotes), new Set(["127.0.0.1"]));
  },
);

testWith(
  HAS_NETWORK,
  "who is a proxy can change while the service runs",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const plan = planFor(directory.path, { options: PROXY_OPTIONS });
    await using server = new TestService(plan);
    const [, header] = HEADERS[0]!;
    const isBelieved = async () => {
      const answer = await exchange(server.port, header + REQUEST);
      return answer.startsWith("HTTP/1.1 200 ");
    };
    assertEquals(await isBelieved(), true);
    const trustedProxy = ["192.0.2.99"];
    server.service.reload({
      ...plan,
      options: { ...plan.options, trustedProxy },
    });
    assertEquals(await isBelieved(), false);
    server.service.reload(plan);
    assertEquals(await isBelieved(), true);
  },
);

testWith(
  HAS_NETWORK,
  "lists and limits are for the client that the proxy speaks for",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const options = {
      ...PROXY_OPTIONS,
      deny: ["192.0.2.7"],
      connectionsPerAddress: 1,
    };
    await using server = new TestService(planFor(directory.path, { options }));
    const [, header] = HEADERS[0]!;
    assertMatch(
      await exchange(server.port, header + REQUEST),
      /^HTTP\/1\.1 403 /,
    );
    const other = header.replace("192.0.2.7", "192.0.2.8");
    using first = await Client.connect(server.port);
    await first.send(other + REQUEST.replace("Connection: close\r\n", ""));
    assertEquals((await first.response()).status, 200);
    assertMatch(
      await exchange(server.port, other + REQUEST),
      /^HTTP\/1\.1 429 /,
    );
    const third = header.replace("192.0.2.7", "192.0.2.9");
    assertMatch(
      await exchange(server.port, third + REQUEST),
      /^HTTP\/1\.1 200 /,
    );
  },
);

testWith(
  HAS_NETWORK,
  "a header that does not come to its end is waited for until the deadline of a head",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const timeouts: string[] = [];
    const server = new Server(listener, {
      respond: () => {
        throw new Error("asked");
      },
      report: (error) => assert(false, String(error)),
      deadlines: { ...DEADLINES, head: 50 },
      isProxy: () => true,
      counters: {
        ...NO_COUNTERS,
        countTimeout: (phase) => timeouts.push(phase),
      },
    });
    const served = server.serve();
    try {
      const beginnings = ["", "PROXY TCP4 192.0.2.7 ", SIGNATURE, "\r"];
      await within(
        Promise.all(beginnings.map(async (text) => {
          using client = await Client.connect(listener.addr.port);
          await client.send(bytesOf(text));
          assertEquals(await client.rest(), "");
        })),
        "the deadline",
        3000,
      );
      assertEquals(timeouts, beginnings.map(() => "head"));
    } finally {
      await server.stop(0);
      await served;
    }
  },
);
