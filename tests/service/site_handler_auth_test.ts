import { assert, assertEquals } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, testWith, utf8 } from "../helpers.ts";
import { type Question, Stage } from "./plans.ts";

/** What must not be seen by those who have not said who they are. */
const SECRET = "TREASURE";

const FILES = {
  "index.html": "home",
  "open.txt": "open",
  "secret.html": SECRET,
  "secret.html.gz": SECRET,
  "docs/index.html": SECRET,
  "docs/open.txt": "open",
  "private/app.html": SECRET,
  "private/404.html": SECRET,
  "private/TREASURE/b.txt": SECRET,
  "code.js": SECRET,
  "code.js.br": SECRET,
  "code.js.gz": SECRET,
  "code.js.zst": SECRET,
  "only.html.gz": SECRET,
  "410.html": SECRET,
  "416.html": SECRET,
};

const PATTERNS = [
  "/secret.html",
  "/docs/index.html",
  "/private/*",
  "/code.js",
  "/only.html.gz",
  "/410.html",
  "/416.html",
];

const WHERE = { force: false, where: "skiff.json:1" };

const RULES: Options["rules"] = {
  headers: [{
    for: "/private/*",
    values: [["Cache-Control", "public, max-age=9, s-maxage=99"]],
    where: "skiff.json:1",
  }],
  redirects: [
    { from: "/alias", to: "/secret", status: 200, ...WHERE },
    { from: "/alias-index", to: "/docs/", status: 200, ...WHERE },
    { from: "/alias-list", to: "/private/TREASURE/", status: 200, ...WHERE },
    { from: "/alias-dir", to: "/private", status: 200, ...WHERE },
    { from: "/r/*", to: "/private/:splat", status: 200, ...WHERE },
    { from: "/open.txt", to: "/code.js", status: 200, ...WHERE, force: true },
    { from: "/named", to: "/secret.html", status: 404, ...WHERE },
    { from: "/gone", to: undefined, status: 410, ...WHERE },
    { from: "/moved", to: "/private/app.html", status: 302, ...WHERE },
  ],
  errorPages: [{ status: 404, path: "/private/404.html", where: "" }],
};

function stageWith(options: Partial<Options> = {}): Stage {
  return new Stage(FILES, {
    options: { authFile: "who", authPaths: PATTERNS, ...options },
    credentials: ANN_LINE,
  });
}

function basic(name: string, password: string): Record<string, string> {
  const token = utf8(`${name}:${password}`).toBase64();
  return { Authorization: `Basic ${token}` };
}

const ANN = basic("ann", "secret");

