import { assert, assertEquals } from "@std/assert";
import { OpenFile } from "../../../lib/site/disk/open_file.ts";
import { readWhole } from "../../../lib/site/disk/reading.ts";
import { ABSENT } from "../../../lib/site/site.ts";
import { utf8 } from "../../helpers.ts";
import { openCount, TEN, testFile } from "./one_file.ts";

/** What is handed to readWhole() for a file that is open. */
function openedOf(file: OpenFile) {
  return { kind: "file", file, realPath: "/a.txt" } as const;
}

testFile(
  "readWhole() gives the content of a file that stays the same",
  (file) => {
    for (const now of [Date.now(), file.version.modified]) {
      const { bytes, realPath } = readWhole(
        openedOf(file),
        now,
        10,
        () => ABSENT,
      );
      assertEquals([bytes, realPath], [utf8(TEN), "/a.txt"]);
    }
  },
);

testFile(
  "readWhole() tells whether a file that was written a moment ago is written further",
  (file, path) => {
    const read = () =>
      readWhole(openedOf(file), file.version.modified, 10, () => ABSENT);
    assertEquals(read().areOfVersion, true);
    Deno.writeTextFileSync(path, "more", { append: true });
    const { bytes, areOfVersion } = read();
    assertEquals([bytes, areOfVersion], [utf8(TEN), false]);
  },
);

testFile("readWhole() reads nothing of a file that is too large", (file) => {
  const read = readWhole(openedOf(file), Date.now(), 9, () => ABSENT);
  assertEquals(read.bytes, undefined);
  assert(read.file === file);
});

testFile(
  "readWhole() opens a file that has changed again, and lets go of the former",
  (file, path) => {
    Deno.writeTextFileSync(path, "other");
    const later = Date.now() + 1000;
    const reopen = () => openedOf(new OpenFile(path));
    const read = readWhole(openedOf(file), later, 10, reopen);
    assertEquals(read.bytes, utf8("other"));
    assertEquals(openCount(path), 1);
    read.file.release();
  },
);

testFile("readWhole() gives up a file that changes each time", (file, path) => {
  let count = 0;
  Deno.writeTextFileSync(path, "0");
  const reopen = () => {
    const opened = openedOf(new OpenFile(path));
    Deno.writeTextFileSync(path, "x".repeat(++count + 1));
    return opened;
  };
  const read = readWhole(openedOf(file), Date.now() + 1000, 10, reopen);
  assertEquals([read.bytes, count], [undefined, 3]);
  read.file.release();
  assertEquals(openCount(path), 0);
});
