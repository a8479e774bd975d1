import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Root } from "../../../lib/site/disk/root.ts";
import {
  HAS_FILES,
  HAS_NETWORK,
  HAS_PROGRAMS,
  openIn,
  TemporaryDirectory,
  testWith,
  textOf,
  within,
} from "../../helpers.ts";
import { createPlace, IS_UNIX } from "../../place.ts";
import { unixSocketAt } from "../../unix_socket.ts";
import { outcome } from "./outcome.ts";

const PATHS: readonly (readonly [path: string, outcome: string])[] = [
  ["/index.html", "file: home"],
  ["/docs/guide.txt", "file: guide"],
  ["/docs/deep/er/file.txt", "file: deep"],
  ["/empty.txt", "file: "],
  ["/", "directory"],
  ["/docs", "directory"],
  ["/docs/", "directory"],
  ["/dir.txt", "directory"],
  ["/dir.txt/", "directory"],
  ["/dir.txt/file.txt", "file: in a directory with a file's name"],
  ["/.well-known/security.txt", "file: contact"],
  ["/docs/.well-known/file.txt", "file: also well known"],
  ["/.well-known", "directory"],

  // Not there.
  ["/gone.txt", "absent"],
  ["/gone/file.txt", "absent"],
  ["/index.html/", "absent"],
  ["/index.html/more", "absent"],
  ["/index.html/.", "absent"],
  [`/${"n".repeat(255)}`, "absent"],
  [`/${"n".repeat(256)}`, "absent"],
  [`/${"n/".repeat(3000)}`, "absent"],
  [`/${"n".repeat(100_000)}`, "absent"],

  // Hidden.
  ["/.env", "absent"],
  ["/.git", "absent"],
  ["/.git/", "absent"],
  ["/.git/config", "absent"],
  ["/docs/.draft.txt", "absent"],
  ["/docs/.hidden/file.txt", "absent"],
  ["/.well-known/.private", "absent"],
  ["/.well-knownish/file.txt", "absent"],
  ["/..txt", "absent"],

  // A Target never has these; the door holds all the same.
  ["/../outside/file.txt", "absent"],
  ["/docs/../index.html", "absent"],
  ["/..", "absent"],
  ["/./index.html", "absent"],
  ["/index.html\0.txt", "absent"],
  ["/\0", "absent"],
];

const LINKED_PATHS: readonly (readonly [path: string, outcome: string])[] = [
  ["/to-file", "file: guide"],
  ["/to-file-absolute", "file: guide"],
  ["/to-directory", "directory"],
  ["/to-directory/guide.txt", "file: guide"],
  ["/docs/up/index.html", "file: home"],
  ["/to-root", "directory"],
  ["/to-root/to-root/index.html", "file: home"],
  ["/to-link", "file: guide"],
  ["/chain-1", "file: guide"],
  ["/out-and-in", "file: guide"],
  ["/to-well-known/security.txt", "file: contact"],

  ["/out-file", "absent"],
  ["/out-file-absolute", "absent"],
  ["/out-directory", "absent"],
  ["/out-directory/", "absent"],
  ["/out-directory/file.txt", "absent"],
  ["/out-chain-1", "absent"],
  ["/docs/out/file.txt", "absent"],
  ["/parent", "absent"],
  ["/parent/outside/file.txt", "absent"],
  // Out and in again: where it leads counts.
  ["/parent/site/index.html", "file: home"],
  ["/sibling", "absent"],
  ["/sibling/file.txt", "absent"],
  ["/sibling-file", "absent"],
  ["/sibling-prefix", "absent"],
  // Hidden is what a client names, not what a link inside the root leads to.
  ["/to-hidden", "file: secret"],
  ["/to-hidden-directory", "directory"],
  ["/to-hidden-directory/config", "file: secret"],
  ["/to-hidden-deep/file.txt", "file: secret"],
  ["/to-hidden-directory/.draft", "absent"],
  ["/to-root/.env", "absent"],
  ["/to-root/.git/config", "absent"],
  ["/parent/site/.env", "absent"],
  ["/to-nothing", "absent"],
  ["/circle", "absent"],
  ["/circle/file.txt", "absent"],
  ["/zero", "absent"],
  ["/null", "absent"],
  ["/memory", "absent"],
  ["/system", "absent"],
];

for (const [path, expected] of PATHS) {
  const shown = path.length < 50 ? path : `${path.slice(0, 20)}… (long)`;
  testWith(HAS_FILES, `Root.open() of ${JSON.stringify(shown)}`, () => {
    using place = createPlace();
    assertEquals(outcome(new Root(place.join("site")), path), expected);
  });
}

for (const [path, expected] of LINKED_PATHS) {
  testWith(HAS_FILES && IS_UNIX, `Root.open() follows ${path}`, () => {
    using place = createPlace();
    assertEquals(outcome(new Root(place.join("site")), path), expected);
  });
}