/** What is protected, however it is asked for, and what it is answered to ann. */
const PROTECTED: readonly (readonly [
  question: Question & { target: string },
  status: number,
])[] = [
  [{ target: "/secret.html" }, 200],
  [{ target: "/secret.html?a=b" }, 200],
  [{ target: "/secret" }, 200],
  [{ target: "//secret" }, 200],
  [{ target: "/%73ecret.html" }, 200],
  [{ target: "/./secret.html" }, 200],
  [{ target: "/open/../secret" }, 200],
  [{ target: "/secret.html/" }, 404],
  [{ target: "http://localhost/secret" }, 200],
  [{ target: "/secret.html.gz" }, 200],
  [{ target: "/secret.html%2egz" }, 200],
  [{ target: "/secret", fields: { "Accept-Encoding": "gzip" } }, 200],
  [{ target: "/secret.html", fields: { Range: "bytes=0-3" } }, 206],
  [{ target: "/secret.html", fields: { Range: "bytes=99-" } }, 416],
  [{ target: "/secret.html", fields: { "If-None-Match": "*" } }, 304],
  [{ target: "/secret.html", fields: { "If-Match": '"x"' } }, 412],
  [{ target: "/secret.html", fields: { Expect: "other" } }, 417],
  [{ target: "/docs/" }, 200],
  [{ target: "/docs/index.html" }, 200],
  [{ target: "/docs/index" }, 200],
  [{ target: "/private" }, 308],
  [{ target: "/private/" }, 200],
  [{ target: "/private/", fields: { Accept: "application/json" } }, 200],
  [{ target: "/private/app" }, 200],
  [{ target: "/private/TREASURE" }, 308],
  [{ target: "/private/TREASURE/b.txt" }, 200],
  [{ target: "/private/nothing" }, 404],
  [{ target: "/private/.hidden" }, 404],
  [{ target: "/code.js" }, 200],
  [{ target: "/code.js", fields: { "Accept-Encoding": "br" } }, 200],
  [{ target: "/code.js.br" }, 200],
  [{ target: "/code.js.gz" }, 200],
  [{ target: "/only.html.gz" }, 200],
  [{ target: "/only.html", fields: { "Accept-Encoding": "gzip" } }, 200],
  [{ target: "/only", fields: { "Accept-Encoding": "gzip" } }, 200],
  [{ target: "/only.html" }, 406],
  [{ target: "/code.js.zst" }, 200],
  [{ target: "/410" }, 200],
  [{ target: "/alias" }, 200],
  [{ target: "/alias-index" }, 200],
  [{ target: "/alias-list" }, 200],
  [{ target: "/alias-dir" }, 200],
  [{ target: "/r/app.html" }, 200],
  [{ target: "/r/TREASURE/" }, 200],
  [{ target: "/open.txt" }, 200],
  // What cannot be read might be anything.
  [{ target: "/%zz" }, 400],
  [{ target: "/secret.html%00" }, 400],
  [{ target: "/secret%2fhtml" }, 400],
  [{ target: "/\\secret.html" }, 400],
  [{ target: "/secret.html#a" }, 400],
  [{ target: "*" }, 400],
  [{ target: "ftp://localhost/secret" }, 400],
  [{ target: "/secret.html", method: "POST" }, 405],
  [{ target: "/secret.html", method: "get" }, 501],
];

for (const [question, status] of PROTECTED) {
  for (const method of question.method ? [question.method] : ["GET", "HEAD"]) {
    const name = `${method} ${question.target} ${
      JSON.stringify(question.fields ?? {})
    }`;
    testWith(
      HAS_FILES,
      `SiteHandler keeps from strangers: ${name}`,
      async () => {
        using stage = stageWith({ rules: RULES });
        const asked = { ...question, method };
        const before = await stage.ask(asked);
        assertEquals(before.status, 401);
        assertEquals(
          before.fields.get("www-authenticate"),
          'Basic realm="skiff", charset="UTF-8"',
        );
        assertEquals(before.fields.get("cache-control"), "no-store");
        assert(!before.body.includes(SECRET), before.body);
        assertEquals(stage.refused, ["unauthenticated"]);

        const fields = { ...question.fields, ...ANN };
        const after = await stage.ask({ ...asked, fields });
        // Range and the conditions on it are for GET alone.
        const expected = method === "HEAD" && (status === 206 || status === 416)
          ? 200
          : status;
        assertEquals(after.status, expected);
        const caching = after.fields.get("cache-control")!;
        if (after.status < 400 && after.status !== 308) {
          assert(/^private(?:,|$)/.test(caching), caching);
          assert(!/public|s-maxage/.test(caching), caching);
        }
        assertEquals(stage.refused, ["unauthenticated"]);
      },
    );
  }
}

/** What everybody may see; none of it may show what is protected. */
const OPEN: readonly (readonly [
  question: Question & { target: string },
  status: number,
])[] = [
  [{ target: "/" }, 200],
  [{ target: "/docs" }, 308],
  [{ target: "/docs/open.txt" }, 200],
  [{ target: "/Secret.html" }, 404],
  [{ target: "/secret.htm" }, 404],
  [{ target: "/secret/" }, 404],
  [{ target: "/privately" }, 404],
  [{ target: "/moved" }, 302],
  // A page that is protected is not an error's page for those who may not see it.
  [{ target: "/named" }, 404],
  [{ target: "/gone" }, 410],
  [{ target: "/docs/open.txt", fields: { Range: "bytes=99-" } }, 416],
  [{ target: "/secret.html", method: "OPTIONS" }, 204],
  [{ target: "*", method: "OPTIONS" }, 204],
];

