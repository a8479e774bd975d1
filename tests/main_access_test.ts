/**
 * Who may ask the program, and how often: passwords, networks, limits and
 * hosts, as a person starts it with them.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { CHEAP_HASH_OF_SECRET } from "./access/auth_file.ts";
import {
  exchange,
  request,
  type Response,
  TemporaryDirectory,
  until,
} from "./helpers.ts";
import { Client } from "./raw_client.ts";
import { runSkiff } from "./run_skiff.ts";
import { Skiff, testProgram, testPrograms } from "./skiff.ts";

const FILES = {
  "www/a.txt": "first",
  "www/private/b.txt": "second",
  "www/private/index.html": "<h1>Index</h1>",
};

/** An Authorization field. */
function basic(name: string, password: string): Record<string, string> {
  return { Authorization: `Basic ${btoa(`${name}:${password}`)}` };
}

testProgram(
  "hash-password makes a line that --auth-file understands",
  async () => {
    using place = new TemporaryDirectory(FILES);
    const ann = await runSkiff(["hash-password", "ann"], {
      permissions: [],
      stdin: "long and secret\n",
    });
    assertEquals({ ...ann, stdout: "" }, { code: 0, stdout: "", stderr: "" });
    assertMatch(
      ann.stdout,
      /^ann:\$scrypt\$ln=15,r=8,p=1\$[\w+/]+\$[\w+/]+\n$/,
    );
    const hash = await runSkiff(["hash-password"], {
      permissions: [],
      // Spaces are part of it, and the end of the line is not.
      stdin: "another \r\n",
    });
    place.write("auth", `# People\n${ann.stdout}\nben:${hash.stdout}`);
    await using skiff = new Skiff([
      place.join("www"),
      "--port=0",
      "--auth-file",
      place.join("auth"),
    ]);
    const port = await skiff.listening();
    const ask = (fields = {}) => request(port, "GET", "/a.txt", fields);
    const without = await ask();
    assertEquals(without.status, 401);
    assertEquals(
      without.fields.get("www-authenticate"),
      'Basic realm="skiff", charset="UTF-8"',
    );
    const right = await ask(basic("ann", "long and secret"));
    assertEquals([right.status, right.body], [200, "first"]);
    assertStringIncludes(right.fields.get("cache-control")!, "private");
    assertEquals((await ask(basic("ben", "another "))).status, 200);
    assertEquals((await ask(basic("ben", "another"))).status, 401);
    assertEquals((await ask(basic("ben", "long and secret"))).status, 401);
    assertEquals((await ask(basic("eve", "another"))).status, 401);
  },
);

/** What cannot be hashed. Neither passwords nor control characters are repeated. */
const NOT_HASHED: readonly (readonly [
  name: string,
  args: readonly string[],
  stdin: string,
  code: number,
  message: RegExp,
])[] = [
  ["an empty password", ["ann"], "\n", 1, /an empty password/],
  ["two lines", ["ann"], "one\ntwo\n", 1, /with control characters/],
  ["a name with a colon", ["a:b"], "x", 1, /"a:b" as a name/],
  ["a name with an escape", ["a\x1b[2J"], "x", 1, /^[ -~\ufffd]*\n$/],
  ["a long password", ["ann"], "x".repeat(513), 1, /more than 512 bytes/],
  ["a password as an argument", ["ann", "secret"], "", 2, /and no more/],
  ["an option", ["--port=1"], "x", 2, /Cannot use --port with hash-password/],
];

testPrograms(
  "hash-password refuses what is no password",
  NOT_HASHED,
  ([name]) => `hash-password refuses ${name}`,
  async ([, args, stdin, code, message]) => {
    const run = await runSkiff(["hash-password", ...args], {
      permissions: [],
      stdin,
    });
    assertEquals([run.code, run.stdout], [code, ""]);
    assertMatch(run.stderr, message);
    assertEquals(run.stderr.includes("x".repeat(100)), false);
  },
);

