import { assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { UnqueuedSocket } from "../../../lib/server/tls/socket.ts";
import { connectTls, FIRST_PAIR } from "../../certificates.ts";
import { textOf, utf8, within } from "../../helpers.ts";
import { testTls } from "./tls_pair.ts";

testTls("what arrives and what is written waits in no queue", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, accepted.resolve);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as { readonly port: number };
  const connecting = connectTls(port);
  const received: string[] = [];
  const ended = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const options = {
    isServer: true,
    secureContext: createSecureContext({ ...FIRST_PAIR }),
  };
  const socket = new UnqueuedSocket(await accepted.promise, options, {
    receive: (bytes) => received.push(textOf(bytes)),
    end: ended.resolve,
  });
  socket.on("close", () => closed.resolve());
  const client = await connecting;
  await client.handshake();
  const into = new Uint8Array(9);
  for (const text of ["one", "two"]) {
    await client.write(utf8(text));
    const written = Promise.withResolvers<unknown>();
    socket.writeNow(utf8(text), written.resolve);
    assertEquals(socket.writableLength, 0);
    assertEquals(await within(written.promise, "the write") ?? null, null);
    assertEquals(await client.read(into), 3);
  }
  await client.closeWrite();
  await within(ended.promise, "the end");
  assertEquals([received.join(""), socket.readableLength], ["onetwo", 0]);
  socket.destroy();
  client.close();
  server.close();
  await within(closed.promise, "the close");
});
