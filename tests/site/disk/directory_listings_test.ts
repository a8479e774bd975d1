// How much of the time the listings of a directory may take, and what is kept for that.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { ListingFormat } from "../../../lib/site/listing/listing.ts";
import {
  ABSENT,
  type DirectoryEntries,
  type RefusedResource,
} from "../../../lib/site/site.ts";
import type { Lister } from "../../../lib/site/listing/lister.ts";
import {
  BY_NAME,
  entriesOf,
  KINDS,
  type Listed,
  listed,
  listerOf,
  NOW,
  OneDirectory,
  withTimer,
} from "./one_directory.ts";

/** A directory of one file, of which every listing takes so many ms to make. */
function slowEntries(
  name: string,
  advance: (ms: number) => void,
  ms: number,
): DirectoryEntries {
  const entry = {
    name,
    kind: "file" as const,
    size: 1,
    // Looked at once for each listing.
    get modified() {
      advance(ms);
      return NOW;
    },
  };
  return { kind: "entries", realPath: "/", entries: [entry], isCut: false };
}

Deno.test("each listing of a directory that is made prolongs the time until the directory is read anew", async () => {
  await withTimer(async (advance) => {
    const site = new OneDirectory();
    site.listed = () => {
      advance(100);
      return Promise.resolve(slowEntries("a.txt", advance, 10));
    };
    const lister = listerOf(site);
    const made = [];
    for (const [format, order] of KINDS) {
      made.push(await listed(lister, NOW, format, order));
    }
    // All that was spent, and twenty times as long.
    const kept = 21 * (100 + 12 * 10);
    for (const [index, [format, order]] of KINDS.entries()) {
      const again = await listed(lister, NOW + kept - 1, format, order);
      assertStrictEquals(again, made[index]!);
    }
    assertEquals(site.asked.length, 1);
    assert(await listed(lister, NOW + kept) !== made[0]);
    assertEquals(site.asked.length, 2);
  });
});

/** Listings of a directory whose name is so long that not all twelve can be kept, and of one of which none can. */
const FILLING_ROWS: readonly [name: string, characters: number][] = [
  ["are more than can be kept", 3 << 20],
  ["are too large to be kept", 17 << 20],
];

for (const [name, characters] of FILLING_ROWS) {
  Deno.test(`listings that ${name} cannot fill the day`, async () => {
    await withTimer(async (advance) => {
      const site = new OneDirectory();
      let busy = 0;
      const work = (ms: number) => {
        busy += ms;
        advance(ms);
      };
      const long = "x".repeat(characters);
      site.listed = () => {
        work(2000);
        return Promise.resolve(slowEntries(long, work, 1000));
      };
      const lister = listerOf(site);
      const began = performance.now();
      const elapsed = () => performance.now() - began;
      const answers = new Map<string, number>();
      // Everything once, as the pause comes after the work.
      const all = 12 * 1000 + 2000;
      while (elapsed() < 8 * all) {
        for (const [format, order] of KINDS) {
          const found = await lister.list(
            "/docs/",
            order,
            format,
            NOW + elapsed(),
          );
          const answer = found.kind === "refused"
            ? String(found.status)
            : found.kind;
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
          advance(200);
        }
      }
      assert(busy < all + elapsed() / 10, `${busy} of ${elapsed()} ms`);
      assertEquals([...answers.keys()].toSorted(), ["503", "file"]);
      assert(answers.get("file")! > 12, `${answers.get("file")} listings`);
    });
  });
}

/** Asks for so many other directories that nothing of the one before is kept. */
async function askOthers(lister: Lister, now: number): Promise<void> {
  for (let index = 0; index < 200; index++) {
    await listed(lister, now, "html", BY_NAME, `/${index}/`);
  }
}

const NOT_YET: RefusedResource = { kind: "refused", status: 503 };

Deno.test("a listing that had to make room is made again, and then not for twenty times as long", async () => {
  await withTimer(async (advance) => {
    const site = new OneDirectory();
    site.listed = () => {
      advance(100);
      return Promise.resolve(entriesOf("a.txt"));
    };
    const lister = listerOf(site);
    await listed(lister, NOW);
    site.listed = () => Promise.resolve(entriesOf("a.txt"));
    await askOthers(lister, NOW);
    site.listed = () => {
      advance(10);
      return Promise.resolve(entriesOf("a.txt"));
    };
    await listed(lister, NOW + 1000);
    await askOthers(lister, NOW);
    assertEquals(
      await lister.list("/docs/", BY_NAME, "html", NOW + 1209),
      NOT_YET,
    );
    await listed(lister, NOW + 1210);
    assertEquals(site.asked.filter((path) => path === "/docs/").length, 3);
  });
});

