import { assertEquals, assertThrows } from "@std/assert";
import {
  atOrigin,
  type Origin,
  originText,
  withOrigin,
} from "../../lib/cli/origin.ts";
import { UsageError } from "../../lib/cli/values.ts";

const FLAG: Origin = { source: "flag", name: "--port", where: "" };
const VARIABLE: Origin = {
  source: "environment",
  name: "SKIFF_PORT",
  where: "",
};
const FILE: Origin = {
  source: "file",
  name: '"port"',
  where: "a:b/skiff.json:4:11",
};

for (
  const [origin, text] of [
    [FLAG, "--port"],
    [VARIABLE, "SKIFF_PORT"],
    [FILE, "a:b/skiff.json:4"],
  ] as const
) {
  Deno.test(`originText() of the ${origin.source} is ${text}`, () => {
    assertEquals(originText(origin), text);
  });
}

for (
  const [origin, message, text] of [
    [FLAG, "Cannot", "Cannot"],
    [VARIABLE, "Cannot", "Cannot (SKIFF_PORT)"],
    [VARIABLE, "Cannot use SKIFF_PORT", "Cannot use SKIFF_PORT"],
    [FILE, "Cannot", "a:b/skiff.json:4:11: Cannot"],
  ] as const
) {
  Deno.test(`atOrigin() makes of "${message}": ${text}`, () => {
    assertEquals(atOrigin(message, origin), text);
    const error = assertThrows(() =>
      withOrigin(origin, () => {
        throw new UsageError(message);
      }), UsageError);
    assertEquals(error.message, text);
  });
}

Deno.test("withOrigin() lets other errors through", () => {
  const error = new TypeError("x");
  const thrown = assertThrows(() =>
    withOrigin(FILE, () => {
      throw error;
    })
  );
  assertEquals(thrown, error);
  assertEquals(withOrigin(FILE, () => 7), 7);
});
