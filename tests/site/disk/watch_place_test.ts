import { assertEquals } from "@std/assert";
import { symlinkSync } from "node:fs";
import {
  DIRECT_DIRECTORIES_MAX,
  DIRECT_ENTRIES_MAX,
  placeForAll,
  placeForNames,
  WATCHED_DIRECTORIES_MAX,
  WATCHED_ENTRIES_MAX,
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

const PLACES: readonly [what: string, make: Make, place: WatchPlace][] = [
  ["a small site", () => {}, "here"],
  ["a link to a file", (path) => symlinkSync("d/a", `${path}/l`), "here"],
  ["a link to nothing", (path) => symlinkSync("no", `${path}/l`), "here"],
  ["a link to a directory", (path) => symlinkSync("d", `${path}/l`), "none"],
  ["a link to its root", (path) => symlinkSync("..", `${path}/d/l`), "none"],
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

for (const [what, make, place] of PLACES) {
  testWith(CAN_WATCH, `placeForAll() with ${what}: ${place}`, async () => {
    using directory = new TemporaryDirectory({ "d/a": "" });
    using things = new DisposableStack();
    const made = make(directory.path);
    if (made !== undefined) things.use(made);
    assertEquals(await placeForAll(directory.path), place);
  });
}

testWith(CAN_WATCH, "placeForNames() looks at nothing below", () => {
  using directory = new TemporaryDirectory({ "d/a": "" });
  symlinkSync("d", directory.join("l"));
  using _below = unixSocketAt(directory.join("d/s"));
  assertEquals(placeForNames(directory.path), "here");
  using _here = unixSocketAt(directory.join("s"));
  assertEquals(placeForNames(directory.path), "none");
});
