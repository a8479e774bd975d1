import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { request, TemporaryDirectory, until } from "../helpers.ts";
import { Client } from "../raw_client.ts";
import { Crowd } from "./crowd.ts";
import { Program, testLinux } from "./program.ts";

/** Descriptors that the program may have, with those that the runtime needs for itself. */
const DESCRIPTORS_MAX = 64;

const LARGE_BYTES = 8 * 1024 * 1024;
const LARGE_FILES = 100;

function createSite(): TemporaryDirectory {
  const directory = new TemporaryDirectory({ "a.txt": "a", "list/b.txt": "b" });
  for (let i = 0; i < LARGE_FILES; i++) {
    const path = directory.join(`list/large-${i}.bin`);
    Deno.createSync(path).close();
    Deno.truncateSync(path, LARGE_BYTES);
  }
  return directory;
}

/** What one request over each of so many clients' connections came to: a status, or 0 for no answer. */
async function askAll(
  clients: readonly Client[],
  target: string,
): Promise<number[]> {
  const statuses: number[] = [];
  for (const client of clients) {
    await client.get(target);
    const { status, body } = await client.response();
    if (status === 200) assertGreater(body.length, 0);
    statuses.push(status);
  }
  return statuses;
}

testLinux(
  "with 64 descriptors those who got in are served, and everybody after they have left",
  async () => {
    using directory = createSite();
    await using program = new Program(
      [directory.path, "--port=0", "--log=off"],
      { before: `ulimit -n ${DESCRIPTORS_MAX}` },
    );
    const port = await program.listening();
    const served: Client[] = [];
    for (let i = 0; i < 8; i++) served.push(await Client.connect(port));
    assertEquals(new Set(await askAll(served, "/a.txt")), new Set([200]));

    // More than there are descriptors: what is not accepted waits in the system.
    const crowd = await Crowd.gather(port, 3 * DESCRIPTORS_MAX);
    await crowd.send("GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const full = /skiff: warning: Cannot accept connections for the moment/;
    await until(() => full.test(program.stderr), "that it is full");
    const { descriptors } = program;
    assert(descriptors > DESCRIPTORS_MAX - 8, `${descriptors} descriptors`);
    // Some may have been handed down that were open before there was a limit.
    assert(descriptors <= DESCRIPTORS_MAX + 8, `${descriptors} descriptors`);

    // What is in memory is answered, what must be opened may be 503: nobody is dropped.
    const small = await askAll(served, "/a.txt");
    assertEquals(new Set(small), new Set([200]));
    for (const target of ["/list/", "/list/large-1.bin", "/list/large-2.bin"]) {
      const statuses = await askAll(served, target);
      const others = statuses.filter((each) => each !== 200 && each !== 503);
      assertEquals(others, [], target);
    }

    crowd[Symbol.dispose]();
    for (const client of served) client.close();
    await until(
      () => program.descriptors < DESCRIPTORS_MAX - 16,
      "descriptors that are free again",
    );
    assertEquals((await request(port, "GET", "/a.txt")).body, "a");
    assertEquals((await request(port, "GET", "/list/")).status, 200);
    // More files than there are descriptors, each kept open for a while.
    for (let i = 0; i < LARGE_FILES; i++) {
      const { status } = await request(port, "HEAD", `/list/large-${i}.bin`);
      assertEquals(status, 200, `${i}`);
    }
    using last = await Client.connect(port);
    await last.get("/list/large-3.bin");
    await last.head();
    assertEquals((await last.bytes(LARGE_BYTES)).length, LARGE_BYTES);
    assertLess(program.stderr.split("skiff: ").length, 5, program.stderr);
    last.close();
    program.signal("SIGTERM");
    assertEquals(await program.ended(), 0);
  },
);
