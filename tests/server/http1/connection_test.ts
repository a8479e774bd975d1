import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errorReply, reply } from "../../../lib/http/reply.ts";
import type { Reply } from "../../../lib/http/reply.ts";
import { DEADLINES, type Handler } from "../../../lib/server/context.ts";
import {
  bytesOf,
  exchange,
  HAS_NETWORK,
  parseResponses,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "../../helpers.ts";
import { TestServer } from "../../test_server.ts";
import { Client } from "../../raw_client.ts";

const BIG_BYTES = 16 * 1024 * 1024;

const FILES = { "a.txt": "first", "b.txt": "second" };

function textReply(text: string): Reply {
  const body = bytesOf(text);
  return reply(200, [["Content-Length", String(body.length)]], [
    body,
  ]);
}

/** Registers a test with a server for a small site, and a client connected to it. */
function testConnection(
  name: string,
  fn: (client: Client, server: TestServer) => Promise<void>,
  respond?: Handler,
): void {
  testWith(HAS_NETWORK, name, async () => {
    using directory = new TemporaryDirectory(FILES);
    const options = respond === undefined ? {} : { respond };
    await using server = new TestServer(directory.path, options);
    using client = await Client.connect(server.port);
    await fn(client, server);
  });
}

testConnection(
  "a connection serves one request after the other",
  async (client, server) => {
    for (const [target, body] of [["/a.txt", "first"], ["/b.txt", "second"]]) {
      await client.get(target!);
      assertEquals((await client.response()).body, body);
    }
    assertEquals(server.server.connections, 1);
    client.close();
    await until(() => server.server.connections === 0, "the connection's end");
    assertEquals(server.reports, []);
  },
);

const LAST_REQUESTS: Readonly<Record<string, string>> = {
  "HTTP/1.1 with Connection: close":
    "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  "HTTP/1.0": "GET /a.txt HTTP/1.0\r\n\r\n",
  "a mistake": "GET /a.txt\r\n\r\n",
};

for (const [name, request] of Object.entries(LAST_REQUESTS)) {
  testConnection(
    `${name} ends a connection, of both sides`,
    async (client, server) => {
      await client.send(request);
      const last = await client.response();
      assertEquals(last.fields.get("connection"), "close");
      assertEquals(await client.rest(), "");
      assertEquals(client.wasReset, false);
      client.close();
      await until(() => server.server.connections === 0, "its end");
    },
  );
}

testWith(
  HAS_NETWORK,
  "100 requests in one write are answered in order",
  async () => {
    const names = Array.from({ length: 100 }, (_, index) => `f${index}.txt`);
    using directory = new TemporaryDirectory(
      Object.fromEntries(names.map((name) => [name, `content of ${name}`])),
    );
    await using server = new TestServer(directory.path);
    const requests = names.map((name, index) =>
      `GET /${name} HTTP/1.1\r\nHost: a\r\n${
        index === 99 ? "Connection: close\r\n" : ""
      }\r\n`
    );
    const text = await exchange(server.port, requests.join(""));
    const bodies = parseResponses(text, names.map(() => "GET")).map((
      { body },
    ) => body);
    assertEquals(bodies, names.map((name) => `content of ${name}`));
    assertEquals(server.exchanges.length, 100);
  },
);

testWith(
  HAS_NETWORK,
  "large replies to 40 requests in one write are whole and in order",
  async () => {
    // 40 * 100 KB fit into no buffer, and are not read before all is sent.
    const contents = Array.from(
      { length: 40 },
      (_, index) => String(index).padStart(4, "0").repeat(25_000),
    );
    using directory = new TemporaryDirectory(
      Object.fromEntries(contents.map((text, index) => [`${index}.txt`, text])),
    );
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    for (const index of contents.keys()) await client.get(`/${index}.txt`);
    for (const content of contents) {
      // Compared by hand: a failure must not print 100 KB.
      assert((await client.response()).body === content);
    }
  },
);

testConnection(
  "a client that has said everything still gets its answers",
  async (client, server) => {
    await client.get("/a.txt");
    await client.get("/b.txt");
    await client.endSending();
    assertEquals((await client.response()).body, "first");
    assertEquals((await client.response()).body, "second");
    assertEquals(await client.rest(), "");
    assertEquals(client.wasReset, false);
    await until(() => server.server.connections === 0, "the connection's end");
  },
);

const UNFINISHED: Readonly<Record<string, string>> = {
  "nothing": "",
  "half a request line": "GET /a.t",
  "half a head": "GET /a.txt HTTP/1.1\r\nHost: a\r\n",
  "half a body":
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",
  "half a chunk":
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
};

for (const [name, text] of Object.entries(UNFINISHED)) {
  testConnection(
    `a client that ends after ${name} gets no answer`,
    async (client, server) => {
      await client.send(text);
      await client.endSending();
      assertEquals(await client.rest(), "");
      await until(() => server.server.connections === 0, "its end");
      assertEquals(server.reports, []);
      assertEquals(server.exchanges, []);
    },
  );
}

testConnection(
  "a responder that throws is a 500, and reported",
  async (client, server) => {
    await client.get("/");
    const response = await client.response();
    assertEquals(response.status, 500);
    assertEquals(response.fields.get("connection"), "close");
    assert(!response.body.includes("secret"));
    assertEquals(await client.rest(), "");
    assertEquals(server.reports.length, 1);
    assertStringIncludes(String(server.reports[0]), "secret cause");
    assertEquals(server.exchanges.map(({ status }) => status), [500]);

    using next = await Client.connect(server.port);
    await next.get("/");
    assertEquals((await next.response()).status, 500);
  },
  () => {
    throw new Error("secret cause");
  },
);

testConnection(
  "a responder whose promise is rejected is a 500",
  async (client, server) => {
    await client.get("/");
    assertEquals((await client.response()).status, 500);
    assertEquals(server.reports.map(String), ["Error: later"]);
  },
  () => Promise.reject(new Error("later")),
);

testConnection(
  "a failure leaves the answers before it alone",
  async (client) => {
    await client.send(
      "GET /good HTTP/1.1\r\nHost: a\r\n\r\nGET /bad HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assertEquals((await client.response()).body, "good");
    assertEquals((await client.response()).status, 500);
    assertEquals(await client.rest(), "");
  },
  (head) => {
    if (head.target === "/bad") throw new Error("bad");
    return textReply("good");
  },
);

testWith(
  HAS_NETWORK,
  "a reply may come later, and those before it do not wait",
  async () => {
    using directory = new TemporaryDirectory();
    const late = Promise.withResolvers<Reply>();
    await using server = new TestServer(directory.path, {
      respond: ({ target }) =>
        target === "/late" ? late.promise : textReply(target),
    });
    using client = await Client.connect(server.port);
    const targets = ["/one", "/late", "/two"];
    await client.send(
      targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
        .join(""),
    );
    assertEquals((await client.response()).body, "/one");
    late.resolve(textReply("late"));
    assertEquals((await client.response()).body, "late");
    assertEquals((await client.response()).body, "/two");
  },
);

testConnection("a reply may say that it is the last", async (client) => {
  await client.get("/a.txt");
  const { fields } = await client.response();
  assertEquals(fields.get("connection"), "close");
  assertEquals(await client.rest(), "");
}, () => ({ ...errorReply(404), close: true }));

/**
 * Fails when the server has closed the connection on bytes that it has not read: whatever is sent then is
 * answered with a reset, which may overtake an answer that is still on its way.
 */
async function assertStillReads(client: Client): Promise<void> {
  for (let sent = 0; sent < 20; sent++) await client.send("more");
}

testWith(
  HAS_NETWORK,
  "a client that sends data without waiting for a 100 is heard out",
  async () => {
    using directory = new TemporaryDirectory();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Reply>();
    await using server = new TestServer(directory.path, {
      respond: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    using client = await Client.connect(server.port);
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    );
    await within(asked.promise, "the request");
    await client.send("much data");
    answer.resolve(errorReply(405));
    assertEquals((await client.response()).status, 405);
    assertEquals(await client.rest(), "");
    await assertStillReads(client);
  },
);

testConnection(
  "after a mistake, what is still being sent does not cost the client its answer",
  async (client) => {
    await client.send("nonsense\r\n\r\n");
    for (let sent = 0; sent < 8; sent++) {
      await client.send(new Uint8Array(32 * 1024));
    }
    assertEquals((await client.response()).status, 400);
    assertEquals(await client.rest(), "");
    await assertStillReads(client);
  },
);

testWith(
  HAS_NETWORK,
  "what is sent after the last request does not cost the client its answer",
  async () => {
    // More than a client takes before it reads: the end of it waits in the server's system.
    using directory = new TemporaryDirectory({ "big.bin": "" });
    Deno.truncateSync(directory.join("big.bin"), BIG_BYTES);
    await using server = new TestServer(directory.path);
    using client = await Client.connect(server.port);
    await client.get("/big.bin", "Connection: close\r\n");
    await client.head();
    await client.send("more than was asked for");
    assertEquals((await client.bytes(BIG_BYTES)).length, BIG_BYTES);
    assertEquals(await client.rest(), "");
    await assertStillReads(client);
  },
);

testWith(
  HAS_NETWORK,
  "after a mistake, nobody reads for ever what is still being sent",
  async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, linger: 60_000 },
    });
    using client = await Client.connect(server.port);
    await client.send("nonsense\r\n\r\n");
    const flood = (async () => {
      // Ends when the server has closed the connection on it.
      for (;;) await client.send(new Uint8Array(64 * 1024));
    })().catch((error) => error);
    const failure = await within(flood, "the end of the flood");
    assert(
      failure instanceof Deno.errors.BrokenPipe ||
        failure instanceof Deno.errors.ConnectionReset,
    );
    await until(() => server.server.connections === 0, "the connection's end");
    assertEquals(server.reports, []);
  },
);

testConnection(
  "a head may come with the largest buffers full",
  async (client) => {
    // Two heads of nearly the limit each, in one write: the second begins in the middle of the buffer.
    const large = `GET /a.txt?${"q".repeat(8000)} HTTP/1.1\r\nHost: a\r\nX: ${
      "x".repeat(16_000)
    }\r\n\r\n`;
    await client.send(large + large + large);
    for (let answer = 0; answer < 3; answer++) {
      assertEquals((await client.response()).body, "first");
    }
  },
);
