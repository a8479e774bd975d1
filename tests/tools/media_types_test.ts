import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { TABLE_PATH, tableText } from "../../tools/media_types.ts";
import { HAS_FILES, testWith } from "../helpers.ts";

testWith(HAS_FILES, "the table of media types is that of the library", () => {
  const url = new URL(`../../${TABLE_PATH}`, import.meta.url);
  // Otherwise: deno task media-types
  assertEquals(Deno.readTextFileSync(fromFileUrl(url)), tableText());
});
