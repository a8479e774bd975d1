/**
 * The program as a person starts it: a process of its own.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { helpText } from "../lib/cli/help.ts";
import project from "../deno.json" with { type: "json" };
import {
  HAS_PROGRAMS,
  request,
  TemporaryDirectory,
  testWith,
  textOf,
  until,
} from "./helpers.ts";
import { IS_ROOT, IS_UNIX } from "./place.ts";
import { Client } from "./raw_client.ts";
import { ALL, Skiff, testProgram, testPrograms } from "./skiff.ts";

testProgram("--help shows the help", async () => {
  await using skiff = new Skiff(["--help"], []);
  assertEquals(await skiff.ended(), 0);
  assertEquals(skiff.stdout, helpText());
  assertEquals(skiff.stderr, "");
});

testProgram("--version shows the version", async () => {
  await using skiff = new Skiff(["--version"], []);
  assertEquals(await skiff.ended(), 0);
  const { deno, v8 } = Deno.version;
  assertEquals(
    skiff.stdout,
    `skiff ${project.version}\ndeno ${deno}\nv8 ${v8}\n`,
  );
});

/** Starts that cannot be made: exit code, and what the one line on stderr speaks of. */
const FAILURES: readonly (readonly [
  name: string,
  args: readonly string[],
  permissions: readonly string[],
  code: number,
  message: string,
])[] = [
  ["an unknown option", ["--prot=1"], [], 2, "did you mean --port?"],
  ["a bad port", ["--port", "http"], [], 2, "from 0 to 65535"],
  ["two directories", ["one", "two"], [], 2, "expected one directory"],
  ["an option that is gone", ["--extract", "out"], [], 2, "wget -r"],
  ["a directory that is not there", ["/gone/gone"], ALL, 1, "does not exist"],
  [
    "a device as a site",
    ["/dev/null"],
    ALL,
    1,
    "neither a directory nor a file",
  ],
  [
    "an address of another machine",
    ["--host", "192.0.2.1", "--port", "0"],
    ALL,
    1,
    "choose another with --host",
  ],
  [
    "no permission to listen",
    ["/"],
    ["--allow-read"],
    1,
    "run with --allow-net=127.0.0.1:8000",
  ],
  [
    "no permission to read",
    ["/etc"],
    ["--allow-net"],
    1,
    "run with --allow-read=/etc",
  ],
  [
    "no permission to read the built-in site",
    [],
    ["--allow-net"],
    1,
    "run with --allow-read=",
  ],
  [
    "permission to read something else",
    ["/etc"],
    ["--allow-net", "--allow-read=/tmp"],
    1,
    "run with --allow-read=/etc",
  ],
  // Elsewhere nothing starts more than one.
  ...Deno.build.os === "linux"
    ? [[
      "no permission to read what workers start from",
      ["/etc", "--port=0", "--workers=2"],
      ["--allow-net", "--allow-read=/etc"],
      1,
      "Cannot start workers without permission to read skiff itself: add --allow-read=",
    ]] as const
    : [],
];

testPrograms(
  "a start that cannot be made is told in one line",
  FAILURES,
  ([name]) => `${name} is told in one line`,
  async ([, args, permissions, code, message]) => {
    await using skiff = new Skiff(args, permissions);
    assertEquals(await skiff.ended(), code);
    assertEquals(skiff.stdout, "");
    assertMatch(skiff.stderr, /^skiff: Cannot [^\n]+[^.]\n$/);
    assertStringIncludes(skiff.stderr, message);
  },
);

// Only Linux has the whole network 127.0.0.0/8.
testWith(
  HAS_PROGRAMS && Deno.build.os === "linux",
  "without permission to connect to itself skiff says so, and serves",
  async () => {
    const permissions = ["--allow-net=127.0.0.2", "--allow-read"];
    const args = ["--host=127.0.0.2", "--port=0", "--log=off"];
    await using skiff = new Skiff(args, permissions);
    const port = await skiff.listening();
    assertStringIncludes(
      skiff.stderr,
      "Busy connections may hold up others: add --allow-net=127.0.0.1\n",
    );
    const response = await fetch(`http://127.0.0.2:${port}/`);
    await response.body?.cancel();
    assert(response.ok);
  },
);

