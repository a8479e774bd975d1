import { assertEquals } from "@std/assert";
import { Field } from "../../lib/http/fields.ts";
import type { RequestHead } from "../../lib/http/head.ts";
import { type Reply, reply, SourceChanged } from "../../lib/http/reply.ts";
import { giveInput, INPUT_BYTES, takeInput } from "../../lib/server/buffers.ts";
import { DEADLINES, type Deadlines } from "../../lib/server/context.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";

const NO_CONTENT = reply(204, []);

/** Replies to /late after 700 ms, to /never not at all, and to anything else at once. */
function respond({ target }: RequestHead): Reply | Promise<Reply> {
  if (target === "/never") return new Promise(() => {});
  if (target !== "/late") return NO_CONTENT;
  return new Promise((resolve) => setTimeout(() => resolve(NO_CONTENT), 700));
}

/** Opens at no time: the file has changed. */
const CHANGED = {
  length: 1,
  open(): never {
    throw new SourceChanged("changed");
  },
};

/** Replies with a file that has changed, and when asked again not at all. */
function respondOnce(): (head: RequestHead) => Reply | Promise<Reply> {
  let count = 0;
  return () =>
    count++ === 0
      ? reply(200, [["Content-Length", "1"]], [CHANGED])
      : new Promise(() => {});
}

/** Registers a test with a server whose replies have to be waited for. */
function testWaiting(
  name: string,
  deadlines: Partial<Deadlines>,
  fn: (client: Client, server: TestServer) => Promise<void>,
): void {
  testWith(HAS_NETWORK, name, async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, ...deadlines },
      respond,
    });
    using client = await Client.connect(server.port);
    await fn(client, server);
  });
}

testWaiting(
  "a client that waits for its reply is not taken for one that does not read",
  { reply: 50 },
  async (client, server) => {
    await client.get("/late");
    assertEquals((await client.response()).status, 204);
    await client.get("/soon");
    assertEquals((await client.response()).status, 204);
    assertEquals(server.reports, []);
  },
);

testWaiting(
  "a reply that does not come is answered 503, behind those that came before",
  { waiting: 50 },
  async (client, server) => {
    await client.get("/soon");
    await client.get("/never");
    await client.get("/soon");
    assertEquals((await client.response()).status, 204);
    const { status, fields } = await client.response();
    assertEquals([status, fields.get("connection")], [503, "close"]);
    assertEquals(await client.rest(), "");
    await until(() => server.server.connections === 0, "the connection's end");
    assertEquals(server.exchanges.map((each) => each.status), [204, 503]);
  },
);

testWith(
  HAS_NETWORK,
  "a second reply in place of a file that changed is waited for like the first",
  async () => {
    using directory = new TemporaryDirectory();
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, waiting: 50 },
      respond: respondOnce(),
    });
    using client = await Client.connect(server.port);
    await client.get("/");
    assertEquals((await client.response()).status, 503);
    assertEquals(await client.rest(), "");
    assertEquals(server.exchanges.map((each) => each.status), [503]);
  },
);

/** What a client sends before its reply comes, and after the server gave up. */
for (const behind of ["", "x".repeat(INPUT_BYTES)]) {
  const sent = behind === "" ? "nothing else" : "something else";
  testWith(
    HAS_NETWORK,
    `a handler that is late still reads its own request if the client sends ${sent}`,
    async () => {
      using directory = new TemporaryDirectory();
      let late: RequestHead | undefined;
      await using server = new TestServer(directory.path, {
        deadlines: { ...DEADLINES, waiting: 50 },
        respond: (head) => {
          late = head;
          return new Promise(() => {});
        },
      });
      using client = await Client.connect(server.port);
      await client.send("GET / HTTP/1.1\r\nHost: own\r\n\r\n");
      assertEquals((await client.response()).status, 503);
      if (behind !== "") await client.send(behind);
      client.close();
      await until(() => server.server.connections === 0, "the end");
      // Another connection would read into the buffer that was given back last.
      const next = takeInput();
      next.fill(0x78);
      assertEquals(late?.field(Field.Host), "own");
      giveInput(next);
    },
  );
}
