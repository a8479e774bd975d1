import { assertEquals } from "@std/assert";
import { symlinkSync } from "node:fs";
import {
  DIRECT_DIRECTORIES_MAX,
  DIRECT_ENTRIES_MAX,
  placeForAll,
  placeForNames,
  WATCHED_DIRECTORIES_MAX,
  WATCHED_ENTRIES_MAX,
  WATCHED_PARTS_MAX,
  type WatchPlace,
} from "../../../lib/site/disk/watch_place.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";
import { HAS_NETWORK, TemporaryDirectory, testWith } from "../../helpers.ts";
import { unixSocketAt } from "../../unix_socket.ts";

const CAN_WATCH = HAS_NETWORK && Deno.build.os === "linux";

/** Makes something in a directory, which is there until what it returns is disposed of. */
type Make = (path: string) => Disposable | void;

const crowd =
  (kind: "file" | "directory", count: number): Make => (path: string) =>
    new CrowdedDirectory(path, count, kind);

/** The thread of a place, or that there is none. */
type Thread = WatchPlace["thread"] | "none";

const PLACES: readonly [what: string, make: Make, thread: Thread][] = [
  ["a small site", () => {}, "here"],
  ["a socket below", (path) => unixSocketAt(`${path}/d/s`), "none"],
  // Two entries are there besides.
  ["many files", crowd("file", DIRECT_ENTRIES_MAX - 2), "here"],
  ["more files", crowd("file", DIRECT_ENTRIES_MAX - 1), "worker"],
  ["too many files", crowd("file", WATCHED_ENTRIES_MAX - 1), "none"],
  // Two directories are there besides, with the root.
  ["many folders", crowd("directory", DIRECT_DIRECTORIES_MAX - 2), "here"],
  ["more folders", crowd("directory", DIRECT_DIRECTORIES_MAX - 1), "worker"],
  ["too many folders", crowd("directory", WATCHED_DIRECTORIES_MAX - 1), "none"],
];

for (const [what, make, thread] of PLACES) {
  testWith(CAN_WATCH, `placeForAll() with ${what}: ${thread}`, async () => {
    using directory = new TemporaryDirectory({ "d/a": "" });
    using things = new DisposableStack();
    const made = make(directory.path);
    if (made !== undefined) things.use(made);
    const place = await placeForAll(directory.path);
    assertEquals(place?.thread ?? "none", thread);
    if (place === undefined) return;
    assertEquals([place.trees, place.branches], [[directory.path], []]);
  });
}

/** Links, by their paths; what is watched with everything below, and of which directories only the names. */
const LINKED: Readonly<
  Record<string, readonly [Record<string, string>, string[], string[]]>
> = {
  "a link to a file": [{ "/l": "d/a" }, [""], []],
  "a link to nothing": [{ "/l": "no" }, [""], []],
  "a link to itself": [{ "/l": "l" }, [""], []],
  "a link to a directory": [{ "/l": "d" }, ["/d", "/f"], [""]],
  "a link to a directory outside": [{ "/l": "/usr" }, ["/d", "/f"], [""]],
  "a link to its root": [{ "/d/l": ".." }, ["/d/e", "/f"], ["", "/d"]],
  "a link to a link": [{ "/f/l": "m", "/f/m": "../d" }, ["/d"], ["", "/f"]],
  "two links": [{ "/d/e/l": "/usr", "/f/l": "." }, [], [
    "",
    "/d",
    "/d/e",
    "/f",
  ]],
};

for (const [what, [links, trees, branches]] of Object.entries(LINKED)) {
  testWith(CAN_WATCH, `placeForAll() with ${what} leaves it out`, async () => {
    using directory = new TemporaryDirectory({
      "d/a": "",
      "d/e/b": "",
      "f/c": "",
    });
    for (const [path, target] of Object.entries(links)) {
      symlinkSync(target, directory.path + path);
    }
    const place = await placeForAll(directory.path);
    const below = (paths: readonly string[] = []) =>
      paths.map((path) => path.slice(directory.path.length)).sort();
    assertEquals([below(place?.trees), below(place?.branches)], [
      trees,
      branches,
    ]);
  });
}

for (const [beside, isPossible] of [[0, true], [1, false]] as const) {
  testWith(
    CAN_WATCH,
    `placeForAll() with ${
      WATCHED_PARTS_MAX + beside
    } directories beside a link: ${isPossible}`,
    async () => {
      using directory = new TemporaryDirectory();
      symlinkSync(".", directory.join("l"));
      // The root counts too.
      for (let count = 1; count < WATCHED_PARTS_MAX + beside; count++) {
        Deno.mkdirSync(directory.join(`d${count}`));
      }
      const place = await placeForAll(directory.path);
      assertEquals(place !== undefined, isPossible);
    },
  );
}

testWith(CAN_WATCH, "placeForNames() looks at nothing below", () => {
  using directory = new TemporaryDirectory({ "d/a": "" });
  symlinkSync("d", directory.join("l"));
  using _below = unixSocketAt(directory.join("d/s"));
  const branches = [directory.path];
  const place = { thread: "here", trees: [], branches } as const;
  assertEquals(placeForNames(directory.path), place);
  using _here = unixSocketAt(directory.join("s"));
  assertEquals(placeForNames(directory.path), undefined);
});
