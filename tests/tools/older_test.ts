import { assert, assertEquals, assertThrows } from "@std/assert";
import type { BundleFile, KeptFile } from "../../lib/site/bundle/format.ts";
import { keepOlder, type OlderOptions } from "../../tools/older.ts";
import { PackError } from "../../tools/walk.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  textOf,
  utf8,
} from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { testAgainst } from "../programs.ts";
import {
  archiveOf,
  fileOf,
  forge,
  joined,
} from "../site/bundle/bundle_forge.ts";

const POSSIBLE = HAS_FILES && IS_UNIX;

/** A script of a build, changed in its year: `name(9, "old")` is `/js/app-9f0c9a7e.js`. */
function script(digit: number, content: string, year = 2020): BundleFile {
  return fileOf(`/js/app-${digit}f0c9a7e.js`, content, {}, Date.UTC(year));
}

function page(content: string, year: number): BundleFile {
  return fileOf("/index.html", content, {}, Date.UTC(year));
}

/** What is kept of archives beside the script 0, in one line for each file. */
function keep(
  folder: TemporaryDirectory,
  names: readonly string[],
  options: Partial<OlderOptions> = {},
): string[] {
  const found = [{
    path: "/js/app-0f0c9a7e.js",
    location: "0",
    size: 100,
    modified: 0,
  }];
  const archives = names.map((name) => folder.join(name));
  return keepOlder(found, { archives, keepReleases: 10, ...options })
    .map(({ path, age, identity }) =>
      `${path.slice(8, 9)} ${age} ${textOf(identity.bytes)}`
    );
}

testWith(POSSIBLE, "keepOlder() keeps what has a hash and is not there", () => {
  using folder = new TemporaryDirectory({
    "v1.skiff": archiveOf([
      page("old", 2020),
      script(0, "zero"),
      script(1, "one"),
      fileOf("/js/app-1f0c9a7e.js.map", "map"),
      fileOf("/js/app-1f0c9a7e.js.br", "encoded"),
      fileOf("/js/plain.js", "plain"),
      fileOf("/data-1f0c9a7e.json", "data"),
      fileOf("/page-1f0c9a7e.html", "page"),
    ]),
  });
  assertEquals(keep(folder, ["v1.skiff"]), ["1 1 one"]);
});

testWith(POSSIBLE, "keepOlder() takes the younger of two builds first", () => {
  using folder = new TemporaryDirectory({
    "young": archiveOf([page("", 2023), script(1, "young"), script(2, "2")]),
    "old": archiveOf([page("", 2021), script(1, "old"), script(3, "3")]),
    "link": "",
  });
  Deno.removeSync(folder.join("link"));
  Deno.symlinkSync("young", folder.join("link"));
  const expected = ["1 1 young", "2 1 2", "3 2 3"];
  assertEquals(keep(folder, ["young", "old"]), expected);
  assertEquals(keep(folder, ["old", "young"]), expected);
  assertEquals(keep(folder, ["link", "old", "young", "young"]), expected);
  assertEquals(keep(folder, ["old", "young"], { keepReleases: 2 }), [
    "1 1 young",
    "2 1 2",
  ]);
  assertEquals(keep(folder, ["old", "young"], { keepReleases: 1 }), []);
});

testWith(POSSIBLE, "keepOlder() takes builds of one age in their order", () => {
  using folder = new TemporaryDirectory({
    "a": archiveOf([script(1, "a")]),
    "b": archiveOf([script(1, "b"), script(2, "2")]),
  });
  assertEquals(keep(folder, ["b", "a"]), ["1 1 b", "2 1 2"]);
  assertEquals(keep(folder, ["a", "b"]), ["1 1 a", "2 2 2"]);
});

function aged(file: BundleFile, age: number): KeptFile {
  return { ...file, age };
}

testWith(
  POSSIBLE,
  "keepOlder() keeps what older builds had kept, one build older, until that is too old",
  () => {
    using folder = new TemporaryDirectory({
      "v3": archiveOf([script(3, "3")], [
        aged(script(1, "1"), 2),
        aged(script(2, "2"), 1),
        aged(fileOf("/js/plain.js", "forged"), 1),
      ]),
      "v2": archiveOf([script(2, "2")], [aged(script(1, "1"), 1)]),
      "same": archiveOf(
        [script(0, "0", 2025)],
        [
          aged(script(2, "2"), 1),
          aged(script(1, "1"), 2),
        ].sort((a, b) => a.path < b.path ? -1 : 1),
      ),
    });
    assertEquals(keep(folder, ["v3"]), ["3 1 3", "1 3 1", "2 2 2"]);
    assertEquals(keep(folder, ["v3"], { keepReleases: 3 }), [
      "3 1 3",
      "2 2 2",
    ]);
    assertEquals(keep(folder, ["v3", "v2"]), ["3 1 3", "1 3 1", "2 2 2"]);
    assertEquals(
      keep(folder, ["same"]),
      ["1 2 1", "2 1 2"],
      "the same build again makes nothing older",
    );
  },
);

