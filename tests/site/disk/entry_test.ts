import { assertEquals, assertGreater } from "@std/assert";
import {
  encodedEntry,
  entryWithoutVersion,
  resourceOf,
  weightOf,
} from "../../../lib/site/disk/entry.ts";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { ABSENT } from "../../../lib/site/site.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { utf8 } from "../../helpers.ts";

const NOW = 1_700_000_000_300;

Deno.test("entryWithoutVersion() is looked up again, and has no siblings", () => {
  const entry = entryWithoutVersion(ABSENT, NOW);
  assertEquals(entry.resource, ABSENT);
  assertEquals(entry.version, undefined);
  assertEquals([entry.checked, entry.canHaveSiblings], [NOW, false]);
});

Deno.test("resourceOf() is what was found, a directory with its slash", () => {
  const directory = { kind: "directory", realPath: "/docs/" } as const;
  for (const path of ["/docs", "/docs/"]) {
    assertEquals(resourceOf(directory, path), { ...directory, path: "/docs/" });
  }
  assertEquals(resourceOf(ABSENT, "/gone"), ABSENT);
  const refused = { kind: "refused", status: 403 } as const;
  assertEquals(resourceOf(refused, "/secret"), refused);
});

Deno.test("weightOf() counts the path and the content", () => {
  const empty = weightOf("/a", ABSENT);
  assertEquals(weightOf("/abc", ABSENT) - empty, 4);
  const bytes = utf8("0123456789");
  const file = new SiteFile("/a", new MemoryVariant(bytes), NOW, false);
  assertEquals(weightOf("/a", file) - empty, 10);
  assertGreater(empty, 1000);
});

Deno.test("encodedEntry() has the version of another path, and can have siblings", () => {
  const version = { device: 1, inode: 2, size: 3, modified: 4, changed: 5 };
  const source = { ...entryWithoutVersion(ABSENT, NOW), version };
  const file = new SiteFile("/a", undefined, NOW, false);
  const entry = encodedEntry(file, "/a.gz", source, NOW);
  assertEquals([entry.resource, entry.version], [file, version]);
  assertEquals([entry.versionPath, entry.checked], ["/a.gz", NOW]);
  assertEquals(entry.canHaveSiblings, true);
});
