/**
 * TLS below HTTP/2, as OpenSSL sees it, and 421 for names that a certificate
 * has and the site has not.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FIRST_PAIR, putPair, tlsArgs } from "./certificates.ts";
import { bytesOf, TemporaryDirectory } from "./helpers.ts";
import { ErrorCode, FrameType } from "../lib/http/http2/frames.ts";
import { Http2Client } from "./http2_client.ts";
import { testAgainst } from "./programs.ts";
import * as pairs from "./service/pairs.ts";
import { overHttp2, Skiff, testProgram } from "./skiff.ts";
import { CAN_SERVE_TLS } from "../lib/server/tls/listener.ts";

const testOverHttp2 = overHttp2(testProgram);

function createYard(): TemporaryDirectory {
  const yard = new TemporaryDirectory({ "site/a.txt": "first" });
  putPair(yard, FIRST_PAIR);
  return yard;
}

/** What OpenSSL's client says of a connection on which it sends nothing. */
async function openssl(
  path: string,
  port: number,
  args: readonly string[],
): Promise<string> {
  const child = new Deno.Command(path, {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", "h2,http/1.1"],
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** Ciphers of TLS 1.2 that RFC 9113 Appendix A forbids for HTTP/2. */
const FORBIDDEN: readonly string[] = [
  "AES128-SHA",
  "AES256-GCM-SHA384",
  "AES128-SHA256",
  "DHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES128-SHA256",
];

testAgainst(
  "openssl",
  "with TLS 1.2 only ciphers are negotiated that HTTP/2 allows",
  async (path) => {
    using yard = createYard();
    await using skiff = new Skiff([...tlsArgs(yard), yard.join("site")]);
    const port = await skiff.listening();
    const usual = await openssl(path, port, ["-tls1_2"]);
    assertMatch(usual, /Cipher is ECDHE-ECDSA-(?:AES\d+-GCM|CHACHA20)/);
    if (CAN_SERVE_TLS) assertMatch(usual, /ALPN protocol: h2/);
    for (const cipher of FORBIDDEN) {
      const args = ["-tls1_2", "-cipher", `${cipher}:@SECLEVEL=0`];
      const said = await openssl(path, port, args);
      assert(
        !/Cipher is ECDHE|Cipher is [AD]/.test(said),
        `${cipher}: ${said}`,
      );
      assertMatch(said, /alert|no cipher match/i);
    }
    const old = await openssl(path, port, [
      "-tls1_1",
      "-cipher",
      "ALL:@SECLEVEL=0",
    ]);
    assertMatch(old, /alert|no protocols/i);
    assertMatch(old, /Cipher is \(NONE\)/);
  },
);

testAgainst(
  "openssl",
  "no client can send anything before the handshake is over (0-RTT)",
  async (path) => {
    using yard = createYard();
    await using skiff = new Skiff([...tlsArgs(yard), yard.join("site")]);
    const port = await skiff.listening();
    // A request keeps the connection open until the tickets of TLS 1.3 have come.
    const child = new Deno.Command("sh", {
      args: [
        "-c",
        `printf 'GET /a.txt HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "$0" s_client -connect 127.0.0.1:${port} -tls1_3 -alpn http/1.1 -sess_out "$1" -ign_eof`,
        path,
        yard.join("session.pem"),
      ],
      stdout: "piped",
      stderr: "piped",
    });
    const { stdout } = await child.output();
    const said = new TextDecoder().decode(stdout);
    assertMatch(said, /HTTP\/1\.1 200 OK/);
    assertMatch(said, /Max Early Data: 0\b/);
    assert(!/Max Early Data: [1-9]/.test(said), said);
    yard.write("early.txt", "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const again = await openssl(path, port, [
      ...["-tls1_3", "-sess_in", yard.join("session.pem")],
      ...["-early_data", yard.join("early.txt")],
    ]);
    assert(!/Early data was accepted/.test(again), again);
    assertMatch(again, /Early data was not sent|Early data was rejected/);
  },
);

testOverHttp2(
  "a name of the certificate that is none of the site's gets 421, and the connection goes on",
  async () => {
    using yard = createYard();
    await using skiff = new Skiff([
      ...tlsArgs(yard),
      "--allowed-hosts=www.example",
      yard.join("site"),
    ]);
    const port = await skiff.listening();
    const socket = await Deno.connectTls({
      hostname: "127.0.0.1",
      port,
      caCerts: [pairs.CA],
      alpnProtocols: ["h2"],
    });
    await using client = await Http2Client.over(socket);
    const statuses: number[] = [];
    for (const Host of ["www.example", "other.example", "www.example"]) {
      statuses.push((await client.request("GET", "/a.txt", { Host })).status);
    }
    assertEquals(statuses, [200, 421, 200]);
    assertEquals(client.isEnded, false);
  },
);

testOverHttp2(
  "a client that chose HTTP/2 by ALPN and speaks something else gets GOAWAY",
  async () => {
    using yard = createYard();
    await using skiff = new Skiff([...tlsArgs(yard), yard.join("site")]);
    const socket = await Deno.connectTls({
      hostname: "127.0.0.1",
      port: await skiff.listening(),
      caCerts: [pairs.CA],
      alpnProtocols: ["h2"],
    });
    await using client = Http2Client.listen(socket, { isHonest: false });
    // As long as the preface, and what follows is right.
    await client.send(bytesOf("GET / HTTP/1.1\r\nHost: a\n"));
    await client.sendFrame(FrameType.Settings, 0, 0);
    assertEquals(await client.goAway(), ErrorCode.ProtocolError);
  },
);
