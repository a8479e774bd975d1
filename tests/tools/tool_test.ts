import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/options.ts";
import { BundleError } from "../../lib/site/bundle/archive.ts";
import { Interrupted } from "../../tools/interruption.ts";
import { TARGETS } from "../../tools/target.ts";
import { parseArguments, runTool } from "../../tools/tool.ts";
import { PackError } from "../../tools/walk.ts";

const NOTHING = {
  positionals: [],
  output: undefined,
  target: undefined,
  older: [],
  keepReleases: undefined,
  help: false,
};

const GOOD: readonly [args: string[], expected: object][] = [
  [[], {}],
  [["./site"], { positionals: ["./site"] }],
  [["./site", "--output", "mysite"], {
    positionals: ["./site"],
    output: "mysite",
  }],
  [["--output=mysite", "./site"], {
    positionals: ["./site"],
    output: "mysite",
  }],
  [["--", "--output"], { positionals: ["--output"] }],
  [["a", "b"], { positionals: ["a", "b"] }],
  [["--help"], { help: true }],
  [["--with", "a"], { older: ["a"] }],
  [["--with=a", "--with", "b"], { older: ["a", "b"] }],
  [["site", "--with", "a", "b", "--output", "c", "d"], {
    positionals: ["site", "d"],
    older: ["a", "b"],
    output: "c",
  }],
  [["--with", "a", "b", "--", "site", "--with"], {
    positionals: ["site", "--with"],
    older: ["a", "b"],
  }],
  [["--keep-releases", "3"], { keepReleases: 3 }],
  ...TARGETS.map((
    target,
  ): [string[], object] => [["--target", target], { target }]),
];

for (const [args, expected] of GOOD) {
  Deno.test(`parseArguments() reads [${args.join(" ")}]`, () => {
    assertEquals(parseArguments(args), { ...NOTHING, ...expected });
  });
}

const BAD: readonly [args: string[], message: string][] = [
  [["--outptu", "a"], "--outptu"],
  [["--output"], "--output"],
  [["--output", "--target"], "--output"],
  [["--help=1"], "--help"],
  [["--with"], "--with"],
  [["--keep-releases", "0"], 'Cannot use "0" as a number of releases'],
  [["--keep-releases=many"], "expected a number from 1 to 100"],
  [
    ["--target", "amiga"],
    'Cannot compile for "amiga": expected one of x86_64-',
  ],
  [["--target", ""], 'Cannot compile for ""'],
  [["-o", "a"], "-o"],
];

for (const [args, message] of BAD) {
  Deno.test(`parseArguments() refuses [${args.join(" ")}]`, () => {
    assertThrows(() => parseArguments(args), UsageError, message);
  });
}

const CODES: readonly [error: Error | undefined, code: number][] = [
  [undefined, 0],
  [new PackError("Cannot pack"), 1],
  [new BundleError("Cannot write the archive"), 1],
  [Object.assign(new Error("No space left"), { code: "ENOSPC" }), 1],
  [new UsageError("Cannot understand"), 2],
  [new Interrupted("Interrupted"), 130],
];

for (const [error, code] of CODES) {
  Deno.test(`runTool() returns ${code} for ${error?.message ?? "success"}`, async () => {
    const command = () =>
      error === undefined ? Promise.resolve() : Promise.reject(error);
    assertEquals(await runTool(command, []), code);
  });
}

Deno.test("runTool() returns 2 without running the command for a bad command line", async () => {
  let ran = false;
  const command = () => {
    ran = true;
    return Promise.resolve();
  };
  assertEquals(await runTool(command, ["--nonsense"]), 2);
  assertEquals(ran, false);
});

Deno.test("runTool() lets failures pass that nobody has thought of", async () => {
  const error = Object.assign(new TypeError("undefined is not a boat"), {
    code: "ERR_INVALID_ARG_TYPE",
  });
  await assertRejects(
    () => runTool(() => Promise.reject(error), []),
    TypeError,
    "boat",
  );
});