Deno.test("the pause after a listing that was made again goes on when the directory is read anew", async () => {
  await withTimer(async (advance) => {
    const site = new OneDirectory();
    const lister = listerOf(site);
    let took = 0;
    site.listed = () => {
      advance(took);
      return Promise.resolve(entriesOf("a.txt"));
    };
    const list = (now: number) => lister.list("/docs/", BY_NAME, "html", now);
    await list(NOW);
    await askOthers(lister, NOW);
    took = 1000;
    assertEquals((await list(NOW + 50)).kind, "file");
    took = 0;
    assertEquals((await list(NOW + 200)).kind, "file");
    await askOthers(lister, NOW + 200);
    assertEquals(await list(NOW + 250), NOT_YET);
    assertEquals((await list(NOW + 300)).kind, "file");
    await askOthers(lister, NOW + 21_050);
    assertEquals((await list(NOW + 21_050)).kind, "file");
  });
});

Deno.test("of the listings that had to make room one is made again at a time", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  const list = (format: ListingFormat) =>
    lister.list("/docs/", BY_NAME, format, NOW);
  await list("html");
  await list("json");
  await askOthers(lister, NOW);
  const { promise, resolve } = Promise.withResolvers<Listed>();
  site.listed = () => promise;
  const again = list("html");
  assertEquals(await list("json"), NOT_YET);
  assertStrictEquals(list("html"), again);
  resolve(entriesOf("a.txt"));
  assertEquals((await again).kind, "file");
});

Deno.test("that a directory cannot be read is said each time, however long it takes", async () => {
  await withTimer(async (advance) => {
    const site = new OneDirectory();
    const lister = listerOf(site);
    site.listed = () => {
      advance(100);
      return Promise.resolve(ABSENT);
    };
    for (let count = 1; count <= 5; count++) {
      assertEquals(await lister.list("/docs/", BY_NAME, "html", NOW), ABSENT);
      assertEquals(site.asked.length, count);
    }
  });
});

Deno.test("a listing that had to make room before it was made leaves alone the one that is made after it", async () => {
  const site = new OneDirectory();
  const ends: ((listed: Listed) => void)[] = [];
  site.listed = () => new Promise((resolve) => ends.push(resolve));
  const lister = listerOf(site);
  const list = (path: string) => lister.list(path, BY_NAME, "html", NOW);
  const first = list("/docs/");
  for (let index = 0; index < 200; index++) list(`/${index}/`);
  const second = list("/docs/");
  assert(second !== first);
  ends[0]!(ABSENT);
  assertEquals(await first, ABSENT);
  assertStrictEquals(list("/docs/"), second);
  ends.at(-1)!(entriesOf("a.txt"));
  assertEquals((await second).kind, "file");
  assertStrictEquals(list("/docs/"), second);
});

Deno.test("others have their turn between the listings of a large directory", async () => {
  const site = new OneDirectory();
  const names = Array.from({ length: 500 }, (_, index) => `${index}.txt`);
  site.listed = () => Promise.resolve(entriesOf(...names));
  const lister = listerOf(site);
  const order: string[] = [];
  const others: Promise<void>[] = [];
  await Promise.all(KINDS.map(async ([format, by]) => {
    await listed(lister, NOW, format, by);
    order.push("listing");
    others.push(
      new Promise((resolve) =>
        setTimeout(() => {
          order.push("other");
          resolve();
        }, 0)
      ),
    );
  }));
  await Promise.all(others);
  assert(order.indexOf("other") < 4, order.join(" "));
});

Deno.test("a listing too large to be kept takes no room from others", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  const small = await listed(lister, NOW, "html", BY_NAME, "/small/");
  site.listed = () => Promise.resolve(entriesOf("x".repeat(17 << 20)));
  await listed(lister, NOW);
  assertStrictEquals(
    await listed(lister, NOW, "html", BY_NAME, "/small/"),
    small,
  );
});
