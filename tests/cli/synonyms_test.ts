import { assert, assertEquals } from "@std/assert";
import { flagOf, negativeOf, shortFlagOf } from "../../lib/cli/option_row.ts";
import { OPTION_TABLE } from "../../lib/cli/options.ts";
import { commandHint, synonymHint } from "../../lib/cli/synonyms.ts";

const FLAGS = OPTION_TABLE.filter(({ key }) => key !== "root").flatMap((
  row,
) => [
  flagOf(row.key),
  negativeOf(row.key),
  shortFlagOf(row),
]);

for (
  const flag of [
    "--ssl",
    "--root",
    "-v",
    "--gzip",
    "-l",
    "-C",
    "--ssl-cert",
  ]
) {
  Deno.test(`synonymHint() of ${flag} speaks of options that exist`, () => {
    const hint = synonymHint(flag);
    assert(hint !== undefined);
    for (const [named] of hint.matchAll(/--?[a-zA-Z][a-z-]*/g)) {
      assert(FLAGS.includes(named), `${named} in ${hint}`);
    }
  });
}

Deno.test("synonymHint() says nothing of what is an option here, or means nothing", () => {
  const wrong = FLAGS.filter((flag) =>
    flag !== undefined && synonymHint(flag) !== undefined
  );
  assertEquals(wrong, []);
  assertEquals(synonymHint("--constructor"), undefined);
});

const OPERANDS: readonly (readonly [operand: string, hint: string])[] = [
  ["serve", "; to serve a directory, name it without a command"],
  ["preview", "; to serve a directory, name it without a command"],
  ["explan", "; did you mean the command explain?"],
  ["hashpassword", "; did you mean the command hash-password?"],
  ["dist", ""],
  ["./explan", ""],
  ["", ""],
];

for (const [operand, hint] of OPERANDS) {
  Deno.test(`commandHint() about ${JSON.stringify(operand)} is "${hint}"`, () => {
    assertEquals(commandHint(operand), hint);
  });
}
