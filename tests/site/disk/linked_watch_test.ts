import { assert, assertEquals } from "@std/assert";
import {
  DIRECT_ENTRIES_MAX,
  WATCHED_PARTS_MAX,
} from "../../../lib/site/disk/watch_place.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { CrowdedDirectory } from "../../crowded_directory.ts";
import { HAS_FILES, testWith, until } from "../../helpers.ts";
import { LinkedSite } from "./linked_site.ts";

const CAN_WATCH = HAS_FILES && Deno.build.os === "linux";

/** Links of a site, and a file behind one of them. */
const LINKS: Readonly<
  Record<string, readonly [Record<string, string>, behind: string]>
> = {
  "a link to a directory": [{ "/latest": "v2" }, "/latest/x.txt"],
  "a link to a file": [{ "/latest.txt": "v2/x.txt" }, "/latest.txt"],
  "a link to a directory above": [{ "/d/up": ".." }, "/d/up/a.txt"],
  "a link in a linked directory": [
    { "/v2/in": "../d", "/latest": "v2" },
    "/latest/in/b.txt",
  ],
  "a link to a link": [{ "/latest": "now", "/now": "v2" }, "/latest/x.txt"],
};

for (const [what, [links, behind]] of Object.entries(LINKS)) {
  testWith(
    CAN_WATCH,
    `a site with ${what} is watched, and what is behind it is looked at`,
    async () => {
      using site = new LinkedSite(links);
      await site.watched();
      for (const path of ["/a.txt", "/d/b.txt", "/d/e/c.txt", "/v2/x.txt"]) {
        await site.trusted(path);
        await site.follows(path);
        await site.trusted(path);
      }
      assert(!site.isTrusted(behind));
      const now = Date.now();
      site.text(behind, now);
      for (const real of ["/a.txt", "/d/b.txt", "/v2/x.txt"]) {
        site.write(real, "later");
      }
      assertEquals(site.text(behind, now + 100), "later");
      assertEquals(site.site.statistics().watched, 1);
      assertEquals(site.losses, []);
    },
  );
}

testWith(
  CAN_WATCH,
  "a site with a link to a directory outside is watched, and nothing outside is",
  async () => {
    using site = new LinkedSite({ "/out": "../outside" });
    await site.watched();
    assert(site.isTrusted("/a.txt"));
    assertEquals(site.text("/out/o.txt", Date.now()), "absent");
    site.told.length = 0;
    Deno.writeTextFileSync(site.directory.join("outside/o.txt"), "later");
    await site.follows("/a.txt");
    assert(site.told.every((path) => path === "/a.txt"), site.told.join());
  },
);

/** What happens beside a link while the site is watched, and the file that is served then. */
const HAPPENING: Readonly<
  Record<
    string,
    readonly [
      links: Record<string, string>,
      happen: (site: LinkedSite) => void,
      trusted: readonly string[],
      looked: readonly string[],
    ]
  >
> = {
  "a link that is swapped": [
    { "/latest": "v1" },
    (site) => site.link("/latest", "v2"),
    ["/v1/x.txt", "/v2/x.txt"],
    ["/latest/x.txt"],
  ],
  "a link that comes": [
    {},
    (site) => site.link("/d/latest", "../v2"),
    ["/v2/x.txt", "/d/e/c.txt"],
    ["/d/latest/x.txt"],
  ],
  "a link that takes the place of a directory": [
    { "/latest": "v1" },
    (site) => {
      Deno.renameSync(`${site.root}/d`, `${site.root}/former`);
      site.link("/d", "v2");
    },
    ["/former/b.txt", "/former/e/c.txt", "/v2/x.txt"],
    ["/d/x.txt"],
  ],
  "a link that takes the place of the directory that it leads to": [
    {},
    (site) => {
      Deno.renameSync(`${site.root}/d`, `${site.root}/former`);
      site.link("/d", "former");
    },
    ["/former/e/c.txt", "/v2/x.txt"],
    ["/d/b.txt"],
  ],
  "a directory that takes the place of a link": [
    { "/latest": "v1" },
    (site) => {
      Deno.removeSync(`${site.root}/latest`);
      Deno.renameSync(`${site.root}/v2`, `${site.root}/latest`);
    },
    ["/latest/x.txt", "/d/b.txt"],
    [],
  ],
  "a directory that comes beside a link": [
    { "/latest": "v1" },
    (site) => {
      site.write("/v3/deep/x.txt", "3");
      site.link("/latest", "v3");
    },
    ["/v3/deep/x.txt", "/a.txt"],
    ["/latest/deep/x.txt"],
  ],
  "a directory that is replaced beside a link": [
    { "/latest": "v1" },
    (site) => {
      Deno.removeSync(`${site.root}/v1`, { recursive: true });
      site.write("/v1/y.txt", "3");
    },
    ["/v1/y.txt", "/a.txt"],
    ["/latest/y.txt"],
  ],
  "a directory with a link that comes to a site without": [
    {},
    (site) => {
      const made = site.directory.join("made");
      Deno.mkdirSync(`${made}/in`, { recursive: true });
      Deno.symlinkSync("../../v2", `${made}/in/latest`);
      Deno.renameSync(made, `${site.root}/made`);
    },
    ["/v2/x.txt", "/a.txt"],
    ["/made/in/latest/x.txt"],
  ],
  "a link that goes": [
    { "/d/latest": "../v1" },
    (site) => Deno.removeSync(`${site.root}/d/latest`),
    ["/d/b.txt", "/d/e/c.txt"],
    [],
  ],
};

