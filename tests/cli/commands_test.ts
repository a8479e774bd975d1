import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readArguments } from "../../lib/cli/arguments.ts";
import {
  COMMAND_TABLE,
  commandNamed,
  usageOf,
} from "../../lib/cli/commands.ts";
import { UsageError } from "../../lib/cli/values.ts";

for (const row of COMMAND_TABLE) {
  Deno.test(`commandNamed() finds ${row.name}`, () => {
    assertEquals(commandNamed(row.name), row);
  });

  Deno.test(`${row.name} says what it does in one sentence`, () => {
    assertEquals(/^[A-Z][^.]*$/.test(row.summary), true);
    for (const flag of row.flags ?? []) {
      assertEquals(/^[A-Z][^.]*$/.test(flag.help), true);
      assertEquals(/^[a-z][a-z-]*$/.test(flag.name), true);
    }
  });

  Deno.test(`help ${row.name} is ${row.name} --help`, () => {
    const { command, settings } = readArguments(["help", row.name]);
    assertEquals(command, row.name);
    assertEquals(settings.map((each) => each.row.key), ["help"]);
  });
}

for (const word of [undefined, "", "serve", "Explain", "constructor", "/"]) {
  Deno.test(`commandNamed() knows no ${word}`, () => {
    assertEquals(commandNamed(word), undefined);
  });
}

const USAGES: readonly (readonly [name: string, usage: string])[] = [
  ["explain", "explain /PATH [--header 'NAME: VALUE'] [ROOT] [OPTIONS]"],
  [
    "check",
    "check [--format FORMAT] [--ignore RULE[:PATH]] [--log FILE] [--server URL] [--ca FILE] [--external] [ROOT] [OPTIONS]",
  ],
  ["hash-password", "hash-password [NAME]"],
  ["completions", "completions bash|zsh|fish"],
];

for (const [name, usage] of USAGES) {
  Deno.test(`usageOf() of ${name} is ${usage}`, () => {
    assertEquals(usageOf(commandNamed(name)!), usage);
  });
}

const BAD: readonly (readonly [args: readonly string[], message: string])[] = [
  [["explain", "/a", "--header="], "expected 'Name: value'"],
  [["explain", "", "--cors"], 'Cannot explain ""'],
  [["check", "--format", "xml"], "expected one of text, json, sarif"],
  [["check", "--ignore"], "expected RULE[:PATH]"],
  [["check", "--external=1"], "it takes none"],
  [["hash-password", "--cors"], "expected NAME alone"],
  [["completions"], "expected one of bash, zsh, fish"],
  [["completions", "ksh"], 'Cannot use "ksh" as a shell'],
  [["completions", "zsh", "site"], 'Cannot take "site" as well'],
  [["hash-password", "--header", "A: 1"], "expected NAME alone"],
];

for (const [args, message] of BAD) {
  Deno.test(`a command refuses ${args.join(" ")}: ${message}`, () => {
    const error = assertThrows(() => readArguments(args), UsageError);
    assertStringIncludes(error.message, message);
  });
}
