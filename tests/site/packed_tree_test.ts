import { assertEquals } from "@std/assert";
import { PackedTree } from "../../lib/site/packed_tree.ts";

const TREE = new PackedTree(
  ["/a", "/b-", "/b/c", "/b/d/e", "/b0"].map((path, index) => ({
    path,
    modified: index,
    size: 10 + index,
  })),
  ({ size }) => size,
);

Deno.test("PackedTree.get() finds files by their paths", () => {
  assertEquals(TREE.get("/b/c")?.size, 12);
  assertEquals(TREE.get("/b"), undefined);
});

const DIRECTORIES: readonly [path: string, found: string | undefined][] = [
  ["/", "/"],
  ["/b", "/b/"],
  ["/b/", "/b/"],
  ["/b/d", "/b/d/"],
  ["/a", undefined],
  ["/a/", undefined],
  ["/c/", undefined],
  ["/b/d/e", undefined],
];

for (const [path, found] of DIRECTORIES) {
  Deno.test(`PackedTree.directory() of ${path}`, () => {
    const resource = TREE.directory(path);
    const own = resource.kind === "directory" ? resource.path : undefined;
    assertEquals(own, found);
  });
}

Deno.test("PackedTree.list() lists files and what paths imply", () => {
  const list = TREE.list("/b/");
  assertEquals(list, {
    kind: "entries",
    realPath: "/b/",
    entries: [
      { name: "c", kind: "file", size: 12, modified: 2 },
      { name: "d", kind: "directory", size: 0, modified: 3 },
    ],
    isCut: false,
  });
  assertEquals(TREE.list("/none/").kind, "absent");
});

Deno.test("PackedTree.list() ends at a number of entries", () => {
  const list = TREE.list("/", 2);
  assertEquals(list.kind === "entries" && list.entries.length, 2);
  assertEquals(list.kind === "entries" && list.isCut, true);
});

Deno.test("PackedTree.list() of an archive without files is empty", () => {
  const list = new PackedTree<{ path: string; modified: number }>([], () => 0)
    .list("/");
  assertEquals(list.kind === "entries" && list.entries, []);
});
