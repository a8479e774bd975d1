import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { symlinkSync } from "node:fs";
import { fromFileUrl } from "@std/path";
import { HAS_NETWORK, testWith } from "../helpers.ts";
import { attributesOf, decode } from "./listing_page.ts";
import { PAST, Stage, testStage } from "./stage.ts";

const JSON_WANTED = { Accept: "application/json" };

/** Longer than any listing of a test is kept. */
const KEEP_MS = 600_000;

/** An entry of a listing in JSON. */
interface Entry {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly modified: string | null;
}

/** The entries that a listing shows, from its JSON. */
async function entriesOf(stage: Stage, target: string): Promise<Entry[]> {
  const response = await stage.get(target, JSON_WANTED);
  assertEquals(response.status, 200);
  return JSON.parse(decode(response.body)).entries;
}

async function namesOf(stage: Stage, target: string): Promise<string[]> {
  return (await entriesOf(stage, target)).map(({ name }) => name);
}

const FILES = {
  "docs/b10.txt": "0123456789",
  "docs/b9.txt": "012345678",
  "docs/a.txt": "01234",
  "docs/folder/inside.txt": "",
};

testStage(
  "a directory without an index is a page, or JSON for who would rather have that",
  FILES,
  async (stage) => {
    const page = await stage.get("/docs/", { Accept: "text/html, */*" });
    assertEquals(page.status, 200);
    assertEquals(page.fields.get("content-type"), "text/html; charset=UTF-8");
    assertMatch(page.body, /^<!doctype html>/i);
    const json = await stage.get("/docs/", JSON_WANTED);
    assertEquals(json.status, 200);
    const type = "application/json; charset=UTF-8";
    assertEquals(json.fields.get("content-type"), type);
    assertEquals(JSON.parse(json.body).path, "/docs/");
    for (const { fields } of [page, json]) {
      assertEquals(fields.get("vary"), "Accept, Accept-Encoding");
      assertEquals(fields.get("cache-control"), "no-cache");
      assertEquals(fields.get("last-modified"), undefined);
    }
    assertEquals(json.fields.get("content-security-policy"), undefined);
    const policy = page.fields.get("content-security-policy")!;
    assertStringIncludes(policy, "default-src 'none'");
    assert(!policy.includes("unsafe"));
  },
);

testStage("a listing tells name, type, size and time", FILES, async (stage) => {
  const [folder, ...files] = await entriesOf(stage, "/docs/");
  assertEquals([folder!.name, folder!.type, folder!.size], [
    "folder",
    "directory",
    0,
  ]);
  const modified = PAST.toISOString();
  assertEquals(files, [
    { name: "a.txt", type: "file", size: 5, modified },
    { name: "b9.txt", type: "file", size: 9, modified },
    { name: "b10.txt", type: "file", size: 10, modified },
  ]);
});

const SORT_ROWS: readonly [query: string, names: readonly string[]][] = [
  ["", ["a.txt", "b9.txt", "b10.txt"]],
  ["?", ["a.txt", "b9.txt", "b10.txt"]],
  ["?sort=name", ["a.txt", "b9.txt", "b10.txt"]],
  ["?sort=name&order=desc", ["b10.txt", "b9.txt", "a.txt"]],
  ["?order=desc", ["b10.txt", "b9.txt", "a.txt"]],
  ["?sort=size", ["a.txt", "b9.txt", "b10.txt"]],
  ["?sort=size&order=desc", ["b10.txt", "b9.txt", "a.txt"]],
  ["?sort=modified", ["b10.txt", "a.txt", "b9.txt"]],
  ["?sort=modified&order=desc", ["b9.txt", "a.txt", "b10.txt"]],
  ["?sort=colour&order=desc", ["a.txt", "b9.txt", "b10.txt"]],
  ["?sort=size&order=up", ["a.txt", "b9.txt", "b10.txt"]],
  ["?sort=__proto__", ["a.txt", "b9.txt", "b10.txt"]],
  ["?%73ort=%6eame&order=desc", ["b10.txt", "b9.txt", "a.txt"]],
  ["?sort=name&sort=size&order=desc&order=asc", ["b10.txt", "b9.txt", "a.txt"]],
  [`?${"&".repeat(3000)}order=desc`, ["b10.txt", "b9.txt", "a.txt"]],
  ["?sort=%ff%00", ["a.txt", "b9.txt", "b10.txt"]],
];

