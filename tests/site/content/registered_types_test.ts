import { assertEquals } from "@std/assert";
import { registeredType } from "../../../lib/site/content/registered_types.ts";

for (
  const [extension, type] of [
    [".html", "text/html; charset=UTF-8"],
    [".png", "image/png"],
    [".json", "application/json; charset=UTF-8"],
    [".zip", "application/zip"],
    ["", undefined],
    [".", undefined],
    ["html", undefined],
    [".none-such", undefined],
    [".__proto__", undefined],
  ] as const
) {
  Deno.test(`registeredType() knows "${extension}" as ${type}`, () => {
    assertEquals(registeredType(extension), type);
  });
}
