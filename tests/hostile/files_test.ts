import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { RULE_FILE_BYTES_MAX } from "../../lib/site/rules/files.ts";
import { FILE_PROBLEMS_MAX } from "../../lib/site/rules/texts.ts";
import { Random, request, TemporaryDirectory, within } from "../helpers.ts";
import { Client } from "../raw_client.ts";
import { Skiff, testProgram } from "../skiff.ts";

/** What a file of rules may have, and the least that a configuration may. */
const BYTES = RULE_FILE_BYTES_MAX;

/** Longest time until a start has succeeded or failed, in ms; most of it is the runtime's. */
const START_MS_MAX = 6_000;

/** A text of so many bytes that begins with `start` and goes on with `unit` again and again. */
function repeated(start: string, unit: string): string {
  const count = Math.floor((BYTES - start.length) / unit.length);
  return start + unit.repeat(count);
}

/** Megabytes of what is no file of any kind. */
const GARBAGE:
  readonly (readonly [name: string, content: string | Uint8Array])[] = [
    ["random bytes", new Random(3).bytes(BYTES)],
    ["zeros", new Uint8Array(BYTES)],
    ["one line", "x".repeat(BYTES)],
    ["empty lines", "\n".repeat(BYTES)],
    ["opening brackets", "[".repeat(BYTES)],
    ["opening braces", repeated("", '{"a":')],
    ["quotes", repeated("{", '"')],
    ["backslashes", repeated('{"root": "', "\\")],
    ["short lines", repeated("", "/a b\n")],
    ["rules that mean nothing", repeated("", "/x /y 300\n")],
    ["words", repeated("", "a b c d ")],
    ["carriage returns", repeated("", "/* \r")],
    ["open comments", repeated("", "/*")],
  ];

/** How a program ends that is not to start; fails when it takes too long. */
async function refusal(args: readonly string[]): Promise<string> {
  const start = Date.now();
  await using skiff = new Skiff(["--port=0", ...args]);
  const code = await skiff.ended();
  assertLess(Date.now() - start, START_MS_MAX);
  assert(code === 1 || code === 2, `${code}: ${skiff.stderr}`);
  return skiff.stderr;
}

testProgram(
  "a megabyte of garbage as skiff.json is refused at once, in one line that says where",
  async () => {
    for (const [name, content] of GARBAGE) {
      using directory = new TemporaryDirectory({ "skiff.json": content });
      const text = await refusal([`--config=${directory.join("skiff.json")}`]);
      assertMatch(text, /^skiff: [^\n]*skiff\.json(:\d+)*: [^\n]+\n$/, name);
      assertLess(text.length, 1000, name);
    }
  },
);

testProgram(
  "a megabyte of garbage as a file of passwords is refused at once, in one line that shows none of it",
  async () => {
    for (const [name, content] of GARBAGE) {
      using directory = new TemporaryDirectory({ passwords: content });
      const text = await refusal([
        `--auth-file=${directory.join("passwords")}`,
      ]);
      assertMatch(text, /^skiff: [^\n]*passwords[^\n]*\n$/, name);
      assertLess(text.length, 1000, name);
    }
  },
);

testProgram(
  "a megabyte of garbage as _headers and _redirects is named, and the site is served",
  async () => {
    for (const [name, content] of GARBAGE) {
      using directory = new TemporaryDirectory({
        "a.txt": "a",
        "_headers": content,
        "_redirects": content,
      });
      const start = Date.now();
      await using skiff = new Skiff([directory.path, "--port=0", "--log=off"]);
      const port = await skiff.listening();
      assertLess(Date.now() - start, START_MS_MAX, name);
      assertEquals((await request(port, "GET", "/a.txt")).body, "a");
      const { stderr } = skiff;
      const lines = stderr.split("\n");
      // Lines of both files and rules, one for the rest of each, and where the site is.
      assertLess(lines.length, 3 * (FILE_PROBLEMS_MAX + 1) + 5, name);
      assertLess(stderr.length, 60_000, name);
      // deno-lint-ignore no-control-regex
      assert(!/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(stderr), name);
      if (name !== "empty lines") {
        assertMatch(stderr, /^skiff: _headers/m, name);
        assertMatch(stderr, /^skiff: _redirects/m, name);
      }
    }
  },
);

const RULES = 2000;

/** The longest path that a request may have, and one that is all slashes. */
const LONG_PATHS: readonly (readonly [name: string, path: string])[] = [
  ["letters", `/${"a".repeat(8000)}`],
  ["segments", "/a".repeat(4000)],
  ["escapes", `/${"%61".repeat(2600)}`],
];

/** Rules that come as near to the paths as can be, and match none: 2,000 of a kind each. */
const NEAR_MISSES:
  readonly (readonly [name: string, rule: (i: number) => string])[] = [
    ["with a long end", (i) => `/a*${"a".repeat(480)}${i} /b/:splat 301`],
    ["with placeholders", (i) => `/:a/:b/:c/:d/:e/${i}/* /b 301`],
    ["with a long beginning", (i) => `/${"a".repeat(480)}*${i} /b 301`],
  ];

/** Longest time for an answer, in ms. */
const ANSWER_MS_MAX = 500;

for (const [kind, rule] of NEAR_MISSES) {
  testProgram(
    `2,000 redirects ${kind} and paths of 8 KiB are answered in a moment`,
    async () => {
      const redirects = Array.from({ length: RULES }, (_, i) => rule(i));
      using directory = new TemporaryDirectory({
        "a.txt": "a",
        "_redirects": redirects.join("\n"),
      });
      await using skiff = new Skiff([directory.path, "--port=0", "--log=off"]);
      const port = await skiff.listening();
      using client = await Client.connect(port);
      for (const [name, path] of LONG_PATHS) {
        for (let i = 0; i < 3; i++) {
          const start = performance.now();
          await client.send(
            `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
          );
          const { status } = await within(client.response(), name);
          assertEquals(status, 404, name);
          assertLess(performance.now() - start, ANSWER_MS_MAX, name);
        }
      }
      assertEquals(skiff.stderr.includes("skiff:"), false, skiff.stderr);
    },
  );
}
