/**
 * What the program reads anew at SIGHUP, and that it goes on as it was when it
 * cannot.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ANN_LINE } from "./access/auth_file.ts";
import { replaceFile } from "./certificates.ts";
import { type Files, request, TemporaryDirectory } from "./helpers.ts";
import { Client } from "./raw_client.ts";
import { ALL, Skiff, testProgram, testPrograms } from "./skiff.ts";

/** With one isolate and with several. */
const CREWS = ["--workers=1", "--workers=2"];

function createYard(files: Files = {}) {
  return new TemporaryDirectory({ "site/a.txt": "first", ...files });
}

/** The text of a configuration file in which a header has a value, a key a line. */
function configText(lines: readonly string[]): string {
  return `{\n${lines.join(",\n")}\n}\n`;
}

testPrograms(
  "SIGHUP reads configuration, rules and passwords anew",
  CREWS,
  (crew) => `SIGHUP reads configuration, rules and passwords anew (${crew})`,
  async (crew) => {
    using yard = createYard({
      "skiff.json": configText(['"cacheControl": "max-age=1"']),
      "site/_redirects": "/old /first 301\n",
      "site/secret/b.txt": "secret",
    });
    const eveLine = ANN_LINE.replace("ann", "eve");
    yard.write("who", `${eveLine}\n`);
    await using skiff = new Skiff([
      yard.join("site"),
      "--port=0",
      "--cors",
      `--auth-file=${yard.join("who")}`,
      "--auth-paths=/secret/*",
      crew,
    ]);
    const port = await skiff.listening();
    const see = async () => {
      const file = await request(port, "GET", "/a.txt");
      const old = await request(port, "GET", "/old");
      const secret = await request(port, "GET", "/secret/b.txt", {
        Authorization: `Basic ${btoa("ann:secret")}`,
      });
      return [
        file.fields.get("cache-control"),
        file.fields.get("access-control-allow-origin"),
        file.fields.get("x-new"),
        old.fields.get("location"),
        secret.status,
      ];
    };
    assertEquals(await see(), ["max-age=1", "*", undefined, "/first", 401]);
    using open = await Client.connect(port);
    await open.get("/a.txt");
    await open.response();

    replaceFile(
      yard,
      "skiff.json",
      configText(['"cacheControl": "max-age=2"', '"cors": false']),
    );
    replaceFile(yard, "site/_redirects", "/old /second 301\n");
    replaceFile(yard, "site/_headers", "/*\n  X-New: yes\n");
    replaceFile(yard, "who", `${ANN_LINE}\n`);
    await skiff.reload();
    // The flag goes before the file.
    const expected = ["max-age=2", "*", "yes", "/second", 200];
    await untilAll(see, expected);

    await open.get("/a.txt");
    const { fields } = await open.response();
    assertEquals(fields.get("cache-control"), "max-age=2");
  },
);

testPrograms(
  "rules of a mounted ConfigMap are read through its links, and again at SIGHUP",
  CREWS,
  (crew) =>
    `rules of a mounted ConfigMap are read through its links, and again at SIGHUP (${crew})`,
  async (crew) => {
    using yard = createYard({
      "site/..1/_headers": "/*\n  X-Version: one\n",
      "site/..1/_redirects": "/old /one 301\n",
      "site/..2/_headers": "/*\n  X-Version: two\n",
      "site/..2/_redirects": "/old /two 301\n",
    });
    Deno.symlinkSync("..1", yard.join("site/..data"));
    for (const name of ["_headers", "_redirects"]) {
      Deno.symlinkSync(`..data/${name}`, yard.join(`site/${name}`));
    }
    await using skiff = new Skiff([yard.join("site"), "--port=0", crew]);
    const port = await skiff.listening();
    const see = async () => {
      const { fields } = await request(port, "GET", "/old");
      const rules = await request(port, "GET", "/_redirects");
      return [fields.get("location"), fields.get("x-version"), rules.status];
    };
    assertEquals(await see(), ["/one", "one", 404]);
    Deno.symlinkSync("..2", yard.join("site/..data_tmp"));
    Deno.renameSync(yard.join("site/..data_tmp"), yard.join("site/..data"));
    await skiff.reload();
    await untilAll(see, ["/two", "two", 404]);
  },
);

testPrograms(
  "a rule file that becomes a link out of the root is refused at SIGHUP, and named at a start",
  CREWS,
  (crew) =>
    `a rule file that becomes a link out of the root is refused at SIGHUP, and named at a start (${crew})`,
  async (crew) => {
    using yard = createYard({
      "site/_redirects": "/a.txt / 404!\n",
      "rules": "/a.txt / 404!\n",
    });
    const args = [yard.join("site"), "--port=0", crew];
    const said = "_redirects: Cannot use its rules";
    {
      await using skiff = new Skiff(args);
      const port = await skiff.listening();
      assertEquals((await request(port, "GET", "/a.txt")).status, 404);
      Deno.removeSync(yard.join("site/_redirects"));
      Deno.symlinkSync("../rules", yard.join("site/_redirects"));
      await skiff.reload(said);
      assertEquals((await request(port, "GET", "/a.txt")).status, 404);
    }
    await using skiff = new Skiff(args);
    await skiff.listening();
    assertStringIncludes(skiff.stderr, said);
  },
);