testProgram(
  "--auth-paths protects those paths, and failures are paused",
  async () => {
    using place = new TemporaryDirectory({
      ...FILES,
      "auth": `ann:${CHEAP_HASH_OF_SECRET}\n`,
    });
    await using skiff = new Skiff([
      place.join("www"),
      "--port=0",
      "--auth-paths=/private/*",
      `--auth-file=${place.join("auth")}`,
      "--workers=2",
    ]);
    const port = await skiff.listening();
    const status = async (target: string, fields = {}) =>
      (await request(port, "GET", target, fields)).status;
    assertEquals(await status("/a.txt"), 200);
    for (
      const target of [
        "/private/b.txt",
        "/private",
        "/private/",
        "/%70rivate/b.txt",
        "/a/../private/b.txt",
        "/private/gone",
      ]
    ) {
      assertEquals(await status(target), 401, target);
    }
    assertEquals(await status("/private/b.txt", basic("ann", "secret")), 200);
    // The first is forgotten two seconds later, which may be too soon on a busy machine.
    let paused: Response;
    for (let tries = 0;; tries++) {
      const guesses = await Promise.all(
        [..."abcdefghijkl"].map((word) =>
          status("/private/", basic("ann", word))
        ),
      );
      const right = basic("ann", "secret");
      paused = await request(port, "GET", "/private/", right);
      if (paused.status === 200 && tries < 10) continue;
      assertEquals(new Set(guesses), new Set([401, 429]));
      assertGreaterOrEqual(guesses.filter((each) => each === 401).length, 5);
      break;
    }
    assertEquals(paused.status, 429);
    assertMatch(paused.fields.get("retry-after")!, /^[12]$/);
    assertEquals(await status("/a.txt"), 200);
    assertEquals(await status("/private/"), 401);
  },
);

/** Auth files that cannot be used: what is said of them, and what is not. */
const BAD_AUTH:
  readonly (readonly [name: string, text: string, message: string])[] = [
    ["a plain password", "ann:secret\n", "line 1"],
    ["another kind of hash", "# a\nann:$2y$05$secretsecretsecret\n", "line 2"],
  ];

testPrograms(
  "an --auth-file with mistakes is refused at the start",
  BAD_AUTH,
  ([name]) => `an --auth-file with ${name} is refused at the start`,
  async ([, text, message]) => {
    using place = new TemporaryDirectory({ ...FILES, "auth": text });
    const run = await runSkiff([
      place.join("www"),
      "--port=0",
      `--auth-file=${place.join("auth")}`,
    ]);
    assertEquals([run.code, run.stdout], [1, ""]);
    assertStringIncludes(run.stderr, message);
    assertEquals(run.stderr.includes("secret"), false);
  },
);

/** Networks that are let in: the options, and the answer to this machine and to what a proxy on it names. */
const NETWORKS: readonly (readonly [
  args: readonly string[],
  direct: number,
  forwarded: Readonly<Record<string, number>>,
])[] = [
  [["--deny=127.0.0.0/8"], 403, {}],
  [["--allow=192.0.2.0/24"], 403, {}],
  [["--allow=127.0.0.1"], 200, {}],
  [
    [
      "--allow=192.0.2.0/24,::1",
      "--deny=192.0.2.7",
      "--trusted-proxy=127.0.0.1",
    ],
    403,
    {
      "192.0.2.6": 200,
      "192.0.2.7": 403,
      "192.0.3.1": 403,
      "::1": 200,
      "::ffff:192.0.2.7": 403,
    },
  ],
];

testPrograms(
  "who is let in",
  NETWORKS,
  ([args]) => `who is let in with ${args.join(" ")}`,
  async ([args, direct, forwarded]) => {
    await using skiff = new Skiff(["--port=0", ...args]);
    const port = await skiff.listening();
    assertEquals((await request(port, "GET", "/")).status, direct);
    for (const [address, status] of Object.entries(forwarded)) {
      const fields = { "X-Forwarded-For": address };
      assertEquals(
        (await request(port, "GET", "/", fields)).status,
        status,
        address,
      );
    }
  },
);

testPrograms(
  "--requests-per-second is one limit for all workers",
  [1, 2],
  (workers) => `--requests-per-second with --workers=${workers} is one limit`,
  async (workers) => {
    await using skiff = new Skiff([
      "--port=0",
      "--requests-per-second=0.01",
      "--trusted-proxy=127.0.0.1",
      `--workers=${workers}`,
    ]);
    const port = await skiff.listening();
    const ask = (address: string): Promise<Response> =>
      request(port, "GET", "/", { "X-Forwarded-For": address });
    const statuses: number[] = [];
    for (let count = 0; count < 20; count++) {
      statuses.push((await ask("192.0.2.1")).status);
    }
    // Ten at once are allowed after a pause, and then one in 100 seconds.
    assertEquals(statuses, [...Array(10).fill(200), ...Array(10).fill(429)]);
    const refused = await ask("192.0.2.1");
    const wait = Number(refused.fields.get("retry-after"));
    assert(wait > 90 && wait <= 100, `Retry-After: ${wait}`);
    assertEquals(refused.fields.get("cache-control"), "no-store");
    assertEquals((await ask("192.0.2.2")).status, 200);
    // A whole /64 of IPv6 is one client.
    for (let count = 0; count < 10; count++) {
      assertEquals((await ask(`2001:db8::${count}`)).status, 200);
    }
    assertEquals((await ask("2001:db8::ffff")).status, 429);
    assertEquals((await ask("2001:db8:0:1::1")).status, 200);
  },
);

