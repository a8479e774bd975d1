import { assert, assertEquals, assertGreater } from "@std/assert";
import { SourceChanged, SourceRefused } from "../../lib/http/reply.ts";
import { LARGE_BYTES } from "../../lib/server/buffers.ts";
import type { Handler } from "../../lib/server/context.ts";
import {
  bytesOf,
  exchange,
  HAS_NETWORK,
  parseResponses,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Crowd } from "../hostile/crowd.ts";
import { Program, testLinux } from "../hostile/program.ts";
import { Client } from "../raw_client.ts";
import { FakeSource, replyOf } from "./http1/output_fakes.ts";

/** What sources fail with, and the status and the number of reports that come of it. */
const FAILURES: readonly (readonly [Error, status: number, reports: number])[] =
  [
    [new Error("EIO: broken disk"), 500, 1],
    [new SourceChanged("it is gone"), 503, 0],
    [new SourceRefused("no descriptors", 503), 503, 0],
    [new SourceRefused("no rights", 403), 403, 0],
  ];

/** When sources fail of which nothing was sent. */
const MOMENTS: Readonly<Record<string, Partial<FakeSource>>> = {
  "opened": { opensMax: 0 },
  "first read": { readsMax: 0 },
};

const LENGTHS: Readonly<Record<string, number>> = {
  "small": 5000,
  "large": 4 * LARGE_BYTES,
};

/** Answers "/good" with a text, and all else with a source. */
function respondWith(source: FakeSource): Handler {
  return ({ target }) => replyOf(target === "/good" ? bytesOf("good") : source);
}

for (const [size, length] of Object.entries(LENGTHS)) {
  testWith(
    HAS_NETWORK,
    `a ${size} source that has changed before it is sent is asked for anew, and nobody notices`,
    async () => {
      using directory = new TemporaryDirectory();
      const source = new FakeSource(length);
      source.opensMax = 0;
      let asked = 0;
      await using server = new TestServer(directory.path, {
        respond: () => replyOf(++asked === 2 ? source : bytesOf("good")),
      });
      const request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
      const last = request.replace(
        "a\r\n\r\n",
        "a\r\nConnection: close\r\n\r\n",
      );
      const text = await exchange(server.port, request + request + last);
      const answers = parseResponses(text, ["GET", "GET", "GET"]);
      assertEquals(
        answers.map(({ status, body }) => [status, body]),
        [[200, "good"], [200, "good"], [200, "good"]],
      );
      assertEquals([asked, server.exchanges.length], [4, 3]);
    },
  );
}

const REQUESTS = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2) +
  "GET /bad HTTP/1.1\r\nHost: a\r\n\r\n" +
  "GET /good HTTP/1.1\r\nHost: a\r\n\r\n";

for (const [failure, status, reports] of FAILURES) {
  for (const [size, length] of Object.entries(LENGTHS)) {
    for (const [moment, limits] of Object.entries(MOMENTS)) {
      testWith(
        HAS_NETWORK,
        `a ${size} source that fails when it is ${moment} is a ${status} (${failure.message}), behind the answers before`,
        async () => {
          using directory = new TemporaryDirectory();
          const source = new FakeSource(length);
          Object.assign(source, limits, { failure });
          await using server = new TestServer(directory.path, {
            respond: respondWith(source),
          });
          const text = await exchange(server.port, REQUESTS);
          const answers = parseResponses(text, ["GET", "GET", "GET"]);
          assertEquals(
            answers.map((answer) => answer.status),
            [200, 200, status],
          );
          const { fields } = answers[2]!;
          assertEquals(fields.get("connection"), "close");
          assertEquals(fields.has("retry-after"), status === 503);
          assertEquals(
            server.exchanges.map((record) => [
              record.target,
              record.status,
              record.bodyBytes,
            ]),
            [
              ["/good", 200, 4],
              ["/good", 200, 4],
              ["/bad", status, answers[2]!.body.length],
            ],
          );
          assertEquals(server.reports.length, reports);
          assertEquals(source.held, 0);
        },
      );
    }
  }

  testWith(
    HAS_NETWORK,
    `a source that fails in the middle ends the connection (${failure.message}), and its exchange tells how much was sent`,
    async () => {
      using directory = new TemporaryDirectory();
      const source = new FakeSource(4 * LARGE_BYTES, 100_000);
      Object.assign(source, { readsMax: 5, failure });
      await using server = new TestServer(directory.path, {
        respond: respondWith(source),
      });
      const text = await exchange(server.port, REQUESTS);
      const body = text.slice(text.lastIndexOf("\r\n\r\n") + 4);
      assertGreater(body.length, 0);
      assertEquals(
        server.exchanges.map((record) => [
          record.target,
          record.status,
          record.bodyBytes,
        ]),
        [
          ["/good", 200, 4],
          ["/good", 200, 4],
          ["/bad", 200, body.length],
        ],
      );
      // The client sees no more than an early end, so the operator is told why.
      const isTold = failure instanceof SourceChanged || reports > 0;
      assertEquals(server.reports.length, isTold ? 1 : 0);
      assertEquals(source.held, 0);
    },
  );
}

