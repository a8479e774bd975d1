/**
 * `skiff check --server https://…`: which certificates it takes, and what it
 * says of others.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { checkServer } from "../../lib/service/check_server.ts";
import {
  importAuthority,
  makeAuthority,
  makeCertificate,
} from "../../lib/service/made_certificate.ts";
import { StartError } from "../../lib/service/startup.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  utf8,
  writeAll,
} from "../helpers.ts";
import { SocketServer } from "./socket_server.ts";

const DAY_MS = 24 * 3600 * 1000;
const NAMES = ["localhost", "127.0.0.1", "::1"];

/** An authority, and pairs that it signs. */
async function authority() {
  const { cert, key } = await makeAuthority(Date.now());
  const parsed = new X509Certificate(cert);
  const spki = parsed.publicKey.export({ type: "spki", format: "der" });
  const name = /^CN=(.*)$/m.exec(parsed.subject)![1]!;
  const own = await importAuthority(key, new Uint8Array(spki), name);
  const pairOf = (names: readonly string[], now = Date.now()) =>
    makeCertificate(names, now, own);
  return { cert, pairOf };
}

/** A server that answers every request with one file. */
function serveTls(
  pair: { cert: string; key: string },
  hostname = "127.0.0.1",
): SocketServer {
  const body = "one file for all requests";
  const answer = utf8(
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return new SocketServer(
    () => async (socket) => {
      await socket.read(new Uint8Array(200_000));
      await writeAll(socket, answer);
    },
    Deno.listenTls({ ...pair, hostname, port: 0 }),
  );
}

const TIMES = { responseMs: 500, endMs: 1, runMs: 500 };

for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
  testWith(
    HAS_NETWORK,
    `checkServer() trusts the authority of --ca for ${host}`,
    async () => {
      using directory = new TemporaryDirectory({});
      const { cert, pairOf } = await authority();
      directory.write("ca.pem", cert);
      const address = host === "[::1]" ? "::1" : "127.0.0.1";
      await using server = serveTls(await pairOf(NAMES), address);
      const { text, code } = await checkServer(
        `https://${host}:${server.port}/f`,
        [["ca", directory.join("ca.pem")], ["format", "json"]],
        TIMES,
      );
      const { results } = JSON.parse(text);
      assertEquals([code, results[0].reason], [
        1,
        "expected a refusal, got 200",
      ]);
    },
  );
}

/** Servers with certificates that do not prove who they are, and what is said. */
const REFUSED: readonly (readonly [
  name: string,
  pair: (
    made: Awaited<ReturnType<typeof authority>>,
  ) => Promise<{ cert: string; key: string }>,
  message: RegExp,
])[] = [
  [
    "an unknown authority",
    async () => await (await authority()).pairOf(NAMES),
    /not from a trusted authority: --ca FILE/,
  ],
  [
    "signed by itself",
    () => makeCertificate(NAMES, Date.now()),
    /not from a trusted authority: --ca FILE/,
  ],
  [
    "of another name",
    ({ pairOf }) => pairOf(["other.localhost"]),
    /for other names$/,
  ],
  [
    "of an authority",
    () => makeAuthority(Date.now()),
    /for an authority \(CA:TRUE\), not for a server$/,
  ],
  [
    "of next year",
    ({ pairOf }) => pairOf(NAMES, Date.now() + 365 * DAY_MS),
    /not valid yet$/,
  ],
  [
    "of last year",
    ({ pairOf }) => pairOf(NAMES, Date.now() - 365 * DAY_MS),
    /has expired$/,
  ],
];

for (const [name, pair, message] of REFUSED) {
  testWith(
    HAS_NETWORK,
    `checkServer() refuses a certificate ${name}`,
    async () => {
      using directory = new TemporaryDirectory({});
      const made = await authority();
      directory.write("ca.pem", made.cert);
      await using server = serveTls(await pair(made));
      const error = await assertRejects(
        () =>
          checkServer(
            `https://localhost:${server.port}/f`,
            [["ca", directory.join("ca.pem")]],
            TIMES,
          ),
        StartError,
      );
      assertMatch(error.message, message);
    },
  );
}

testWith(
  HAS_NETWORK,
  "checkServer() says that --ca is no certificate",
  async () => {
    using directory = new TemporaryDirectory({ "ca.pem": "no certificate" });
    for (const name of ["ca.pem", "missing.pem"]) {
      await assertRejects(
        () =>
          checkServer("https://localhost:1/f", [["ca", directory.join(name)]]),
        StartError,
        "--ca",
      );
    }
  },
);
