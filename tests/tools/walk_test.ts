import { assertEquals, assertThrows } from "@std/assert";
import { PackError, unreadable, walk } from "../../tools/walk.ts";
import {
  HAS_FILES,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { createPlace, IS_UNIX } from "../place.ts";

function pathsIn(folder: string): string[] {
  return walk(folder).files.map(({ path }) => path);
}

testWith(
  HAS_FILES && IS_UNIX,
  "walk() finds what a server of the folder would give",
  () => {
    using place = createPlace();
    assertEquals(pathsIn(place.join("site")), [
      "/.well-known/security.txt",
      "/chain-1",
      "/chain-2",
      "/chain-3/.well-known/file.txt",
      "/chain-3/deep/er/file.txt",
      "/chain-3/guide.txt",
      "/dir.txt/file.txt",
      "/docs/.well-known/file.txt",
      "/docs/deep/er/file.txt",
      "/docs/guide.txt",
      "/empty.txt",
      "/index.html",
      "/out-and-in",
      "/to-directory/.well-known/file.txt",
      "/to-directory/deep/er/file.txt",
      "/to-directory/guide.txt",
      "/to-file",
      "/to-file-absolute",
      "/to-hidden",
      "/to-hidden-deep/file.txt",
      "/to-hidden-directory/config",
      "/to-link",
      "/to-well-known/security.txt",
    ]);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "walk() tells of everything that it leaves out, and why",
  () => {
    using place = createPlace();
    const { leftOut, hidden } = walk(place.join("site"));
    const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
    const paths = Object.fromEntries(
      [...byReason].map(([reason, entries]) => [
        reason,
        entries.map(({ path }) => path),
      ]),
    );
    assertEquals(paths, {
      "it is a link that leads out": [
        "/chain-3/out",
        "/docs/out",
        "/memory",
        "/null",
        "/out-chain-1",
        "/out-chain-2",
        "/out-directory",
        "/out-file",
        "/out-file-absolute",
        "/parent",
        "/sibling",
        "/sibling-file",
        "/sibling-prefix",
        "/system",
        "/to-directory/out",
        "/zero",
      ],
      "it is a link back to a directory that it is in": [
        "/chain-3/up",
        "/docs/up",
        "/to-directory/up",
        "/to-root",
      ],
      "it is a link to nothing": ["/circle", "/to-nothing"],
    });
    // Six by themselves, and .draft.txt and .hidden in docs, which three links show as well.
    assertEquals(hidden, 12);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "walk() knows links to one file by its real path",
  () => {
    using place = createPlace();
    const { files } = walk(place.join("site"));
    const locations = files.filter(({ path }) =>
      /^\/(?:to-file|to-link|chain-1|out-and-in|to-directory\/guide\.txt)$/
        .test(path)
    ).map(({ location }) => location);
    assertEquals(locations.length, 5);
    assertEquals(
      new Set(locations),
      new Set([place.join("site/docs/guide.txt")]),
    );
  },
);

testWith(HAS_FILES, "walk() tells size and time of a file", () => {
  using folder = new TemporaryDirectory({ "a.txt": "12345" });
  Deno.utimeSync(folder.join("a.txt"), 1000, 1234.5678);
  assertEquals(walk(folder.path).files, [{
    path: "/a.txt",
    location: folder.join("a.txt"),
    size: 5,
    modified: 1_234_567,
  }]);
});

testWith(
  HAS_FILES,
  "walk() sorts names by code units, in whatever order the system has them",
  () => {
    using folder = new TemporaryDirectory({
      "b": "",
      "a": "",
      "Z": "",
      "ä": "",
    });
    assertEquals(pathsIn(folder.path), ["/Z", "/a", "/b", "/ä"]);
  },
);

testWith(HAS_FILES, "walk() finds nothing in an empty folder", () => {
  using folder = new TemporaryDirectory();
  const { files, leftOut, hidden } = walk(folder.path);
  assertEquals([files, leftOut, hidden], [[], [], 0]);
});

testWith(
  HAS_FILES && IS_UNIX,
  "walk() leaves out names with a backslash, which no request can have",
  () => {
    using folder = new TemporaryDirectory({ "good.txt": "" });
    Deno.writeTextFileSync(folder.join("back\\slash.txt"), "");
    const { files, leftOut } = walk(folder.path);
    assertEquals(files.map(({ path }) => path), ["/good.txt"]);
    assertEquals(leftOut, [
      { path: "/back\\slash.txt", reason: "no request can have its name" },
    ]);
  },
);

testWith(
  HAS_PROGRAMS && Deno.build.os === "linux",
  "walk() leaves out names that are not UTF-8",
  async () => {
    using folder = new TemporaryDirectory({ "good.txt": "" });
    await new Deno.Command("sh", {
      args: ["-c", `printf x > "$(printf 'latin\\351.txt')"`],
      cwd: folder.path,
    }).output();
    assertEquals(walk(folder.path).leftOut, [
      { path: "/latin\ufffd.txt", reason: "its name is not UTF-8" },
    ]);
  },
);

/** Two names that are read as one, a third that is just that, and one that differs in how Unicode writes it. */
const GARBLED = [
  "a\\351.txt",
  "a\\352.txt",
  "a\\357\\277\\275.txt",
  "u\\314\\210\\377",
  "\\303\\274\\377",
];

testWith(
  HAS_PROGRAMS && Deno.build.os === "linux",
  "walk() leaves out names that are not UTF-8 even when they are read as others, or nearly",
  async () => {
    using folder = new TemporaryDirectory();
    const commands = GARBLED.map((name) => `printf x > "$(printf '${name}')"`);
    await new Deno.Command("sh", {
      args: ["-c", commands.join(";")],
      cwd: folder.path,
    }).output();
    const { files, leftOut } = walk(folder.path);
    assertEquals(files.map(({ path }) => path), ["/a\ufffd.txt"]);
    assertEquals(leftOut.map(({ path }) => path), [
      "/a\ufffd.txt",
      "/a\ufffd.txt",
      "/u\u0308\ufffd",
      "/\u00fc\ufffd",
    ]);
    const reasons = new Set(leftOut.map(({ reason }) => reason));
    assertEquals(reasons, new Set(["its name is not UTF-8"]));
  },
);

testWith(
  HAS_PROGRAMS && IS_UNIX,
  "walk() leaves out what is neither a file nor a directory",
  async () => {
    using folder = new TemporaryDirectory({ "good.txt": "" });
    await new Deno.Command("mkfifo", { args: [folder.join("pipe")] }).output();
    Deno.symlinkSync("pipe", folder.join("to-pipe"));
    assertEquals(walk(folder.path).leftOut, [
      { path: "/pipe", reason: "it is neither a file nor a directory" },
      { path: "/to-pipe", reason: "it is neither a file nor a directory" },
    ]);
  },
);

testWith(HAS_FILES, "walk() leaves out what is being written", () => {
  using folder = new TemporaryDirectory({ "a.txt": "", "mysite": "old" });
  const { files, leftOut } = walk(folder.path, folder.join("mysite"));
  assertEquals(files.map(({ path }) => path), ["/a.txt"]);
  assertEquals(leftOut, [
    { path: "/mysite", reason: "it is what is being written" },
  ]);
});

testWith(
  HAS_FILES && Deno.build.os === "linux",
  "walk() refuses two names that differ only in how Unicode writes them",
  () => {
    using folder = new TemporaryDirectory({
      "docs/\u00fc": "",
      "docs/u\u0308": "",
    });
    assertThrows(
      () => walk(folder.path),
      PackError,
      'Cannot pack "/docs/\u00fc" beside "/docs/u\u0308"',
    );
  },
);

testWith(HAS_FILES, "walk() takes names that only look alike", () => {
  using folder = new TemporaryDirectory({
    "a.txt": "",
    "\u0430.txt": "",
    "a1.txt": "",
  });
  assertEquals(pathsIn(folder.path).length, 3);
});

const BAD_FOLDERS: readonly [name: string, message: string][] = [
  ["gone", "it does not exist"],
  ["a.txt", "it is not a directory"],
];

for (const [name, message] of BAD_FOLDERS) {
  testWith(
    HAS_FILES,
    `walk() refuses a folder of which it must say: ${message}`,
    () => {
      using folder = new TemporaryDirectory({ "a.txt": "" });
      assertThrows(() => walk(folder.join(name)), PackError, message);
    },
  );
}

Deno.test("unreadable() names the path and says in short what is amiss", () => {
  const denied = new Deno.errors.PermissionDenied("EACCES: /secret/path");
  assertEquals(
    unreadable("/a.txt", denied).message,
    'Cannot read "/a.txt": the user running this may not',
  );
  assertEquals(
    unreadable("/a.txt", new Error("disk is on fire")).message,
    'Cannot read "/a.txt": disk is on fire',
  );
});

/** What the system says to a user who may not; a test may be run by one who may do everything. */
function deny(location: string): never {
  throw new Deno.errors.PermissionDenied(location);
}

testWith(HAS_FILES, "walk() names the directory that cannot be read", () => {
  using folder = new TemporaryDirectory({ "docs/a.txt": "" });
  const { readDirSync } = Deno;
  Deno.readDirSync = (path) =>
    String(path).endsWith("docs") ? deny(`${path}`) : readDirSync(path);
  try {
    assertThrows(
      () => walk(folder.path),
      PackError,
      'Cannot read "/docs/": the user running this may not',
    );
  } finally {
    Deno.readDirSync = readDirSync;
  }
});

testWith(HAS_FILES, "walk() names the file that cannot be looked at", () => {
  using folder = new TemporaryDirectory({ "docs/a.txt": "" });
  const { statSync } = Deno;
  Deno.statSync = (path) =>
    String(path).endsWith("a.txt") ? deny(`${path}`) : statSync(path);
  try {
    assertThrows(
      () => walk(folder.path),
      PackError,
      'Cannot read "/docs/a.txt": the user running this may not',
    );
  } finally {
    Deno.statSync = statSync;
  }
});
