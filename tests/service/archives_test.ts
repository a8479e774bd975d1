import { assertEquals, assertThrows } from "@std/assert";
import { openArchive, readArchive } from "../../lib/service/archives.ts";
import { BundleError } from "../../lib/site/bundle/archive.ts";
import { BUNDLE_BYTES_MAX } from "../../lib/site/bundle/reader.ts";
import { Decoder } from "../../lib/site/disk/decoder.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { archiveOf, fileOf } from "../site/bundle/bundle_forge.ts";

const ARCHIVE = archiveOf([fileOf("/index.html", "one")]);

testWith(HAS_FILES, "readArchive() reads an archive as it is", () => {
  using folder = new TemporaryDirectory({ "a.skiff": ARCHIVE });
  assertEquals(readArchive(folder.join("a.skiff")), ARCHIVE);
});

testWith(
  HAS_FILES,
  "readArchive() gives the bytes that a reply still has, as long as the file has the same ones",
  () => {
    using folder = new TemporaryDirectory({ "a.skiff": ARCHIVE });
    const path = folder.join("a.skiff");
    const sent = readArchive(path).subarray(60, 70);
    const isShared = () => readArchive(path).buffer === sent.buffer;
    assertEquals(isShared(), true);
    Deno.writeFileSync(folder.join("b.skiff"), ARCHIVE);
    Deno.renameSync(folder.join("b.skiff"), path);
    assertEquals(isShared(), true);
    Deno.writeFileSync(path, archiveOf([fileOf("/index.html", "twenty")]));
    assertEquals(isShared(), false);
  },
);

testWith(
  HAS_FILES,
  "readArchive() takes no archive for another one with an equal head, such as a damaged one",
  () => {
    const damaged = ARCHIVE.slice();
    damaged[damaged.length - 8]! ^= 1;
    using folder = new TemporaryDirectory({ "a.skiff": damaged });
    const path = folder.join("a.skiff");
    const copies = [readArchive(path)];
    for (const bytes of [ARCHIVE, damaged, ARCHIVE]) {
      Deno.writeFileSync(path, bytes);
      copies.push(readArchive(path));
      assertEquals(copies.at(-1), bytes);
    }
  },
);

testWith(
  HAS_FILES,
  "readArchive() forgets archives that nothing uses when it reads another",
  () => {
    using folder = new TemporaryDirectory();
    const { WeakRef } = globalThis;
    let asked = 0;
    globalThis.WeakRef = class {
      deref(): undefined {
        asked++;
      }
    } as unknown as WeakRefConstructor;
    try {
      const counts = ["a", "b", "c", "d"].map((name) => {
        folder.write(name, archiveOf([fileOf("/index.html", name)]));
        asked = 0;
        readArchive(folder.join(name));
        return asked;
      });
      assertEquals(counts, [0, 1, 1, 1]);
    } finally {
      globalThis.WeakRef = WeakRef;
    }
  },
);

testWith(
  HAS_FILES,
  "openArchive() refuses an archive that is cut while it is read",
  () => {
    using folder = new TemporaryDirectory({ "a.skiff": ARCHIVE });
    const path = folder.join("a.skiff");
    const { openSync } = Deno;
    Deno.openSync = (...args) => {
      const file = openSync(...args);
      const { seekSync } = file;
      file.seekSync = (offset, whence) => {
        // Its length is known by then.
        if (whence === Deno.SeekMode.Start) {
          Deno.truncateSync(path, ARCHIVE.length - 8);
        }
        return seekSync.call(file, offset, whence);
      };
      return file;
    };
    try {
      assertThrows(
        () => openArchive(path, undefined, new Decoder()),
        BundleError,
        "its contents are damaged",
      );
    } finally {
      Deno.openSync = openSync;
    }
  },
);

/** Makes the first archive a file of this length, with a hole at its end, whose head tells of that length or of none. */
function stretch(path: string, length: number, isTold: boolean): void {
  using file = Deno.openSync(path, { write: true });
  if (isTold) {
    const head = ARCHIVE.slice(0, 24);
    const view = new DataView(head.buffer);
    view.setUint32(16, (length - 56) / 8 - view.getUint32(12, true), true);
    file.writeSync(head);
  }
  file.truncateSync(length);
}

const LARGE = BUNDLE_BYTES_MAX + 8;

for (
  const { name, length, isTold, message } of [
    {
      name: "what is too large, before it reads it",
      length: LARGE,
      isTold: true,
      message: `it has more than ${BUNDLE_BYTES_MAX} bytes`,
    },
    {
      name: "what has another length than its head says, before it reads it",
      length: LARGE,
      isTold: false,
      message: `it has ${LARGE} bytes in place of ${ARCHIVE.length}`,
    },
    { name: "an empty file", length: 0, isTold: false, message: "not begin" },
    {
      name: "a file that is cut in its head",
      length: 40,
      isTold: false,
      message: "it is cut short",
    },
  ]
) {
  testWith(HAS_FILES, `readArchive() refuses ${name}`, () => {
    using folder = new TemporaryDirectory({ "a.skiff": ARCHIVE });
    const path = folder.join("a.skiff");
    stretch(path, length, isTold);
    assertThrows(() => readArchive(path), BundleError, message);
  });
}
