import { assert, assertEquals, assertLess } from "@std/assert";
import { DEADLINES } from "../../lib/server/context.ts";
import {
  HAS_NETWORK,
  TemporaryDirectory,
  testWith,
  until,
  within,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { busy, Crowd, Probe, quantile } from "./crowd.ts";
import { descriptorsMax, Program, testLinux } from "./program.ts";

const IDLE = 5_000;

/** For all connections, with some for everything else. */
const HAS_DESCRIPTORS = descriptorsMax() >= IDLE + 500;
const NEEDED = "(needs 5,500 descriptors)";

/** Most memory that a connection may take between two requests. */
const CONNECTION_BYTES_MAX = 24 * 1024;

/** Longest time in which 99 of 100 answers must be there: thirty times what was measured. */
const P99_MS_MAX = 500;

const ASKED = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";

testLinux(
  `5,000 idle connections take little memory, and nobody waits for them ${NEEDED}`,
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([
      directory.path,
      "--port=0",
      "--allowed-hosts=*",
      "--log=off",
    ]);
    const port = await program.listening();
    await busy(port, "/a.txt", 64, 500);
    const before = program.residentBytes;

    using crowd = await Crowd.gather(port, IDLE);
    await crowd.send(ASKED);
    for (const answer of await crowd.read()) {
      assert(answer.startsWith("HTTP/1.1 200 "), answer);
    }
    const taken = (program.residentBytes - before) / IDLE;
    assertLess(taken, CONNECTION_BYTES_MAX);

    const times = await busy(port, "/a.txt", 64, 1500);
    assertLess(quantile(times, 0.99), P99_MS_MAX);
    assert(times.length > 1000, `${times.length} answers`);

    await crowd.send(ASKED);
    for (const answer of await crowd.read()) {
      assert(answer.startsWith("HTTP/1.1 200 "), answer);
    }
    assertEquals(program.stderr.includes("skiff:"), false, program.stderr);
  },
  HAS_DESCRIPTORS,
);

/** Clients who come while the server does something else. */
const WAITING = 1_500;

/** How many connections a listener may keep waiting at most, by the system; 0 where it does not tell. */
function backlogMax(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/sys/net/core/somaxconn"));
  } catch {
    return 0;
  }
}

testLinux(
  "1,500 clients who come at once need not come again (needs 2,000 descriptors, and a queue as long)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([
      directory.path,
      "--port=0",
      "--allowed-hosts=*",
      "--log=off",
    ]);
    const port = await program.listening();
    program.signal("SIGSTOP");
    // Who finds no room tries again later, and finds none until the program goes on.
    const gathered = Crowd.gather(port, WAITING);
    try {
      await within(gathered, "room for all", 10_000);
    } finally {
      program.signal("SIGCONT");
    }
    using crowd = await gathered;
    await crowd.send(ASKED);
    for (const answer of await crowd.read()) {
      assert(answer.startsWith("HTTP/1.1 200 "), answer);
    }
  },
  descriptorsMax() >= WAITING + 500 && backlogMax() >= WAITING,
);

testWith(
  HAS_NETWORK && descriptorsMax() >= 2 * IDLE + 500,
  "5,000 idle connections are all closed at the idle deadline (needs 10,500 descriptors)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const idle = 3_000;
    await using server = new TestServer(directory.path, {
      deadlines: { ...DEADLINES, idle },
    });
    using crowd = await Crowd.gather(server.port, IDLE);
    const start = Date.now();
    await until(() => server.server.connections === IDLE, "all connections");
    const probe = new Probe(server.port, "/a.txt");
    for (const rest of await crowd.read()) assertEquals(rest, "");
    await probe.end();
    assertLess(Date.now() - start, idle + 2000);
    assertLess(probe.worst, 1000);
    await until(() => server.server.connections === 0, "their end");
    assertEquals(server.reports, []);
  },
);