testPrograms(
  "a broken file changes nothing, and it is said where it is broken",
  CREWS,
  (crew) =>
    `a broken file changes nothing, and it is said where it is broken (${crew})`,
  async (crew) => {
    using yard = createYard({
      "skiff.json": configText(['"cacheControl": "max-age=1"']),
      "who": `${ANN_LINE}\n`,
      "site/_redirects": "",
    });
    await using skiff = new Skiff([
      yard.join("site"),
      "--port=0",
      `--auth-file=${yard.join("who")}`,
      "--auth-paths=/secret/*",
      crew,
    ]);
    const port = await skiff.listening();
    const see = async () => {
      const { fields } = await request(port, "GET", "/a.txt");
      const secret = await request(port, "GET", "/secret/b.txt");
      return [fields.get("cache-control"), secret.status];
    };
    const before = ["max-age=1", 401];
    const config = configText(['"cacheControl": "max-age=2"']);
    const broken = [
      [
        "skiff.json",
        configText(['"cacheControl": "max-age=2"', '"corse": true']),
        'skiff.json:3:1: Cannot understand "corse"',
      ],
      ["skiff.json", "{\n  nonsense", "skiff.json:2:"],
      ["who", `# Names\nann:nonsense\n`, "who: Cannot use line 2 "],
      ["site/_redirects", "/old /new 301\n/x /y 299\n", "_redirects:2: "],
    ] as const;
    for (const [name, text, message] of broken) {
      const good = Deno.readTextFileSync(yard.join(name));
      replaceFile(yard, name, text);
      await skiff.reload("Nothing was reloaded: ");
      assertStringIncludes(skiff.stderr, message);
      assertEquals(await see(), before);
      replaceFile(yard, name, good);
    }
    replaceFile(yard, "site/_redirects", "/old /new 301\n");
    replaceFile(yard, "skiff.json", config);
    await skiff.reload();
    await untilAll(see, ["max-age=2", 401]);
    await untilAll(async () => {
      const { fields } = await request(port, "GET", "/old");
      return [fields.get("location")];
    }, ["/new"]);
  },
);

testPrograms(
  "what only a restart changes is named, each time",
  CREWS,
  (crew) => `what only a restart changes is named, each time (${crew})`,
  async (crew) => {
    using yard = createYard({ "skiff.json": "{}" });
    await using skiff = new Skiff([yard.join("site"), "--port=0", crew]);
    const port = await skiff.listening();
    replaceFile(
      yard,
      "skiff.json",
      configText([
        '"log": "json"',
        '"host": "0.0.0.0"',
        '"cacheControl": "no-store"',
      ]),
    );
    for (let count = 0; count < 2; count++) {
      const said = "skiff: Only a restart will change host, log\n";
      const before = skiff.stderr.length;
      await skiff.reload();
      assertStringIncludes(skiff.stderr.slice(before), said);
      await untilAll(async () => {
        const { fields } = await request(port, "GET", "/a.txt");
        return [fields.get("cache-control")];
      }, ["no-store"]);
      // Bound to this machine as ever, it is asked by other names in vain.
      const { status } = await request(port, "GET", "/a.txt", {
        "X-Any": "1",
      });
      assertEquals(status, 200);
    }
    assert(!skiff.stdout.includes("{"), skiff.stdout);
  },
);

/** Waits until so many answers in a row are as expected: each may come from another isolate. */
async function untilAll(
  see: () => Promise<readonly unknown[]>,
  expected: readonly unknown[],
): Promise<void> {
  const end = Date.now() + 10_000;
  for (let count = 0; count < 8;) {
    const seen = await see();
    const isSo = JSON.stringify(seen) === JSON.stringify(expected);
    count = isSo ? count + 1 : 0;
    if (Date.now() > end) return assertEquals(seen, expected);
  }
}

testProgram(
  "variables go before the file and after flags, also at SIGHUP",
  async () => {
    using yard = createYard({
      "skiff.json": configText([
        '"cacheControl": "max-age=1"',
        '"cors": true',
      ]),
    });
    await using skiff = new Skiff(
      [yard.join("site"), "--port=0"],
      [...ALL, "--allow-env"],
      { SKIFF_CACHE_CONTROL: "max-age=7" },
    );
    const port = await skiff.listening();
    const see = async () => {
      const { fields } = await request(port, "GET", "/a.txt");
      return [
        fields.get("cache-control"),
        fields.get("access-control-allow-origin"),
      ];
    };
    assertEquals(await see(), ["max-age=7", "*"]);
    replaceFile(
      yard,
      "skiff.json",
      configText(['"cacheControl": "max-age=2"']),
    );
    await skiff.reload();
    assertEquals(await see(), ["max-age=7", undefined]);
  },
);
