import { assertEquals, assertMatch } from "@std/assert";
import { ARCHIVE_NAME, BundleError } from "../../../lib/site/bundle/archive.ts";
import { ARCHIVE_SUFFIX } from "../../../lib/site/bundle/format.ts";

Deno.test("the archive in an executable is named like any other", () => {
  assertEquals(ARCHIVE_NAME.endsWith(ARCHIVE_SUFFIX), true);
});

Deno.test("a BundleError says its kind and its reason", () => {
  assertMatch(String(new BundleError("Too short")), /^BundleError: Too short$/);
});
