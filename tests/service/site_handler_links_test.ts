/**
 * What is protected stays so behind links, precompressed files, rewrites and listings: judged by what was asked for
 * and by the real path that it leads to.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, testWith, utf8 } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { type Question, Stage } from "./plans.ts";

const SECRET = "TREASURE";

const FILES = {
  "index.html": "home",
  "open/a.txt": "open",
  "open/b.txt": "open",
  "dump.txt": "open",
  "dump.txt.gz": SECRET,
  "own.txt": "open",
  "style.css": "open",
  "private/a.txt": SECRET,
  "private/page.html": SECRET,
  "private/404.html": SECRET,
  "private/TREASURE/a.txt": SECRET,
  "private/with/index.html": SECRET,
  "private/style.css.gz": SECRET,
  "private/..data/a.txt": SECRET,
  ".vault/a.txt": SECRET,
};

/** Links by name, and where they lead. */
const LINKS: Readonly<Record<string, string>> = {
  "lnk": "private",
  "chain": "lnk",
  "file": "private/a.txt",
  "short.html": "private/page.html",
  "open/index.html": "../private/page.html",
  "open/TREASURE": "../private/TREASURE",
  "open/TREASURE.txt": "../private/a.txt",
  "list": "open2",
  "open2": "private/TREASURE",
  "404.html": "private/404.html",
  "style.css.gz": "private/style.css.gz",
  "mounted.txt": "private/..data/a.txt",
  "vault": ".vault",
  "elsewhere": "open",
};

const WHERE = { force: false, where: "skiff.json:1" };

const RULES: Options["rules"] = {
  headers: [],
  redirects: [
    { from: "/r/*", to: "/private/:splat", status: 200, ...WHERE },
    { from: "/q/*", to: "/lnk/:splat", status: 200, ...WHERE },
    { from: "/w/*", to: "/elsewhere/:splat", status: 200, ...WHERE },
    { from: "/named", to: "/404.html", status: 404, ...WHERE },
    { from: "/lnk/*", to: "/", status: 302, ...WHERE },
  ],
  errorPages: [{ status: 404, path: "/file", where: "" }],
};

/** Asks when the answers look again at what they looked at before the links were there. */
function ask(stage: Stage, question: Question) {
  return stage.ask({ ...question, now: Date.now() + 1000 });
}

function stageWith(options: Partial<Options> = {}): Stage {
  return new Stage(
    FILES,
    {
      options: {
        authFile: "who",
        authPaths: ["/private/*", "/dump.txt.gz", "/.vault/*"],
        rules: RULES,
        ...options,
      },
      credentials: ANN_LINE,
    },
    undefined,
    LINKS,
  );
}

const ANN = { Authorization: `Basic ${utf8("ann:secret").toBase64()}` };
const GZIP = { "Accept-Encoding": "gzip" };
const JSON_LISTING = { Accept: "application/json" };

/** What strangers get 401 for, and what ann gets. Nothing that is missing may look otherwise than what is there. */
const KEPT: readonly (readonly [target: string, status: number])[] = [
  ["/lnk/a.txt", 200],
  ["/lnk/../lnk/%61.txt", 200],
  ["/chain/a.txt", 200],
  ["/file", 200],
  ["/short", 200],
  ["/short.html", 200],
  ["/open/", 200],
  ["/open/index", 200],
  ["/lnk", 308],
  ["/lnk/", 200],
  ["/lnk/TREASURE", 308],
  ["/lnk/TREASURE/", 200],
  ["/lnk/with/", 200],
  ["/list/", 200],
  ["/list/a.txt", 200],
  ["/open/TREASURE/a.txt", 200],
  ["/open/TREASURE.txt", 200],
  ["/mounted.txt", 200],
  ["/vault/a.txt", 200],
  ["/vault/", 200],
  ["/r/a.txt", 200],
  ["/q/a.txt", 200],

  ["/lnk/nothing", 302],
  ["/chain/nothing", 404],
  ["/chain/TREASURE/nothing/below", 404],
  ["/vault/nothing", 404],
  ["/r/nothing", 404],
  ["/r/TREASURE/nothing", 404],
  ["/q/nothing", 404],
  ["/q/a.txt/", 404],
];

