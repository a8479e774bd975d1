import { assertEquals } from "@std/assert";
import { HAS_PROGRAMS, testWith } from "../helpers.ts";

const MODULE = new URL("../../lib/service/uncaught.ts", import.meta.url).href;

const BEGINNING = `
  import { reportUncaught } from ${JSON.stringify(MODULE)};
  const say = (text) =>
    Deno.stdout.writeSync(new TextEncoder().encode(text + "\\n"));
  const reports = reportUncaught(globalThis, ({ message }) => say("reported " + message));
`;

/** Fails in several ways, and says at the end that it is still there. */
const PROGRAM = `${BEGINNING}
  Promise.reject(new Error("a rejection"));
  setTimeout(() => { throw new Error("an error of a timer"); }, 1);
  queueMicrotask(() => { throw new Error("an error of a microtask"); });
  setTimeout(() => say("still here"), 50);
`;

/** Fails when failures are reported no longer. */
const ENDING = [
  'Promise.reject(new Error("a rejection"));',
  'setTimeout(() => { throw new Error("an error of a timer"); }, 1);',
].map((failure) =>
  `${BEGINNING}
  reports[Symbol.dispose]();
  ${failure}
  setTimeout(() => say("still here"), 50);
`
);

/** Runs a program. Returns the lines that it said, sorted, and whether it ended well. */
async function outcomeOf(program: string): Promise<[string[], boolean]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", program],
    stderr: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return [lines.filter((line) => line !== "").sort(), success];
}

testWith(
  HAS_PROGRAMS,
  "reportUncaught() reports what nobody catches, and the process goes on",
  async () => {
    assertEquals(await outcomeOf(PROGRAM), [[
      "reported a rejection",
      "reported an error of a microtask",
      "reported an error of a timer",
      "still here",
    ], true]);
  },
);

testWith(
  HAS_PROGRAMS,
  "reportUncaught() lets failures end the process again when it is disposed of",
  async () => {
    for (const program of ENDING) {
      assertEquals(await outcomeOf(program), [[], false]);
    }
  },
);