testWith(
  HAS_PROGRAMS && IS_UNIX && !IS_ROOT,
  "a directory that may not be read is told in one line (not tried by root, who may read everything)",
  async () => {
    using directory = new TemporaryDirectory({ "site/a.txt": "a" });
    Deno.chmodSync(directory.join("site"), 0);
    await using skiff = new Skiff([directory.join("site")]);
    assertEquals(await skiff.ended(), 1);
    assertMatch(skiff.stderr, /^skiff: Cannot serve .* may not read it\n$/);
    Deno.chmodSync(directory.join("site"), 0o700);
  },
);

testProgram(
  "a port that is asked for and taken is told in one line",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    await using skiff = new Skiff(["--port", String(port)]);
    assertEquals(await skiff.ended(), 1);
    assertEquals(
      skiff.stderr,
      `skiff: Cannot listen on 127.0.0.1:${port}: the port is taken; ` +
        "choose another with --port, or 0 for any\n",
    );
  },
);

testProgram(
  "a usual port that is taken is passed over, and that is told",
  async () => {
    // Somebody else may have it, which is as good.
    using _listener = tryToListen(8000);
    await using skiff = new Skiff([]);
    const port = await skiff.listening();
    assert(port > 8000 && port < 8100, `port ${port}`);
    assertStringIncludes(
      skiff.stderr,
      `Port 8000 is taken, using ${port} instead\n`,
    );
  },
);

function tryToListen(port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

testProgram("the built-in site is served when no other is named", async () => {
  await using skiff = new Skiff(["--port", "0"]);
  const port = await skiff.listening();
  const { status, fields, body } = await request(port, "GET", "/");
  assertEquals(status, 200);
  assertEquals(fields.get("content-type"), "text/html; charset=UTF-8");
  const page = new URL("../static/index.html", import.meta.url);
  assert(body === textOf(Deno.readFileSync(page)));
  assertEquals(
    skiff.stderr,
    "Serving the built-in site (Ctrl-C to stop)\n" +
      `Listening on http://127.0.0.1:${port}/\n`,
  );
});

testPrograms(
  "a signal ends skiff when its log is written",
  ["SIGTERM", "SIGINT"] as const,
  (signal) => `${signal} ends skiff when its log is written`,
  async (signal) => {
    using directory = new TemporaryDirectory({ "a.txt": "first" });
    await using skiff = new Skiff([directory.path, "--port", "0"]);
    const port = await skiff.listening();
    await request(port, "GET", "/a.txt?x=%22");
    await request(port, "HEAD", "/gone");
    skiff.signal(signal);
    assertEquals(await skiff.ended(), 0);
    const lines = skiff.stdout.split("\n");
    const start =
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}(:\d\d){3} \+0000\] /;
    assertEquals(lines.map((line) => line.replace(start, "")), [
      '"GET /a.txt?x=%22 HTTP/1.1" 200 5',
      '"HEAD /gone HTTP/1.1" 404 -',
      "",
    ]);
  },
);

testProgram("--log off writes no log", async () => {
  await using skiff = new Skiff(["--port", "0", "--log", "off"]);
  await request(await skiff.listening(), "GET", "/");
  skiff.signal("SIGTERM");
  assertEquals(await skiff.ended(), 0);
  assertEquals(skiff.stdout, "");
});

const BIG_BYTES = 32 * 1024 * 1024;

/** A directory with a file that fills every buffer between a server and a client that does not read. */
function createBigSite(): TemporaryDirectory {
  const directory = new TemporaryDirectory({ "big.bin": "" });
  Deno.truncateSync(directory.join("big.bin"), BIG_BYTES);
  return directory;
}

