import { assert, assertEquals } from "@std/assert";
import { NoChanges } from "../../../lib/site/disk/changes.ts";
import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { waitForWriter } from "../../../lib/site/disk/settling.ts";
import { WriterCloses } from "../../../lib/site/disk/writer_closes.ts";
import type { Resource } from "../../../lib/site/site.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";
import { FakeWatch } from "./fake_source.ts";

const NOW = 1_700_000_000_300;

function versionOf(size: number, modified = NOW) {
  return { device: 1, inode: 2, size, modified, changed: 0 };
}

/** A memory over a file, and its clock. */
class Memory {
  version = versionOf(3);
  ms = 0;
  readonly closes = new WriterCloses(() => this.version, () => this.ms);

  rest(version = this.version, path = "/a"): number {
    return this.closes.msUntilWhole(path, version);
  }
}

Deno.test("WriterCloses knows the version that a writer closed, until someone writes again", () => {
  const memory = new Memory();
  const { closes } = memory;
  const tell = (path: string | undefined, kind: "changed" | "written") => {
    closes.tell(path, kind);
    memory.ms += 2;
  };
  assertEquals(memory.rest(), Infinity);
  tell("/a", "written");
  assertEquals(memory.rest(), 0);
  assertEquals(memory.rest(memory.version, "/b"), Infinity);
  assertEquals(memory.rest(versionOf(4)), Infinity);
  tell("/a", "changed");
  assertEquals(memory.rest(), Infinity);
  tell("/a", "written");
  tell(undefined, "changed");
  assertEquals(memory.rest(), Infinity);
  memory.version = versionOf(0);
  tell("/a", "written");
  assertEquals(memory.rest(), Infinity);
});

Deno.test("a version counts as whole if it is the same some ms after a close is heard", () => {
  const memory = new Memory();
  memory.closes.tell("/a", "written");
  for (const rest of [2, 1, 0, 0]) {
    assertEquals(memory.rest(), rest);
    // The writer has begun again and goes on, and no one has told yet.
    assertEquals(memory.rest(versionOf(3, NOW + 1)), Infinity);
    memory.ms++;
  }
});

Deno.test("WriterCloses keeps a limited number", () => {
  const memory = new Memory();
  memory.closes.tell("/first", "written");
  for (let at = 0; at < 1024; at++) memory.closes.tell(`/${at}`, "written");
  memory.ms = 2;
  assertEquals(memory.rest(memory.version, "/first"), Infinity);
  assertEquals(memory.rest(memory.version, "/1023"), 0);
});

Deno.test("a wait ends a moment after the writer has closed the file", async () => {
  const closed = versionOf(3, NOW);
  const closes = new WriterCloses(() => closed);
  const wait = waitForWriter(
    () => closed,
    NOW,
    (version) => closes.msUntilWhole("/a", version),
  );
  closes.tell("/a", "written");
  const { now, quiet } = await wait;
  assertEquals(quiet, closed);
  // 26 ms at least without it; timers are late on a busy machine.
  assert(now - NOW >= 2, `${now - NOW} ms`);
});

Deno.test("a wait looks no later than a close counts", async () => {
  const rests = [2.5, 0.5, 0];
  const rest = () => rests.shift()!;
  const { quiet } = await waitForWriter(() => versionOf(3, NOW), NOW, rest);
  assertEquals([quiet, rests.length], [versionOf(3, NOW), 0]);
});

/** No time passes by this clock, however busy the machine is. */
function stopClock(): Disposable {
  const { now } = performance;
  const stopped = performance.now();
  performance.now = () => stopped;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

/** A site of one file, "/a.txt", whose changes the test tells. */
class ToldSite {
  readonly directory = new TemporaryDirectory({ "a.txt": "first" });
  readonly changes = new NoChanges();
  readonly site = new DirectorySite(this.directory.path, {
    ...DIRECTORY_DEFAULTS,
    changes: this.changes,
  });

  [Symbol.dispose](): void {
    this.site.close();
    this.directory[Symbol.dispose]();
  }

  /** Writes the file without a word of it. */
  write(content: string): void {
    this.directory.write("a.txt", content);
  }

  tell(...kinds: ("changed" | "written")[]): void {
    for (const kind of kinds) this.changes.onChange("/a.txt", kind);
  }

  /** Asks for the file in the moment when it was written; returns the wait for its writer. */
  ask(): Promise<Resource> {
    const now = Deno.statSync(this.directory.join("a.txt")).mtime!.getTime();
    const found = this.site.lookup("/a.txt", now);
    assert(found.kind === "file" && found.awaitWriter !== undefined);
    return found.awaitWriter(now);
  }
}

/** The content of what was found. */
function contentOf(found: Resource): string {
  assert(found.kind === "file" && found.identity instanceof MemoryVariant);
  return new TextDecoder().decode(found.identity.bytes);
}

testWith(
  HAS_FILES,
  "a file whose writer has closed it is waited for a moment, and gets a strong ETag",
  async () => {
    using told = new ToldSite();
    told.write("second");
    const clock = stopClock();
    told.tell("changed", "written");
    const wait = told.ask();
    clock[Symbol.dispose]();
    const second = await wait;
    assertEquals(contentOf(second), "second");
    assert(second.kind === "file" && second.identity?.etag?.startsWith('"'));
    told.write("the third");
    told.tell("changed");
    const another = told.ask();
    told.tell("written");
    const third = await another;
    assertEquals(contentOf(third), "the third");
    assert(third.kind === "file" && third.identity?.etag?.startsWith('"'));
  },
);

testWith(
  HAS_FILES,
  "a close that is heard when another writer has begun does not make its half whole",
  async () => {
    using told = new ToldSite();
    told.write("second");
    // The event loop is held up: the close of this one is heard after half of the next one is written.
    const clock = stopClock();
    told.write("half");
    told.tell("written");
    const wait = told.ask();
    told.write("half and half");
    clock[Symbol.dispose]();
    assertEquals(contentOf(await wait), "half and half");
  },
);

testWith(
  HAS_FILES,
  "a close that is heard during a wait, when another writer has begun, does not end it",
  async () => {
    using told = new ToldSite();
    told.write("second");
    const wait = told.ask();
    const clock = stopClock();
    told.write("half");
    told.tell("written");
    // What waits for the close has its turn before the writer's next one.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    told.write("half and half");
    clock[Symbol.dispose]();
    assertEquals(contentOf(await wait), "half and half");
  },
);

testWith(
  HAS_FILES,
  "a close does not count if the same events tell that another writer has begun",
  async () => {
    using watch = await FakeWatch.begin();
    const memory = new Memory();
    const rests: number[] = [];
    watch.watcher.onChange = (path, kind) => {
      memory.closes.tell(path, kind);
      rests.push(memory.rest(memory.version, path));
    };
    for (const kind of ["modify", "access", "modify"] as const) {
      watch.tell(kind, "/a.txt");
    }
    await until(() => rests.length === 3, "the events");
    assertEquals(rests, [Infinity, 2, Infinity]);
  },
);