for (const [query, names] of SORT_ROWS) {
  testStage(
    `a listing is sorted as ${
      query.slice(0, 40) || "no query"
    } says, folders first`,
    FILES,
    async (stage) => {
      stage.write("docs/b10.txt", "0123456789", new Date(1000));
      stage.write("docs/b9.txt", "012345678", new Date(2e12));
      const target = `/docs/${query}`;
      assertEquals(await namesOf(stage, target), ["folder", ...names]);
      const links = attributesOf(await stage.get(target), "href");
      const files = links.filter((link) => link.endsWith(".txt"));
      assertEquals(files, names.map((name) => `./${name}`));
    },
  );
}

testStage(
  "a listing has the same tag while nothing changes, and another one afterwards",
  FILES,
  async (stage) => {
    for (const fields of [{}, JSON_WANTED]) {
      const first = await stage.get("/docs/", fields);
      const tag = first.fields.get("etag")!;
      stage.advance(KEEP_MS);
      const second = await stage.get("/docs/", fields);
      assertEquals(second.fields.get("etag"), tag);
      const known = { ...fields, "If-None-Match": tag };
      assertEquals((await stage.get("/docs/", known)).status, 304);

      const name = `new-${crypto.randomUUID()}.txt`;
      stage.write(`docs/${name}`, "new");
      stage.advance(KEEP_MS);
      const changed = await stage.get("/docs/", known);
      assertEquals(changed.status, 200);
      assertNotEquals(changed.fields.get("etag"), tag);
      assertStringIncludes(changed.body, name);
    }
  },
);

testStage(
  "a directory that is deleted is not listed any more",
  FILES,
  async (stage) => {
    assertEquals((await stage.get("/docs/folder/")).status, 200);
    Deno.removeSync(stage.directory.join("docs/folder"), { recursive: true });
    stage.advance(KEEP_MS);
    assertEquals((await stage.get("/docs/folder/")).status, 404);
  },
);

testStage("nothing is listed when that is not wanted", {
  ...FILES,
  "404.html": "no listing",
}, async (stage) => {
  for (const fields of [{}, JSON_WANTED]) {
    for (const target of ["/docs/", "/docs/?sort=size"]) {
      const { status, body } = await stage.get(target, fields);
      assertEquals([status, body], [404, "no listing"]);
    }
  }
}, { policy: { listing: false } });

testStage("an index stands for its directory, whoever asks", {
  ...FILES,
  "docs/index.html": "index",
}, async (stage) => {
  for (const fields of [{}, JSON_WANTED]) {
    assertEquals((await stage.get("/docs/", fields)).body, "index");
  }
});

testStage("a listing shows what clients may see, and nothing else", {
  "docs/file.txt": "file",
  "docs/folder/file.txt": "",
  "docs/.env": "secret",
  "docs/.git/config": "secret",
  "docs/..name": "secret",
  "docs/.well-known/security.txt": "",
  ".hidden": "secret",
}, async (stage) => {
  const links = {
    "to-file": "file.txt",
    "to-folder": "folder",
    "to-itself": ".",
    "to-above": "..",
    "to-hidden": ".env",
    "to-hidden-above": "../.hidden",
    "to-hidden-folder": ".git",
    "to-nothing": "gone",
    "to-circle": "to-circle",
    "to-outside": fromFileUrl(import.meta.url),
    "to-folder-outside": fromFileUrl(new URL(".", import.meta.url)),
    "to-above-root": "../..",
    "to-device": "/dev/null",
  };
  for (const [name, target] of Object.entries(links)) {
    symlinkSync(target, stage.directory.join(`docs/${name}`));
  }
  const entries = await entriesOf(stage, "/docs/");
  assertEquals(
    entries.map(({ name, type, size }) => [name, type, size]),
    [
      [".well-known", "directory", 0],
      ["folder", "directory", 0],
      ["to-above", "directory", 0],
      ["to-folder", "directory", 0],
      ["to-hidden-folder", "directory", 0],
      ["to-itself", "directory", 0],
      ["file.txt", "file", 4],
      ["to-file", "file", 4],
      ["to-hidden", "file", 6],
      ["to-hidden-above", "file", 6],
    ],
  );
  // What is listed is there, and what is not listed is not.
  for (const { name, type } of entries) {
    const slash = type === "directory" ? "/" : "";
    assertEquals((await stage.get(`/docs/${name}${slash}`)).status, 200);
  }
  const shown = entries.map(({ name }) => name);
  for (const name of [...Object.keys(links), ".env", ".git", "..name"]) {
    if (shown.includes(name)) continue;
    assertEquals((await stage.get(`/docs/${name}`)).status, 404, name);
  }
});