for (const [question, status] of OPEN) {
  const name = `${question.method ?? "GET"} ${question.target}`;
  testWith(HAS_FILES, `SiteHandler shows to everybody: ${name}`, async () => {
    using stage = stageWith({ rules: RULES });
    const { status: given, body, fields } = await stage.ask(question);
    assertEquals(given, status);
    assert(!body.includes(SECRET), body);
    const caching = fields.get("cache-control") ?? "";
    assert(!caching.includes("private"), caching);
    assertEquals(stage.refused, []);
  });
}

testWith(
  HAS_FILES,
  "SiteHandler shows protected error pages to those who may see them",
  async () => {
    using stage = stageWith({ rules: RULES });
    const nothing = await stage.ask({
      target: "/private/nothing",
      fields: ANN,
    });
    assertEquals([nothing.status, nothing.body], [404, SECRET]);
  },
);

testWith(
  HAS_FILES,
  "SiteHandler keeps the shell of an application from strangers",
  async () => {
    using stage = stageWith({ spa: "/private/app.html" });
    const question = { target: "/route/7", fields: { Accept: "text/html" } };
    assertEquals((await stage.ask(question)).status, 401);
    const fields = { ...question.fields, ...ANN };
    const { status, body } = await stage.ask({ ...question, fields });
    assertEquals([status, body], [200, SECRET]);
    const script = { target: "/route/7", fields: { Accept: "text/css" } };
    assertEquals((await stage.ask(script)).status, 404);
  },
);

/** With no patterns the whole site is protected. */
const WHOLE: readonly Question[] = [
  { target: "/" },
  { target: "/open.txt" },
  { target: "/nothing" },
  { target: "/docs" },
  { target: "/%zz" },
  { target: "/", method: "HEAD" },
  { target: "/", method: "DELETE" },
  { target: "/", method: "BREW" },
  { target: "*", method: "GET" },
  { target: "/_redirects" },
  { target: "/", fields: { Authorization: "" } },
  { target: "/", fields: { Authorization: "Bearer x" } },
  { target: "/", fields: { Authorization: "Basic" } },
  { target: "/", fields: basic("ann", "Secret") },
  { target: "/", fields: basic("ann", "") },
  { target: "/", fields: basic("", "secret") },
  { target: "/", fields: basic("bob", "secret") },
  { target: "/", fields: basic("ann ", "secret") },
];

for (const question of WHOLE) {
  testWith(
    HAS_FILES,
    `SiteHandler keeps the whole site from ${JSON.stringify(question)}`,
    async () => {
      using stage = stageWith({ authPaths: ["/*"] });
      const answer = await stage.ask(question);
      assertEquals(answer.status, 401);
      assert(!answer.body.includes("home"));
    },
  );
}

testWith(
  HAS_FILES,
  "SiteHandler shows the whole site to who has said who he is, and keeps it from caches",
  async () => {
    using stage = stageWith({ authPaths: ["/*"] });
    for (const target of ["/", "/open.txt", "/docs/"]) {
      const { status, fields } = await stage.ask({ target, fields: ANN });
      assertEquals([status, fields.get("cache-control")], [
        200,
        "private, no-cache",
      ]);
    }
    const preflight = await stage.ask({ method: "OPTIONS" });
    assertEquals(preflight.status, 204);
    const missing = await stage.ask({ target: "/nothing", fields: ANN });
    assertEquals([missing.status, missing.fields.get("cache-control")], [
      404,
      "no-store",
    ]);
  },
);

