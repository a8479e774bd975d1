import { assertEquals } from "@std/assert";
import { RELEASE_ROWS } from "../../lib/cli/release_options.ts";

Deno.test("RELEASE_ROWS: every other option needs a folder of releases", () => {
  for (const [key, row] of Object.entries(RELEASE_ROWS)) {
    assertEquals(row.group, "deploy");
    assertEquals("needs" in row, key !== "releases", key);
  }
});
