import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  helpText,
  OPTION_TABLE,
  type Options,
  parseOptions,
  UsageError,
} from "../../lib/cli/options.ts";

/** What holds without any argument. */
const DEFAULTS: Options = {
  root: undefined,
  host: "127.0.0.1",
  port: undefined,
  workers: 1,
  index: "index.html",
  spa: undefined,
  listing: true,
  compression: true,
  cacheControl: undefined,
  cors: false,
  coi: false,
  headers: [],
  quiet: false,
  extract: undefined,
  help: false,
  version: false,
};

const GOOD: readonly (readonly [line: string, changes: Partial<Options>])[] = [
  ["", {}],
  ["site", { root: "site" }],
  ["./a b", { root: "./a" }],
  ["--port 80", { port: 80 }],
  ["--port=80", { port: 80 }],
  ["--port 0", { port: 0 }],
  ["--port 65535", { port: 65535 }],
  ["--port 08080", { port: 8080 }],
  ["--port 1 --port 2", { port: 2 }],
  ["--host 0.0.0.0", { host: "0.0.0.0" }],
  ["--host ::", { host: "::" }],
  ["--host=[::1]", { host: "::1" }],
  ["--host fe80::1%eth0", { host: "fe80::1%eth0" }],
  ["--host localhost", { host: "localhost" }],
  ["--host my-machine.example.org", { host: "my-machine.example.org" }],
  ["--workers 1", { workers: 1 }],
  ["--workers 64", { workers: 64 }],
  ["--workers auto", { workers: "auto" }],
  ["--index main.htm", { index: "main.htm" }],
  ["--spa", { spa: "/index.html" }],
  ["--spa=app.html", { spa: "/app.html" }],
  ["--spa=/shell/app.html", { spa: "/shell/app.html" }],
  ["--spa=./app.html", { spa: "/app.html" }],
  ["--spa site", { spa: "/index.html", root: "site" }],
  ["--no-listing", { listing: false }],
  ["--no-compression", { compression: false }],
  ["--cache-control no-store", { cacheControl: "no-store" }],
  ["--cors", { cors: true }],
  ["--coi", { coi: true }],
  ["--quiet", { quiet: true }],
  ["--quiet --quiet", { quiet: true }],
  ["--help", { help: true }],
  ["--version", { version: true }],
  ["site --quiet --port 1", { root: "site", quiet: true, port: 1 }],
  ["--quiet site", { root: "site", quiet: true }],
  ["-- --port", { root: "--port" }],
  ["--quiet -- -site", { root: "-site", quiet: true }],
];

for (const [line, changes] of GOOD) {
  // A word a space, but for the one name that has a space in it.
  const args = line === "./a b" ? ["./a b"] : line.split(" ");
  const expected = line === "./a b" ? { root: "./a b" } : changes;
  Deno.test(`parseOptions() understands ${JSON.stringify(line)}`, () => {
    assertEquals(
      parseOptions(line === "" ? [] : args),
      { ...DEFAULTS, ...expected },
    );
  });
}

/** Arguments with more than a word in them. */
const HEADERS: readonly (readonly [text: string, header: [string, string]])[] =
  [
    ["X-Frame-Options: DENY", ["X-Frame-Options", "DENY"]],
    ["X-Empty:", ["X-Empty", ""]],
    ["X-Tight:value", ["X-Tight", "value"]],
    [
      "Content-Security-Policy: default-src 'self'; img-src data:",
      ["Content-Security-Policy", "default-src 'self'; img-src data:"],
    ],
    ["X-Space:   both   ", ["X-Space", "both"]],
  ];

for (const [text, header] of HEADERS) {
  Deno.test(`parseOptions() understands --header ${JSON.stringify(text)}`, () => {
    assertEquals(parseOptions(["--header", text]).headers, [header]);
  });
}

Deno.test("parseOptions() collects headers", () => {
  const { headers } = parseOptions(["--header", "A: 1", "--header=A: 2"]);
  assertEquals(headers, [["A", "1"], ["A", "2"]]);
});

Deno.test("parseOptions() gives nobody the defaults of somebody else", () => {
  parseOptions(["--header", "A: 1", "--port", "1"]);
  assertEquals(parseOptions([]), DEFAULTS);
});

