/**
 * TLS on the program itself: versions, what is negotiated, and what is said of
 * a pair that cannot be used.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CAN_SERVE_TLS } from "../lib/server/tls/listener.ts";
import {
  exchange,
  parseResponses,
  request,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "./helpers.ts";
import {
  certificateOf,
  connectTls,
  FIRST_PAIR,
  PAIRS,
  putPair,
  requestTls,
  tlsArgs,
  tlsClient,
} from "./certificates.ts";
import { IS_UNIX } from "./place.ts";
import { programPath } from "./programs.ts";
import * as pairs from "./service/pairs.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

/** A site and, beside it, a pair. */
function createYard(): TemporaryDirectory {
  const yard = new TemporaryDirectory({
    "site/a.txt": "first",
    "site/b.txt": "second",
  });
  putPair(yard, FIRST_PAIR);
  return yard;
}

function start(yard: TemporaryDirectory, ...args: string[]): Skiff {
  return new Skiff([yard.join("site"), ...tlsArgs(yard), ...args]);
}

/** Everything that `openssl s_client` says of a request with more arguments. */
async function askWithOpenssl(
  port: number,
  args: readonly string[],
): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: [
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      "-ign_eof",
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const sent = writer.write(new TextEncoder().encode(
    "GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  )).then(() => writer.close());
  // A client that is refused does not take it.
  sent.catch(() => {});
  const { stdout, stderr } = await within(child.output(), "openssl");
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** What a client wishes, and what must and must not come of it. */
const CLIENTS: readonly (readonly [
  name: string,
  args: readonly string[],
  expected: readonly string[],
  unexpected: readonly string[],
])[] = [
  ["TLS 1.3", ["-tls1_3"], ["TLSv1.3", "200 OK"], []],
  ["TLS 1.2", ["-tls1_2"], ["TLSv1.2", "200 OK"], []],
  [
    "TLS 1.1, which is refused",
    ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    ["SSL alert number"],
    ["200 OK"],
  ],
  [
    "no application protocol, and gets HTTP/1.1",
    [],
    ["No ALPN negotiated", "200 OK"],
    [],
  ],
  [
    "HTTP/1.1 and HTTP/2, of which the second is chosen if it can be served",
    ["-alpn", "http/1.1,h2"],
    CAN_SERVE_TLS
      ? ["ALPN protocol: h2"]
      : ["ALPN protocol: http/1.1", "200 OK"],
    CAN_SERVE_TLS ? ["200 OK"] : [],
  ],
  [
    "another protocol alone, which is refused (RFC 7301 §3.2)",
    ["-alpn", "spdy/1"],
    ["no application protocol"],
    ["200 OK"],
  ],
];

const HAS_OPENSSL = programPath("openssl") !== undefined;

testWith(
  HAS_OPENSSL && IS_UNIX,
  "what is negotiated with clients of all kinds" +
    (HAS_OPENSSL ? "" : " (needs openssl)"),
  async () => {
    using yard = createYard();
    await using skiff = start(yard);
    const port = await skiff.listening();
    for (const [name, args, expected, unexpected] of CLIENTS) {
      const text = await askWithOpenssl(port, args);
      for (const part of expected) {
        assertStringIncludes(text, part, `A client that wishes ${name}`);
      }
      for (const part of unexpected) {
        assert(!text.includes(part), `A client that wishes ${name}: ${text}`);
      }
    }
    assertEquals((await requestTls(port, "GET", "/a.txt")).body, "first");
    assert(!skiff.stderr.includes("skiff: "), skiff.stderr);
  },
);

testPrograms(
  "a certificate of each kind is shown",
  PAIRS,
  (pair) => `the certificate of ${pair.name} is shown`,
  async (pair) => {
    using yard = createYard();
    putPair(yard, pair);
    await using skiff = start(yard);
    const port = await skiff.listening();
    assertEquals(await certificateOf(port), pair.name);
    assertMatch(skiff.stderr, /^Listening on https:\/\/127\.0\.0\.1:\d+\/$/m);
  },
);

testProgram(
  "who speaks HTTP, nonsense or nothing to the TLS port does no harm",
  async () => {
    using yard = createYard();
    await using skiff = start(yard);
    const port = await skiff.listening();
    const pieces = [
      "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\x16\x03\x01\xff\xff",
      "\0".repeat(10_000),
      "\x16\x03\x01\0\x04\x01\0\0\0",
    ];
    for (const bytes of pieces) {
      using socket = await Deno.connect({ hostname: "127.0.0.1", port });
      await socket.write(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
      await socket.closeWrite();
      const answer = new Uint8Array(100);
      const count = await within(
        socket.read(answer).catch(() => null),
        "the end",
      );
      // An alert at most, which is a record of type 21, and never a reply.
      if (count !== null) assertEquals(answer[0], 21);
    }
    assertEquals((await requestTls(port, "GET", "/a.txt")).body, "first");
    assert(!skiff.stderr.includes("skiff: "), skiff.stderr);
  },
);

testProgram(
  "200 handshakes that stand still do not hold up others",
  async () => {
    using yard = createYard();
    await using skiff = start(yard);
    const port = await skiff.listening();
    const stalled = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = await Deno.connect({ hostname: "127.0.0.1", port });
        // Half of them say nothing at all, and half begin to say hello.
        if (index % 2 === 0) {
          await socket.write(Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252));
        }
        return socket;
      }),
    );
    try {
      for (let count = 0; count < 10; count++) {
        const { body } = await within(
          requestTls(port, "GET", "/a.txt"),
          "an answer beside stalled handshakes",
          2000,
        );
        assertEquals(body, "first");
      }
    } finally {
      for (const socket of stalled) socket.close();
    }
  },
);