/** Names on disk that must be found as they are. */
const NAMES: readonly string[] = [
  "with space.txt",
  " leading",
  "trailing ",
  "ünïcödé.txt",
  "日本語.txt",
  "🙂.txt",
  "e\u0301.txt",
  "1+1=2.txt",
  "50%.txt",
  "%2e%2e.txt",
  "#hash.txt",
  "what?.txt",
  "semi;colon.txt",
  "amp&ersand.txt",
  "quote'\".txt",
  "back\\slash.txt",
  "new\nline.txt",
  "-rf",
  "~",
  "CON",
  "a..b",
  "dots...",
  "x".repeat(255),
];

for (const name of NAMES) {
  const shown = name.length < 50 ? name : "a very long name";
  testWith(
    HAS_FILES && IS_UNIX,
    `Root.open() finds ${JSON.stringify(shown)}`,
    () => {
      using directory = new TemporaryDirectory({ [name]: "found" });
      const root = new Root(directory.path);
      assertEquals(outcome(root, `/${name}`), "file: found");
      assertEquals(outcome(root, `/${name}/`), "absent");
    },
  );
}

/** Ways to name the same root. */
const ROOTS: Readonly<Record<string, string>> = {
  "a trailing separator": "site/",
  "a link": "link",
  "a link with a trailing separator": "link/",
  "a chain of links": "link-to-link",
  "a detour": "outside/../site",
};

for (const [name, path] of Object.entries(ROOTS)) {
  testWith(HAS_FILES && IS_UNIX, `Root may be named with ${name}`, () => {
    using place = createPlace();
    Deno.symlinkSync("site", place.join("link"));
    Deno.symlinkSync("link", place.join("link-to-link"));
    const root = new Root(`${place.path}/${path}`);
    assertEquals(outcome(root, "/index.html"), "file: home");
    assertEquals(outcome(root, "/"), "directory");
    assertEquals(outcome(root, "/to-directory/guide.txt"), "file: guide");
    assertEquals(outcome(root, "/out-file"), "absent");
    assertEquals(outcome(root, "/sibling-file"), "absent");
    assertEquals(outcome(root, "/.env"), "absent");
  });
}

testWith(HAS_FILES, "Root may lie in a hidden directory", () => {
  using directory = new TemporaryDirectory({ ".cache/site/a.txt": "a" });
  assertEquals(
    outcome(new Root(directory.join(".cache/site")), "/a.txt"),
    "file: a",
  );
});

testWith(HAS_FILES, "Root that is gone has nothing", () => {
  using directory = new TemporaryDirectory();
  const root = new Root(directory.join("gone"));
  assertEquals(outcome(root, "/"), "absent");
  assertEquals(outcome(root, "/a.txt"), "absent");
});

testWith(
  HAS_PROGRAMS && IS_UNIX,
  "Root.open() does not wait for a FIFO",
  async () => {
    using directory = new TemporaryDirectory();
    const path = directory.join("pipe");
    const { success } = await new Deno.Command("mkfifo", { args: [path] })
      .output();
    assert(success);
    const root = new Root(directory.path);
    assertEquals(outcome(root, "/pipe"), "absent");
    assertEquals(root.version("/pipe"), undefined);
  },
);

testWith(HAS_NETWORK && IS_UNIX, "Root.open() does not find a socket", () => {
  using directory = new TemporaryDirectory();
  using _socket = unixSocketAt(directory.join("socket"));
  assertEquals(outcome(new Root(directory.path), "/socket"), "absent");
});

