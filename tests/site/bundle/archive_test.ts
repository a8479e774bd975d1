import { assertEquals, assertMatch } from "@std/assert";
import { ARCHIVE_NAME, BundleError } from "../../../lib/site/bundle/archive.ts";

Deno.test("the archive in an executable is named like any other", () => {
  assertEquals(ARCHIVE_NAME, "site.skiff");
});

Deno.test("a BundleError says its kind and its reason", () => {
  assertMatch(String(new BundleError("Too short")), /^BundleError: Too short$/);
});
