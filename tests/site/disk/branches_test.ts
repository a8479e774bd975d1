import { assertEquals } from "@std/assert";
import { Branches } from "../../../lib/site/disk/branches.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { HAS_FILES, testWith, until } from "../../helpers.ts";
import { FakeSource } from "./fake_source.ts";
import { LinkedSite } from "./linked_site.ts";

const CAN_WATCH = HAS_FILES && Deno.build.os === "linux";

Deno.test("Branches has the names in branches, and nothing below or beside them", () => {
  const branches = new Branches({ trees: ["/r/t"], branches: ["/r", "/r/b"] });
  for (const path of ["/r/a", "/r/t", "/r/b/c"]) {
    assertEquals(branches.has(path), true, path);
  }
  for (const path of ["/", "/a", "/r/t/a", "/r/b/c/d"]) {
    assertEquals(branches.has(path), false, path);
  }
});

/** What no one tells of, and whether it takes another watch to see all. */
const UNTOLD: Readonly<
  Record<string, readonly [(root: string) => void, isNew: boolean]>
> = {
  "nothing": [() => {}, false],
  "a file that comes": [
    (root) => Deno.writeTextFileSync(`${root}/f`, ""),
    false,
  ],
  "a directory in a tree": [(root) => Deno.mkdirSync(`${root}/v1/n`), false],
  "a directory that goes": [(root) => {
    Deno.removeSync(`${root}/v1`, { recursive: true });
  }, false],
  "a directory that comes": [(root) => Deno.mkdirSync(`${root}/new`), true],
  "a directory that is replaced": [(root) => {
    Deno.renameSync(`${root}/v1`, `${root}/../v1`);
    Deno.mkdirSync(`${root}/v1`);
  }, true],
};

/** A watched site with a link, whose system tells what a test has it tell. `onOpen` is called as a watch begins. */
function fakelyWatched(onOpen: (root: string) => void) {
  const site = new LinkedSite({ "/latest": "v1" });
  site.watcher.close();
  const sources: FakeSource[] = [];
  const watcher = new Watcher(site.root, {
    onLoss: () => {},
    open: (root) => {
      onOpen(root);
      sources.push(new FakeSource());
      return sources.at(-1)!;
    },
  });
  const stack = new DisposableStack();
  stack.use(site);
  stack.defer(() => watcher.close());
  return { site, sources, watcher, stack };
}

for (const [what, [happen, isNew]] of Object.entries(UNTOLD)) {
  testWith(
    CAN_WATCH,
    `${what}, while a watch beside a link begins: watched anew: ${isNew}`,
    async () => {
      let count = 0;
      const { sources, watcher, stack } = fakelyWatched((root) => {
        if (count++ === 0) happen(root);
      });
      using _all = stack;
      await watcher.started;
      assertEquals(watcher.trusts(Date.now()), !isNew);
      assertEquals(sources[0]!.isClosed, isNew);
      await until(() => watcher.trusts(Date.now() + 2000), "the watch");
      assertEquals(sources.length, isNew ? 2 : 1);
    },
  );

  for (const how of ["an overflow", "too many events"]) {
    testWith(
      CAN_WATCH,
      `${what}, which is lost with ${how} beside a link: watched anew: ${isNew}`,
      async () => {
        const { site, sources, watcher, stack } = fakelyWatched(() => {});
        using _all = stack;
        await watcher.started;
        happen(site.root);
        let told = 0;
        watcher.onChange = (path) => {
          if (path === undefined) told++;
        };
        if (how === "an overflow") {
          sources[0]!.push({ kind: "other", paths: [], flag: "rescan" });
        } else {
          const file = `${site.root}/a.txt`;
          for (let i = 0; i < 20; i++) sources[0]!.tell("modify", file);
        }
        await until(() => told > 0, "news");
        await until(() => watcher.trusts(Date.now()), "the watch");
        assertEquals(sources.length, isNew ? 2 : 1);
      },
    );
  }
}

testWith(
  CAN_WATCH,
  "nothing is trusted until a directory that has come was examined for links",
  async () => {
    const { site, sources, watcher, stack } = fakelyWatched(() => {});
    using _all = stack;
    await watcher.started;
    const seen: boolean[] = [];
    watcher.onChange = () => {
      queueMicrotask(() => seen.push(watcher.trusts(Date.now())));
    };
    sources[0]!.tell("create", `${site.root}/d/e`);
    await until(() => seen.length > 0, "news");
    assertEquals(seen, [false]);
    await until(() => watcher.trusts(Date.now()), "trust");
    assertEquals(sources.length, 1);
  },
);