testWith(
  HAS_FILES && IS_UNIX,
  "a link leads to a hidden file inside the root, and to none outside, also at the top of the file system",
  () => {
    using directory = new TemporaryDirectory({
      ".hidden": "secret",
      "site/a.txt": "a",
    });
    const target = directory.join(".hidden");
    Deno.symlinkSync(target, directory.join("link"));
    Deno.symlinkSync(target, directory.join("site/link"));
    assertEquals(outcome(new Root(directory.path), "/link"), "file: secret");
    assertEquals(outcome(new Root(directory.path), "/.hidden"), "absent");
    assertEquals(outcome(new Root(directory.join("site")), "/link"), "absent");
    const top = new Root("/");
    assertEquals(outcome(top, directory.join("link")), "file: secret");
    assertEquals(outcome(top, target), "absent");
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "Root.list() does not follow a hidden link",
  async () => {
    using directory = new TemporaryDirectory({ "shown/file.txt": "x" });
    Deno.symlinkSync(directory.join("shown"), directory.join(".link"));
    const root = new Root(directory.path);
    assertEquals(await listed(root, "/.link/"), ["absent"]);
    assertEquals(await listed(root, "/shown/"), ["file.txt"]);
  },
);

testWith(HAS_FILES, "Root.version() tells versions apart", () => {
  using directory = new TemporaryDirectory({ "a.txt": "one" });
  const root = new Root(directory.path);
  const path = directory.join("a.txt");
  const first = root.version("/a.txt")!;
  assertEquals(first.size, 3);
  assertEquals(root.version("/a.txt"), first);

  Deno.utimeSync(path, new Date(1e12), new Date(1e12));
  const touched = root.version("/a.txt")!;
  assertEquals(touched, { ...first, modified: 1e12 });

  directory.write("b.txt", "two");
  Deno.utimeSync(directory.join("b.txt"), new Date(1e12), new Date(1e12));
  Deno.renameSync(directory.join("b.txt"), path);
  const replaced = root.version("/a.txt")!;
  assert(replaced.inode !== touched.inode);
  assertEquals(root.version("/b.txt"), undefined);
  assertEquals(root.version("/"), undefined);
});

testWith(HAS_FILES, "Root.open() closes what it does not give away", () => {
  using place = createPlace();
  const root = new Root(place.join("site"));
  const before = openIn(place);
  for (const [path] of [...PATHS, ...LINKED_PATHS]) outcome(root, path);
  assertEquals(openIn(place), before);
});

async function listed(root: Root, path: string, max = 1000): Promise<string[]> {
  const found = await within(root.list(path, max), "the list");
  if (found.kind !== "entries") return [found.kind];
  const names = found.entries.map(({ kind, name }) =>
    kind === "directory" ? `${name}/` : name
  );
  return [...names.sort(), ...found.isCut ? ["and more"] : []];
}

testWith(
  HAS_FILES && IS_UNIX,
  "Root.list() shows what open() would find, and nothing else",
  async () => {
    using place = createPlace();
    const root = new Root(place.join("site"));
    for (const path of ["/", "/docs/", "/.well-known/", "/to-directory/"]) {
      const names = await listed(root, path);
      const onDisk = [
        ...Deno.readDirSync(join(place.path, "site", path)),
      ].map(({ name }) => name);
      const expected = onDisk.flatMap((name) => {
        const kind = outcome(root, path + name).split(":")[0];
        if (kind === "file") return [name];
        return kind === "directory" ? [`${name}/`] : [];
      });
      // The exception may be opened by whoever knows of it, but it is not shown.
      assertEquals(
        names.filter((name) => name !== ".well-known/"),
        expected.filter((name) => name !== ".well-known/").sort(),
      );
    }
  },
);

for (const path of ["/gone/", "/.git/", "/out-directory/", "/index.html/"]) {
  testWith(
    HAS_FILES && IS_UNIX,
    `Root.list() of ${path} shows nothing`,
    async () => {
      using place = createPlace();
      assertEquals(await listed(new Root(place.join("site")), path), [
        "absent",
      ]);
    },
  );
}

testWith(
  HAS_FILES,
  "Root.list() stops at the most entries it is asked for",
  async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
    using directory = new TemporaryDirectory(
      Object.fromEntries(names.map((name) => [name, ""])),
    );
    const root = new Root(directory.path);
    assertEquals((await listed(root, "/", 20)).length, 20);
    const cut = await listed(root, "/", 19);
    assertEquals(cut.length, 20);
    assertEquals(cut.at(-1), "and more");
  },
);

testWith(
  HAS_FILES,
  "what is read of a file as it is opened counts only if it did not change since",
  () => {
    using directory = new TemporaryDirectory({ "a.txt": "first" });
    const root = new Root(directory.path);
    const path = directory.join("a.txt");
    Deno.utimeSync(path, 1e9, 1e9);
    const reads: [change: () => void, read: string | undefined][] = [
      [() => {}, "first"],
      [() => Deno.writeTextFileSync(path, "other"), undefined],
    ];
    for (const [change, expected] of reads) {
      const found = root.open("/a.txt", Date.now(), (file) => {
        const bytes = file.readBytes();
        change();
        return bytes;
      });
      assert(found.kind === "file");
      assertEquals(found.bytes && textOf(found.bytes), expected);
      found.file.release();
    }
  },
);

testWith(
  HAS_FILES,
  "what is read of a file that was replaced as it was opened is not returned",
  () => {
    using directory = new TemporaryDirectory({
      "a.txt": "first",
      "b.txt": "other",
    });
    const root = new Root(directory.path);
    let reads = 0;
    const found = root.open("/a.txt", Date.now(), (file) => {
      const bytes = file.readBytes();
      if (reads++ === 0) {
        Deno.renameSync(directory.join("b.txt"), directory.join("a.txt"));
      }
      return bytes;
    });
    assert(found.kind === "file");
    assertEquals([textOf(found.bytes!), reads], ["other", 2]);
    found.file.release();
  },
);