testWith(
  HAS_NETWORK,
  "HEAD of what cannot be opened is no failure",
  async () => {
    using directory = new TemporaryDirectory();
    const source = new FakeSource(5000);
    source.opensMax = 0;
    await using server = new TestServer(directory.path, {
      respond: respondWith(source),
    });
    const text = await exchange(server.port, "HEAD /bad HTTP/1.0\r\n\r\n");
    assertEquals(parseResponses(text, ["HEAD"])[0]!.status, 200);
  },
);

testLinux(
  "a large file for which there is no descriptor any more is a 503, and nobody goes without an answer",
  async () => {
    using directory = new TemporaryDirectory({ "large.bin": "" });
    Deno.truncateSync(directory.join("large.bin"), 8 * LARGE_BYTES);
    await using program = new Program(
      [directory.path, "--port=0", "--log=off"],
      { before: "ulimit -n 64" },
    );
    const port = await program.listening();
    const clients: Client[] = [];
    for (let count = 0; count < 8; count++) {
      clients.push(await Client.connect(port));
      await clients[count]!.get("/large.bin");
      assertEquals((await clients[count]!.response()).status, 200);
    }
    // They take all that is left, and what was kept open for the file.
    using _crowd = await Crowd.gather(port, 100);
    await until(() => program.stderr.includes("Cannot accept"), "a full house");
    const statuses: number[] = [];
    for (const client of clients) {
      await client.get("/large.bin");
      statuses.push((await client.response()).status);
      if (statuses.includes(503)) break;
      // It keeps its connection; what the file was read with goes to another one.
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    for (const client of clients) client.close();
    assert(statuses.includes(503), String(statuses));
    assertEquals(statuses.filter((each) => each !== 200 && each !== 503), []);
    assertEquals(program.stderr.match(/skiff: error.*/)?.[0], undefined);
  },
);

/** Where the clients of a proxy are, by what they ask for. */
const ORIGIN = "198.51.100.7";

/** What a proxy sends behind a request of one client, and the status of the answer. */
const UNREADABLE: readonly (readonly [request: string, status: number])[] = [
  ["GET /evil\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["nonsense\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", 413],
];

for (const [request, status] of UNREADABLE) {
  testWith(
    HAS_NETWORK,
    `${JSON.stringify(request)} is not the client's whose request came before`,
    async () => {
      using directory = new TemporaryDirectory();
      await using server = new TestServer(directory.path, {
        respond: (_head, _now, client) => {
          client.address = ORIGIN;
          return replyOf(bytesOf("good"));
        },
      });
      using client = await Client.connect(server.port);
      await client.get("/");
      await client.response();
      await client.send(request);
      assertEquals((await client.response()).status, status);
      await until(() => server.exchanges.length === 2, "the records");
      assertEquals(server.exchanges.map(({ remote }) => remote), [
        ORIGIN,
        "127.0.0.1",
      ]);
    },
  );
}

testWith(
  HAS_NETWORK,
  "a request that cannot be answered is still its client's",
  async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      respond: (_head, _now, client) => {
        client.address = ORIGIN;
        throw new Error("cannot");
      },
    });
    await exchange(server.port, "GET / HTTP/1.0\r\n\r\n");
    assertEquals(
      server.exchanges.map(({ remote, status }) => [remote, status]),
      [[ORIGIN, 500]],
    );
  },
);
