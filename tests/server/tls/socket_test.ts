import { assertEquals, assertRejects } from "@std/assert";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { TlsConnection } from "../../../lib/server/tls/connection.ts";
import { UnqueuedSocket } from "../../../lib/server/tls/socket.ts";
import { connectTls, FIRST_PAIR } from "../../certificates.ts";
import { textOf, utf8, within } from "../../helpers.ts";
import { testTls } from "./tls_pair.ts";

/** A server of node:net, its port, and the first socket that it accepts. */
async function listen(): Promise<
  {
    readonly server: Server;
    readonly port: number;
    readonly accepted: Promise<Socket>;
  }
> {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, accepted.resolve);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as { readonly port: number };
  return { server, port, accepted: accepted.promise };
}

testTls("what arrives and what is written waits in no queue", async () => {
  const { server, port, accepted } = await listen();
  const connecting = connectTls(port);
  const received: string[] = [];
  const ended = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const options = {
    isServer: true,
    secureContext: createSecureContext({ ...FIRST_PAIR }),
  };
  const socket = new UnqueuedSocket(await accepted, options, {
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

testTls(
  "a write rejects when the runtime has just closed the connection",
  async () => {
    const { server, port, accepted } = await listen();
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const socket = await accepted;
    const context = createSecureContext({ ...FIRST_PAIR });
    const connection = new TlsConnection(socket, context, ["http/1.1"]);
    const written = Promise.withResolvers<number>();
    // Before the connection learns of it.
    socket.on("close", () => {
      connection.write(utf8("a")).then(written.resolve, written.reject);
    });
    socket.destroy();
    await assertRejects(
      () => within(written.promise, "the write"),
      Deno.errors.BadResource,
    );
    client.close();
    server.close();
  },
);
