import { assertEquals } from "@std/assert";
import { Folder, Kind, siblingBit } from "../../../lib/site/disk/folder.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

const NOW = Date.now() + 60_000;

/** Makes a folder that was looked at. */
function folderOf(directory: TemporaryDirectory): Folder {
  const folder = new Folder(Deno.realPathSync(directory.path), "/");
  assertEquals(folder.look(NOW), true);
  return folder;
}

testWith(HAS_FILES && IS_UNIX, "a Folder tells what its names are", () => {
  using directory = new TemporaryDirectory({
    "a.js": "a",
    "a.js.zst": "a",
    "docs/a.txt": "a",
    ".hidden": "secret",
  });
  Deno.symlinkSync("a.js", directory.join("link"));
  Deno.symlinkSync("gone", directory.join("to-nothing"));
  const folder = folderOf(directory);
  const rows: readonly [name: string, kind: number][] = [
    ["a.js", Kind.File | siblingBit(1)],
    ["a.js.zst", Kind.File],
    ["docs", Kind.Directory],
    [".hidden", Kind.File],
    ["link", Kind.Link],
    ["to-nothing", Kind.Link],
    ["gone", Kind.Nothing],
    ["A.JS", Kind.Nothing],
    ["__proto__", Kind.Nothing],
    ["x".repeat(300), Kind.Nothing],
    ["docs\0", Kind.Nothing],
  ];
  for (const [name, kind] of rows) {
    assertEquals(folder.kindOf(name, NOW), kind, name);
  }
});

testWith(
  HAS_FILES,
  "a Folder looks names up on disk where another form of them may be found",
  () => {
    using directory = new TemporaryDirectory({ "\u00e9.txt": "e" });
    const folder = folderOf(directory);
    directory.write("b.txt", "b");
    directory.write("b.txt.gz", "b");
    assertEquals(folder.kindOf("gone.txt", NOW), Kind.Nothing);
    assertEquals(folder.kindOf("b.txt", NOW), Kind.Link | siblingBit(2));
  },
);

testWith(HAS_FILES, "a Folder that is gone or replaced is not there", () => {
  using yard = new TemporaryDirectory({ "a/b.txt": "b", "file": "f" });
  const path = Deno.realPathSync(yard.path);
  const folder = new Folder(`${path}/a`, "/a/");
  assertEquals(folder.look(NOW), true);
  assertEquals(folder.isSame(), true);
  Deno.renameSync(yard.join("a"), yard.join("old"));
  Deno.mkdirSync(yard.join("a"));
  assertEquals(folder.isSame(), false);
  assertEquals(new Folder(`${path}/file`, "/file/").look(NOW), false);
});