const ASSETS: Readonly<Record<string, string>> = {
  "/.skiff/listing.css": "text/css; charset=UTF-8",
  "/.skiff/listing.js": "text/javascript; charset=UTF-8",
};

for (const [path, type] of Object.entries(ASSETS)) {
  testStage(`${path} is served like a file, and no site can have another one`, {
    [path]: "not this one",
  }, async (stage) => {
    const whole = await stage.get(path);
    assertEquals([whole.status, whole.fields.get("content-type")], [200, type]);
    assert(whole.body.length > 100 && whole.body !== "not this one");
    const known = { "If-None-Match": whole.fields.get("etag")! };
    assertEquals((await stage.get(path, known)).status, 304);
    const part = await stage.ask("GET", path, { Range: "bytes=-5" });
    assertEquals([part.status, part.body], [206, whole.body.slice(-5)]);
    assertEquals((await stage.get("/.skiff/")).status, 404);
  });
}

testStage(
  "clients that ask for a listing at once share it",
  FILES,
  async (stage) => {
    let lists = 0;
    const list = stage.site.list.bind(stage.site);
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.site.list = async (path) => {
      lists++;
      await promise;
      return await list(path);
    };
    const pending = Array.from(
      { length: 20 },
      () => stage.ask("GET", "/docs/"),
    );
    // Others are answered meanwhile.
    assertEquals((await stage.get("/docs/a.txt")).body, "01234");
    resolve();
    const bodies = (await Promise.all(pending)).map(({ body }) => body);
    assertEquals(new Set(bodies).size, 1);
    assertEquals(lists, 1);
  },
);

testStage(
  "10,000 entries are shown, and it is said when there are more",
  {},
  async (stage) => {
    const folder = stage.directory.join("many");
    Deno.mkdirSync(folder);
    for (let index = 0; index < 10_000; index++) {
      Deno.createSync(`${folder}/${index}`).close();
    }
    const whole = JSON.parse(
      (await stage.ask("GET", "/many/", JSON_WANTED)).body,
    );
    assertEquals([whole.entries.length, whole.truncated], [10_000, false]);

    Deno.createSync(`${folder}/one-more`).close();
    stage.advance(KEEP_MS);
    const page = await stage.ask("GET", "/many/");
    const rows = attributesOf(page, "href").filter((link) =>
      /^\.\/\w/.test(link)
    );
    assertEquals(rows.length, 10_000);
    assertMatch(page.body, /class="note">[^<]*10,000/);
  },
);

testStage(
  "an empty directory is listed",
  { "index.html": "" },
  async (stage) => {
    Deno.mkdirSync(stage.directory.join("empty"));
    assertEquals(await namesOf(stage, "/empty/"), []);
    assertEquals((await stage.get("/empty/")).status, 200);
  },
);

testWith(
  HAS_NETWORK && Deno.build.os !== "windows" && Deno.uid() !== 0,
  "a directory and a file that may not be read are 403",
  async () => {
    await using stage = new Stage({
      "docs/closed/file.txt": "",
      "docs/closed.txt": "closed",
      "docs/403.html": "closed page",
    });
    Deno.chmodSync(stage.directory.join("docs/closed"), 0);
    Deno.chmodSync(stage.directory.join("docs/closed.txt"), 0);
    try {
      for (const target of ["/docs/closed/", "/docs/closed.txt"]) {
        const { status, body } = await stage.get(target);
        assertEquals([status, body], [403, "closed page"]);
      }
    } finally {
      Deno.chmodSync(stage.directory.join("docs/closed"), 0o700);
    }
  },
);
