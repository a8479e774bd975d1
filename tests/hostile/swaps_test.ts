/**
 * Links that are swapped while the server looks: nothing of what lies outside is shown, whenever the swap comes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Root } from "../../lib/site/disk/root.ts";
import { HAS_FILES, TemporaryDirectory, testWith, within } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

/** Entries of each directory: so many that a listing gives others their turn in between. */
const ENTRIES = 1200;

/** For how long links are swapped, in ms. */
const ATTACK_MS = 1500;

/** A program that swaps a link back and forth, by renaming, as fast as it can, until it is told to stop. */
const SWAPPER = `
self.onmessage = ({ data: { directory, link, targets, stop } }) => {
  for (let turn = 0; Atomics.load(stop, 0) === 0; turn++) {
    Deno.symlinkSync(targets[turn % targets.length], directory + "/next");
    Deno.renameSync(directory + "/next", directory + "/" + link);
  }
  self.postMessage("stopped");
};
`;

/** Swaps a link in a directory between targets until it goes out of scope. */
function swapping(directory: string, link: string, targets: string[]) {
  const source = `data:application/javascript,${encodeURIComponent(SWAPPER)}`;
  const worker = new Worker(source, { type: "module" });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.onmessage = () => resolve();
  worker.postMessage({ directory, link, targets, stop });
  return {
    [Symbol.asyncDispose]: async () => {
      Atomics.store(stop, 0, 1);
      await within(promise, "the end of the swaps");
      worker.terminate();
    },
  };
}

/** Directories inside and outside with names that tell them apart. */
function createYard(): TemporaryDirectory {
  const yard = new TemporaryDirectory();
  for (const [name, entry] of [["site/inside", "in"], ["outside", "out"]]) {
    Deno.mkdirSync(yard.join(name!), { recursive: true });
    for (let number = 0; number < ENTRIES; number++) {
      Deno.writeTextFileSync(yard.join(`${name}/${entry}-${number}`), "x");
    }
  }
  Deno.symlinkSync("inside", yard.join("site/swapped"));
  return yard;
}

/** How often listing a path gave entries, and how many of those names lie outside. */
async function attack(root: Root, path: string) {
  let listings = 0;
  let leaks = 0;
  for (const end = Date.now() + ATTACK_MS; Date.now() < end;) {
    const found = await root.list(path, 2 * ENTRIES);
    if (found.kind !== "entries") continue;
    listings++;
    if (found.entries.some(({ name }) => name.startsWith("out-"))) leaks++;
    else assert(found.realPath === "/inside/" || path === "/", found.realPath);
  }
  return { listings, leaks };
}

testWith(
  HAS_FILES && IS_UNIX,
  "a link that is swapped while its directory is listed shows nothing from outside",
  async () => {
    using yard = createYard();
    const root = new Root(yard.join("site"));
    await using _swapper = swapping(
      yard.join("site"),
      "swapped",
      ["inside", "../outside"],
    );
    const { listings, leaks } = await attack(root, "/swapped/");
    assert(listings > 0);
    assertEquals(leaks, 0, `${leaks} of ${listings} listings`);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "an entry that is a swapped link is never shown with the size of what lies outside",
  async () => {
    using yard = new TemporaryDirectory({
      "site/inside.txt": "inside",
      "outside.txt": "outside, and longer",
    });
    Deno.symlinkSync("inside.txt", yard.join("site/swapped"));
    const root = new Root(yard.join("site"));
    await using _swapper = swapping(
      yard.join("site"),
      "swapped",
      ["inside.txt", "../outside.txt"],
    );
    const sizes = new Set<number>();
    for (const end = Date.now() + ATTACK_MS; Date.now() < end;) {
      const found = await root.list("/", 10);
      if (found.kind !== "entries") continue;
      for (const { name, size } of found.entries) {
        if (name === "swapped") sizes.add(size);
      }
    }
    assertEquals([...sizes], ["inside".length]);
  },
);
