import { assertEquals } from "@std/assert";
import { anchorsOf, linksOf } from "./markdown.ts";
import {
  bareCode,
  exportedNames,
  functionNamed,
  functionsIn,
  importsOf,
  staticImportsOf,
} from "./source.ts";

Deno.test("exportedNames() finds every kind of declaration, once", () => {
  const text = [
    "export const A = 1;",
    "export type A = typeof A;",
    "export interface B {",
    "export abstract class C {",
    "export const enum D {",
    "export async function* e() {",
    "export function f() {",
    "function g() {",
    "/* export class H */",
    'export { i } from "./i.ts";',
  ].join("\n");
  assertEquals(exportedNames(text), ["A", "B", "C", "D", "e", "f"]);
});

Deno.test("importsOf() finds every kind of import", () => {
  const text = [
    'import { a } from "./a.ts";',
    "import {",
    "  b,",
    '} from "./b.ts";',
    'import type { C } from "./c.ts";',
    'import "./d.ts";',
    'export { e } from "./e.ts";',
    'const f = await import("./f.ts");',
    'import json from "./g.json" with { type: "json" };',
    'const text = "import nothing";',
  ].join("\n");
  assertEquals(importsOf(text).sort(), [
    "./a.ts",
    "./b.ts",
    "./c.ts",
    "./d.ts",
    "./e.ts",
    "./f.ts",
    "./g.json",
  ]);
});

Deno.test("staticImportsOf() leaves out types and what loads late", () => {
  const text = [
    'import { type A, b } from "./a.ts";',
    'import type { C } from "./c.ts";',
    "import {",
    "  type D,",
    "  type E,",
    '} from "./d.ts";',
    'import "./e.ts";',
    'export { f } from "./f.ts";',
    'export type { G } from "./g.ts";',
    'const h = await import("./h.ts");',
    'import json from "./i.json" with { type: "json" };',
    "export async function j() {",
    '  const j = a ? await import("./j.ts") : undefined;',
  ].join("\n");
  assertEquals(staticImportsOf(text).sort(), [
    "./a.ts",
    "./e.ts",
    "./f.ts",
    "./i.json",
  ]);
});

const BARE: readonly (readonly [text: string, bare: string])[] = [
  ["a(); // Deno.x", "a();  "],
  ["/* Deno.x\n Deno.y */ a", "  a"],
  ['a("Deno.x \\" Deno.y")', 'a("")'],
  ["a('Deno.x')", 'a("")'],
  ["a(`Deno.x \\` $ y`)", 'a("")'],
  ["a(`${Deno.x}`)", "a(`${Deno.x}`)"],
  ['a = /"Deno.x/.test(b)', 'a = "".test(b)'],
  ['a = /[/"]/g', 'a = ""'],
  ["a / b / Deno.x", "a / b / Deno.x"],
  ['"http://x"; Deno.x', '""; Deno.x'],
];

for (const [text, bare] of BARE) {
  Deno.test(`bareCode() of ${JSON.stringify(text)}`, () => {
    assertEquals(bareCode(text), bare);
  });
}

const FUNCTIONS:
  readonly (readonly [text: string, lines: readonly number[]])[] = [
    ["function a() {\n  b();\n}", [3]],
    ["export async function a(\n  b: C,\n): Promise<void> {\n  b();\n}", [3]],
    ["class A {\n  #a(): B {\n    c();\n  }\n}", [3]],
    ["class A {\n  get a(): B {\n    c();\n  }\n}", [3]],
    ["class A {\n  constructor(a: B) {\n    c();\n    d();\n  }\n}", [4]],
    ["const a = (b: C) => {\n  d();\n};", [3]],
    ['Deno.test("a", () => {\n  b();\n});', [3]],
    ["function a() {\n  b(() => {\n    c();\n  });\n}", [5, 3]],
    ["if (a(b)) {\n  c();\n}", []],
    ["for (const a of b()) {\n  c();\n}", []],
    ["} else if (a(b)) {\n  c();\n}", []],
    ["switch (a) {\n  case b: {\n    c();\n  }\n}", []],
    ["const a = {\n  b: c,\n};", []],
  ];

for (const [text, lines] of FUNCTIONS) {
  Deno.test(`functionsIn() of ${JSON.stringify(text)}`, () => {
    assertEquals(functionsIn(text).map((found) => found.lines), lines);
  });
}

const NAMED = `/** Text. */
export function a(
  b: C,
): D {
  // A comment.
  const e = f(b);

  return e;
}

class G {
  a2(): void;

  /** Text. */
  async #h(): Promise<void> {
    await a(this);
  }
}
`;

const COUNTS: readonly (readonly [name: string, lines: number | undefined])[] =
  [["a", 6], ["#h", 3], ["f", undefined], ["a2", undefined], ["h", undefined]];

for (const [name, lines] of COUNTS) {
  Deno.test(`functionNamed() finds ${lines ?? "no"} lines of ${name}()`, () => {
    assertEquals(functionNamed(NAMED, name), lines);
  });
}

const DOCUMENT = `# The first: "one"

See [a](a.md), [b](<b.md#c>), ![c](c.png) and \`[d](d.md)\`.

\`\`\`md
## Not a heading [e](e.md)
| Option | x |
\`\`\`

## What's next_1?

Text.
`;

Deno.test("linksOf() finds links outside of code", () => {
  assertEquals(linksOf(DOCUMENT), ["a.md", "b.md#c", "c.png"]);
});

Deno.test("anchorsOf() makes anchors of headings", () => {
  assertEquals(anchorsOf(DOCUMENT), ["the-first-one", "whats-next_1"]);
});
