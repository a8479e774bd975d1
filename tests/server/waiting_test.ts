import { assertEquals } from "@std/assert";
import type { RequestHead } from "../../lib/http/head.ts";
import { type Reply, reply } from "../../lib/http/reply.ts";
import { DEADLINES, type Deadlines } from "../../lib/server/context.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  TestServer,
  testWith,
  until,
} from "../helpers.ts";
import { Client } from "../raw_client.ts";

const NO_CONTENT = reply(204, []);

/** Replies to /late after 700 ms, to /never not at all, and to anything else at once. */
function respond({ target }: RequestHead): Reply | Promise<Reply> {
  if (target === "/never") return new Promise(() => {});
  if (target !== "/late") return NO_CONTENT;
  return new Promise((resolve) => setTimeout(() => resolve(NO_CONTENT), 700));
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
