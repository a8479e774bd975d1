import { assertEquals } from "@std/assert";
import { parseHeadersFile } from "../../../lib/site/rules/headers_file.ts";
import { compileRules } from "../../../lib/site/rules/rules.ts";

type Block = readonly [
  pattern: string,
  where: string,
  ...fields: readonly string[],
];

const ROWS: readonly [name: string, text: string, blocks: readonly Block[]][] =
  [
    ["nothing", "", []],
    ["comments alone", "# a\n\n   # b\n", []],
    ["a block", "/*\n  X-A: 1\n  X-B: 2\n", [[
      "/*",
      "_headers:1",
      "X-A: 1",
      "X-B: 2",
    ]]],
    ["tabs and CR LF", "/*\r\n\tX-A:1\r\n", [["/*", "_headers:1", "X-A: 1"]]],
    ["a byte order mark", "\ufeff/*\n X-A: 1", [[
      "/*",
      "_headers:1",
      "X-A: 1",
    ]]],
    [
      "comments and empty lines between",
      "# one\n/a\n\n  # two\n  X-A: 1\n\n/b/:c\n  X-B: 2\n  X-B: 3",
      [["/a", "_headers:2", "X-A: 1"], [
        "/b/:c",
        "_headers:7",
        "X-B: 2",
        "X-B: 3",
      ]],
    ],
    ["fields that are not indented", "/a\nX-A: 1\n", [[
      "/a",
      "_headers:1",
      "X-A: 1",
    ]]],
    ["a path that is", "  /a\n  X-A: 1\n", [["/a", "_headers:1", "X-A: 1"]]],
    [
      "colons, hashes and slashes in values",
      "/a\n  Content-Security-Policy: default-src https: wss://x:1 # y\n",
      [[
        "/a",
        "_headers:1",
        "Content-Security-Policy: default-src https: wss://x:1 # y",
      ]],
    ],
    [
      "colons before what the pattern has not",
      "/:a/*\n  X-A: :b :splatter\n",
      [["/:a/*", "_headers:1", "X-A: :b :splatter"]],
    ],
    ["white space before the colon", "/a\n  X-A : 1\n", [[
      "/a",
      "_headers:1",
      "X-A: 1",
    ]]],
  ];

for (const [name, text, expected] of ROWS) {
  Deno.test(`parseHeadersFile() reads ${name}`, () => {
    const { headers, problems } = parseHeadersFile(text, "_headers");
    const blocks = headers.map((block) => [
      block.for,
      block.where,
      ...block.values.map(([name, value]) => `${name}: ${value}`),
    ]);
    assertEquals(blocks, expected.map((block) => [...block]));
    assertEquals(problems, []);
    // What the parser lets through has nothing wrong with it.
    assertEquals(
      compileRules({ headers, redirects: [], errorPages: [] }).problems,
      [],
    );
  });
}

const LEFT_OUT = "(its headers are ignored)";

/** In every row a good block stands before and behind. */
const PROBLEM_ROWS: readonly [
  name: string,
  text: string,
  problems: string[],
][] = [
  [
    "the rules of one host",
    "https://a.example/*\n  X-A: 1\n  X-B: 2",
    [`3 Cannot use "https://a.example/*": rules for a single host are not supported; begin with "/" ${LEFT_OUT}`],
  ],
  [
    "a placeholder between two stars",
    "/*/:a/*\n  X-A: 1",
    [`3 Cannot use pattern "/*/:a/*": placeholders cannot stand between two "*" ${LEFT_OUT}`],
  ],
  [
    "two placeholders side by side",
    "/x-:a:b\n  X-A: 1",
    [`3 Cannot use pattern "/x-:a:b": two placeholders touch in "x-:a:b" ${LEFT_OUT}`],
  ],
  [
    "a field that is taken away",
    "/a\n  ! X-A\n  X-B: 1",
    [`4 Cannot use "! X-A": removing a header is not supported`],
  ],
  [
    "passwords",
    "/a\n  Basic-Auth: me:secret",
    ["4 Cannot set Basic-Auth by a rule: use authFile for passwords"],
  ],
  [
    "a field of the server's",
    "/a\n  X-A: 1\n  ETag: x",
    ["5 Cannot set ETag by a rule: skiff computes it for each response"],
  ],
  ["a line without a colon", "/a\n  X-A", [
    `4 Cannot use "X-A": expected "Name: value"`,
  ]],
  ["a field without a value", "/a\n  X-A:", [
    "4 Cannot set X-A to nothing: expected a value",
  ]],
  ["a name with spaces", "/a\n  X A: 1", [
    `4 Cannot use "X A" as the name of a header`,
  ]],
  [
    "a lone carriage return in a value",
    "/a\n  X-A: 1\rB: 2",
    ["4 Cannot use the value of X-A: it contains control characters"],
  ],
  [
    "a placeholder in a value",
    "/:a/*\n  X-A: x:a\n  X-B: :splat",
    [
      "4 Cannot use :a in the value of X-A: placeholders in values are not supported",
      "5 Cannot use :splat in the value of X-B: placeholders in values are not supported",
    ],
  ],
  ["a path without fields", "/a", [
    `3 Cannot use "/a": it has no headers`,
  ]],
  [
    "a line that is too long",
    `/a\n  X-A: ${"1".repeat(2000)}\n  X-B: 2`,
    ["4 Cannot use this line: it has more than 2000 characters"],
  ],
];

for (const [name, text, expected] of PROBLEM_ROWS) {
  Deno.test(`parseHeadersFile() names ${name}, and goes on`, () => {
    const { headers, problems } = parseHeadersFile(
      `/first\n  X-First: 1\n${text}\n/last\n  X-Last: 1\n`,
      "_headers",
    );
    const said = problems.map(({ where, text }) => `${where} ${text}`);
    assertEquals(said, expected.map((text) => `_headers:${text}`));
    assertEquals(headers[0]?.values, [["X-First", "1"]]);
    assertEquals(headers.at(-1)?.values, [["X-Last", "1"]]);
  });
}

Deno.test("parseHeadersFile() names a field before any path", () => {
  const { headers, problems } = parseHeadersFile(
    "  X-A: 1\n/a\n  X-B: 2\n",
    "f",
  );
  assertEquals(problems, [{
    where: "f:1",
    text: `Cannot use "X-A: 1": it needs a line with a path above it`,
  }]);
  assertEquals(headers.length, 1);
});

Deno.test("parseHeadersFile() names a path without fields at the end", () => {
  assertEquals(parseHeadersFile("/a", "f").problems.length, 1);
});

Deno.test("parseHeadersFile() survives what is no such file", () => {
  const junk = "\0\x01\x02\xff\n".repeat(100_000);
  const { headers, problems } = parseHeadersFile(junk, "f");
  assertEquals(headers, []);
  assertEquals(problems.length, 101);
  assertEquals(problems.at(-1)?.text, "Cannot use 99900 more lines");
});
