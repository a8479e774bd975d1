import { assertEquals } from "@std/assert";
import { SIZE32_MAX } from "../../../lib/site/zip/format.ts";
import type {
  ArchivePart,
  Layout,
  LayoutEntry,
} from "../../../lib/site/zip/layout.ts";
import { layoutOf } from "./layouts.ts";

function entry(path: string, size: number): LayoutEntry {
  return { path, size, modified: Date.UTC(2024, 0, 1) };
}

function partsOf(layout: Layout): ArchivePart[] {
  const parts: ArchivePart[] = [];
  for (let at = 0; at < layout.length;) {
    const part = layout.partAt(at);
    assertEquals(part.start, at);
    assertEquals(layout.partAt(part.end - 1), part);
    parts.push(part);
    at = part.end;
  }
  return parts;
}

const LAYOUTS: readonly [
  name: string,
  entries: readonly LayoutEntry[],
  parts: string,
][] = [
  ["nothing", [], "end"],
  [
    "a file, an empty one and a folder",
    [entry("a", 3), entry("b", 0), entry("c/", 0)],
    "local0 content0 descriptor0 local1 descriptor1 local2 central0 central1 central2 end",
  ],
  [
    "files beyond 32 bits",
    [entry("a", 2 ** 33), entry("b", SIZE32_MAX)],
    "local0 content0 descriptor0 local1 content1 descriptor1 central0 central1 end",
  ],
];

for (const [name, entries, parts] of LAYOUTS) {
  Deno.test(`Layout of ${name} has its parts one behind the other`, () => {
    const layout = layoutOf(entries);
    const found = partsOf(layout);
    assertEquals(
      found.map(({ kind, index = "" }) => kind + index).join(" "),
      parts,
    );
    for (const part of found) {
      if (part.kind === "content") continue;
      const record = layout.record(part, () => 1);
      assertEquals(record.length, part.end - part.start);
    }
  });
}

/** What checksumsIn() should yield, by the simplest way to tell. */
function neededIn(
  { entries }: Layout,
  parts: readonly ArchivePart[],
  start: number,
  end: number,
): number[] {
  const known = new Set<number>();
  const needed = new Set<number>();
  for (const part of parts) {
    if (part.end <= start || part.start >= end) continue;
    const { kind, index } = part;
    if (kind === "content" && part.end < end) known.add(index!);
    if (kind !== "descriptor" && kind !== "central") continue;
    if (entries[index!]!.size > 0 && !known.has(index!)) {
      needed.add(index!);
    }
  }
  return [...needed].sort();
}

Deno.test("Layout.checksumsIn() yields what no range computes itself", () => {
  const layout = layoutOf([
    entry("a", 3),
    entry("b", 1),
    entry("c/", 0),
    entry("d", 2),
  ]);
  const parts = partsOf(layout);
  for (let start = 0; start < layout.length; start++) {
    for (let end = start + 1; end <= layout.length; end++) {
      const entries = [...layout.checksumsIn(start, end)]
        .filter((index) => layout.entries[index]!.size > 0);
      assertEquals(
        entries.sort(),
        neededIn(layout, parts, start, end),
        `${start}-${end}`,
      );
    }
  }
});

Deno.test("Layout.cutContent() is the content that a range begins in and goes beyond", () => {
  const layout = layoutOf([entry("a", 3), entry("b", 5)]);
  const content = partsOf(layout).find(({ kind, index }) =>
    kind === "content" && index === 1
  )!;
  const { start, end } = content;
  assertEquals(layout.cutContent(start + 1, end + 1), content);
  assertEquals(layout.cutContent(start + 4, layout.length), content);
  assertEquals(layout.cutContent(start, end + 1), undefined);
  assertEquals(layout.cutContent(start + 1, end), undefined);
  assertEquals(layout.cutContent(end, end + 1), undefined);
});
