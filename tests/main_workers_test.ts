import { assert, assertEquals } from "@std/assert";
import { request, TemporaryDirectory, within } from "./helpers.ts";
import { Client } from "./raw_client.ts";
import { Skiff, testProgram } from "./skiff.ts";

/** More than the system's buffers hold for a client that does not read. */
const LARGE_BYTES = 24 * 1024 * 1024;

/** So many connections that each of four workers has had some. */
const CONNECTIONS = 40;

/** The bodies of `/a.txt` on many connections, one after the other. */
async function bodies(port: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let i = 0; i < CONNECTIONS; i++) {
    seen.add((await request(port, "GET", "/a.txt")).body);
  }
  return seen;
}

/** Is fulfilled when all connections get the new version. */
async function newVersion(port: number): Promise<void> {
  for (;;) {
    const seen = await bodies(port);
    if (seen.size === 1 && seen.has("two")) return;
  }
}

testProgram(
  "four workers outlive clients that vanish, show a new version, and stop together",
  async () => {
    using directory = new TemporaryDirectory({
      "a.txt": "one",
      "large.bin": new Uint8Array(LARGE_BYTES),
    });
    await using skiff = new Skiff([
      directory.path,
      "--port=0",
      "--workers=4",
      "--log=off",
    ]);
    const port = await skiff.listening();

    // Closing on what has not been read resets the connection.
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      using client = await Client.connect(port);
      await client.get("/large.bin");
      await client.head();
    }));
    assertEquals(await bodies(port), new Set(["one"]));

    directory.write("a.new", "two");
    Deno.renameSync(directory.join("a.new"), directory.join("a.txt"));
    await within(newVersion(port), "the new version from every worker");

    const clients = await Promise.all(
      Array.from({ length: 8 }, () => Client.connect(port)),
    );
    for (const client of clients) {
      await client.get("/large.bin");
      await client.head();
    }
    skiff.signal("SIGTERM");
    for (const client of clients) {
      assertEquals((await client.bytes(LARGE_BYTES)).length, LARGE_BYTES);
      client[Symbol.dispose]();
    }
    assertEquals(await skiff.ended(), 0);
    assert(!skiff.stderr.includes("died"), skiff.stderr);
  },
);
