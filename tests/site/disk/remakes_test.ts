import { assert, assertEquals } from "@std/assert";
import { LOST_MAX, Remakes } from "../../../lib/site/disk/remakes.ts";
import type { Version } from "../../../lib/site/content/version.ts";

function versionOf(inode: number, modified = 0): Version {
  return { device: 1, inode, size: 1, modified, changed: 0 };
}

Deno.test("Remakes allow work that was not lost at any time", () => {
  const remakes = new Remakes();
  for (let count = 0; count < 3; count++) {
    assert(remakes.begin("/a", versionOf(1), 0) !== undefined);
  }
});

Deno.test("Remakes allow work that was lost one at a time, and with pauses", () => {
  const remakes = new Remakes();
  for (const inode of [1, 2]) remakes.lose("/a", versionOf(inode));
  const end = remakes.begin("/a", versionOf(1), 1000)!;
  assertEquals(remakes.begin("/b", versionOf(2), 2000), undefined);
  end(2000, 50);
  assertEquals(remakes.begin("/b", versionOf(2), 2999), undefined);
  assertEquals(remakes.begin("/a", versionOf(1), 2999), undefined);
  // Work that was not lost waits for none of this.
  assert(remakes.begin("/c", versionOf(3), 2999) !== undefined);
  assert(remakes.begin("/b", versionOf(2), 3000) !== undefined);
});

Deno.test("Remakes know another version from the one on which work was lost", () => {
  const remakes = new Remakes();
  remakes.lose("/a", versionOf(1));
  remakes.begin("/a", versionOf(1), 0);
  assertEquals(remakes.begin("/a", versionOf(1), 1e9), undefined);
  assert(remakes.begin("/a", versionOf(1, 5), 0) !== undefined);
});

Deno.test("Remakes know a file by whatever path, and by its path where it has no inode", () => {
  const remakes = new Remakes();
  remakes.lose("/a", versionOf(1));
  remakes.begin("/link/a", versionOf(1), 0);
  assertEquals(remakes.begin("/link/link/a", versionOf(1), 0), undefined);
  remakes.lose("/b", versionOf(0));
  assertEquals(remakes.begin("/b", versionOf(0), 0), undefined);
  assert(remakes.begin("/c", versionOf(0), 0) !== undefined);
});

Deno.test("Remakes take any work for one that was lost when they cannot remember all", () => {
  const remakes = new Remakes();
  for (let inode = 1; inode <= LOST_MAX; inode++) {
    remakes.lose("/a", versionOf(inode));
  }
  assert(remakes.begin("/b", versionOf(LOST_MAX + 5), 0) !== undefined);
  remakes.lose("/a", versionOf(LOST_MAX + 1));
  assert(remakes.begin("/b", versionOf(LOST_MAX + 5), 0) !== undefined);
  assertEquals(remakes.begin("/b", versionOf(LOST_MAX + 6), 0), undefined);
});
