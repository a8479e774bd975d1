import { assertEquals, assertStringIncludes } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import type { Options } from "../../lib/cli/options.ts";
import { Access } from "../../lib/service/access.ts";
import { openHandler, partsOf } from "../../lib/service/handler.ts";
import { prepareRoot } from "../../lib/service/open_site.ts";
import {
  PreviewHandler,
  PREVIEWS_OPEN_MAX,
} from "../../lib/service/previews.ts";
import { chooseReleases } from "../../lib/service/releases.ts";
import { createPools, type SitePools } from "../../lib/site/disk/pools.ts";
import {
  type PlanHandler,
  SiteHandler,
} from "../../lib/service/site_handler.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { headOf } from "../access/head.ts";
import {
  type Files,
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  textOf,
} from "../helpers.ts";
import { forgeZip } from "../site/zip/zip_forge.ts";
import { planFor } from "./plans.ts";

const HASHED = "/app-1f0c9a7e.js";

const FILES: Files = {
  "v10/index.html": "ten",
  "v10/plain.js": "ten",
  "v10/fresh.js": "ten",
  "v10/_headers": "/fresh.js\n  Cache-Control: public, max-age=600\n",
  [`v10${HASHED}`]: "shared",
  "v9/index.html": "nine",
  "v9/plain.js": "nine",
  "v9/sub/a.txt": "a",
  "v9/private/a.txt": "private",
  "v9/_headers": "/*\n  X-Release: nine\n  Cache-Control: max-age=600\n",
  "v9/_redirects": "/old /plain.js 301\n",
  [`v9${HASHED}`]: "shared",
  "v11/index.html": "eleven",
  "v11/_redirects": "/a /b 999\n",
  "v12/.hidden": "",
};

/** A handler of releases, of which v10 is served. */
class PreviewStage implements Disposable {
  private constructor(
    readonly folder: TemporaryDirectory,
    readonly handler: PlanHandler,
    readonly warnings: readonly string[],
    readonly counted: readonly string[],
  ) {}

  static async open(
    previews: readonly string[],
    options: Partial<Options> = {},
    files: Files = FILES,
    pools?: SitePools,
  ): Promise<PreviewStage> {
    const folder = new TemporaryDirectory({ ...files, "current": "v10" });
    const base = planFor(folder.path, {
      options: {
        root: undefined,
        releases: folder.path,
        preview: previews.map(parsePreview),
        ...options,
      },
      credentials: options.authFile && ANN_LINE,
    });
    const { plan } = await chooseReleases(base, undefined, () => true);
    const warnings: string[] = [];
    const counted: string[] = [];
    const observer = {
      onRefusal: (cause: string) => void counted.push(cause),
      onWarning: (text: string) => void warnings.push(text),
      onPreview: (by: string) => void counted.push(by),
    };
    await prepareRoot(plan);
    const handler = pools === undefined
      ? openHandler(plan, observer, await partsOf(plan))
      // Only what is served gets the room: it passes it on.
      : new PreviewHandler(
        plan,
        observer,
        new SiteHandler(plan, observer, { access: new Access(plan), pools }),
      );
    return new PreviewStage(folder, handler, warnings, counted);
  }

  async ask(
    target: string,
    host: string,
    fields: Readonly<Record<string, string>> = {},
  ) {
    const lines = Object.entries({ Host: host, ...fields })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const head = headOf(`GET ${target} HTTP/1.1\r\n${lines}\r\n`);
    const client = {
      peer: "127.0.0.1",
      address: "",
      isTls: false,
      isSender: true,
    };
    // Beyond the time that a file counts as being written.
    const now = Date.now() + 60_000;
    const { status, fields: section, body } = await this.handler
      .respond(head, now, client);
    const [first] = body;
    const field = (name: string) =>
      section.lines.find(([each]) => each.toLowerCase() === name)?.[1];
    const text = first instanceof Uint8Array ? textOf(first) : "";
    return { status, text, field };
  }

  [Symbol.dispose](): void {
    this.handler.close();
    this.folder[Symbol.dispose]();
  }
}

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
    using stage = await PreviewStage.open(["v9=old.localhost"], {}, {
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
  "PreviewHandler keeps a bounded number of releases open, and its counts",
  async () => {
    const names = Array.from({ length: 2 * PREVIEWS_OPEN_MAX }, (_, i) => i);
    const files = Object.fromEntries(
      names.map((i) => [`p${i}/index.html`, `page ${i}`]),
    );
    using stage = await PreviewStage.open(
      ["*=*.pre.localhost"],
      { keepReleases: 100 },
      { "v10/index.html": "ten", ...files },
    );
    let before = 0;
    let entriesMax = 0;
    for (const i of [...names, ...names]) {
      const { text } = await stage.ask("/", `p${i}.pre.localhost`);
      assertEquals(text, `page ${i}`);
      const { misses, entries } = stage.handler.statistics();
      assertEquals(misses > before, true);
      assertEquals(misses, stage.handler.misses);
      before = misses;
      entriesMax = Math.max(entriesMax, entries);
    }
    // A directory and its index.
    assertEquals(entriesMax <= 2 * PREVIEWS_OPEN_MAX, true);
  },
);

testWith(
  HAS_FILES,
  "PreviewHandler shares the room of the site with all releases",
  async () => {
    const pools = createPools({ entries: 5, bytes: 1_000_000 });
    const hosts = ["localhost", "v9.pre.localhost", "v10.pre.localhost"];
    using stage = await PreviewStage.open(
      ["*=*.pre.localhost"],
      {},
      FILES,
      pools,
    );
    for (let round = 0; round < 3; round++) {
      for (const host of hosts) {
        for (const path of ["/", "/plain.js", HASHED]) {
          await stage.ask(path, host);
          const { entries } = stage.handler.statistics();
          assertEquals([entries, entries <= 5], [pools.entries.size, true]);
        }
      }
    }
    assertEquals(pools.entries.size, 5);
    stage.handler.close();
    assertEquals([pools.entries.size, pools.entries.bytes], [0, 0]);
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
