import { assert, assertEquals, assertThrows } from "@std/assert";
import { SourceChanged } from "../../lib/http/reply.ts";
import { DirectorySite } from "../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../lib/site/disk/directory_options.ts";
import {
  FolderRequests,
  SEARCHES_WAITING_MAX,
} from "../../lib/site/folder_requests.ts";
import { DEFAULT_ORDER } from "../../lib/site/listing/order.ts";
import { Policy, type PolicyOptions } from "../../lib/site/policy.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import { readSegment, zipNames } from "../bodies.ts";
import { HAS_FILES, TemporaryDirectory, testWith, textOf } from "../helpers.ts";
import { MemorySite } from "../memory_site.ts";
import { IS_UNIX } from "../place.ts";

const SECRET = "SECRET";

const FILES = {
  "site/a.txt": "a",
  "site/_headers": SECRET,
  "site/_redirects": SECRET,
  "site/.env": SECRET,
  "site/sub/.git/config": SECRET,
  "site/sub/_headers": "no rules here",
  "site/sub/index.html": "index",
  "site/sub/b.txt": "b",
  "site/private/c.txt": SECRET,
  "site/moved/d.txt": SECRET,
  "site/gone.txt": SECRET,
  "site/replaced.txt": SECRET,
  "outside/e.txt": SECRET,
};

const POLICY: Partial<PolicyOptions> = {
  isProtected: (path) => path.startsWith("/private/"),
  rules: compileRules({
    headers: [],
    errorPages: [],
    redirects: [
      { from: "/moved/*", to: "/a.txt", status: 301 },
      { from: "/gone.txt", to: undefined, status: 404 },
      { from: "/replaced.txt", to: "/a.txt", status: 200 },
    ].map((rule) => ({ ...rule, force: true, where: "test" })),
  }).rules,
};

const SHOWN = ["a.txt", "sub/_headers", "sub/b.txt", "sub/index.html"];

function createSite(): TemporaryDirectory {
  const directory = new TemporaryDirectory(FILES);
  const link = (target: string, name: string) =>
    Deno.symlinkSync(target, directory.join(name));
  link("../outside", "site/out");
  link("../outside/e.txt", "site/out.txt");
  link("private/c.txt", "site/link.txt");
  link("private", "site/sub/link");
  link(".env", "site/env.txt");
  link("nothing", "site/broken");
  return directory;
}

const REQUEST = {
  path: "/",
  isPrivate: false,
  address: "",
  now: Date.now(),
  isWanted: () => true,
};

async function archiveText(requests: FolderRequests, isPrivate = false) {
  const found = await requests.archive({ ...REQUEST, isPrivate });
  assert(found.kind === "file");
  const { identity } = found;
  return textOf(readSegment(identity!.slice(0, identity!.length)));
}

testWith(
  HAS_FILES && IS_UNIX,
  "an archive and a search show what a direct request would, and nothing else",
  async () => {
    using directory = createSite();
    const site = new DirectorySite(directory.join("site"));
    const requests = new FolderRequests(site, new Policy(POLICY));
    const archive = await archiveText(requests);
    // A link to a hidden file in the root is public, as ever.
    assertEquals(zipNames(archive), ["a.txt", "env.txt", ...SHOWN.slice(1)]);
    assertEquals(archive.split(SECRET).length - 1, 1);
    const search = await requests.search({
      ...REQUEST,
      text: ".",
      format: "json",
      order: { by: "name", descending: false },
    });
    assert(search.kind === "file");
    const { identity } = search;
    const json = JSON.parse(
      textOf(identity!.slice(0, identity!.length) as Uint8Array),
    );
    assertEquals(
      json.entries.map(({ name }: { name: string }) => name).sort(),
      ["a.txt", "env.txt", "sub/b.txt", "sub/index.html"],
    );
    site.close();
  },
);

Deno.test("a search names a file that cannot be read, as a listing does; an archive does without it", async () => {
  const site = new MemorySite({ "/a.txt": "", "/locked.txt": 403 });
  const requests = new FolderRequests(site, new Policy());
  const found = await requests.search({
    ...REQUEST,
    text: "locked",
    format: "text",
    order: DEFAULT_ORDER,
  });
  assert(found.kind === "file");
  const { identity } = found;
  assertEquals(
    textOf(readSegment(identity!.slice(0, identity!.length))),
    "locked.txt\n",
  );
  assertEquals(zipNames(await archiveText(requests)), ["a.txt"]);
});