for (const [target, status] of KEPT) {
  testWith(
    HAS_FILES && IS_UNIX,
    `SiteHandler keeps what a link leads to from strangers: ${target}`,
    async () => {
      using stage = stageWith();
      for (const fields of [{}, GZIP, JSON_LISTING]) {
        const stranger = await ask(stage, { target, fields });
        assertEquals(stranger.status, 401);
        assert(!stranger.body.includes(SECRET), stranger.body);
        const known = await ask(stage, {
          target,
          fields: { ...fields, ...ANN },
        });
        assertEquals(known.status, status);
        if (status !== 200) continue;
        const caching = known.fields.get("cache-control")!;
        assert(/^private(?:,|$)/.test(caching), caching);
      }
    },
  );
}

/** What everybody gets, with nothing of what is protected in it. */
const SHOWN: readonly (readonly [
  question: Question & { target: string },
  status: number,
])[] = [
  [{ target: "/" }, 200],
  [{ target: "/dump.txt", fields: GZIP }, 200],
  [{ target: "/style.css", fields: GZIP }, 200],
  [{ target: "/elsewhere/a.txt" }, 200],
  [{ target: "/w/a.txt" }, 200],
  [{ target: "/w/nothing" }, 404],
  [{ target: "/nothing" }, 404],
  [{ target: "/named" }, 404],
];

for (const [question, status] of SHOWN) {
  testWith(
    HAS_FILES && IS_UNIX,
    `SiteHandler shows nothing protected to everybody: ${question.target}`,
    async () => {
      using stage = stageWith();
      for (let time = 1; time <= 2; time++) {
        const answer = await ask(stage, question);
        assertEquals(answer.status, status);
        assert(!answer.body.includes(SECRET), answer.body);
        assertEquals(answer.fields.get("content-encoding"), undefined);
      }
    },
  );
}

/** The names in a listing of a directory as JSON. */
async function namesIn(stage: Stage, question: Question): Promise<string[]> {
  const fields = { ...question.fields, ...JSON_LISTING };
  const { status, body } = await ask(stage, { ...question, fields });
  assertEquals(status, 200);
  const html = await ask(stage, { ...question });
  const names = [...body.matchAll(/"name":\s*"([^"]*)"/g)].map(([, name]) =>
    name!
  );
  for (const hidden of ["lnk", "vault", "short", "mounted", SECRET]) {
    if (!names.some((name) => name.includes(hidden))) {
      assert(!html.body.includes(hidden), hidden);
    }
  }
  return names.sort();
}

testWith(
  HAS_FILES && IS_UNIX,
  "SiteHandler does not name what is protected in listings for everybody",
  async () => {
    using stage = stageWith({ index: "none" });
    assertEquals(await namesIn(stage, { target: "/" }), [
      "dump.txt",
      "elsewhere",
      "index.html",
      "open",
      "own.txt",
      "style.css",
    ]);
    assertEquals(await namesIn(stage, { target: "/elsewhere/" }), [
      "a.txt",
      "b.txt",
    ]);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "SiteHandler names what is protected to those who may read it, before and after strangers have asked",
  async () => {
    using stage = stageWith({
      index: "none",
      authPaths: ["/private/*", "/open/*"],
    });
    const expected = [
      "TREASURE",
      "TREASURE.txt",
      "a.txt",
      "b.txt",
      "index.html",
    ];
    const question = { target: "/elsewhere/", fields: ANN };
    assertEquals(await namesIn(stage, question), expected);
    assertEquals((await ask(stage, { target: "/elsewhere/" })).status, 401);
    assertEquals(await namesIn(stage, question), expected);
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "SiteHandler sends nothing protected through a link that is swapped while it waits for a writer",
  async () => {
    for (const fields of [{}, GZIP]) {
      using stage = stageWith();
      const link = stage.directory.join("current.txt");
      Deno.symlinkSync("own.txt", link);
      stage.directory.write("own.txt", "written a moment ago");
      const waiting = stage.ask({ target: "/current.txt", fields });
      Deno.removeSync(link);
      Deno.symlinkSync("private/a.txt", link);
      const stranger = await waiting;
      assert(!stranger.body.includes(SECRET), stranger.body);
      assertEquals(stranger.status, 404);
      const after = await ask(stage, { target: "/current.txt", fields });
      assertEquals(after.status, 401);
    }
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "SiteHandler waits for the writer of a protected file, for those who may read it",
  async () => {
    using stage = stageWith();
    stage.directory.write("private/a.txt", SECRET);
    const answer = await stage.ask({ target: "/chain/a.txt", fields: ANN });
    assertEquals([answer.status, answer.body], [200, SECRET]);
  },
);