/** More than a client, the server and the system between them keep. */
const LARGE_BYTES = 300 * 1024 * 1024;

testProgram("a large file comes whole over TLS", async () => {
  using yard = createYard();
  yard.write("site/large.bin", "");
  using file = Deno.openSync(yard.join("site/large.bin"), { write: true });
  file.truncateSync(LARGE_BYTES);
  const marks = [0, 16_384, 65_535, 1 << 20, LARGE_BYTES - 1];
  for (const at of marks) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(Uint8Array.of(1 + marks.indexOf(at)));
  }
  await using skiff = start(yard, "--log=off");
  using client = await tlsClient(await skiff.listening());
  await client.get("/large.bin");
  const { fields } = await client.head();
  assertEquals(fields.get("content-length"), String(LARGE_BYTES));
  const seen = new Map<number, number>();
  const step = 4 * 1024 * 1024;
  for (let at = 0; at < LARGE_BYTES; at += step) {
    const bytes = await client.bytes(Math.min(step, LARGE_BYTES - at));
    assertEquals(bytes.length, Math.min(step, LARGE_BYTES - at));
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0) seen.set(at + i, bytes[i]!);
    }
  }
  assertEquals([...seen], marks.map((at, index) => [at, index + 1]));
  // The connection is as good as new.
  await client.get("/a.txt");
  assertEquals((await client.response()).body, "first");
});

