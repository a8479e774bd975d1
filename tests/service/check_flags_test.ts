import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/options.ts";
import {
  flagValueOf,
  formatOf,
  formatWithoutPlaces,
  ignoredOf,
} from "../../lib/service/check_flags.ts";

for (
  const [value, part] of [["dead-lnk", "perhaps dead-link"], [
    "x",
    "expected the name of a rule",
  ], ["dead-link:x", "does not begin with"]] as const
) {
  Deno.test(`ignoredOf() refuses ${value}`, () => {
    const error = assertThrows(
      () => ignoredOf([["ignore", value]]),
      UsageError,
    );
    assertStringIncludes(error.message, part);
  });
}

Deno.test("formatOf() is text, unless another is given", () => {
  assertEquals(formatOf([]), "text");
  assertEquals(formatOf([["format", "json"], ["ignore", "x"]]), "json");
});

Deno.test("formatWithoutPlaces() refuses SARIF", () => {
  assertEquals(formatWithoutPlaces([["format", "json"]], "--log"), "json");
  assertThrows(
    () => formatWithoutPlaces([["format", "sarif"]], "--log"),
    UsageError,
    "Cannot write SARIF with --log: expected text or json",
  );
});

Deno.test("flagValueOf() is the last of a flag", () => {
  assertEquals(flagValueOf([["a", "1"], ["b", "2"], ["a", "3"]], "a"), "3");
  assertEquals(flagValueOf([], "a"), undefined);
});
