import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  CONFIG_MAX,
  type ConfigNode,
  readConfigText,
} from "../../lib/cli/config_text.ts";
import { UsageError } from "../../lib/cli/values.ts";

/** The value without its places. */
function plain({ type, value, elements, members }: ConfigNode): unknown {
  if (type === "array") return elements.map(plain);
  if (type !== "object") return value;
  return members.map(({ name, node }) => [name, plain(node)]);
}

const GOOD: readonly (readonly [text: string, value: unknown])[] = [
  ["{}", []],
  ["\uFEFF{}", []],
  [" \r\n\t{ } \n", []],
  ["[]", []],
  ["1", 1],
  ['"a\\u0000b"', "a\0b"],
  ["null", null],
  ['{"a": [1, -2.5e1, true, "é😀"]}', [["a", [1, -25, true, "é😀"]]]],
  ['{"a": 1,}', [["a", 1]]],
  ["[1,]", [1]],
  ["// x\n{/* y */}//", []],
  ['{"__proto__": 1, "constructor": 2}', [["__proto__", 1], [
    "constructor",
    2,
  ]]],
  ['{"": 1, " ": 2}', [["", 1], [" ", 2]]],
  ['{"a": {"a": {"a": 1}}}', [["a", [["a", [["a", 1]]]]]]],
];

for (const [text, value] of GOOD) {
  Deno.test(`readConfigText() understands ${JSON.stringify(text)}`, () => {
    assertEquals(plain(readConfigText(text, "c.json")), value);
  });
}

const BAD: readonly (readonly [text: string, message: string])[] = [
  ["", "c.json:1:1: Cannot read the configuration: value expected"],
  ["\uFEFF", "c.json:1:1: "],
  [" \n ", "c.json:"],
  ["// nothing", "value expected"],
  ["\0", "c.json:1:1: Cannot read the configuration: "],
  ['{"a": \0}', "c.json:1:7: "],
  ['{"a": "\0"}', "invalid character"],
  [
    '{"a": "b\nc"}',
    "c.json:1:7: Cannot read the configuration: unexpected end",
  ],
  ["{", "close brace expected"],
  ['{\n  "a": 1\n  "b": 2\n}', "c.json:3:3: "],
  ['{"a" 1}', "colon expected"],
  ['{"a"}', "colon expected"],
  ["{a: 1}", "c.json:1:2: "],
  ["{'a': 1}", "c.json:1:2: "],
  ['{"a": undefined}', "c.json:1:7: "],
  ['{"a": NaN}', "c.json:1:7: "],
  ['{"a": 01}', "c.json:1:8: "],
  ['{"a": 0x1}', "c.json:1:8: "],
  ["{}{}", "c.json:1:3: Cannot read the configuration: end of file expected"],
  ["/* x", "c.json:1:1: "],
  ["port = 80", "c.json:1:1: "],
  [
    '{"a": 1, "a": 2}',
    'c.json:1:10: Cannot use "a" twice: it is already at c.json:1:2',
  ],
  ['{"a": {"b": 1,\n"b": 2}}', 'c.json:2:1: Cannot use "b" twice'],
  ['{"__proto__": 1, "__proto__": 2}', "twice"],
  ['{"a": 1, "\\u0061": 2}', "twice"],
  ["[".repeat(17), "c.json:1:17: Cannot read the configuration: it is nested"],
  ["[".repeat(2 ** 20), "nested deeper than 16"],
  ['{"a":'.repeat(2 ** 18), "nested deeper than 16"],
  ["x".repeat(2 ** 20), "c.json:1:1: "],
  ["}".repeat(2 ** 16), "c.json:1:1: "],
  [
    " ".repeat(CONFIG_MAX + 1),
    "Cannot use c.json as a configuration: it is lon",
  ],
];

for (const [text, message] of BAD) {
  const shown = JSON.stringify(text.slice(0, 40));
  Deno.test(`readConfigText() refuses ${shown}: ${message}`, () => {
    const start = performance.now();
    const error = assertThrows(
      () => readConfigText(text, "c.json"),
      UsageError,
    );
    assertStringIncludes(error.message, message);
    assert(performance.now() - start < 3000);
  });
}

Deno.test("readConfigText() says where each thing is", () => {
  const text = '\uFEFF{\r\n  "a": 1,\n\t"b": [\n true ]\n}';
  const root = readConfigText(text, "x/c.json");
  assertEquals(root.where, "x/c.json:1:1");
  const [a, b] = root.members;
  assertEquals(a!.where, "x/c.json:2:3");
  assertEquals(a!.node.where, "x/c.json:2:8");
  assertEquals(b!.where, "x/c.json:3:2");
  assertEquals(b!.node.elements[0]!.where, "x/c.json:4:2");
});

Deno.test("readConfigText() takes things that lie 16 deep", () => {
  readConfigText("[".repeat(16) + "]".repeat(16), "c.json");
});

Deno.test("readConfigText() reads a megabyte in no time", () => {
  const line = '"member-NUMBER": "something that makes the line longer",\n';
  const count = Math.ceil(2 ** 20 / line.length);
  const lines = Array.from(
    { length: count },
    (_, index) => line.replace("NUMBER", `${index}`),
  );
  const start = performance.now();
  const root = readConfigText(`{${lines.join("")}}`, "c.json");
  assertEquals(root.members.length, count);
  assertEquals(root.members.at(-1)!.where, `c.json:${count}:1`);
  assert(performance.now() - start < 3000);
});
