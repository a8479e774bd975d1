import { assert, assertEquals, assertThrows } from "@std/assert";
import { GROUPS } from "../../lib/cli/option_kinds.ts";
import {
  applySetting,
  flagOf,
  isFrom,
  isOn,
  isOptional,
  negativeOf,
  settingOf,
  shownFlag,
  shownOption,
  valueOf,
  variableOf,
} from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionKey,
  type OptionRow,
} from "../../lib/cli/options.ts";
import type { Origin } from "../../lib/cli/origin.ts";
import { UsageError } from "../../lib/cli/values.ts";

const FLAG: Origin = { source: "flag", name: "--x", where: "" };

function row(key: OptionKey): OptionRow {
  return OPTION_TABLE.find((each) => each.key === key)!;
}

for (
  const [key, flag, variable, negative] of [
    ["port", "--port", "SKIFF_PORT", "--no-port"],
    ["tlsCert", "--tls-cert", "SKIFF_TLS_CERT", "--no-tls-cert"],
    [
      "connectionsPerAddress",
      "--connections-per-address",
      "SKIFF_CONNECTIONS_PER_ADDRESS",
      "--no-connections-per-address",
    ],
  ] as const
) {
  Deno.test(`the other names of ${key} follow from it`, () => {
    assertEquals(flagOf(key), flag);
    assertEquals(variableOf(key), variable);
    assertEquals(negativeOf(key), negative);
  });
}

for (
  const [key, option] of [
    ["root", "ROOT"],
    ["port", "--port PORT"],
    ["spa", "--spa[=FILE]"],
    ["listing", "--no-listing"],
    ["cors", "--cors"],
    ["header", "--header 'NAME: VALUE'"],
  ] as const
) {
  Deno.test(`shownOption() of ${key} is ${option}`, () => {
    assertEquals(shownOption(row(key)), option);
    assertEquals(shownFlag(row(key)), option.replace(/[ \[].*/, ""));
  });
}

Deno.test("isFrom(), isOn() and isOptional() tell what a row says", () => {
  assert(isFrom(row("port"), "file"));
  assert(!isFrom(row("help"), "file"));
  assert(!isFrom(row("config"), "file"));
  assert(isFrom(row("config"), "environment"));
  assert(isOn(row("listing")));
  assert(!isOn(row("cors")));
  assert(!isOn(row("index")));
  assert(isOptional(row("spa")));
  assert(!isOptional(row("port")));
  assert(!isOptional(row("cors")));
});

Deno.test("every row is in one of the groups", () => {
  assertEquals(
    [...new Set(OPTION_TABLE.map(({ group }) => group))],
    [...GROUPS],
  );
});

const TEXTS:
  readonly (readonly [key: OptionKey, text: string, value: unknown])[] = [
    ["cors", "true", true],
    ["cors", "1", true],
    ["cors", "YES", true],
    ["cors", "on", true],
    ["cors", "false", false],
    ["cors", "0", false],
    ["cors", "no", false],
    ["cors", "Off", false],
    ["spa", "on", "true"],
    ["spa", "0", "false"],
    ["spa", "shell.html", "shell.html"],
    ["spa", "", ""],
    ["port", "1", "1"],
    ["index", "on", "on"],
    ["allow", "::1", ["::1"]],
    ["allow", " ::1 , ::2", ["::1", "::2"]],
    ["allow", "::1,", ["::1", ""]],
    ["header", "A: b, c", ["A: b, c"]],
  ];

for (const [key, text, value] of TEXTS) {
  Deno.test(`settingOf() makes of ${JSON.stringify(text)} for ${key}: ${JSON.stringify(value)}`, () => {
    assertEquals<unknown>(settingOf(row(key), text, FLAG).value, value);
  });
}

for (const text of ["", "maybe", "truee", "2", "null"]) {
  Deno.test(`settingOf() refuses ${JSON.stringify(text)} for a switch`, () => {
    const error = assertThrows(
      () => settingOf(row("cors"), text, FLAG),
      UsageError,
    );
    assertEquals(
      error.message,
      `Cannot use "${text}" for --x: expected true or false`,
    );
  });
}

Deno.test("applySetting() says where the value was given", () => {
  const origin: Origin = {
    source: "file",
    name: '"port"',
    where: "skiff.json:4:11",
  };
  const error = assertThrows(
    () =>
      applySetting(defaultOptions(), { row: row("port"), value: "x", origin }),
    UsageError,
  );
  assertEquals(
    error.message,
    'skiff.json:4:11: Cannot use "x" as a port: expected a number from 0 to 65535',
  );
});

Deno.test("valueOf() gives what the file would have", () => {
  const options = defaultOptions();
  options.header = [["A", "b"]];
  assertEquals<unknown>(valueOf(row("header"), options), ["A: b"]);
  assertEquals<unknown>(valueOf(row("admin"), options), undefined);
  options.admin = { host: "::1", port: 1 };
  assertEquals<unknown>(valueOf(row("admin"), options), "[::1]:1");
  options.admin = { host: "localhost", port: 1 };
  assertEquals<unknown>(valueOf(row("admin"), options), "localhost:1");
});