testWith(POSSIBLE, "keepOlder() finds the archive in an executable", () => {
  const archive = archiveOf([script(1, "inside")]);
  using folder = new TemporaryDirectory({
    "exe": joined([utf8("\x7fELF and so on"), archive, utf8("trailer")]),
  });
  assertEquals(keep(folder, ["exe"]), ["1 1 inside"]);
});

testWith(POSSIBLE, "keepOlder() copies what it keeps", () => {
  using folder = new TemporaryDirectory({
    "a": archiveOf([script(1, "kept"), fileOf("/big", "x".repeat(100_000))]),
  });
  const [file] = keepOlder([], {
    archives: [folder.join("a")],
    keepReleases: 10,
  });
  assertEquals(file!.identity.bytes.buffer.byteLength, "kept".length);
});

/** A part of what is said about each. */
const BAD: readonly (readonly [
  name: string,
  make: (folder: TemporaryDirectory) => void,
  said: string,
  program?: string,
])[] = [
  ["nothing", () => {}, '": it does not exist'],
  ["a folder", (f) => f.write("old/a", ""), "it is a directory; pack it first"],
  ["a text", (f) => f.write("old", "hello"), "it is neither an archive nor"],
  ["an empty file", (f) => f.write("old", ""), "it is neither an archive nor"],
  [
    "a ZIP file",
    (f) => f.write("old", utf8("PK\x03\x04")),
    "it is neither an archive nor an executable with one inside",
  ],
  [
    "an archive of another version",
    (f) => f.write("old", forge({ version: 1 })),
    '": its version is 1, this skiff reads 2',
  ],
  [
    "an archive that is cut",
    (f) => f.write("old", archiveOf([script(1, "1")]).slice(0, -8)),
    "bytes in place of",
  ],
  [
    "an archive with only a beginning",
    (f) => f.write("old", archiveOf([script(1, "1")]).slice(0, 20)),
    "it is cut short",
  ],
  [
    "an executable that is cut",
    (f) => {
      const archive = archiveOf([script(1, "1")]).slice(0, -8);
      f.write("old", joined([utf8("ELF"), archive]));
    },
    "bytes in place of",
  ],
  [
    "a damaged index",
    (f) => {
      const archive = archiveOf([script(1, "1")]);
      archive[60]! ^= 1;
      f.write("old", archive);
    },
    "its index is damaged",
  ],
  [
    "damaged contents",
    (f) => {
      const archive = archiveOf([script(1, "1")]);
      archive[archive.length - 8]! ^= 1;
      f.write("old", archive);
    },
    "its contents are damaged",
  ],
  [
    "a FIFO",
    (f) => {
      new Deno.Command("mkfifo", { args: [f.join("old")] }).outputSync();
    },
    "it is not a regular file",
    "mkfifo",
  ],
  ["a device", (f) => Deno.symlinkSync("/dev/zero", f.join("old")), "regular"],
];

for (const [name, make, said, program] of BAD) {
  const title = `keepOlder() refuses ${name}`;
  const run = () => {
    using folder = new TemporaryDirectory();
    make(folder);
    const { message } = assertThrows(
      () => keep(folder, ["old"]),
      PackError,
      said,
    );
    assert(message.startsWith(`Cannot keep files of "${folder.join("old")}"`));
  };
  if (program === undefined) testWith(POSSIBLE, title, run);
  else testAgainst(program, title, run);
}

testWith(POSSIBLE, "keepOlder() stays within the bounds of packing", () => {
  using folder = new TemporaryDirectory({
    "a": archiveOf([script(1, "12345678"), script(2, "12345678")]),
  });
  const limits = { bytes: 116, files: 3, revisits: 0 };
  assertEquals(keep(folder, ["a"], { limits }).length, 2);
  assertThrows(
    () => keep(folder, ["a"], { limits: { ...limits, bytes: 115 } }),
    PackError,
    'with "/js/app-2f0c9a7e.js" there would be more than 115 bytes; keep fewer',
  );
  assertThrows(
    () => keep(folder, ["a"], { limits: { ...limits, files: 2 } }),
    PackError,
    "more than 2 files",
  );
});
