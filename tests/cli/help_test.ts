import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { COMMAND_TABLE, shownCommandFlag } from "../../lib/cli/commands.ts";
import { helpText } from "../../lib/cli/help.ts";
import { GROUPS } from "../../lib/cli/option_kinds.ts";
import {
  flagOf,
  needsValue,
  shownDefault,
  shownFlag,
  shownOption,
} from "../../lib/cli/option_row.ts";
import { OPTION_TABLE } from "../../lib/cli/options.ts";

/** Lines for people: what is in a small terminal. */
function linesOf(text: string): string[] {
  assert(text.endsWith("\n"));
  return text.slice(0, -1).split("\n");
}

for (const topic of ["everyday", "all", ...GROUPS] as const) {
  Deno.test(`helpText() on ${topic} fits a terminal`, () => {
    const lines = linesOf(helpText(topic));
    assert(topic === "all" || lines.length <= 24);
    for (const line of lines) {
      assert(line.length <= 80, line);
      assertMatch(line, /^[ -~]*$/);
    }
  });
}

Deno.test("helpText() names each short form", () => {
  const line = linesOf(helpText()).find((each) => each.startsWith("Short: "))!;
  for (const row of OPTION_TABLE) {
    if (row.short === undefined) continue;
    assertStringIncludes(line, `-${row.short} ${flagOf(row.key)}`);
  }
  assertEquals(line.split(", ").length, 6);
});

Deno.test("helpText() tells the usage", () => {
  assertStringIncludes(helpText(), "Usage: skiff [COMMAND] [ROOT] [OPTIONS]");
});

for (const { name, summary, flags = [] } of COMMAND_TABLE) {
  Deno.test(`${name} is in the help, and has a page`, () => {
    assertMatch(helpText(), new RegExp(`Commands: .*\\b${name}[,;]`));
    const page = helpText("everyday", name);
    assert(page.startsWith(`Usage: skiff ${name}`));
    assertStringIncludes(page, `\n${summary}.\n`);
    for (const flag of flags) {
      assertStringIncludes(page, `\n  ${shownCommandFlag(flag)}  `);
    }
    const lines = linesOf(page);
    assert(lines.length <= 24);
    for (const line of lines) assertMatch(line, /^[ -~]{0,80}$/);
  });
}

for (const row of OPTION_TABLE) {
  const flag = shownFlag(row);
  Deno.test(`${flag} is in the help, and in full in that of its group`, () => {
    assertMatch(helpText(), new RegExp(`[ \\[]${flag}[\\s\\]\\[]`));
    for (const topic of ["all", row.group] as const) {
      const lines = linesOf(helpText(topic)).filter((line) =>
        line.startsWith(`  ${shownOption(row)}  `)
      );
      assertEquals(lines.length, 1);
      const words = helpText(topic).replaceAll(/\s+/g, " ");
      const isShown = needsValue(row) && shownDefault(row) !== "none";
      const preset = isShown ? ` [${shownDefault(row)}]` : "";
      assertStringIncludes(words, `${shownOption(row)} ${row.help}${preset} `);
    }
    const others = GROUPS.filter((group) => group !== row.group);
    for (const other of others) {
      assert(!helpText(other).includes(`  ${shownOption(row)}  `));
    }
  });
}
