import { assertEquals } from "@std/assert";
import {
  bytesOf,
  HAS_NETWORK,
  TemporaryDirectory,
  TestServer,
  testWith,
  within,
  writeAll,
} from "../helpers.ts";

const REQUEST = bytesOf("GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n");

testWith(
  HAS_NETWORK,
  "stopping ends an idle connection in an orderly way, also for a client that has just asked on it",
  async () => {
    using directory = new TemporaryDirectory({ "file.txt": "content" });
    await using server = new TestServer(directory.path);
    const socket = await Deno.connect({ port: server.port });
    const buffer = new Uint8Array(4096);
    await writeAll(socket, REQUEST);
    await socket.read(buffer);
    const stopped = server.server.stop(10_000);
    assertEquals(await within(socket.read(buffer), "the end"), null);
    // On a connection that was closed the first would be answered with a reset, and the second would fail.
    await writeAll(socket, REQUEST);
    await writeAll(socket, REQUEST);
    assertEquals(await within(socket.read(buffer), "the end"), null);
    assertEquals(server.server.connections, 1);
    socket.close();
    await within(stopped, "the server's end");
    assertEquals(server.exchanges.length, 1);
  },
);
