/**
 * The program's configuration: where values come from, which one holds, and what
 * is refused.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { quote } from "../lib/http/printable.ts";
import { request, TemporaryDirectory, until } from "./helpers.ts";
import { runSkiff } from "./run_skiff.ts";
import { ALL, Skiff, testProgram, testPrograms } from "./skiff.ts";

/** The permissions with which variables count. */
const WITH_ENV = [...ALL, "--allow-env"];

const CONFIG = `{
  // The lowest of three.
  "port": 81,
  "index": "file.html",
  "allow": ["192.0.2.1", "192.0.2.2"],
  "cors": true,
}
`;

const ENV = {
  SKIFF_PORT: "82",
  SKIFF_ALLOW: "198.51.100.1,198.51.100.2",
  SKIFF_DRAIN: "7",
};

/** The lines of --print-config by key: the value, and where it comes from. `warning` is all of standard error. */
async function printed(
  args: readonly string[],
  permissions: readonly string[],
  cwd?: string,
  warning = "",
): Promise<ReadonlyMap<string, string>> {
  const { code, stdout, stderr } = await runSkiff(
    [...args, "--print-config"],
    { permissions, env: ENV, ...cwd !== undefined && { cwd } },
  );
  assertEquals({ code, stderr }, { code: 0, stderr: warning });
  return new Map(
    stdout.trimEnd().split("\n").map((line) => {
      const [key = "", value = "", by = ""] = line.split(/ {2,}/);
      return [key, `${value} by ${by}`];
    }),
  );
}

/** What holds, by the flags and permissions that are given. */
const PRECEDENCE: readonly (readonly [
  name: string,
  args: readonly string[],
  permissions: readonly string[],
  expected: Readonly<Record<string, string>>,
])[] = [
  [
    "a flag is above a variable, and that above the file",
    ["--port=83"],
    WITH_ENV,
    {
      port: "83 by --port",
      allow: '["198.51.100.1","198.51.100.2"] by SKIFF_ALLOW',
      index: '"file.html" by CONFIG:4',
      drain: "7 by SKIFF_DRAIN",
      cors: "true by CONFIG:6",
      log: '"auto" by default',
      hsts: "null by default: none",
    },
  ],
  ["a list takes the place of a lower one", ["--allow=::1"], WITH_ENV, {
    port: "82 by SKIFF_PORT",
    allow: '["::1"] by --allow',
  }],
  ["a switch can be turned off again", ["--no-cors"], ALL, {
    cors: "false by --no-cors",
  }],
  ["no variable is read without permission", [], ALL, {
    port: "81 by CONFIG:3",
    allow: '["192.0.2.1","192.0.2.2"] by CONFIG:5',
    drain: "0 by default",
  }],
  ["one variable may be allowed", [], [...ALL, "--allow-env=SKIFF_DRAIN"], {
    port: "81 by CONFIG:3",
    drain: "7 by SKIFF_DRAIN",
  }],
];

testPrograms(
  "--print-config shows which layer counts",
  PRECEDENCE,
  ([name]) => `--print-config: ${name}`,
  async ([, args, permissions, expected]) => {
    using place = new TemporaryDirectory({
      "skiff.json": CONFIG,
      "www/a.txt": "a",
    });
    const values = await printed([place.join("www"), ...args], permissions);
    const config = place.join("skiff.json");
    for (const [key, value] of Object.entries(expected)) {
      assertEquals(values.get(key), value.replace("CONFIG", config), key);
    }
  },
);

/** Which file is read: where it is, from the place of this test. */
const PLACES: readonly (readonly [
  name: string,
  args: readonly string[],
  cwd: string,
  drain: string,
  warning?: string,
])[] = [
  ["beside ROOT", ["PLACE/www"], "empty", "1 by PLACE/skiff.json:1"],
  [
    "beside a ROOT with a slash",
    ["PLACE/www/"],
    ".",
    "1 by PLACE/skiff.json:1",
  ],
  [
    "never inside of ROOT",
    ["PLACE/a/site"],
    ".",
    "0 by default",
    'skiff: Cannot use "PLACE/a/site/skiff.json" as the configuration: ' +
    'clients can fetch it there; move it to "PLACE/a"\n',
  ],
  ["here without a ROOT", [], "here", "3 by skiff.json:1"],
  ["none", [], "empty", "0 by default"],
  [
    "the one of --config",
    ["PLACE/www", "--config=other.json"],
    ".",
    "4 by other.json:1",
  ],
];

testPrograms(
  "skiff.json is looked for in its places",
  PLACES,
  ([name]) => `skiff.json is looked for: ${name}`,
  async ([, args, cwd, drain, warning]) => {
    using place = new TemporaryDirectory({
      "skiff.json": '{ "drain": 1 }',
      "www/a.txt": "a",
      "a/site/skiff.json": '{ "drain": 2 }',
      "here/skiff.json": '{ "drain": 3 }',
      "here/www/a.txt": "a",
      "other.json": '{ "drain": 4 }',
      "empty/a.txt": "a",
    });
    const here = (text: string) => text.replaceAll("PLACE", place.path);
    const values = await printed(
      args.map(here),
      ALL,
      place.join(cwd),
      // A long path is shortened.
      warning?.replaceAll(
        /"PLACE([^"]*)"/g,
        (_, rest) => quote(place.path + rest),
      ),
    );
    assertEquals(values.get("drain"), here(drain));
  },
);