for (
  const [what, [links, happen, trusted, looked]] of Object.entries(HAPPENING)
) {
  testWith(
    CAN_WATCH,
    `beside ${what}, everything else stays watched`,
    async () => {
      using site = new LinkedSite(links);
      await site.watched();
      const began = Date.now();
      for (const path of [...trusted, ...looked]) site.text(path, began);
      site.told.length = 0;
      happen(site);
      await until(() => site.told.length > 0, "news");
      for (const path of [...trusted, ...looked]) {
        assert(site.text(path, Date.now() + 100) !== "absent", path);
      }
      for (const path of trusted) {
        await site.trusted(path);
        await site.follows(path);
      }
      for (const path of looked) {
        assert(!site.isTrusted(path), path);
        const now = Date.now();
        const real = Deno.realPathSync(site.root + path);
        site.text(path, now);
        site.write(real.slice(site.root.length), "later");
        assertEquals(site.text(path, now + 100), "later");
      }
      assertEquals(site.losses, []);
    },
  );
}

testWith(
  CAN_WATCH,
  "a site is watched by a thread of its own once the system may have followed a link",
  async () => {
    using site = new LinkedSite({});
    await site.watched();
    const { watchFs } = Deno;
    Deno.watchFs = () => {
      throw new Error("asked in this thread");
    };
    try {
      const made = site.directory.join("made");
      Deno.mkdirSync(made);
      Deno.symlinkSync("../v2", `${made}/latest`);
      site.told.length = 0;
      Deno.renameSync(made, `${site.root}/made`);
      await until(() => site.told.includes(undefined), "the next watch");
      await site.watched();
      await site.follows("/v2/x.txt");
      Deno.removeSync(`${site.root}/made/latest`);
      await site.follows("/v2/x.txt");
      assertEquals(site.losses, []);
    } finally {
      Deno.watchFs = watchFs;
    }
  },
);

/** Another watcher of a site, and what it tells. */
function watcherOf({ root }: LinkedSite) {
  const watcher = new Watcher(root, { onLoss: () => {} });
  const told: (string | undefined)[] = [];
  watcher.onChange = (path) => told.push(path);
  return [watcher, told] as const;
}

testWith(
  CAN_WATCH,
  "a link that comes as the watch begins hides no change",
  async () => {
    using site = new LinkedSite({});
    await site.watched();
    site.watcher.close();
    const { watchFs } = Deno;
    Deno.watchFs = (...args) => {
      site.link("/d/latest", "../v2");
      return watchFs(...args);
    };
    try {
      const [watcher, told] = watcherOf(site);
      await watcher.started;
      const later = Date.now() + 3_600_000;
      await until(() => watcher.trusts(later), "the watch");
      site.write("/v2/x.txt", "later");
      await until(() => told.includes("/v2/x.txt"), "the change");
      watcher.close();
    } finally {
      Deno.watchFs = watchFs;
    }
  },
);

testWith(
  CAN_WATCH,
  "nothing is trusted once a directory has come that cannot be watched and has a link",
  async () => {
    using site = new LinkedSite({});
    await site.watched();
    assert(site.isTrusted("/v2/x.txt"));
    const made = site.directory.join("made");
    for (let part = 0; part <= WATCHED_PARTS_MAX; part++) {
      Deno.mkdirSync(`${made}/${part}`, { recursive: true });
    }
    Deno.symlinkSync("../v2", `${made}/latest`);
    Deno.renameSync(made, `${site.root}/made`);
    await until(() => site.site.statistics().watched === 0, "the end");
    const now = Date.now();
    site.text("/v2/x.txt", now);
    site.write("/v2/x.txt", "later");
    assertEquals(site.text("/v2/x.txt", now + 100), "later");
    Deno.removeSync(`${site.root}/made`, { recursive: true });
    const muchLater = now + 3_600_000;
    await until(() => site.watcher.trusts(muchLater), "the next watch");
    assertEquals(site.losses, []);
  },
);

testWith(
  CAN_WATCH,
  "a large site with a link is watched by a thread of its own",
  async () => {
    using site = new LinkedSite({ "/d/up": "../v2" });
    site.watcher.close();
    const path = `${site.root}/v1/many`;
    Deno.mkdirSync(path);
    using _crowd = new CrowdedDirectory(path, DIRECT_ENTRIES_MAX, "file");
    const [watcher, told] = watcherOf(site);
    await until(() => watcher.trusts(Date.now()), "the watch");
    for (const path of ["/a.txt", "/d/b.txt", "/d/e/c.txt", "/v1/many/new"]) {
      site.write(path, "later");
      await until(() => told.includes(path), path);
    }
    watcher.close();
  },
);
