import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  applySetting,
  flagOf,
  settingOf,
  shownDefault,
} from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionRow,
  type Options,
  UsageError,
} from "../../lib/cli/options.ts";
import type { Origin } from "../../lib/cli/origin.ts";
import { SAMPLES } from "./samples.ts";

function given(row: OptionRow, text: string): Options {
  const options = defaultOptions();
  const origin: Origin = { source: "flag", name: flagOf(row.key), where: "" };
  applySetting(options, settingOf(row, text, origin));
  return options;
}

for (const row of OPTION_TABLE) {
  const { key, help } = row;

  Deno.test(`${key} is well described, and in no other option's way`, () => {
    assertMatch(key, /^[a-z][a-z0-9]*([A-Z][a-z]+)*$/);
    assertEquals(OPTION_TABLE.filter((each) => each.key === key).length, 1);
    assertMatch(help, /^[A-Z][ -~]*[^.]$/);
    assertMatch(shownDefault(row), /^[!-~][ -~]*$/);
    const { needs = key } = row;
    for (const need of [needs].flat()) {
      assert(OPTION_TABLE.some((each) => each.key === need));
    }
  });

  Deno.test(`${key} changes the options, and nothing but its own part`, () => {
    const before = defaultOptions();
    const after = given(row, SAMPLES[key].values[2]);
    const changed = Object.keys(before).filter((name) =>
      JSON.stringify(before[name as keyof Options]) !==
        JSON.stringify(after[name as keyof Options])
    );
    assertEquals(changed, [key] as string[]);
  });

  if (row.type !== "switch") {
    Deno.test(`${key} refuses control characters and nothing at all`, () => {
      // A NUL is in no value; of those that may hold anything, in no path either.
      assertThrows(() => given(row, "a\0b"), UsageError);
      if (row.type === "number") {
        assertThrows(() => given(row, ""), UsageError);
        assertThrows(() => given(row, "-1"), UsageError);
        assertThrows(() => given(row, "1e400"), UsageError);
      }
    });
  }

  if (row.type === "number" && row.range !== undefined) {
    const [min, max] = row.range;
    Deno.test(`${key} takes the bounds of its range, and nothing beyond`, () => {
      given(row, `${min}`);
      given(row, `${max}`);
      assertThrows(() => given(row, `${max + 1}`), UsageError);
      assertThrows(() => given(row, `${min - 1}`), UsageError);
    });
  }

  if (
    (row.type === "text" || row.type === "number") && row.choices !== undefined
  ) {
    Deno.test(`${key} takes each of its words, and no other`, () => {
      for (const choice of row.choices!) given(row, choice);
      assertThrows(() => given(row, "constructor"), UsageError);
    });
  }
}

for (
  const [text, spa] of [
    ["", "/index.html"],
    ["true", "/index.html"],
    ["yes", "/index.html"],
    ["app.html", "/app.html"],
    ["off", undefined],
    ["./true", "/true"],
  ] as const
) {
  Deno.test(`spa of ${JSON.stringify(text)} is ${spa}`, () => {
    assertEquals<unknown>(
      given(OPTION_TABLE.find(({ key }) => key === "spa")!, text).spa,
      spa,
    );
  });
}

Deno.test("defaultOptions() gives nobody the lists of somebody else", () => {
  const options = defaultOptions();
  options.header.push(["A", "1"]);
  options.authPaths.push("/a");
  options.rules.redirects.push({
    from: "/",
    to: "/a",
    status: 301,
    force: false,
    where: "",
  });
  assertEquals(defaultOptions().header, []);
  assertEquals(defaultOptions().authPaths, ["/*"]);
  assertEquals(defaultOptions().rules.redirects, []);
});

Deno.test("defaultOptions() serves this machine alone", () => {
  assertEquals(defaultOptions().host, "127.0.0.1");
  assertEquals(defaultOptions().admin, undefined);
});
