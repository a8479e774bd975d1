import { assert, assertEquals } from "@std/assert";
import { FileWatch } from "../../lib/service/file_watch.ts";
import { HAS_FILES, TemporaryDirectory, testWith, until } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

/** How often watches look in these tests, in ms. */
const EVERY_MS = 5;

/** A watch that is not told of changes. */
const QUICK = { watch: false, everyMs: EVERY_MS, quietMs: EVERY_MS };

/** What may happen to files, and whether it is a change. Both exist before. */
const CHANGES: readonly (readonly [
  name: string,
  change: (directory: TemporaryDirectory) => void,
])[] = [
  ["another content", (d) => d.write("a.pem", "longer than before")],
  ["another key", (d) => d.write("a.key", "longer than before")],
  ["a file of the same size in its place", (d) => {
    d.write("new", "cert");
    Deno.renameSync(d.join("new"), d.join("a.pem"));
  }],
  ["its end", (d) => Deno.removeSync(d.join("a.key"))],
  [
    "another content behind a link",
    (d) => d.write("behind.key", "longer than before"),
  ],
  ["its time alone", (d) => Deno.utimeSync(d.join("a.pem"), 1, 1)],
];

for (const [name, change] of CHANGES) {
  testWith(
    HAS_FILES && IS_UNIX,
    `FileWatch notices ${name}, once`,
    async () => {
      using directory = new TemporaryDirectory({
        "a.pem": "cert",
        "a.key": "key",
      });
      let changes = 0;
      directory.write("behind.key", "key");
      Deno.symlinkSync("behind.key", directory.join("link.key"));
      const paths = ["a.pem", "a.key", "link.key"]
        .map((file) => directory.join(file));
      const watch = new FileWatch(() => paths, () => changes++, QUICK);
      try {
        change(directory);
        await until(() => changes > 0, "the change");
        await looks(10);
        assertEquals(changes, 1);
      } finally {
        watch.close();
      }
    },
  );
}

testWith(
  HAS_FILES && IS_UNIX,
  "FileWatch notices that a link leads elsewhere, be it that of a directory",
  async () => {
    using directory = new TemporaryDirectory({
      "one/a.pem": "cert",
      "one/a.key": "key",
      "two/a.pem": "cert",
      "two/a.key": "key",
    });
    Deno.symlinkSync("one", directory.join("live"));
    let changes = 0;
    const paths = ["live/a.pem", "live/a.key"].map((file) =>
      directory.join(file)
    );
    const watch = new FileWatch(() => paths, () => changes++, QUICK);
    try {
      Deno.symlinkSync("two", directory.join("next"));
      Deno.renameSync(directory.join("next"), directory.join("live"));
      await until(() => changes === 1, "the change");
    } finally {
      watch.close();
    }
  },
);

testWith(
  HAS_FILES,
  "FileWatch waits until a file is no longer being written",
  async () => {
    using directory = new TemporaryDirectory({ "a.pem": "" });
    let size = 0;
    const seen: number[] = [];
    const path = directory.join("a.pem");
    const paths = () => {
      // Before each of the first looks a piece more is written.
      if (++size <= 5) directory.write("a.pem", "x".repeat(size));
      return [path];
    };
    const changed = () => seen.push(Deno.statSync(path).size);
    const watch = new FileWatch(paths, changed, QUICK);
    try {
      await until(() => seen.length > 0, "the change");
      assertEquals(seen, [5]);
    } finally {
      watch.close();
    }
  },
);

testWith(
  HAS_FILES,
  "FileWatch goes over to other files when they are named",
  async () => {
    using directory = new TemporaryDirectory({ "a.pem": "a", "b.pem": "b" });
    let changes = 0;
    let file = "a.pem";
    const paths = () => [directory.join(file)];
    const watch = new FileWatch(paths, () => changes++, QUICK);
    try {
      file = "b.pem";
      await until(() => changes === 1, "the other file");
      directory.write("b.pem", "longer than before");
      await until(() => changes === 2, "its change");
    } finally {
      watch.close();
    }
  },
);

testWith(
  HAS_FILES,
  "FileWatch says nothing when nothing changes, and nothing after its end",
  async () => {
    using directory = new TemporaryDirectory({ "a.pem": "cert" });
    let changes = 0;
    const paths = [directory.join("a.pem"), directory.join("missing.key")];
    const watch = new FileWatch(() => paths, () => changes++, QUICK);
    await looks(5);
    Deno.readTextFileSync(directory.join("a.pem"));
    await looks(5);
    assertEquals(changes, 0);
    directory.write("missing.key", "key");
    await until(() => changes === 1, "what was missing");
    watch.close();
    directory.write("missing.key", "another key");
    await looks(5);
    assert(changes === 1);
  },
);

/** Changes that the system tells of, in a directory of files and one with a link to it. */
const TOLD: readonly (readonly [
  name: string,
  change: (directory: TemporaryDirectory) => void,
])[] = [
  ["a file written in place", (d) => d.write("one/a.pem", "more than that")],
  ["another file in its place", (d) => {
    d.write("one/next", "cert");
    Deno.renameSync(d.join("one/next"), d.join("one/a.pem"));
  }],
  ["a link that leads elsewhere", (d) => {
    Deno.symlinkSync("../two/a.pem", d.join("live/next"));
    Deno.renameSync(d.join("live/next"), d.join("live/a.pem"));
  }],
];

for (const [name, change] of TOLD) {
  testWith(
    HAS_FILES && Deno.build.os === "linux",
    `FileWatch is told of ${name}, again and again (only on Linux)`,
    async () => {
      using directory = new TemporaryDirectory({
        "one/a.pem": "cert",
        "two/a.pem": "another",
        "live/.keep": "",
      });
      Deno.symlinkSync("../one/a.pem", directory.join("live/a.pem"));
      let changes = 0;
      const watch = new FileWatch(
        () => [directory.join("live/a.pem")],
        () => changes++,
        { everyMs: 1e9, quietMs: EVERY_MS },
      );
      try {
        let tries = 0;
        await until(() => {
          // The watch begins beside this, and may miss the first ones.
          if (tries++ % 20 === 0) change(directory);
          return changes > 0;
        }, "the first change");
        // What was changed again meanwhile has been told by then.
        await looks(10);
        const before = changes;
        directory.write("one/a.pem", "the second content");
        directory.write("two/a.pem", "the second content");
        await until(() => changes > before, "the second change");
      } finally {
        watch.close();
      }
    },
  );
}

/** Resolves when a watch has looked `count` times. */
async function looks(count: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, (count + 1) * EVERY_MS));
}