testWith(
  HAS_FILES && IS_UNIX,
  "clients with a password get what is protected, with another tag",
  async () => {
    using directory = createSite();
    const site = new DirectorySite(directory.join("site"));
    const requests = new FolderRequests(site, new Policy(POLICY));
    const names = zipNames(await archiveText(requests, true));
    assertEquals(names.includes("private/c.txt"), true);
    assertEquals(names.includes("link.txt"), true);
    assertEquals(
      zipNames(await archiveText(requests)).includes("link.txt"),
      false,
    );
    site.close();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "a link that is swapped while an archive is sent ends it",
  async () => {
    using directory = createSite();
    const options = { ...DIRECTORY_DEFAULTS, revalidate: 0 };
    const site = new DirectorySite(directory.join("site"), options);
    const requests = new FolderRequests(site, new Policy(POLICY));
    const path = directory.join("site/sub/b.txt");
    const time = new Date(REQUEST.now - 3_600_000);
    const targets = ["private/c.txt", "../outside/e.txt", "..", "private/b"];
    // Of the same size and time.
    directory.write("site/private/b", "s");
    Deno.utimeSync(directory.join("site/private/b"), time, time);
    for (const target of targets) {
      Deno.utimeSync(path, time, time);
      const found = await requests.archive(REQUEST);
      assert(found.kind === "file");
      Deno.removeSync(path);
      Deno.symlinkSync(`../${target}`, path);
      const { identity } = found;
      assertThrows(
        () => readSegment(identity!.slice(0, identity!.length)),
        SourceChanged,
        "sub/b.txt",
      );
      Deno.removeSync(path);
      Deno.writeTextFileSync(path, "b");
    }
    site.close();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "an archive is made again after a file in it has changed",
  async () => {
    using directory = createSite();
    const options = { ...DIRECTORY_DEFAULTS, revalidate: 0 };
    const site = new DirectorySite(directory.join("site"), options);
    const requests = new FolderRequests(site, new Policy(POLICY));
    const found = await requests.archive(REQUEST);
    assert(found.kind === "file");
    Deno.writeTextFileSync(directory.join("site/sub/b.txt"), "longer");
    const { identity } = found;
    assertThrows(() => readSegment(identity!.slice(0, identity!.length)));
    assertEquals((await archiveText(requests)).includes("longer"), true);
    site.close();
  },
);

testWith(
  HAS_FILES,
  "searches run one at a time, and a few wait",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    const site = new DirectorySite(directory.path);
    const requests = new FolderRequests(site, new Policy(POLICY));
    const search = () =>
      requests.search({
        ...REQUEST,
        text: "a",
        order: { by: "name", descending: false },
        format: "json",
      });
    const all = Array.from({ length: SEARCHES_WAITING_MAX + 3 }, search);
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    const refused = kinds.filter((kind) => kind === "refused");
    assertEquals(refused.length, 2);
    // Another client's search takes a place of them.
    const again = Array.from({ length: SEARCHES_WAITING_MAX + 1 }, search);
    const other = requests.search({
      ...REQUEST,
      address: "other",
      text: "a",
      order: DEFAULT_ORDER,
      format: "json",
    });
    assertEquals((await other).kind, "file");
    const left = (await Promise.all(again)).map(({ kind }) => kind);
    assertEquals(left.filter((kind) => kind === "refused").length, 1);
    assertEquals((await search()).kind, "file");
    site.close();
  },
);

Deno.test("no search is made for a client that has left", async () => {
  const requests = new FolderRequests(
    new MemorySite({ "/a.txt": "" }),
    new Policy(),
  );
  let isHere = true;
  const search = (isWanted: () => boolean) =>
    requests.search({
      ...REQUEST,
      isWanted,
      text: "a",
      order: DEFAULT_ORDER,
      format: "json",
    });
  // They share one reading of the folder, so they come to the search at once.
  const left = Array.from(
    { length: SEARCHES_WAITING_MAX + 1 },
    (_, index) => search(() => index === 0 || isHere),
  );
  isHere = false;
  assertEquals((await search(() => true)).kind, "file");
  const kinds = (await Promise.all(left)).map(({ kind }) => kind);
  assertEquals(kinds.filter((kind) => kind === "file").length, 1);
});
