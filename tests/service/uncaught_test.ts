import { assertEquals } from "@std/assert";
import { HAS_PROGRAMS, testWith } from "../helpers.ts";

const MODULE = new URL("../../lib/service/uncaught.ts", import.meta.url).href;

/** Fails in several ways, and says at the end that it is still there. */
const PROGRAM = `
  import { reportUncaught } from ${JSON.stringify(MODULE)};
  const say = (text) =>
    Deno.stdout.writeSync(new TextEncoder().encode(text + "\\n"));
  reportUncaught(globalThis, ({ message }) => say("reported " + message));
  Promise.reject(new Error("a rejection"));
  setTimeout(() => { throw new Error("an error of a timer"); }, 1);
  queueMicrotask(() => { throw new Error("an error of a microtask"); });
  setTimeout(() => say("still here"), 50);
`;

testWith(
  HAS_PROGRAMS,
  "reportUncaught() reports what nobody catches, and the process goes on",
  async () => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", PROGRAM],
      stderr: "inherit",
    }).output();
    assertEquals(new TextDecoder().decode(stdout).split("\n").sort(), [
      "",
      "reported a rejection",
      "reported an error of a microtask",
      "reported an error of a timer",
      "still here",
    ]);
    assertEquals(success, true);
  },
);
