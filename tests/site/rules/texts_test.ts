import { assert, assertEquals } from "@std/assert";
import {
  FILE_PROBLEMS_MAX,
  FileProblems,
  hasUnsafeControl,
  LINE_CHARACTERS_MAX,
  linesOf,
} from "../../../lib/site/rules/texts.ts";

const LINE_ROWS: readonly [name: string, text: string, lines: string[]][] = [
  ["an empty file", "", []],
  ["one line without an end", "a", ["f:1 a"]],
  ["a byte order mark", "\ufeffa", ["f:1 a"]],
  ["white space around", "  a b\t\n", ["f:1 a b"]],
  ["lines that end with CR LF", "a\r\n\r\nb\r\n", ["f:1 a", "f:3 b"]],
  ["comments and empty lines", "# x\n\n  # y\na\n", ["f:4 a"]],
  ["a hash further on", "a #b", ["f:1 a #b"]],
];

for (const [name, text, expected] of LINE_ROWS) {
  Deno.test(`linesOf() reads ${name}`, () => {
    const problems = new FileProblems("f");
    const lines = [...linesOf(text, "f", problems)]
      .map(({ where, text }) => `${where} ${text}`);
    assertEquals(lines, expected);
    assertEquals(problems.list(), []);
  });
}

Deno.test("linesOf() names lines that are too long, and goes on", () => {
  const problems = new FileProblems("f");
  const fits = "x".repeat(LINE_CHARACTERS_MAX);
  const text = `${fits}\r\n${fits}x\n${" ".repeat(1_000_000)}\nlast`;
  const lines = [...linesOf(text, "f", problems)];
  assertEquals(lines.map(({ where }) => where), ["f:1", "f:4"]);
  assertEquals(problems.list().map(({ where }) => where), ["f:2", "f:3"]);
});

Deno.test("FileProblems counts those that nobody wants to read", () => {
  const problems = new FileProblems("f");
  for (let i = 1; i <= FILE_PROBLEMS_MAX + 3; i++) problems.add(`f:${i}`, "x");
  const list = problems.list();
  assertEquals(list.length, FILE_PROBLEMS_MAX + 1);
  assertEquals(list.at(-1), { where: "f", text: "Cannot use 3 more lines" });
});

Deno.test("hasUnsafeControl() finds everything but tab", () => {
  assert(!hasUnsafeControl("a\tb é \u4f60 ~"));
  for (const code of [0, 1, 8, 10, 13, 31, 127, 128, 159]) {
    assert(hasUnsafeControl(`a${String.fromCharCode(code)}b`), `${code}`);
  }
});
