import { assertEquals, assertThrows } from "@std/assert";
import { PackError, walk } from "../../tools/walk.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

const LIMITS = { bytes: 10, files: 3, revisits: 2 };

testWith(
  HAS_FILES,
  "walk() takes as many bytes as there may be, and not one more",
  () => {
    using folder = new TemporaryDirectory({
      "a.txt": "12345",
      "b.txt": "12345",
    });
    assertEquals(walk(folder.path, undefined, LIMITS).files.length, 2);
    folder.write("c.txt", "1");
    assertThrows(
      () => walk(folder.path, undefined, LIMITS),
      PackError,
      'Cannot pack more than 10 bytes: with "/c.txt" there are 11',
    );
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "walk() counts the bytes of a file once, however many links lead to it",
  () => {
    using folder = new TemporaryDirectory({ "a.txt": "1234567" });
    Deno.symlinkSync("a.txt", folder.join("b.txt"));
    Deno.symlinkSync("a.txt", folder.join("c.txt"));
    assertEquals(walk(folder.path, undefined, LIMITS).files.length, 3);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "walk() gives up on directories that multiply through links",
  () => {
    using folder = new TemporaryDirectory({ "a.txt": "" });
    Deno.mkdirSync(folder.join("0"));
    for (let level = 1; level < 40; level++) {
      Deno.mkdirSync(folder.join(`${level}`));
      for (const name of ["x", "y"]) {
        Deno.symlinkSync(`../${level - 1}`, folder.join(`${level}/${name}`));
      }
    }
    assertThrows(
      () => walk(folder.path, undefined, { ...LIMITS, revisits: 1000 }),
      PackError,
      "more than 1000 directories are there again through links",
    );
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "walk() comes to a directory again as often as it may, and not once more",
  () => {
    using folder = new TemporaryDirectory({
      "docs/a/b.txt": "",
      "c/d.txt": "",
    });
    Deno.symlinkSync("docs", folder.join("latest"));
    const { files } = walk(folder.path, undefined, LIMITS);
    assertEquals(files.length, 3);
    Deno.symlinkSync("c", folder.join("now"));
    assertThrows(
      () => walk(folder.path, undefined, { ...LIMITS, files: 100 }),
      PackError,
      'Cannot pack "/now/": more than 2 directories',
    );
  },
);

testWith(HAS_FILES, "walk() counts no directory that it comes to once", () => {
  using folder = new TemporaryDirectory({
    "a/b/c/d/e/f.txt": "",
    "g/h.txt": "",
  });
  assertEquals(walk(folder.path, undefined, LIMITS).files.length, 2);
});

testWith(
  HAS_FILES,
  "walk() takes as many files as there may be, and not one more",
  () => {
    using folder = new TemporaryDirectory({ "a": "", "b": "", "c": "" });
    assertEquals(walk(folder.path, undefined, LIMITS).files.length, 3);
    folder.write("d", "");
    assertThrows(
      () => walk(folder.path, undefined, LIMITS),
      PackError,
      "Cannot pack more than 3 files",
    );
  },
);