testProgram(
  "a download that is under way at a signal to stop is finished",
  async () => {
    using directory = createBigSite();
    await using skiff = new Skiff([directory.path, "--port", "0"]);
    const port = await skiff.listening();
    using client = await Client.connect(port);
    await client.get("/big.bin");
    await client.head();
    skiff.signal("SIGTERM");
    await untilRefused(port);
    assertEquals((await client.bytes(BIG_BYTES)).length, BIG_BYTES);
    assertEquals(await client.rest(), "");
    client.close();
    assertEquals(await skiff.ended(), 0);
    assertMatch(skiff.stdout, new RegExp(`" 200 ${BIG_BYTES}\n$`));
  },
);

testProgram(
  "a second signal ends everything at once, which the first one says when there is something to wait for",
  async () => {
    using directory = createBigSite();
    await using skiff = new Skiff([directory.path, "--port", "0"]);
    const port = await skiff.listening();
    using client = await Client.connect(port);
    await client.get("/big.bin");
    await client.head();
    skiff.signal("SIGTERM");
    const line =
      "Waiting for 1 reply, at most 10 s (press Ctrl-C again to stop at once)\n";
    await until(() => skiff.stderr.endsWith(line), "what is waited for");
    const start = Date.now();
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 130);
    assert(Date.now() - start < 5000);
  },
);

testProgram(
  "a second signal is no failure when nothing is lost with it",
  async () => {
    using directory = createBigSite();
    await using skiff = new Skiff([directory.path, "--port=0", "--drain=300"]);
    const port = await skiff.listening();
    using client = await Client.connect(port);
    await client.get("/missing");
    assertEquals((await client.response()).status, 404);
    skiff.signal("SIGINT");
    const line =
      "Draining for 300 s; skiff still accepts connections (press Ctrl-C again to stop at once)\n";
    await until(() => skiff.stderr.endsWith(line), "what is waited for");
    skiff.signal("SIGINT");
    assertEquals(await skiff.ended(), 0);
  },
);

testProgram(
  "clients that keep their connections do not hold up a stop, and nothing is said",
  async () => {
    using directory = createBigSite();
    /** How long a stop took beside such clients, in ms. */
    const stop = async (workers: number) => {
      await using skiff = new Skiff([
        directory.path,
        "--port=0",
        `--workers=${workers}`,
      ]);
      const port = await skiff.listening();
      using idle = await Client.connect(port);
      await idle.get("/missing");
      assertEquals((await idle.response()).status, 404);
      using _silent = await Client.connect(port);
      const said = skiff.stderr;
      const start = Date.now();
      skiff.signal("SIGINT");
      assertEquals(await skiff.ended(), 0);
      // On a busy machine it may take long enough to be said.
      assertEquals(skiff.stderr.slice(said.length).includes("client"), false);
      return Date.now() - start;
    };
    for (const workers of [1, 2]) {
      // Before, it took 2 s, each time.
      let took = Infinity;
      for (let i = 0; i < 3 && took > 1500; i++) took = await stop(workers);
      assert(took <= 1500, `${took} ms`);
    }
  },
);

/** Waits until nobody listens on a port any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    try {
      using _client = await Client.connect(port);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

testProgram(
  "what goes wrong is told line by line, and skiff goes on",
  async () => {
    await using skiff = new Skiff(["--port", "0"]);
    const port = await skiff.listening();
    const before = skiff.stderr;
    await skiff.endLog();
    await request(port, "GET", "/");
    await until(() => skiff.stderr.includes("Broken pipe"), "the report");
    assertEquals((await request(port, "GET", "/")).status, 200);
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
    const lines = skiff.stderr.slice(before.length).trimEnd().split("\n");
    for (const line of lines) assertMatch(line, /^skiff: /);
  },
);

testProgram(
  "skiff goes on when nobody takes its log or its reports",
  async () => {
    await using skiff = new Skiff(["--port", "0"]);
    const port = await skiff.listening();
    await skiff.endLog();
    await skiff.endReports();
    for (let count = 0; count < 4; count++) {
      assertEquals((await request(port, "GET", "/")).status, 200);
      // Longer than lines of the log wait for others.
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    skiff.signal("SIGTERM");
    assertEquals(await skiff.ended(), 0);
  },
);
