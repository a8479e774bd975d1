import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMAND_TABLE, usageOf } from "../../lib/cli/commands.ts";
import { shownOption } from "../../lib/cli/option_row.ts";
import { OPTION_TABLE } from "../../lib/cli/options.ts";
import { manualText } from "../../tools/manual.ts";
import { TemporaryDirectory } from "../helpers.ts";
import { testAgainst } from "../programs.ts";

/** Runs a program on the page as a file, and returns what it says. */
async function run(program: string, args: readonly string[]): Promise<string> {
  using directory = new TemporaryDirectory({ "skiff.1": manualText() });
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...args, directory.join("skiff.1")],
    env: { LC_ALL: "C.UTF-8", MANWIDTH: "200", MAN_KEEP_FORMATTING: "" },
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

testAgainst(
  "mandoc",
  "mandoc finds nothing wrong with the manual",
  async (path) => {
    assertEquals(await run(path, ["-T", "lint", "-W", "style"]), "");
  },
);

testAgainst(
  "mandoc",
  "the manual shows each option and command as the help does",
  async (path) => {
    const text = (await run(path, ["-T", "utf8", "-O", "width=200"]))
      // Bold is a letter, a step back, and the letter again.
      // deno-lint-ignore no-control-regex
      .replaceAll(/.\x08/g, "");
    for (const row of OPTION_TABLE) {
      assertStringIncludes(text, shownOption(row));
    }
    for (const row of COMMAND_TABLE) {
      assertStringIncludes(text, `skiff ${usageOf(row)}\n`);
    }
  },
);
