import { assert, assertEquals } from "@std/assert";
import {
  compileHeaderRule,
  fieldProblem,
  type HeaderRule,
  isAlwaysSent,
  mergeLines,
} from "../../../lib/site/rules/header_rules.ts";
import type { Problem } from "../../../lib/site/rules/texts.ts";

type Values = readonly (readonly [string, string])[];

function compile(
  values: Values,
  pattern = "/*",
): { rule: HeaderRule | undefined; problems: Problem[] } {
  const problems: Problem[] = [];
  const text = { for: pattern, values, where: "f:1" };
  return { rule: compileHeaderRule(text, problems), problems };
}

const LINE_ROWS: readonly [name: string, values: Values, lines: Values][] = [
  ["one field", [["X-A", "1"]], [["X-A", "1"]]],
  ["white space around a value", [["X-A", " \t1 2\t"]], [["X-A", "1 2"]]],
  [
    "several values",
    [["X-A", "1"], ["X-B", "2"], ["x-a", "3"]],
    [["X-A", "1, 3"], ["X-B", "2"]],
  ],
  [
    "cookies",
    [["Set-Cookie", "a=1"], ["set-cookie", "b=2"]],
    [["Set-Cookie", "a=1"], ["set-cookie", "b=2"]],
  ],
  [
    "links",
    [["Link", "</a>"], ["Link", "</b>"]],
    [["Link", "</a>"], ["Link", "</b>"]],
  ],
  [
    "type and freshness",
    [["Content-Type", "text/x"], ["Cache-Control", "no-cache"]],
    [["Content-Type", "text/x"], ["Cache-Control", "no-cache"]],
  ],
  [
    "nosniff, which is sent anyway",
    [["x-content-type-options", " NoSniff "], ["X-A", "1"]],
    [["X-A", "1"]],
  ],
  ["what is not ASCII", [["X-A", "é\u4f60"]], [["X-A", "é\u4f60"]]],
];

for (const [name, values, lines] of LINE_ROWS) {
  Deno.test(`compileHeaderRule() takes ${name}`, () => {
    const { rule, problems } = compile(values);
    assertEquals(rule?.lines, lines);
    assertEquals(problems, []);
  });
}

Deno.test("compileHeaderRule() needs no rule for what is sent anyway", () => {
  const { rule, problems } = compile([["X-Content-Type-Options", "nosniff"]]);
  assertEquals(rule, undefined);
  assertEquals(problems, []);
});

const OWN = "skiff computes it for each response";

const FIELD_PROBLEMS: readonly [name: string, value: string, text: string][] = [
  ...[
    "Accept-Ranges",
    "allow",
    "CONNECTION",
    "Content-Length",
    "Content-Range",
    "Date",
    "ETag",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Proxy-Connection",
    "Server",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Vary",
    "X-Content-Type-Options",
  ].map((name) =>
    [name, "x", `Cannot set ${name} by a rule: ${OWN}`] as [
      string,
      string,
      string,
    ]
  ),
  ...["x", "br, gzip", "identity", "BR", "deflate"].map((value) =>
    [
      "Content-Encoding",
      value,
      `Cannot set Content-Encoding to "${value}": expected br, gzip or zstd`,
    ] as [string, string, string]
  ),
  ["", "x", `Cannot use "" as the name of a header`],
  ["A B", "x", `Cannot use "A B" as the name of a header`],
  ["A:", "x", `Cannot use "A:" as the name of a header`],
  ["A\r\nB", "x", `Cannot use "A\\u000d\\u000aB" as the name of a header`],
  ["É", "x", `Cannot use "É" as the name of a header`],
  ["\u0141", "x", `Cannot use "\u0141" as the name of a header`],
  [
    "Basic-Auth",
    "a:b",
    "Cannot set Basic-Auth by a rule: use authFile for passwords",
  ],
  ["X-A", "", "Cannot set X-A to nothing: expected a value"],
  ["X-A", " \t", "Cannot set X-A to nothing: expected a value"],
  [
    "X-A",
    "x".repeat(2001),
    "Cannot use the value of X-A: it has more than 2000 characters",
  ],
  ...["a\r\nB: c", "a\nb", "a\rb", "a\0", "\x7f", "\x9b"].map((value) =>
    [
      "X-A",
      value,
      "Cannot use the value of X-A: it contains control characters",
    ] as [string, string, string]
  ),
];

for (const [name, value, text] of FIELD_PROBLEMS) {
  const shown = JSON.stringify(`${name}: ${value}`).slice(0, 40);
  Deno.test(`compileHeaderRule() leaves out the field ${shown} alone`, () => {
    assertEquals(fieldProblem(name, value), text);
    const { rule, problems } = compile([["X-Good", "1"], [name, value]]);
    assertEquals(problems, [{ where: "f:1", text }]);
    assertEquals(rule?.lines, [["X-Good", "1"]]);
  });
}

Deno.test("compileHeaderRule() leaves out a rule without fields, or with a wrong pattern", () => {
  const empty = compile([]);
  assertEquals(empty.rule, undefined);
  assertEquals(
    empty.problems[0]?.text,
    `Cannot use "/*": it has no headers`,
  );
  const wrong = compile([["X-A", "1"]], "/:a:b");
  assertEquals(wrong.rule, undefined);
  assertEquals(wrong.problems.length, 1);
  assertEquals(compile([["", "1"]]).rule, undefined);
});

Deno.test("isAlwaysSent() knows one field with one value", () => {
  assert(isAlwaysSent("X-Content-Type-Options", "nosniff"));
  assert(!isAlwaysSent("X-Content-Type-Options", "sniff"));
  assert(!isAlwaysSent("X-Other", "nosniff"));
});

const MERGE_ROWS: readonly [name: string, rules: Values[], lines: Values][] = [
  ["no rules", [], []],
  ["different names", [[["A", "1"]], [["B", "2"]]], [["A", "1"], ["B", "2"]]],
  ["the same name", [[["A", "1"], ["B", "1"]], [["a", "2"]]], [
    ["B", "1"],
    ["a", "2"],
  ]],
  [
    "cookies of both",
    [[["Set-Cookie", "a"], ["Set-Cookie", "b"]], [["set-cookie", "c"], [
      "Set-Cookie",
      "d",
    ]]],
    [["set-cookie", "c"], ["Set-Cookie", "d"]],
  ],
  ["three of a name", [[["A", "1"]], [["A", "2"]], [["A", "3"]]], [["A", "3"]]],
];

for (const [name, values, lines] of MERGE_ROWS) {
  Deno.test(`mergeLines() joins the lines of ${name}`, () => {
    const rules = values.map((values) => compile(values).rule!);
    assertEquals(mergeLines(rules), lines);
  });
}
