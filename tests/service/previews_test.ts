import { assertEquals, assertStringIncludes } from "@std/assert";
import { HAS_FILES, testWith } from "../helpers.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { FILES, HASHED, PreviewStage } from "./preview_stage.ts";

const HOST = "v9=old.localhost";
const COOKIE = "v9=cookie:nine";
const NINE = { Cookie: "skiff-preview=nine" };

testWith(
  HAS_FILES,
  "PreviewHandler shows a release alone, with its own rules, under its host",
  async () => {
    using stage = await PreviewStage.open([HOST]);
    const old = await stage.ask("/", "old.localhost");
    assertEquals([old.status, old.text], [200, "nine"]);
    assertEquals(old.field("x-release"), "nine");
    assertEquals(old.field("cache-control"), "max-age=600");
    assertEquals(old.field("vary"), "Accept-Encoding");
    assertEquals(old.field("x-robots-tag"), "noindex");
    assertEquals((await stage.ask("/old", "old.localhost")).status, 301);
    const served = await stage.ask("/", "localhost");
    assertEquals([served.status, served.text], [200, "ten"]);
    assertEquals(served.field("x-release"), undefined);
    assertEquals(served.field("x-robots-tag"), undefined);
    assertEquals(served.field("vary"), "Accept-Encoding");
    assertEquals((await stage.ask("/sub/a.txt", "localhost")).status, 404);
    assertEquals(stage.counted, ["host", "host"]);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler asks no other release for names with a hash",
  async () => {
    const name = "/only-2f1c9a7e.js";
    using stage = await PreviewStage.open([HOST], {}, {
      ...FILES,
      [`v10${name}`]: "ten",
    });
    assertEquals((await stage.ask(name, "localhost")).status, 200);
    assertEquals((await stage.ask(name, "old.localhost")).status, 404);
  },
);

/** Paths, and how they may be stored without the cookie and with it. */
const STORED: readonly (readonly [
  path: string,
  plain: readonly [cacheControl: string, vary: string | undefined],
  vary: string | undefined,
])[] = [
  ["/", ["no-cache", "Cookie, Accept-Encoding"], "Cookie, Accept-Encoding"],
  [
    "/plain.js",
    ["no-cache", "Cookie, Accept-Encoding"],
    "Cookie, Accept-Encoding",
  ],
  // Chromium would reuse this with another cookie, if it were allowed to.
  [
    "/fresh.js",
    ["no-cache", "Cookie, Accept-Encoding"],
    undefined,
  ],
  [
    HASHED,
    ["public, max-age=31536000, immutable", "Accept-Encoding"],
    "Accept-Encoding",
  ],
  ["/missing", ["no-store", undefined], undefined],
];

for (const [path, [control, vary], varyWith] of STORED) {
  testWith(
    HAS_FILES,
    `PreviewHandler lets no cache mix replies with and without a cookie: ${path}`,
    async () => {
      using stage = await PreviewStage.open([COOKIE]);
      const plain = await stage.ask(path, "localhost");
      assertEquals([plain.field("cache-control"), plain.field("vary")], [
        control,
        vary,
      ]);
      const shown = await stage.ask(path, "localhost", NINE);
      assertEquals([shown.field("cache-control"), shown.field("vary")], [
        "no-store",
        varyWith,
      ]);
      assertEquals(shown.field("x-release"), "nine");
      const other = { Cookie: "skiff-preview=../v9" };
      const { text } = await stage.ask(path, "localhost", other);
      assertEquals(text, plain.text);
    },
  );
}

testWith(
  HAS_FILES,
  "PreviewHandler keeps a listing with a cookie from stores, too",
  async () => {
    using stage = await PreviewStage.open([COOKIE]);
    const { field, status } = await stage.ask("/sub/", "localhost", NINE);
    assertEquals([status, field("cache-control")], [200, "no-store"]);
  },
);

/** Hosts that show nothing, with the status, the text of the page, and the warning. */
const NOTHING: readonly (readonly [
  host: string,
  status: number,
  text: string,
  warning: string | undefined,
])[] = [
  ["gone.localhost", 404, 'There is no release "v77" here.', undefined],
  ["odd.localhost", 404, "&lt;b&gt;", undefined],
  ["zz.pre.localhost", 404, "No release has this name.", undefined],
  ["a.v9.pre.localhost", 404, "No release has this name.", undefined],
  [
    "v11.pre.localhost",
    500,
    'Release "v11" cannot be shown.',
    'Cannot show a preview of release "v11": _redirects:1: ',
  ],
  [
    "v12.pre.localhost",
    500,
    'Release "v12" cannot be shown.',
    'Cannot show a preview of release "v12": it is empty',
  ],
];

for (const [host, status, text, warning] of NOTHING) {
  testWith(
    HAS_FILES,
    `PreviewHandler says that ${host} shows nothing, and does not show another release`,
    async () => {
      using stage = await PreviewStage.open([
        "v77=gone.localhost",
        "<b>=odd.localhost",
        "*=*.pre.localhost",
      ]);
      for (let i = 0; i < 2; i++) {
        const reply = await stage.ask("/", host);
        assertEquals(reply.status, status);
        assertStringIncludes(reply.text.replaceAll("&quot;", '"'), text);
        assertEquals(reply.field("cache-control"), "no-store");
      }
      assertEquals(stage.warnings.length, warning === undefined ? 0 : 1);
      if (warning) assertStringIncludes(stage.warnings[0]!, warning);
    },
  );
}

testWith(
  HAS_FILES,
  "PreviewHandler answers 404 for what is gone, when its release vanishes",
  async () => {
    using stage = await PreviewStage.open([HOST]);
    assertEquals((await stage.ask("/", "old.localhost")).status, 200);
    Deno.removeSync(stage.folder.join("v9"), { recursive: true });
    const { status } = await stage.ask("/sub/a.txt", "old.localhost");
    assertEquals(status, 404);
    assertEquals((await stage.ask("/", "localhost")).text, "ten");
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler obeys the same gate as the site",
  async () => {
    const all = [HOST, "v77=gone.localhost", COOKIE];
    using stage = await PreviewStage.open(all, {
      authFile: "/auth",
      authPaths: ["/private/*"],
    });
    const status = async (...args: Parameters<PreviewStage["ask"]>) =>
      (await stage.ask(...args)).status;
    assertEquals(await status("/private/a.txt", "old.localhost"), 401);
    assertEquals(await status("/private/a.txt", "localhost", NINE), 401);
    // Whether there is such a release is not told, either.
    assertEquals(await status("/private/a.txt", "gone.localhost"), 401);
    assertEquals(await status("/", "gone.localhost"), 404);
    const Authorization = `Basic ${btoa("ann:secret")}`;
    const reply = await stage.ask("/private/a.txt", "old.localhost", {
      Authorization,
    });
    assertEquals([reply.status, reply.text], [200, "private"]);
    assertEquals(await status("/", "evil.example"), 421);
    assertEquals(await status("/", "evil.example", NINE), 421);
    assertEquals(await status("https://old.localhost/", "old.localhost"), 421);
    assertEquals(await status("https://gone.localhost/", "localhost"), 421);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler shows archives, which nothing else may be",
  async () => {
    using stage = await PreviewStage.open(
      ["v8.zip=old.localhost", "*=*.pre.localhost"],
      { keepReleases: 1 },
      { ...FILES, "v8.zip": forgeZip([{ name: "a.txt", content: "zipped" }]) },
    );
    const { status } = await stage.ask("/a.txt", "old.localhost");
    assertEquals(status, 200);
  },
);
