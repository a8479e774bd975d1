import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  choiceOption,
  GROUP_TITLES,
  GROUPS,
  listOption,
  numberOption,
  type Option,
  pathOption,
  switchOption,
  textOption,
} from "../../lib/cli/option_kinds.ts";
import { UsageError } from "../../lib/cli/values.ts";

const ROW = { group: "files", help: "Do it", value: "V" } as const;

const COUNT = numberOption("a count", [1, 9], {
  ...ROW,
  default: 1,
  choices: ["auto"],
});

const RATE = numberOption("a rate", [0.5, 9], {
  ...ROW,
  default: undefined,
  isFractional: true,
});

const FORMAT = choiceOption("a format", ["json", "off"], {
  ...ROW,
  default: "off",
});

/** What each kind makes of a text; undefined where it refuses it. */
const PARSED: readonly (readonly [
  option: Exclude<Option, { type: "switch" }>,
  text: string,
  value: unknown,
])[] = [
  [COUNT, "9", 9],
  [COUNT, "auto", "auto"],
  [COUNT, "Auto", undefined],
  [COUNT, "1.5", undefined],
  [COUNT, "10", undefined],
  [COUNT, "constructor", undefined],
  [RATE, "0.5", 0.5],
  [RATE, "auto", undefined],
  [FORMAT, "json", "json"],
  [FORMAT, "xml", undefined],
  [FORMAT, "", undefined],
  [pathOption(ROW), "/a b", "/a b"],
  [pathOption(ROW), "", undefined],
  [pathOption(ROW), "a\0", undefined],
  [textOption({ ...ROW, default: "", parse: (text) => text + "!" }), "a", "a!"],
  [listOption({ ...ROW, default: [], parse: Number }), "7", 7],
];

for (const [option, text, value] of PARSED) {
  Deno.test(`an option of ${option.type} makes of ${JSON.stringify(text)}: ${value}`, () => {
    if (value === undefined) {
      assertThrows(() => option.parse(text, "--x"), UsageError);
    } else assertEquals<unknown>(option.parse(text, "--x"), value);
  });
}

Deno.test("the message for a number names its words", () => {
  const error = assertThrows(() => COUNT.parse("all", "--x"), UsageError);
  assertEquals(
    error.message,
    'Cannot use "all" as a count: expected a number from 1 to 9, or auto',
  );
});

Deno.test("switchOption() is off by default, pathOption() not set", () => {
  const { group, help } = ROW;
  assertEquals(switchOption({ group, help }).default, false);
  assertEquals(switchOption({ group, help, default: true }).default, true);
  assertEquals(pathOption(ROW).default, undefined);
  assertEquals(pathOption({ group, help }).value, "FILE");
});

Deno.test("each group has a title", () => {
  assertEquals<readonly string[]>(GROUPS, Object.keys(GROUP_TITLES));
  for (const group of GROUPS) assertMatch(GROUP_TITLES[group], /^[A-Z]/);
});
