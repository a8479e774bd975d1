import { assertEquals } from "@std/assert";
import type { BundleFile } from "../../lib/site/bundle/format.ts";
import { keptText, progressText, summaryText } from "../../tools/summary.ts";
import { fileOf } from "../site/bundle/bundle_forge.ts";

const PROGRESS = {
  files: 312,
  filesTotal: 1204,
  bytes: 12 * 1024 * 1024,
  bytesTotal: 45 * 1024 * 1024,
};

Deno.test("progressText() tells files, bytes, percent and rate", () => {
  assertEquals(
    progressText(PROGRESS, 8000, 100),
    "Packing 312 of 1,204 files, 12 MiB of 45 MiB, 26%, 1.5 MiB/s",
  );
});

Deno.test("progressText() tells no rate before any time has passed", () => {
  assertEquals(
    progressText(PROGRESS, 0, 100),
    "Packing 312 of 1,204 files, 12 MiB of 45 MiB, 26%",
  );
});

Deno.test("progressText() is never longer than the line", () => {
  for (let columns = 0; columns < 80; columns++) {
    const text = progressText(PROGRESS, 8000, columns);
    assertEquals(text, progressText(PROGRESS, 8000, 100).slice(0, columns));
  }
});

Deno.test("progressText() of a site without bytes has no part of nothing", () => {
  const progress = { files: 1, filesTotal: 1, bytes: 0, bytesTotal: 0 };
  assertEquals(
    progressText(progress, 5, 100),
    "Packing 1 of 1 file, 0 B of 0 B, 0%, 0 B/s",
  );
});

const FILES: readonly BundleFile[] = [
  fileOf("/a.html", "x".repeat(2000), {
    br: "x".repeat(500),
    gzip: "x".repeat(700),
  }),
  fileOf("/b.html", "x".repeat(2096), { zstd: "x".repeat(524) }),
  fileOf("/c.png", "x".repeat(1536)),
  fileOf("/d.txt", ""),
];

Deno.test("summaryText() counts by type, the heaviest first, with the best encoding of each file", () => {
  assertEquals(
    summaryText(FILES),
    `\
Type        Files      Raw  Best encoding  Saved
text/html       2    4 KiB          1 KiB    75%
image/png       1  1.5 KiB        1.5 KiB     0%
text/plain      1      0 B            0 B     0%
Total           4  5.5 KiB        2.5 KiB    54%
`,
  );
});

Deno.test("keptText() counts the bytes that only files of older builds take", () => {
  const kept = [
    { ...fileOf("/a-1f0c9a7e.js", "x".repeat(1536)), age: 1 },
    { ...fileOf("/b-1f0c9a7e.js", "abc", { br: "a" }), age: 3 },
    { ...fileOf("/c-1f0c9a7e.js", "abc"), age: 3 },
  ];
  assertEquals(
    keptText(kept, FILES),
    "Kept 3 files of 2 older releases, 4 B",
  );
  assertEquals(keptText([], FILES), "Kept 0 files of 0 older releases, 0 B");
});

Deno.test("summaryText() of nothing is the sum alone", () => {
  assertEquals(
    summaryText([]),
    `\
Type   Files  Raw  Best encoding  Saved
Total      0  0 B            0 B     0%
`,
  );
});

Deno.test("summaryText() counts an encoding only where it is smaller", () => {
  const file = fileOf("/a.txt", "12345", { br: "1234567890" });
  assertEquals(summaryText([file]).includes("5 B            5 B     0%"), true);
});
