import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  ABSENT,
  type AbsentResource,
  type FileResource,
  type RefusedResource,
} from "../../../lib/site/site.ts";
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
} from "../disk/one_directory.ts";

function textOf({ identity }: FileResource): string {
  return new TextDecoder().decode(
    identity!.slice(0, identity!.length) as Uint8Array,
  );
}

Deno.test("list() makes a page that is a file like any other", async () => {
  const lister = listerOf(new OneDirectory());
  const file = await listed(lister, NOW);
  assertEquals(file.path, "/docs/");
  assertEquals(file.contentType, "text/html; charset=UTF-8");
  assertEquals(file.varies, ["Accept"]);
  assertEquals(file.modified, undefined);
  assertEquals(file.codings, []);
  assertStringIncludes(textOf(file), "a.txt");
});

Deno.test("list() makes a page that may run and load nothing but what is skiff's own", async () => {
  const { fields } = await listed(listerOf(new OneDirectory()), NOW);
  assertEquals(fields.map(([name]) => name), ["Content-Security-Policy"]);
  const directives = new Map(
    fields[0]![1].split("; ").map((directive) => {
      const [name, ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  assertEquals(directives.get("default-src"), "'none'");
  assertEquals(directives.get("script-src"), "'self'");
  assertEquals(directives.get("connect-src"), "'self'");
  assertEquals(directives.get("style-src"), "'self'");
  assertEquals(directives.get("base-uri"), "'none'");
  assertEquals(directives.get("form-action"), "'self'");
});

Deno.test("list() makes JSON, which needs no policy for pages", async () => {
  const file = await listed(listerOf(new OneDirectory()), NOW, "json");
  assertEquals(file.contentType, "application/json; charset=UTF-8");
  assertEquals(file.varies, ["Accept"]);
  assertEquals(file.fields, []);
  const { path, entries } = JSON.parse(textOf(file));
  assertEquals([path, entries.length], ["/docs/", 1]);
});

Deno.test("list() says when there are more entries than are shown", async () => {
  const site = new OneDirectory();
  site.listed = () => Promise.resolve({ ...entriesOf("a"), isCut: true });
  const lister = listerOf(site);
  assertMatch(textOf(await listed(lister, NOW)), /class="note">[^<]*10,000/);
  const { truncated } = JSON.parse(
    textOf(await listed(lister, NOW, "json")),
  );
  assertEquals(truncated, true);
});

Deno.test("list() called while a listing is being made shares it", async () => {
  const site = new OneDirectory();
  const { promise, resolve } = Promise.withResolvers<Listed>();
  site.listed = () => promise;
  const lister = listerOf(site);
  const pending = [NOW, NOW + 1, NOW + 60_000, NOW - 60_000].map((now) =>
    lister.list("/docs/", BY_NAME, "html", now)
  );
  resolve(entriesOf("a.txt"));
  const files = await Promise.all(pending);
  assertEquals(site.asked, ["/docs/"]);
  assertEquals(new Set(files).size, 1);
});

Deno.test("list() makes a listing of its own for each directory, format and order", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  const files = new Set<FileResource>();
  for (const path of ["/", "/docs/", "/html name/"]) {
    for (const [format, order] of KINDS) {
      files.add(await listed(lister, NOW, format, order, path));
      files.add(await listed(lister, NOW, format, order, path));
    }
  }
  assertEquals(files.size, 3 * 4 * 6);
  // What was read of a directory does for all of them.
  assertEquals(site.asked, ["/", "/docs/", "/html name/"]);
});

/** For how long a listing that took so long to make is kept from when it was asked for, in ms. */
const KEEP_ROWS: readonly [took: number, kept: number][] = [
  [0, 100],
  [5, 105],
  [10, 210],
  [100, 2100],
  [3000, 63_000],
];

for (const [took, kept] of KEEP_ROWS) {
  Deno.test(`a listing that took ${took} ms is kept until ${kept} ms after it was asked for`, async () => {
    await withTimer(async (advance) => {
      const site = new OneDirectory();
      site.listed = () => {
        advance(took);
        return Promise.resolve(entriesOf("a.txt"));
      };
      const lister = listerOf(site);
      const file = await listed(lister, NOW);
      assertStrictEquals(await listed(lister, NOW), file);
      assertStrictEquals(await listed(lister, NOW + kept - 1), file);
      assertEquals(site.asked.length, 1);
      const again = await listed(lister, NOW + kept);
      assert(again !== file);
      assertEquals(site.asked.length, 2);
    });
  });
}

Deno.test("a listing is made anew when the clock was set back", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  await listed(lister, NOW);
  await listed(lister, NOW - 3_600_000);
  assertEquals(site.asked.length, 2);
});

Deno.test("a listing is made again once the site is known to have changed", async () => {
  const site = new OneDirectory();
  let version = 0;
  const lister = listerOf(site, { getVersion: () => version });
  await listed(lister, NOW);
  await listed(lister, NOW);
  assertEquals(site.asked.length, 1);
  version++;
  await listed(lister, NOW);
  assertEquals(site.asked.length, 2);
});

Deno.test("a listing made anew has the same tag as long as it shows the same", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  const { etag } = (await listed(lister, NOW)).identity!;
  const later = NOW + 3_600_000;
  assertEquals((await listed(lister, later)).identity!.etag, etag);
  site.listed = () => Promise.resolve(entriesOf("a.txt", "b.txt"));
  const changed = await listed(lister, 2 * later);
  assertNotEquals(changed.identity!.etag, etag);
});

Deno.test("the page and the JSON of a directory have different tags", async () => {
  const lister = listerOf(new OneDirectory());
  const page = await listed(lister, NOW);
  const json = await listed(lister, NOW, "json");
  assertNotEquals(page.identity!.etag, json.identity!.etag);
});

const REFUSALS: readonly (AbsentResource | RefusedResource)[] = [
  ABSENT,
  { kind: "refused", status: 403 },
  { kind: "refused", status: 503 },
];

for (const refusal of REFUSALS) {
  const name = refusal.kind === "refused" ? refusal.status : refusal.kind;
  Deno.test(`list() passes on that a directory is ${name}, and keeps nothing`, async () => {
    const site = new OneDirectory();
    site.listed = () => Promise.resolve(refusal);
    const lister = listerOf(site);
    assertEquals(await lister.list("/docs/", BY_NAME, "html", NOW), refusal);
    site.listed = () => Promise.resolve(entriesOf("a.txt"));
    await listed(lister, NOW);
    assertEquals(site.asked.length, 2);
  });
}

Deno.test("list() rejects when the machine fails, and keeps nothing", async () => {
  const site = new OneDirectory();
  site.listed = () => Promise.reject(new Error("I/O error"));
  const lister = listerOf(site);
  const failures = await Promise.allSettled([
    lister.list("/docs/", BY_NAME, "html", NOW),
    lister.list("/docs/", BY_NAME, "html", NOW),
  ]);
  assertEquals(failures.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(site.asked.length, 1);
  site.listed = () => Promise.resolve(entriesOf("a.txt"));
  await listed(lister, NOW);
});

Deno.test("only so many listings are kept", async () => {
  const site = new OneDirectory();
  const lister = listerOf(site);
  for (let index = 0; index < 200; index++) {
    await listed(lister, NOW, "html", BY_NAME, `/${index}/`);
  }
  await listed(lister, NOW, "html", BY_NAME, "/199/");
  assertEquals(site.asked.length, 200);
  await listed(lister, NOW, "html", BY_NAME, "/0/");
  assertEquals(site.asked.length, 201);
});

Deno.test("a listing too large to be kept is made for whoever asks", async () => {
  const site = new OneDirectory();
  const long = "x".repeat(17 << 20);
  site.listed = () => Promise.resolve(entriesOf(long));
  const lister = listerOf(site);
  assert((await listed(lister, NOW)).identity!.length > long.length);
  await listed(lister, NOW);
  assertEquals(site.asked.length, 2);
});

Deno.test("list() gives each page what the folder says about itself, and no document", async () => {
  const asked: unknown[] = [];
  let html = "<p>one</p>";
  const lister = listerOf(new OneDirectory(), {
    getViewer: (isPrivate) => ({
      isProtected: (path) => path === "/docs/secret.txt",
      isOverruled: (path) => path === "/docs/gone.txt",
      isPrivate,
    }),
    readReadme: ({ path, entries, isPrivate }) => {
      asked.push([path, entries.map(({ name }) => name).join(), isPrivate]);
      return Promise.resolve({ name: "README.md", html });
    },
  });
  const first = await listed(lister, NOW);
  assertStringIncludes(textOf(first), html);
  await listed(lister, NOW, "json");
  await listed(lister, NOW, "text");
  assertEquals(asked, [["/docs/", "a.txt", false]]);
  html = "<p>two</p>";
  const second = await listed(lister, NOW + 60_000);
  assertStringIncludes(textOf(second), html);
  assertNotEquals(second.identity!.etag, first.identity!.etag);
});