testPrograms(
  "--connections-per-address is one limit for all workers",
  [1, 2],
  (workers) =>
    `--connections-per-address with --workers=${workers} is one limit`,
  async (workers) => {
    await using skiff = new Skiff([
      "--port=0",
      "--connections-per-address=8",
      `--workers=${workers}`,
    ]);
    const port = await skiff.listening();
    const clients: Client[] = [];
    for (let count = 0; count < 8; count++) {
      const client = await Client.connect(port);
      clients.push(client);
      await client.get("/");
      assertEquals((await client.response()).status, 200);
    }
    for (let count = 0; count < 4; count++) {
      const refused = await request(port, "GET", "/");
      assertEquals(refused.status, 429);
      assertEquals(refused.fields.get("retry-after"), "1");
      assertEquals(refused.fields.get("connection"), "close");
    }
    clients.pop()![Symbol.dispose]();
    let status = 0;
    for (let attempt = 0; attempt < 500 && status !== 200; attempt++) {
      // Until the end of the other one has come to be known.
      status = (await request(port, "GET", "/")).status;
    }
    assertEquals(status, 200);
    for (const client of clients) {
      await client.get("/");
      assertEquals((await client.response()).status, 200);
      client[Symbol.dispose]();
    }
  },
);

testProgram(
  "connections of a trusted proxy are those of many clients",
  async () => {
    await using skiff = new Skiff([
      "--port=0",
      "--connections-per-address=1",
      "--trusted-proxy=127.0.0.1",
    ]);
    const port = await skiff.listening();
    using first = await Client.connect(port);
    await first.get("/");
    assertEquals((await first.response()).status, 200);
    assertEquals((await request(port, "GET", "/")).status, 200);
  },
);

/** Which hosts are answered for: the options, and the status by Host field. */
const HOSTS: readonly (readonly [
  args: readonly string[],
  statuses: Readonly<Record<string, number>>,
])[] = [
  [[], {
    "localhost": 200,
    "LOCALHOST.:8000": 200,
    "site.localhost": 200,
    "127.0.0.1:1": 200,
    "192.0.2.1": 200,
    "[::1]": 200,
    "evil.example": 421,
    "localhost.evil.example": 421,
    "127.0.0.1.evil.example": 421,
  }],
  [["--allowed-hosts=example.com,.example.org"], {
    "example.com": 200,
    "EXAMPLE.com:443": 200,
    "a.b.example.org": 200,
    "www.example.com": 421,
    "notexample.org": 421,
    "localhost": 421,
    "127.0.0.1": 421,
  }],
  [["--allowed-hosts=*"], { "evil.example": 200 }],
  [["--host=0.0.0.0"], { "evil.example": 200 }],
  [["--host=0.0.0.0", "--allowed-hosts=example.com"], {
    "evil.example": 421,
    "example.com": 200,
  }],
];

testPrograms(
  "hosts that are answered for",
  HOSTS,
  ([args]) =>
    `hosts that are answered for with ${args.join(" ") || "no option"}`,
  async ([args, statuses]) => {
    await using skiff = new Skiff(["--port=0", ...args]);
    const port = await skiff.listening();
    for (const [host, status] of Object.entries(statuses)) {
      for (
        const [target, field] of [["/", host], [
          `http://${host}/`,
          "localhost",
        ]]
      ) {
        const text = await exchange(
          port,
          `GET ${target} HTTP/1.1\r\nHost: ${field}\r\nConnection: close\r\n\r\n`,
        );
        assertStringIncludes(
          text,
          `HTTP/1.1 ${status} `,
          `${host} ${target}`,
        );
      }
    }
    const refused = Object.entries(statuses).find(([, status]) =>
      status === 421
    );
    if (refused === undefined) return;
    await until(() => skiff.stderr.includes("--allowed-hosts"), "the hint");
    const hints = skiff.stderr.split("\n")
      .filter((line) => line.includes("--allowed-hosts"));
    assertEquals(hints, [
      `skiff: warning: A request for host "${refused[0]}" was refused: ` +
      "if it is a name of this server, add it with --allowed-hosts",
    ]);
  },
);