testProgram("a TLS connection is kept, and takes a pipeline", async () => {
  using yard = createYard();
  await using skiff = start(yard, "--log=json");
  using client = await tlsClient(await skiff.listening());
  for (let count = 0; count < 3; count++) {
    await client.get("/a.txt");
    assertEquals((await client.response()).body, "first");
  }
  const wishes = ["/a.txt", "/b.txt", "/gone", "/b.txt"];
  await client.send(
    wishes.map((target) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      .join(""),
  );
  const statuses = [];
  for (const _ of wishes) statuses.push((await client.response()).status);
  assertEquals(statuses, [200, 200, 404, 200]);
  await until(() => skiff.stdout.split("\n").length === 8, "the log");
  for (const line of skiff.stdout.trimEnd().split("\n")) {
    assertEquals(JSON.parse(line).tls, true);
  }
});

testProgram("--https-redirect leads to the same over TLS", async () => {
  using yard = createYard();
  await using skiff = start(
    yard,
    "--https-redirect=0",
    "--allowed-hosts=localhost,*.example.org",
  );
  const port = await skiff.listening();
  const line = /^Redirecting from http:\/\/127\.0\.0\.1:(\d+)\/$/m;
  const plain = Number(line.exec(skiff.stderr)![1]);
  assertNotEquals(plain, port);
  const rows = [
    ["/", "localhost", `https://localhost:${port}/`],
    [
      "/a%20b/?q=1&r=%2F",
      "www.example.org:80",
      `https://www.example.org:${port}/a%20b/?q=1&r=%2F`,
    ],
    [
      "//evil.example/",
      "localhost",
      `https://localhost:${port}/evil.example/`,
    ],
  ] as const;
  for (const [target, host, location] of rows) {
    const text = await exchange(
      plain,
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    const { status, fields } = parseResponses(text, ["GET"])[0]!;
    assertEquals([status, fields.get("location")], [308, location]);
    // Over a plain connection it must not be believed (RFC 6797 §7.2).
    assertEquals(fields.get("strict-transport-security"), undefined);
  }
  const foreign = await exchange(
    plain,
    "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  );
  assertEquals(parseResponses(foreign, ["GET"])[0]!.status, 421);
  const { status } = await request(plain, "POST", "/a.txt");
  assertEquals(status, 308);
});

testProgram(
  "--hsts is sent with every reply, and only when asked",
  async () => {
    using yard = createYard();
    for (const args of [[], ["--hsts=31536000"]]) {
      await using skiff = start(yard, ...args);
      const port = await skiff.listening();
      for (const target of ["/a.txt", "/gone"]) {
        const { fields } = await requestTls(port, "GET", target);
        assertEquals(
          fields.get("strict-transport-security"),
          args.length === 0 ? undefined : "max-age=31536000",
        );
      }
    }
  },
);

testProgram(
  "a download that is under way at a signal is finished",
  async () => {
    using yard = createYard();
    const length = 24 * 1024 * 1024;
    yard.write("site/big.bin", "");
    Deno.truncateSync(yard.join("site/big.bin"), length);
    await using skiff = start(yard, "--workers=2");
    const port = await skiff.listening();
    using client = await tlsClient(port);
    await client.get("/big.bin");
    await client.head();
    skiff.signal("SIGTERM");
    await assertRejects(async () => {
      for (;;) (await connectTls(port)).close();
    });
    assertEquals((await client.bytes(length)).length, length);
    assertEquals(await client.rest(), "");
    client.close();
    assertEquals(await skiff.ended(), 0);
  },
);

/** Pairs that skiff must not start with, and what is said. */
const BAD: readonly (readonly [
  name: string,
  cert: string | undefined,
  key: string,
  message: string,
])[] = [
  ["no certificate", undefined, pairs.FIRST_KEY, "it does not exist"],
  [
    "another's key",
    pairs.FIRST,
    pairs.SECOND_KEY,
    "belongs to another certificate",
  ],
  ["garbage", "garbage", pairs.FIRST_KEY, "expected a chain in PEM"],
  [
    "half a chain",
    pairs.FIRST + pairs.CA.slice(0, 300),
    pairs.FIRST_KEY,
    "a chain in PEM that is whole",
  ],
  [
    "a key with a password",
    pairs.FIRST,
    pairs.FIRST_KEY_ENCRYPTED,
    "without a password",
  ],
];

testPrograms(
  "skiff does not start without a pair that can be used, and says so",
  BAD,
  ([name]) => `skiff does not start with ${name}, and says so`,
  async ([, cert, key, message]) => {
    using yard = createYard();
    if (cert === undefined) Deno.removeSync(yard.join("live.pem"));
    else yard.write("live.pem", cert);
    yard.write("live.key", key);
    await using skiff = start(yard);
    assertEquals(await skiff.ended(), 1);
    assertMatch(skiff.stderr, /^skiff: Cannot [^\n]+\n$/);
    assertStringIncludes(skiff.stderr, message);
  },
);
