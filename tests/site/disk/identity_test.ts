import { assertEquals, assertNotEquals } from "@std/assert";
import { identityOf } from "../../../lib/site/disk/identity.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

testWith(
  HAS_FILES && IS_UNIX,
  "identityOf() tells directories apart, follows links only if told, and knows when nothing is there",
  () => {
    using directory = new TemporaryDirectory({ "a/x": "", "b/x": "" });
    const [a, b, link, moved] = ["a", "b", "link", "moved"]
      .map((name) => directory.join(name)) as [string, string, string, string];
    Deno.symlinkSync("a", link);
    const identity = identityOf(a);
    assertNotEquals(identity, undefined);
    assertNotEquals(identityOf(b), identity);
    assertNotEquals(identityOf(link), identity);
    assertEquals(identityOf(link, Deno.statSync), identity);
    assertEquals(identityOf(moved), undefined);
    Deno.renameSync(a, moved);
    assertEquals(identityOf(moved), identity);
    assertEquals(identityOf(link, Deno.statSync), undefined);
    Deno.renameSync(b, a);
    assertNotEquals(identityOf(a), identity);
  },
);
