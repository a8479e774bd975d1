import { assertEquals } from "@std/assert";
import { isImageFor, TARGETS } from "../../tools/target.ts";
import { FOREIGN_IMAGES, IMAGES } from "./images.ts";

Deno.test("there is an image for every target", () => {
  assertEquals(Object.keys(IMAGES), [...TARGETS]);
});

for (const [name, image] of Object.entries(IMAGES)) {
  Deno.test(`isImageFor() takes an image for ${name} for that alone`, () => {
    const targets = TARGETS.filter((target) => isImageFor(image, target));
    assertEquals(targets, [name]);
    assertEquals(isImageFor(image, "amiga"), false);
  });
}

for (const [name, image] of Object.entries(FOREIGN_IMAGES)) {
  Deno.test(`isImageFor() takes ${name} for no target`, () => {
    assertEquals(TARGETS.filter((target) => isImageFor(image, target)), []);
  });
}
