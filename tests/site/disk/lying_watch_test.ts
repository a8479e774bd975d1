/**
 * A site whose files change at random, watched by systems that tell the truth, nothing, everything, or the truth too
 * late: what is sent is always a version of the file that was asked for, with the tag of its bytes, and in the end the
 * newest one.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { symlinkSync } from "node:fs";
import {
  type Changes,
  LOOK_MS,
  NoChanges,
} from "../../../lib/site/disk/changes.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import {
  HAS_FILES,
  numberFrom,
  TemporaryDirectory,
  testWith,
} from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";

/** Changes of each test. The night has time for more. */
const STEPS = Math.min(5_000, numberFrom("FUZZ_ROUNDS", 3_000) / 6);

/** A moment long after all changes, for a clock that a test turns on itself. */
const BEGIN = 1_700_000_000_000;

/** Paths that a test looks up. Some lead through a link, and some to a directory that is renamed. */
const PATHS = ["/a.txt", "/b.js", "/d/a.txt", "/d/b.js", "/l/a.txt", "/l.txt"];

/** The paths of a change, and what a system tells of it. */
type Tell = (changes: FakeChanges, paths: readonly string[]) => void;

/** A watch that is always trusted, whatever it tells, until it was found to have missed a change. */
class FakeChanges extends NoChanges {
  late: string[] = [];
  #isLost = false;

  override trusts(): boolean {
    return !this.#isLost;
  }

  override mayLook(): boolean {
    return true;
  }

  override found(): void {
    this.#isLost = true;
    this.onChange(undefined, "changed");
  }
}

const SYSTEMS: readonly [
  name: string,
  make: () => Changes,
  tell: Tell,
  untilSeen: number,
][] = [
  ["no watch", () => new NoChanges(), () => {}, 0],
  [
    "a watch that tells the truth",
    () => new FakeChanges(),
    (changes, paths) => {
      for (const path of paths) changes.onChange(path, "changed");
    },
    0,
  ],
  ["a watch that tells nothing", () => new FakeChanges(), () => {}, LOOK_MS],
  [
    "a watch that tells everything",
    () => new FakeChanges(),
    (changes) => {
      for (const path of PATHS) changes.onChange(path, "written");
      changes.onChange("/d", "changed");
      changes.onChange(undefined, "changed");
    },
    0,
  ],
  [
    "a watch that is late",
    () => new FakeChanges(),
    (changes, paths) => {
      for (const path of changes.late) changes.onChange(path, "changed");
      changes.late = [...paths];
    },
    LOOK_MS,
  ],
];

/** A directory that changes at random. */
class Yard extends TemporaryDirectory {
  /** Every content that a place has had, by its file. */
  readonly written: Record<string, Set<string>> = {};
  #number = 0;
  #state = 20_000;

  constructor() {
    super({ "d/a.txt": "", "e/a.txt": "", "e/b.js": "" });
    for (const name of ["d/a.txt", "e/a.txt", "e/b.js"]) this.put(name);
    symlinkSync("e", this.join("l"));
    symlinkSync("d/a.txt", this.join("l.txt"));
  }

  random(below: number): number {
    this.#state = (this.#state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (this.#state >> 8) % below;
  }

  /** Writes a file, in place or by a rename; its time is another one each time, and final. */
  put(name: string, isRenamed = false): void {
    const text = `${name.slice(-4)} ${++this.#number}`;
    const written = isRenamed ? "next" : name;
    this.write(written, text);
    const time = new Date(BEGIN - 1e9 + this.#number * 1001);
    Deno.utimeSync(this.join(written), time, time);
    if (isRenamed) Deno.renameSync(this.join("next"), this.join(name));
    (this.written[name.slice(name.lastIndexOf("/") + 1)] ??= new Set())
      .add(text);
  }

  /** Changes something; returns the paths that a system would name. */
  change(): string[] {
    const names = ["a.txt", "b.js", "d/a.txt", "d/b.js", "e/a.txt", "e/b.js"];
    const name = names[this.random(names.length)]!;
    switch (this.random(8)) {
      case 0:
        removeIfThere(this.join(name));
        return [`/${name}`];
      case 1:
        for (const [from, to] of [["d", "f"], ["e", "d"], ["f", "e"]]) {
          Deno.renameSync(this.join(from!), this.join(to!));
        }
        return ["/d", "/e", "/f"];
      case 2:
        removeIfThere(this.join("l"));
        symlinkSync(this.random(2) === 0 ? "d" : "e", this.join("l"));
        return ["/l"];
      default:
        this.put(name, this.random(2) === 0);
        return [`/${name}`];
    }
  }

  /** Gives the directories that have changed since the last call the time of the test's clock. */
  stamp(now: number): void {
    for (const name of ["", "d", "e"]) {
      const path = this.join(name);
      const { mtime } = Deno.statSync(path);
      if (mtime!.getTime() <= now) continue;
      Deno.utimeSync(path, new Date(now), new Date(now));
    }
  }

  /** What is on disk at a path; undefined for nothing. */
  read(path: string): string | undefined {
    try {
      return Deno.readTextFileSync(this.join(path.slice(1)));
    } catch {
      return undefined;
    }
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was not there.
  }
}

/** The text and the tag that a site has at a path; undefined if it has no file there. */
function look(site: DirectorySite, path: string, now: number) {
  const found = site.lookup(path, now);
  if (found.kind !== "file") return undefined;
  const { identity } = found;
  const bytes = identity!.slice(0, identity!.length) as Uint8Array;
  return { text: new TextDecoder().decode(bytes), tag: identity!.etag! };
}

for (const [name, make, tell, untilSeen] of SYSTEMS) {
  testWith(
    HAS_FILES && IS_UNIX,
    `with ${name}, files that change are sent whole, with the tag of their bytes, and soon as they are`,
    () => {
      using yard = new Yard();
      const changes = make();
      const options = { ...DIRECTORY_DEFAULTS, compress: false, changes };
      const site = new DirectorySite(yard.path, options);
      const texts = new Map<string, string>();
      try {
        let now = BEGIN;
        for (let step = 0; step < STEPS; step++) {
          const paths = yard.change();
          yard.stamp(now);
          if (changes instanceof FakeChanges) tell(changes, paths);
          now += yard.random(60);
          for (const path of PATHS) {
            const seen = look(site, path, now);
            if (seen === undefined) continue;
            assertEquals(texts.get(seen.tag) ?? seen.text, seen.text);
            texts.set(seen.tag, seen.text);
            const file = path === "/l.txt" ? "a.txt" : path.split("/").at(-1)!;
            assert(yard.written[file]!.has(seen.text), `${path} ${seen.text}`);
          }
          if (step % 10 !== 0) continue;
          now += DIRECTORY_DEFAULTS.revalidate + untilSeen;
          for (const path of PATHS) look(site, path, now);
          now += DIRECTORY_DEFAULTS.revalidate;
          for (const path of PATHS) {
            assertEquals(look(site, path, now)?.text, yard.read(path), path);
          }
        }
      } finally {
        site.close();
      }
    },
  );
}
