import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { errorReply, type Reply } from "../../lib/http/reply.ts";
import { DEADLINES } from "../../lib/server/context.ts";
import { Server } from "../../lib/server/server.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { Client } from "../raw_client.ts";

const MEBIBYTE = 1024 * 1024;

/** More than the system keeps in its buffers for a client that does not read. */
const BIG_BYTES = 32 * MEBIBYTE;

/** Registers a test with a server for a small file and a big one. */
function testServer(
  name: string,
  options: ConstructorParameters<typeof TestServer>[1],
  fn: (server: TestServer) => Promise<void>,
): void {
  testWith(HAS_NETWORK, name, async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a", "big.bin": "" });
    Deno.truncateSync(directory.join("big.bin"), BIG_BYTES);
    await using server = new TestServer(directory.path, options);
    await fn(server);
    assertEquals(server.reports, []);
  });
}

/** A client that has been served once, so that its connection counts for certain. */
async function servedClient({ port }: TestServer): Promise<Client> {
  const client = await Client.connect(port);
  await client.get("/a.txt");
  assertEquals((await client.response()).body, "a");
  return client;
}

/** A connection whose answer its client does not take: it cannot be asked to leave. */
async function busyClient({ port }: TestServer): Promise<Client> {
  const client = await Client.connect(port);
  await client.get("/big.bin");
  await client.head();
  return client;
}

testServer(
  "connections beyond the limit are told 503 when nobody waits",
  { connectionsMax: 2 },
  async (server) => {
    using first = await busyClient(server);
    using second = await busyClient(server);
    using third = await Client.connect(server.port);
    const { status, fields } = await third.response();
    assertEquals(status, 503);
    assertEquals(fields.get("connection"), "close");
    assertEquals(fields.get("retry-after"), "1");
    assertEquals(await third.rest(), "");
    assertEquals(server.exchanges.at(-1)!.status, 503);
    assertEquals(server.exchanges.at(-1)!.requestLine, undefined);

    third.close();
    for (const client of [first, second]) {
      assertEquals((await client.bytes(BIG_BYTES)).length, BIG_BYTES);
    }
    first.close();
    await until(() => server.server.connections === 1, "room for another");
    using fourth = await servedClient(server);
    assertEquals(fourth.wasReset, false);
  },
);

testServer(
  "the connection that has been idle for longest makes room for another",
  { connectionsMax: 2 },
  async (server) => {
    using first = await servedClient(server);
    using second = await busyClient(server);
    using third = await servedClient(server);
    assertEquals(await first.rest(), "");
    assertEquals((await second.bytes(BIG_BYTES)).length, BIG_BYTES);
    await third.get("/a.txt");
    assertEquals((await third.response()).body, "a");
    await until(() => server.server.connections === 2, "the end of the first");
  },
);

testServer(
  "connections far beyond the limit are closed without a word",
  { connectionsMax: 1, deadlines: { ...DEADLINES, linger: 60_000 } },
  async (server) => {
    using busy = await busyClient(server);
    const turnedAway: Client[] = [];
    try {
      for (let count = 0; count < 256; count++) {
        const client = await Client.connect(server.port);
        turnedAway.push(client);
        assertEquals((await client.head()).status, 503);
      }
      using last = await Client.connect(server.port);
      assertEquals(await last.rest(), "");
      assertEquals(server.server.connections, 257);
      assertEquals((await busy.bytes(BIG_BYTES)).length, BIG_BYTES);
    } finally {
      for (const client of turnedAway) client.close();
    }
  },
);

