/**
 * The options about HTTP/2, on the program.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { FIRST_PAIR, putPair, tlsArgs } from "./certificates.ts";
import { exchange, TemporaryDirectory } from "./helpers.ts";
import { Http2Client } from "./http2_client.ts";
import * as pairs from "./service/pairs.ts";
import { Skiff, testProgram } from "./skiff.ts";
import { CAN_SERVE_TLS } from "../lib/server/tls/listener.ts";

function createYard(): TemporaryDirectory {
  const yard = new TemporaryDirectory({ "site/a.txt": "first" });
  putPair(yard, FIRST_PAIR);
  return yard;
}

/** The protocol that a client gets who offers both. */
async function chosen(port: number): Promise<[Deno.TlsConn, string | null]> {
  const client = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [pairs.CA],
    alpnProtocols: ["h2", "http/1.1"],
  });
  const { alpnProtocol } = await client.handshake();
  return [client, alpnProtocol];
}

testProgram("HTTP/2 is offered over TLS", async () => {
  using yard = createYard();
  await using skiff = new Skiff([
    ...tlsArgs(yard),
    "--log=common",
    yard.join("site"),
  ]);
  const port = await skiff.listening();
  const [socket, protocol] = await chosen(port);
  // Deno 2.5 cannot.
  assertEquals(protocol, CAN_SERVE_TLS ? "h2" : "http/1.1");
  if (!CAN_SERVE_TLS) return socket.close();
  await using client = await Http2Client.over(socket);
  const { status, body } = await client.request("GET", "/a.txt");
  assertEquals([status, body], [200, "first"]);
});

testProgram("--no-http2 offers only HTTP/1.1", async () => {
  using yard = createYard();
  await using skiff = new Skiff([
    ...tlsArgs(yard),
    "--no-http2",
    yard.join("site"),
  ]);
  const [socket, protocol] = await chosen(await skiff.listening());
  assertEquals(protocol, "http/1.1");
  socket.close();
});

testProgram(
  "--h2c accepts HTTP/2 without TLS, and HTTP/1.1 as ever",
  async () => {
    using yard = createYard();
    await using skiff = new Skiff(["--port=0", "--h2c", yard.join("site")]);
    const port = await skiff.listening();
    await using client = await Http2Client.connect(port);
    assertEquals((await client.request("GET", "/a.txt")).status, 200);
    const upgrade = "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n" +
      "Upgrade: h2c\r\nHTTP2-Settings: AAA\r\nConnection: Upgrade, HTTP2-Settings, close\r\n\r\n";
    assertStringIncludes(await exchange(port, upgrade), "HTTP/1.1 200 OK");
  },
);
