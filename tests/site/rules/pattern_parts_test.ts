import { assertEquals } from "@std/assert";
import {
  Needle,
  PlaceholderSegment,
} from "../../../lib/site/rules/pattern_parts.ts";
import { Random } from "../../helpers.ts";

Deno.test("Needle.lastIn() finds what lastIndexOf() finds, whatever repeats", () => {
  const random = new Random(7);
  const textOf = (length: number) =>
    Array.from({ length }, () => "ab"[random.below(2)]).join("");
  for (let round = 0; round < 3000; round++) {
    const text = textOf(1 + random.below(6));
    const path = textOf(random.below(30));
    const from = random.below(path.length + 1);
    const to = from + random.below(path.length - from + 1);
    const at = path.slice(from, to).lastIndexOf(text);
    assertEquals(
      new Needle(text).lastIn(path, from, to),
      at === -1 ? -1 : from + at,
      `${text} in ${path} from ${from} to ${to}`,
    );
  }
});

Deno.test("PlaceholderSegment.match() agrees with a regular expression", () => {
  const rows: [string[], string[], RegExp][] = [
    [["", ""], ["a"], /^([^/]+)$/],
    [["", ".html"], ["a"], /^([^/]+)\.html$/],
    [["", "-", ""], ["a", "b"], /^([^/]+)-([^/]+)$/],
    [["a", "ab", "ba", "b"], ["x", "y", "z"], /^a([^/]+)ab([^/]+)ba([^/]+)b$/],
  ];
  const alphabet = ["a", "b", "-", ".html"];
  for (let code = 0; code < 4 ** 7; code++) {
    let path = "";
    for (let rest = code; rest > 0; rest >>= 2) path += alphabet[rest & 3];
    for (const [literals, names, expression] of rows) {
      const captures = new Map<string, string>();
      const segment = new PlaceholderSegment(literals, names);
      const isMatch = segment.match(path, 0, path.length, captures);
      const expected = expression.exec(path);
      assertEquals(isMatch, expected !== null, `${literals} of ${path}`);
      if (expected === null) continue;
      assertEquals(names.map((name) => captures.get(name)), expected.slice(1));
    }
  }
});
