import { assertEquals } from "@std/assert";
import {
  candidates,
  hasSize,
  scriptKind,
} from "../../lib/check/html_elements.ts";

/** Values of srcset, and their addresses. */
const SETS: readonly (readonly [text: string, addresses: readonly string[]])[] =
  [
    ["", []],
    ["a.png", ["a.png"]],
    ["a.png 1x, b.png 2x", ["a.png", "b.png"]],
    ["a.png,b.png", ["a.png,b.png"]],
    ["a.png, b.png", ["a.png", "b.png"]],
    ["a,b.png 100w", ["a,b.png"]],
    ["data:image/png;base64,AAAA 1x, b.png 2x", [
      "data:image/png;base64,AAAA",
      "b.png",
    ]],
    [" , ,a.png 1x,, b.png", ["a.png", "b.png"]],
    ["a.png (1,2), b.png", ["a.png", "b.png"]],
    ["a.png (", ["a.png"]],
    [",,,", []],
  ];

for (const [text, addresses] of SETS) {
  Deno.test(`candidates() of ${JSON.stringify(text)}`, () => {
    assertEquals(candidates(text), [...addresses]);
  });
}

/** Types of scripts, and how browsers run them. */
const TYPES:
  readonly (readonly [type: string | undefined, kind: string | undefined])[] = [
    [undefined, "script"],
    ["", "script"],
    ["text/javascript", "script"],
    ["Application/JavaScript; charset=utf-8", "script"],
    ["module", "module"],
    ["MODULE", "module"],
    ["text/template", undefined],
    ["application/json", undefined],
    ["importmap", undefined],
    ["text/typescript", undefined],
  ];

for (const [type, kind] of TYPES) {
  Deno.test(`scriptKind() of ${type}: ${kind}`, () => {
    assertEquals(scriptKind(type), kind as ReturnType<typeof scriptKind>);
  });
}

/** Styles of images, and whether they give a size. */
const STYLES: readonly (readonly [style: string, has: boolean])[] = [
  ["width:1px", true],
  ["color:red; height: 2em", true],
  ["aspect-ratio: 1", true],
  ["max-width:100%", true],
  ["color: red", false],
  ["border-widths: 1", false],
];

for (const [value, has] of STYLES) {
  Deno.test(`hasSize() with ${value}: ${has}`, () => {
    const attributes = [{ name: "style", value, line: 1 }];
    assertEquals(hasSize({ name: "img", attributes, line: 1 }), has);
  });
}

Deno.test("candidates() of a long row of commas is linear", () => {
  const address = `a${",".repeat(2_000_000)}b`;
  // By the square, this takes an hour.
  assertEquals(candidates(`${address},`), [address]);
});