/** Command lines that cannot be followed, and what the message must speak of. */
const BAD: readonly (readonly [args: readonly string[], message: string])[] = [
  [["--prot", "80"], "did you mean --port?"],
  [["--prot=80"], "did you mean --port?"],
  [["--quite"], "did you mean --quiet?"],
  [["--HELP"], "see --help"],
  [["--nonsense-at-all"], "see --help"],
  [["--nonsense-at-all"], '"--nonsense-at-all"'],
  [["-p", "80"], '"-p"'],
  [["-h"], '"-h"'],
  [["-quiet"], '"-q"'],
  [["--__proto__"], '"--__proto__"'],
  [["--constructor"], '"--constructor"'],
  [["--toString=1"], '"--toString"'],
  [["--=x"], "Cannot understand"],
  [["one", "two"], 'Cannot serve "two" beside "one": give one directory'],
  [[""], 'Cannot serve ""'],
  [["--quiet=yes"], "Cannot give --quiet a value: it is a switch"],
  [["--quiet="], "Cannot give --quiet a value"],
  [["--port"], "Cannot use --port without a value: give PORT"],
  [["--port="], "Cannot use --port without a value"],
  [["--port", ""], "Cannot use --port without a value"],
  [["--port", "http"], 'Cannot use "http" as a port'],
  [["--port", "--quiet"], "Cannot use"],
  [["--port", "65536"], "from 0 to 65535"],
  [["--port", "-1"], "as a port"],
  [["--port", "80.5"], "as a port"],
  [["--port", "1e3"], "as a port"],
  [["--port", "0x50"], "as a port"],
  [["--port", " 80"], "as a port"],
  [["--port", "８０"], "as a port"],
  [["--port", "9".repeat(400)], "as a port"],
  [["--host", "two words"], 'Cannot use "two words" as an address'],
  [["--host", "http://localhost"], "as an address"],
  [["--host", "localhost/path"], "as an address"],
  [["--host", "[::1"], "as an address"],
  [["--host", "a\nb"], "as an address"],
  [["--workers", "0"], "from 1 to 64, or auto"],
  [["--workers", "65"], "from 1 to 64"],
  [["--workers", "many"], 'Cannot use "many"'],
  [["--index", "../secret"], "give the name of a file in the site"],
  [["--index", "a//b"], "give the name of a file in the site"],
  [["--index", "a\0b"], "give the name of a file in the site"],
  [["--spa=.."], "give the name of a file in the site"],
  [["--spa=/"], "give the name of a file in the site"],
  [["--cache-control", "a\r\nSet-Cookie: b"], "control characters"],
  [["--header", "nonsense"], "give 'Name: value'"],
  [["--header", ": value"], "give 'Name: value'"],
  [["--header", "Two words: value"], "give 'Name: value'"],
  [["--header", "A: b\r\nC: d"], "control characters"],
  [["--header", "Content-Length: 5"], "Cannot set Content-Length"],
  [["--header", "TRANSFER-ENCODING: chunked"], "Cannot set TRANSFER-ENCODING"],
  [["--header", "connection: close"], "Cannot set connection"],
  [["--header", "Cache-Control: no-store"], "use --cache-control"],
];

for (const [args, message] of BAD) {
  const shown = JSON.stringify(args.map((arg) => arg.slice(0, 40)));
  Deno.test(`parseOptions() refuses ${shown}: ${message}`, () => {
    const error = assertThrows(() => parseOptions(args), UsageError);
    assertStringIncludes(error.message, message);
    // One sentence without a period, saying what could not be done.
    assertMatch(error.message, /^Cannot [^]*[^.]$/);
  });
}

for (const { flag, value, fallback, help } of OPTION_TABLE) {
  Deno.test(`--${flag} is in the help, and in no other option's way`, () => {
    assertMatch(flag, /^[a-z]+(-[a-z]+)*$/);
    const line = helpText().split("\n").filter((text) =>
      new RegExp(`^  --${flag}[ \\[]`).test(text)
    );
    assertEquals(line.length, 1);
    assertStringIncludes(line[0]!, help);
    if (value !== undefined) assertStringIncludes(line[0]!, value);
    assert(fallback.length > 0);
    assertEquals(OPTION_TABLE.filter((row) => row.flag === flag).length, 1);
  });

  Deno.test(`--${flag} changes the options`, () => {
    // Each row of the table takes one of these.
    const values = ["2", "a.html", "A: 1"];
    const changed = values.some((text) => {
      const options = structuredClone(DEFAULTS);
      try {
        OPTION_TABLE.find((row) => row.flag === flag)!.apply(options, text);
      } catch {
        return false;
      }
      return JSON.stringify(options) !== JSON.stringify(DEFAULTS);
    });
    assert(changed);
  });
}

Deno.test("helpText() tells the usage, and fits a terminal", () => {
  const text = helpText();
  assertStringIncludes(text, "Usage: skiff [ROOT] [OPTIONS]");
  assert(text.endsWith("\n"));
  for (const line of text.split("\n")) {
    assert(line.length <= 100, line);
    assertMatch(line, /^[ -~]*$/);
  }
});
