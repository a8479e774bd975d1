/**
 * The program behind proxies: whose word about the client it takes, and what it
 * makes of it.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { exchange, parseResponses, request } from "./helpers.ts";
import { Client } from "./raw_client.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

/** Who a client is taken for: the options, and for fields of a request the address in the log. */
const PROXIES: readonly (readonly [
  args: readonly string[],
  rows: readonly (readonly [
    fields: Readonly<Record<string, string>>,
    remote: string,
  ])[],
])[] = [
  [[], [
    [{ "X-Forwarded-For": "192.0.2.1" }, "127.0.0.1"],
    [{ Forwarded: "for=192.0.2.1" }, "127.0.0.1"],
  ]],
  [["--trusted-proxy=10.0.0.0/8"], [
    [{ "X-Forwarded-For": "192.0.2.1" }, "127.0.0.1"],
  ]],
  [["--trusted-proxy=127.0.0.0/8,10.0.0.0/8"], [
    [{}, "127.0.0.1"],
    [{ "X-Forwarded-For": "192.0.2.1" }, "192.0.2.1"],
    [{ "X-Forwarded-For": "192.0.2.9, 192.0.2.1, 10.1.2.3" }, "192.0.2.1"],
    [{ "X-Forwarded-For": "2001:db8::1" }, "2001:db8::1"],
    [{ "X-Forwarded-For": "192.0.2.1, nonsense" }, "127.0.0.1"],
    [{ Forwarded: "for=192.0.2.1" }, "127.0.0.1"],
    [
      { Forwarded: "for=192.0.2.9", "X-Forwarded-For": "192.0.2.1" },
      "192.0.2.1",
    ],
  ]],
  [["--trusted-proxy=127.0.0.1", "--forwarded-field=forwarded"], [
    [{ Forwarded: 'for="[2001:db8::1]:4711";proto=https' }, "2001:db8::1"],
    [{ "X-Forwarded-For": "192.0.2.9" }, "127.0.0.1"],
    [
      { "X-Forwarded-For": "192.0.2.9", Forwarded: "for=192.0.2.1" },
      "192.0.2.1",
    ],
    [{ Forwarded: "for=_hidden" }, "127.0.0.1"],
  ]],
];

testPrograms(
  "the client's address behind proxies",
  PROXIES,
  ([args]) => `the client's address with ${args.join(" ") || "no proxy"}`,
  async ([args, rows]) => {
    await using skiff = new Skiff(["--port=0", "--log=json", ...args]);
    const port = await skiff.listening();
    for (const [fields] of rows) {
      assertEquals((await request(port, "GET", "/", fields)).status, 200);
    }
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
    const lines = skiff.stdout.trimEnd().split("\n");
    assertEquals(
      lines.map((line) => JSON.parse(line).remote),
      rows.map(([, remote]) => remote),
    );
  },
);

const ASK = "GET / HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\n";

/** "\r\n\r\n\0\r\nQUIT\n", version 2 PROXY, TCP over IPv4, 12 bytes: 192.0.2.3 and 127.0.0.1 with ports. */
const BINARY = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" +
  "\xc0\0\x02\x03\x7f\0\0\x01\x10\0\x20\0";

testProgram("--proxy-protocol takes the address from the proxy", async () => {
  await using skiff = new Skiff([
    "--port=0",
    "--log=json",
    "--proxy-protocol",
    "--trusted-proxy=127.0.0.1",
  ]);
  const port = await skiff.listening();
  const answered = [
    `PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n${ASK}`,
    `PROXY TCP6 2001:db8::2 ::1 4711 80\r\n${ASK}`,
    BINARY + ASK,
    `PROXY UNKNOWN\r\n${ASK}`,
  ];
  for (const text of answered) {
    // A byte at a time: the header need not come in one piece.
    const [response] = parseResponses(await exchange(port, text, 1), ["GET"]);
    assertEquals(response!.status, 200);
  }
  // What has to be there and is not ends the connection without an answer.
  for (
    const text of [ASK, "PROXY TCP4 nonsense\r\n", `\r\n\r\n\0\r\nQUIX${ASK}`]
  ) {
    using client = await Client.connect(port);
    await client.send(text);
    assertEquals(await client.rest(), "");
  }
  skiff.signal("SIGTERM");
  assertEquals(await skiff.ended(), 0);
  const remotes = skiff.stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line).remote);
  assertEquals(remotes, ["192.0.2.1", "2001:db8::2", "192.0.2.3", "127.0.0.1"]);
});

testProgram("a PROXY header of somebody else is not believed", async () => {
  await using skiff = new Skiff([
    "--port=0",
    "--proxy-protocol",
    "--trusted-proxy=192.0.2.1",
  ]);
  const port = await skiff.listening();
  assertEquals((await request(port, "GET", "/")).status, 200);
  const text = await exchange(
    port,
    `PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n${ASK}`,
  );
  assertMatch(text, /^HTTP\/1\.1 400 /);
});
