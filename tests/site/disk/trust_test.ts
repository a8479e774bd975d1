import { assertEquals } from "@std/assert";
import { SiteFile } from "../../../lib/site/content/file.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { LOOK_MS, NoChanges } from "../../../lib/site/disk/changes.ts";
import type { Entry } from "../../../lib/site/disk/entry.ts";
import {
  Trust,
  TRUSTED_DIRECTORIES_MAX,
} from "../../../lib/site/disk/trust.ts";

class Trusted extends NoChanges {
  looks = 0;
  readonly reported: string[] = [];

  override trusts(): boolean {
    return true;
  }

  override mayLook(): boolean {
    return this.looks-- > 0;
  }

  override found(path: string): void {
    this.reported.push(path);
  }
}

function entry(
  path: string,
  parts: Partial<Entry> & { realPath?: string } = {},
): Entry {
  const { realPath = path, ...rest } = parts;
  const variant = new MemoryVariant(new Uint8Array(1));
  return {
    resource: new SiteFile(path, variant, undefined, false, { realPath }),
    version: { device: 1, inode: 1, size: 1, modified: 0, changed: 0 },
    mayChangeUnseen: false,
    checked: 0,
    canHaveSiblings: true,
    epoch: -1,
    ...rest,
  };
}

function trusting(...entries: readonly (readonly [string, Entry])[]) {
  const changes = new Trusted();
  const byPath = new Map(entries);
  const trust = new Trust(changes, (path) => byPath.get(path));
  for (const [path, each] of entries) trust.confirm(path, each, 0);
  return { changes, trust };
}

/** Entries that may change without a word. */
const UNTRUSTED: Readonly<Record<string, Entry>> = {
  "reached through a link": entry("/d/a", { realPath: "/e/a" }),
  "that exists only encoded": entry("/d/a", { versionPath: "/d/a.gz" }),
  "that was written a moment ago": entry("/d/a", { mayChangeUnseen: true }),
};

for (const [name, each] of Object.entries(UNTRUSTED)) {
  Deno.test(`Trust does not cover a file ${name}`, () => {
    const { trust } = trusting(["/d/a", each]);
    assertEquals(trust.covers(each, 0, 0), false);
  });
}

/** Paths that are told, and whether a file is trusted after. */
const TOLD: readonly (readonly [string | undefined, boolean])[] = [
  ["/d/e/a", false],
  ["/d/e/a.gz", false],
  ["/d/e", false],
  ["/d", false],
  [undefined, false],
  ["/d/e/b", true],
  ["/f", true],
];

for (const [path, isCovered] of TOLD) {
  Deno.test(`Trust in /d/e/a after a change of ${path ?? "anything"}: ${isCovered}`, () => {
    const each = entry("/d/e/a");
    const { trust, changes } = trusting(["/d/e/a", each]);
    assertEquals(trust.covers(each, 0, 0), true);
    changes.onChange(path, "changed");
    assertEquals(trust.covers(each, 0, 0), false || isCovered);
  });
}

Deno.test("Trust ends after a second where a look is allowed", () => {
  const each = entry("/a");
  const { trust, changes } = trusting(["/a", each]);
  changes.looks = 1;
  assertEquals(trust.covers(each, LOOK_MS - 1, 0), true);
  assertEquals(trust.covers(each, LOOK_MS, 0), false);
  assertEquals(trust.covers(each, LOOK_MS, 0), true);
  assertEquals(trust.covers(each, -1, 0), false);
});

Deno.test("Trust reports only what was trusted and not told", () => {
  const each = entry("/a");
  const { trust, changes } = trusting(["/a", each]);
  trust.contradict("/a", each, 0);
  changes.onChange("/a", "changed");
  trust.contradict("/a", each, 0);
  assertEquals(changes.reported, ["/a"]);
});

Deno.test("Trust remembers a bounded number of directories", () => {
  const { trust } = trusting();
  const first = entry("/d/a");
  trust.confirm("/d/a", first, 0);
  for (let i = 0; i < TRUSTED_DIRECTORIES_MAX; i++) {
    const path = `/${i}/a`;
    trust.confirm(path, entry(path), 0);
  }
  assertEquals(trust.covers(first, 0, 0), false);
});