testServer(
  "stopping lets a download finish, and serves nobody new",
  {},
  async (server) => {
    using idle = await servedClient(server);
    using busy = await Client.connect(server.port);
    await busy.send(
      "GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n" +
        "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    await busy.head();
    const stopped = server.server.stop(60_000);

    assertEquals(await idle.rest(), "");
    await assertRejects(
      () => Client.connect(server.port),
      Deno.errors.ConnectionRefused,
    );
    // Sent too late.
    await busy.get("/a.txt");
    const { length } = await busy.bytes(BIG_BYTES);
    assertEquals(length, BIG_BYTES);
    const last = await busy.response();
    assertEquals(last.body, "a");
    assertEquals(last.fields.get("connection"), "close");
    assertEquals(await busy.rest(), "");
    busy.close();
    await within(stopped, "the stop");
    assertEquals(server.server.connections, 0);
  },
);

testServer(
  "stopping ends a connection that asks for nothing more, in an orderly way",
  {},
  async (server) => {
    using busy = await Client.connect(server.port);
    await busy.get("/big.bin");
    await busy.head();
    const stopped = server.server.stop(60_000);
    assertEquals((await busy.bytes(BIG_BYTES)).length, BIG_BYTES);
    assertEquals(await busy.rest(), "");
    assertEquals(busy.wasReset, false);
    busy.close();
    await within(stopped, "the stop");
  },
);

testServer(
  "stopping waits no longer than it is told to",
  {},
  async (server) => {
    using busy = await Client.connect(server.port);
    await busy.get("/big.bin");
    await busy.head();
    await within(server.server.stop(100), "the stop");
    await server.served;
    assertLess((await busy.bytes(BIG_BYTES)).length, BIG_BYTES);
    await until(() => server.server.connections === 0, "its end");
  },
);

testServer(
  "stopping answers a request that is half there",
  {},
  async (server) => {
    using client = await Client.connect(server.port);
    await client.send("GET /a.txt HTTP/1.1\r\n");
    await client.send("Ho");
    await until(() => server.server.connections === 1, "the connection");
    // The server has read what was sent when it has answered another client that came later.
    using other = await servedClient(server);
    const stopped = server.server.stop(60_000);
    await client.send("st: a\r\n\r\n");
    const response = await client.response();
    assertEquals(response.body, "a");
    assertEquals(response.fields.get("connection"), "close");
    client.close();
    other.close();
    await within(stopped, "the stop");
  },
);

testServer("stopping twice is stopping once", {}, async (server) => {
  await Promise.all([server.server.stop(0), server.server.stop(0)]);
  await server.server.stop(0);
});

testWith(
  HAS_NETWORK,
  "a reply that is being made when the server stops is given",
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
    await client.get("/");
    await within(asked.promise, "the request");
    const stopped = server.server.stop(60_000);
    answer.resolve(errorReply(404));
    const { status, fields } = await client.response();
    assertEquals(status, 404);
    assertEquals(fields.get("connection"), "close");
    client.close();
    await within(stopped, "the stop");
  },
);

/** A listener that accepts what it is told to. */
class FakeListener {
  isClosed = false;
  readonly #waiting: PromiseWithResolvers<Deno.Conn>[] = [];
  readonly #ready: (Deno.Conn | Error)[] = [];

  accept(): Promise<Deno.Conn> {
    const { promise, resolve, reject } = Promise.withResolvers<Deno.Conn>();
    this.#waiting.push({ promise, resolve, reject });
    this.#settle();
    return promise;
  }

  /** What the next accept comes to. */
  push(result: Deno.Conn | Error): void {
    this.#ready.push(result);
    this.#settle();
  }

  close(): void {
    this.isClosed = true;
  }

  #settle(): void {
    while (this.#waiting.length > 0 && this.#ready.length > 0) {
      const { resolve, reject } = this.#waiting.shift()!;
      const result = this.#ready.shift()!;
      if (result instanceof Error) reject(result);
      else resolve(result);
    }
  }
}

/** A socket on which nothing ever comes. */
class FakeSocket {
  isClosed = false;
  readonly remoteAddr = { transport: "tcp", hostname: "test", port: 1 };
  #end: (count: null) => void = () => {};

  read(): Promise<number | null> {
    return new Promise((resolve) => this.#end = resolve);
  }

  close(): void {
    this.isClosed = true;
    this.#end(null);
  }
}

function fakeServer(
  listener: FakeListener,
  reports: unknown[],
  closeSpareFiles?: () => void,
): Server {
  return new Server(listener as unknown as Deno.Listener, {
    respond: () => errorReply(404),
    report: (error) => reports.push(error),
    ...closeSpareFiles && { closeSpareFiles },
  });
}

Deno.test("failures to accept are reported, and do not end the server", async () => {
  const listener = new FakeListener();
  const reports: unknown[] = [];
  let relieved = 0;
  const server = fakeServer(listener, reports, () => relieved++);
  const served = server.serve();
  // Clients that have gone before they were accepted are nobody's fault.
  listener.push(new Deno.errors.ConnectionAborted());
  listener.push(new Deno.errors.ConnectionReset());
  // One that goes on is said once, but met each time.
  listener.push(new Error("Too many open files"));
  listener.push(new Error("Too many open files"));
  await until(() => relieved === 2, "the relief");
  const report =
    "Cannot accept connections for the moment: Too many open files";
  const socket = new FakeSocket();
  listener.push(socket as unknown as Deno.Conn);
  await until(() => server.connections === 1, "the connection after that");
  assertEquals(reports, [report]);

  const stopped = server.stop(0);
  listener.push(new Deno.errors.BadResource("Listener has been closed"));
  await stopped;
  await served;
  assert(listener.isClosed && socket.isClosed);
  assertEquals(reports, [report]);
});

Deno.test("a connection that is accepted while the server stops is closed", async () => {
  const listener = new FakeListener();
  const server = fakeServer(listener, []);
  const served = server.serve();
  await server.stop(0);
  const socket = new FakeSocket();
  listener.push(socket as unknown as Deno.Conn);
  await within(served, "the end");
  assert(socket.isClosed);
});
