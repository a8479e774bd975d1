import { assertEquals } from "@std/assert";
import { DEADLINES } from "../../lib/server/context.ts";
import {
  bytesOf,
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
  within,
  writeAll,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";

const REQUEST = bytesOf("GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n");

/** Far longer than a test takes: nothing here may end by this deadline. */
const DEADLINES_LONG = { ...DEADLINES, linger: 600_000, head: 600_000 };

/** Lets the clock stand still until it is disposed of; timers run. */
function stoppedClock(): Disposable {
  const { now } = Date;
  const at = now();
  Date.now = () => at;
  return { [Symbol.dispose]: () => Date.now = now };
}

testWith(
  HAS_NETWORK,
  "stopping ends an idle connection in an orderly way, also for a client that has just asked on it",
  async () => {
    using directory = new TemporaryDirectory({ "file.txt": "content" });
    // The client is never silent for long enough to be closed, however busy the machine is.
    using _clock = stoppedClock();
    await using server = new TestServer(directory.path, {
      deadlines: DEADLINES_LONG,
    });
    const socket = await Deno.connect({ port: server.port });
    const buffer = new Uint8Array(4096);
    await writeAll(socket, REQUEST);
    await socket.read(buffer);
    // It lies in the system when the server stops, which has not read it.
    const asked = writeAll(socket, REQUEST);
    const stopped = server.server.stop(10_000);
    await asked;
    // On a connection that was closed this would be answered with a reset.
    assertEquals(await within(socket.read(buffer), "the end"), null);
    await writeAll(socket, REQUEST);
    await writeAll(socket, REQUEST);
    assertEquals(await within(socket.read(buffer), "the end"), null);
    assertEquals(server.server.connections, 1);
    socket.close();
    await within(stopped, "the server's end");
    assertEquals(server.exchanges.length, 1);
  },
);

testWith(
  HAS_NETWORK,
  "stopping closes at once on clients that keep their end open: idle ones, and those that have their last answer",
  async () => {
    using directory = new TemporaryDirectory({ "file.txt": "content" });
    await using server = new TestServer(directory.path, {
      deadlines: DEADLINES_LONG,
    });
    const sockets: Deno.Conn[] = [];
    const buffer = new Uint8Array(4096);
    const mistake = bytesOf("nonsense\r\n\r\n");
    for (const request of [REQUEST, mistake]) {
      const socket = await Deno.connect({ port: server.port });
      sockets.push(socket);
      await writeAll(socket, request);
      await socket.read(buffer);
    }
    // One that has never asked, as browsers open them.
    sockets.push(await Deno.connect({ port: server.port }));
    await until(() => server.server.connections === 3, "the connections");
    await within(server.server.stop(60_000), "the stop");
    assertEquals(server.server.connections, 0);
    for (const socket of sockets) {
      assertEquals(await within(socket.read(buffer), "the end"), null);
      socket.close();
    }
  },
);
