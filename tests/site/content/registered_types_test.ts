import { assertEquals } from "@std/assert";
import { contentType } from "@std/media-types";
import { types } from "@std/media-types/db";
import { registeredType } from "../../../lib/site/content/registered_types.ts";

Deno.test("registeredType knows every extension of the library", () => {
  for (const extension of types.keys()) {
    const name = `.${extension}`;
    assertEquals(registeredType(name), contentType(name), name);
  }
});

const NONE: readonly (readonly [name: string, extension: string])[] = [
  ["an unknown one", ".unknown"],
  ["none", ""],
  ["a dot", "."],
  ["a part of one", ".htm l"],
  ["without its dot", "html"],
  ["two lines of the table", ".aac audio/x-aac\n.ac"],
  ["a line with its type", ".html text/html;"],
  ["a name of objects", ".constructor"],
];

for (const [name, extension] of NONE) {
  Deno.test(`registeredType has no type for ${name}`, () => {
    assertEquals(registeredType(extension), undefined);
  });
}