testWith(
  HAS_FILES,
  "SiteHandler takes a Cache-Control of the person's own for the client alone as well",
  async () => {
    using stage = stageWith({
      authPaths: ["/*"],
      cacheControl: "public, max-age=60",
      header: [["X-Own", "1"]],
    });
    const { fields } = await stage.ask({ fields: ANN });
    assertEquals(fields.get("cache-control"), "private, max-age=60");
    using other = stageWith({
      authPaths: ["/*"],
      header: [["cache-control", "Public, s-maxage=60, max-age=1"]],
    });
    const { fields: own } = await other.ask({ fields: ANN });
    assertEquals(own.get("cache-control"), "private, max-age=1");
  },
);

testWith(
  HAS_FILES,
  "SiteHandler pauses an address that guesses, by the address behind a proxy",
  async () => {
    using stage = stageWith({ authPaths: ["/*"], trustedProxy: ["10.0.0.1"] });
    const now = Date.UTC(2030, 0, 1);
    const ask = (client: string, credentials: Record<string, string>) =>
      stage.ask({
        peer: "10.0.0.1",
        now,
        fields: { "X-Forwarded-For": client, ...credentials },
      });
    for (let guess = 0; guess < 5; guess++) {
      const { status } = await ask("192.0.2.1", basic("ann", `${guess}`));
      assertEquals(status, 401);
    }
    const paused = await ask("192.0.2.1", ANN);
    assertEquals([paused.status, paused.fields.get("retry-after")], [429, "2"]);
    assertEquals((await ask("192.0.2.2", ANN)).status, 200);
    assertEquals(stage.refused, new Array(6).fill("unauthenticated"));
  },
);

testWith(
  HAS_FILES,
  "SiteHandler finds a file again that has changed while a password was checked",
  async () => {
    using stage = new Stage(FILES, {
      options: { authFile: "who", authPaths: PATTERNS, rules: RULES },
      credentials: `${ANN_LINE}\n${ANN_LINE.replace("ann", "bob")}`,
    });
    const target = "/alias";
    const now = Date.now();
    const file = stage.directory.join("secret.html");
    // A file that was written a moment ago would be waited for.
    Deno.utimeSync(file, 1000, 1000);
    assertEquals((await stage.ask({ target, fields: ANN, now })).body, SECRET);
    const late = stage.ask({ target, fields: basic("bob", "secret"), now });
    Deno.writeTextFileSync(file, "another");
    Deno.utimeSync(file, 2000, 2000);
    const soon = { target, fields: ANN, now: now + 1000 };
    assertEquals((await stage.ask(soon)).body, "another");
    assertEquals((await late).body, "another");
  },
);

/** Requests to a site with passwords, none of which has to be hashed: ann's was checked before. */
const ONCE: readonly Question[] = [
  { target: "/" },
  { target: "/open.txt" },
  { target: "/docs/open.txt" },
  { target: "/nothing" },
  { target: "/secret", fields: ANN },
  { target: "/private/TREASURE/b.txt", fields: ANN },
];

for (const question of ONCE) {
  testWith(
    HAS_FILES,
    `SiteHandler parses the target and finds the file once: ${question.target}`,
    async () => {
      let finds = 0;
      const parts = {
        options: { authFile: "who", authPaths: PATTERNS },
        credentials: ANN_LINE,
      };
      using guarded = new Stage(FILES, parts, (step) => {
        if (step.kind === "rules" && step.forcedOnly) finds++;
      });
      using open = new Stage(FILES);
      // The first request checks the password, and each site remembers its Host.
      await guarded.ask({ target: "/private/app.html", fields: ANN });
      await open.ask();
      finds = 0;
      const { status, targetReads } = await guarded.ask(question);
      assert(status !== 401);
      assertEquals(finds, 1);
      assertEquals(targetReads, (await open.ask(question)).targetReads);
    },
  );
}