/** What cannot be followed: the file, arguments and variables, and what is said. */
const REFUSED: readonly (readonly [
  name: string,
  config: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  message: string,
])[] = [
  [
    "an unknown key",
    '{\n  "tls-cert": "a"\n}',
    [],
    {},
    'skiff.json:2:3: Cannot understand "tls-cert": did you mean "tlsCert"?',
  ],
  [
    "an unknown key in a rule",
    '{ "redirects": [{ "form": "/a", "to": "/b" }] }',
    [],
    {},
    'skiff.json:1:19: Cannot understand "form": did you mean "from"?',
  ],
  [
    "a wrong type",
    '{\n\n  "port": "8080" }',
    [],
    {},
    'skiff.json:3:11: Cannot use "8080" for "port": expected a number without quotes',
  ],
  [
    "a value out of range",
    '{ "drain": 301 }',
    [],
    {},
    'skiff.json:1:12: Cannot use "301" as a time in seconds: expected a number from 0 to 300',
  ],
  [
    "a key that is there twice",
    '{ "cors": true,\n "cors": false }',
    [],
    {},
    "skiff.json:2:2: Cannot use",
  ],
  ["no JSON", '{ "cors": tru }', [], {}, "skiff.json:1:11: Cannot read"],
  [
    "a wrong value, even where a flag has another",
    '{ "log": "xml" }',
    ["--log=json"],
    {},
    "skiff.json:1:10: Cannot use",
  ],
  [
    "an option without the one it needs",
    '{ "hsts": 5 }',
    [],
    {},
    'skiff.json:1:11: Cannot use "hsts" without "tlsCert": add "tlsCert"',
  ],
  [
    "a wrong variable",
    "{}",
    [],
    { SKIFF_WORKERS: "many" },
    'Cannot use "many" as a number of workers: expected a number from 1 to 64, or auto (SKIFF_WORKERS)',
  ],
  [
    "a variable without the one it needs",
    "{}",
    [],
    { SKIFF_AUTH_PATHS: "/a" },
    "Cannot use SKIFF_AUTH_PATHS without SKIFF_AUTH_FILE",
  ],
  [
    "a switch with a value that is none",
    "{}",
    ["--cors=perhaps"],
    {},
    'Cannot use "perhaps" for --cors: expected true or false',
  ],
  [
    "a file that is not there",
    "{}",
    ["--config=gone.json"],
    {},
    'Cannot read the configuration "gone.json"',
  ],
];

testPrograms(
  "wrong settings are refused with the code 2",
  REFUSED,
  ([name]) => `${name} is refused with the code 2`,
  async ([, config, args, env, message]) => {
    using place = new TemporaryDirectory({
      "skiff.json": config,
      "www/a.txt": "a",
    });
    const { code, stdout, stderr } = await runSkiff(
      ["www", "--port=0", ...args],
      { permissions: WITH_ENV, env, cwd: place.path },
    );
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertMatch(stderr, /^skiff: [^\n]+\n$/);
    assertStringIncludes(stderr, message);
  },
);

testProgram("what is served follows file, variables and flags", async () => {
  using place = new TemporaryDirectory({
    "skiff.json": `{
      "cacheControl": "max-age=1", "log": "common", "cors": true, "root": "www",
      "headers": [{ "for": "/a.*", "values": { "X-From": "file" } }],
      "redirects": [{ "from": "/old/:name", "to": "/a.txt?:name", "status": 302 }]
    }`,
    "www/a.txt": "first",
    "www/_headers": "/*\n  X-Too: yes\n! Gone\n",
    "www/_redirects": "/blog/* /a.txt 200\n/de /a.txt 302 Country=de\n",
    "variables": "SKIFF_CACHE_CONTROL=max-age=2\nSKIFF_LOG=json\nSKIFF_LGO=x\n",
  });
  await using skiff = new Skiff([
    `--config=${place.join("skiff.json")}`,
    "--port=0",
    "--cache-control=max-age=3",
  ], [...WITH_ENV, `--env-file=${place.join("variables")}`]);
  const port = await skiff.listening();
  const { fields, body } = await request(port, "GET", "/a.txt");
  assertEquals(body, "first");
  assertEquals(fields.get("cache-control"), "max-age=3");
  assertEquals(fields.get("access-control-allow-origin"), "*");
  assertEquals(fields.get("x-from"), "file");
  assertEquals(fields.get("x-too"), "yes");
  const moved = await request(port, "GET", "/old/b");
  assertEquals(moved.status, 302);
  assertEquals(moved.fields.get("location"), "/a.txt?b");
  assertEquals((await request(port, "GET", "/blog/1")).body, "first");
  await until(() => skiff.stdout.includes("/blog/1"), "the log");
  assertMatch(skiff.stdout, /^\{"time":/);
  assertEquals(skiff.stderr.split("\n").slice(0, 3), [
    'skiff: Cannot understand "SKIFF_LGO" in the environment: did you mean SKIFF_LOG?',
    'skiff: _headers:3: Cannot use "! Gone": removing a header is not supported',
    'skiff: _redirects:2: Cannot use "Country=de": conditions of Country are not supported',
  ]);
});
