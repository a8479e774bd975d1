import { assert, assertEquals } from "@std/assert";
import type { PolicyOptions } from "../../lib/site/policy.ts";
import type { Files } from "../helpers.ts";
import {
  decodedBody,
  type Fields,
  testRows,
  testStage,
  textOfLength,
} from "./stage.ts";

const SHELL = "the shell";

const SITE: Files = {
  "index.html": SHELL,
  "app.html": "another shell",
  "about.html": "about",
  "app.js": "script",
  "assets/logo.svg": "logo",
  "docs/index.html": "docs",
  ".env": "secret",
};

const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/** How a missing path is asked for, and whether that means a page. */
const WISH_ROWS: readonly [
  name: string,
  target: string,
  fields: Fields,
  isShell: boolean,
][] = [
  ["a browser's page", "/users/7", { "Sec-Fetch-Dest": "document" }, true],
  ["a frame", "/users/7", { "Sec-Fetch-Dest": "iframe" }, true],
  [
    "a page with an extension",
    "/users/j.doe",
    { "Sec-Fetch-Dest": "document" },
    true,
  ],
  ["a page whose name ends with a slash", "/users/", {
    "Sec-Fetch-Dest": "document",
  }, true],
  ["a page that a browser does not call HTML", "/users/7", {
    "Sec-Fetch-Dest": "document",
    "Accept": "*/*",
  }, true],
  [
    "a page with a query",
    "/users?id=7",
    { "Sec-Fetch-Dest": "document" },
    true,
  ],
  ...[
    "script",
    "style",
    "image",
    "font",
    "worker",
    "serviceworker",
    "manifest",
    "audio",
    "video",
    "track",
    "frame",
    "embed",
    "object",
    "xslt",
    "report",
    "Document",
    "document;a",
    '"document"',
    "document, iframe",
    "",
  ].map((destination) =>
    [
      `a browser's "${destination}"`,
      "/users/7",
      { "Sec-Fetch-Dest": destination, "Accept": BROWSER },
      false,
    ] as [string, string, Fields, boolean]
  ),
  ["an older browser's page", "/users/7", { Accept: BROWSER }, true],
  ["HTML alone", "/users/7", { Accept: "text/html" }, true],
  ["HTML in upper case", "/users/7", { Accept: "TEXT/HTML" }, true],
  ["HTML after something else", "/users/7", {
    Accept: "image/png, text/html;q=0.1",
  }, true],
  [
    "HTML for a name with a dot above it",
    "/v1.2/users",
    { Accept: BROWSER },
    true,
  ],
  [
    "HTML for a name that ends with a slash",
    "/users/",
    { Accept: BROWSER },
    true,
  ],
  ["HTML for a script", "/missing.js", { Accept: BROWSER }, false],
  ["HTML for a picture", "/assets/missing.png", { Accept: BROWSER }, false],
  ["HTML for a name with a dot", "/users/j.doe", { Accept: BROWSER }, true],
  ["HTML for a version", "/docs/v1.2", { Accept: BROWSER }, true],
  [
    "HTML for a name that ends in a dot",
    "/users/j.",
    { Accept: BROWSER },
    true,
  ],
  ["HTML for a page of an older site", "/old.html", { Accept: BROWSER }, true],
  [
    "HTML for a script in upper case",
    "/MISSING.JS",
    { Accept: BROWSER },
    false,
  ],
  ["HTML for a font", "/a.woff2", { Accept: BROWSER }, false],
  ["HTML for /robots.txt", "/robots.txt", { Accept: BROWSER }, false],
  ["HTML for a source map", "/a.js.map", { Accept: BROWSER }, false],
  ["HTML by a script's fetch", "/users/7", {
    "Sec-Fetch-Dest": "empty",
    "Accept": "text/html",
  }, true],
  ["HTML by a script's fetch of a script", "/a.js", {
    "Sec-Fetch-Dest": "empty",
    "Accept": "text/html",
  }, false],
  ["everything by a script's fetch", "/users/7", {
    "Sec-Fetch-Dest": "empty",
    "Accept": "*/*",
  }, false],
  ["nothing special by a script's fetch", "/users/7", {
    "Sec-Fetch-Dest": "empty",
  }, false],
  ["JSON by a script's fetch", "/users/7", {
    "Sec-Fetch-Dest": "empty",
    "Accept": "application/json, text/plain, */*",
  }, false],
  ["HTML that is refused", "/users/7", {
    Accept: "text/html;q=0, */*",
  }, false],
  ["no field at all", "/users/7", {}, true],
  ["no field at all for a name with a slash", "/users/", {}, true],
  ["no field at all for a name with a dot", "/users/j.doe", {}, false],
  ["no field at all for a script", "/missing.js", {}, false],
  ["an empty Accept", "/users/7", { Accept: "" }, true],
  ["everything", "/users/7", { Accept: "*/*" }, true],
  ["everything twice", "/users/7", { Accept: "*/*, */*;q=0.5" }, true],
  ["everything for a name with a dot", "/users/j.doe", {
    Accept: "*/*",
  }, false],
  ["everything for a script", "/missing.js", { Accept: "*/*" }, false],
  ["everything and JSON before it", "/users/7", {
    Accept: "application/json, text/plain, */*",
  }, false],
  ["everything and a picture before it", "/users/7", {
    Accept: "image/avif,image/webp,*/*;q=0.8",
  }, false],
  ["everything, which is refused", "/users/7", { Accept: "*/*;q=0" }, false],
  ["commas", "/users/7", { Accept: ",,," }, false],
  ["any text", "/users/7", { Accept: "text/*" }, false],
  ["JSON", "/users/7", { Accept: "application/json" }, false],
  ["XHTML alone", "/users/7", { Accept: "application/xhtml+xml" }, false],
  ["a type that begins like HTML", "/users/7", { Accept: "text/html5" }, false],
  ["a type that ends like HTML", "/users/7", { Accept: "context/html" }, false],
];

testRows(
  "a missing path is the shell for those who want a page",
  SITE,
  WISH_ROWS,
  ([name, , , isShell]) =>
    `a missing path asked for as ${name} is ${isShell ? "the shell" : "404"}`,
  async (stage, [, target, fields, isShell]) => {
    const { status, body } = await stage.get(target, fields);
    assertEquals(status, isShell ? 200 : 404);
    assertEquals(body === SHELL, isShell);
  },
  { policy: { spa: "/index.html" } },
);

testRows(
  "without a shell a missing path is 404",
  SITE,
  WISH_ROWS,
  ([name]) =>
    `a missing path asked for as ${name} is 404 when there is no shell`,
  async (stage, [, target, fields]) => {
    assertEquals((await stage.get(target, fields)).status, 404);
  },
);

/** What is there is not the shell, whoever asks. */
const FOUND_ROWS: readonly [
  target: string,
  status: number,
  body: string | undefined,
][] = [
  ["/app.js", 200, "script"],
  ["/about", 200, "about"],
  ["/about.html", 200, "about"],
  ["/docs/", 200, "docs"],
  ["/docs", 308, ""],
  ["/assets", 308, ""],
  ["/assets/", 200, undefined],
  ["/%00", 400, undefined],
  // A page that is asked for under a hidden name is missing like any other.
  ["/.env", 200, SHELL],
  ["/.git/config", 200, SHELL],
];

testRows(
  "what is found is not the shell",
  SITE,
  FOUND_ROWS,
  ([target, want]) => `${target} asked for as a page is ${want} beside a shell`,
  async (stage, [target, want, content]) => {
    const fields = { "Sec-Fetch-Dest": "document" };
    const { status, body } = await stage.get(target, fields);
    assertEquals(status, want);
    if (content === undefined) assert(!body.includes(SHELL));
    else assertEquals(body, content);
  },
  { policy: { spa: "/index.html" } },
);

/** Which shell there is, and what a missing page comes to. */
const SHELL_ROWS: readonly [
  policy: Partial<PolicyOptions>,
  target: string,
  status: number,
  body: string | undefined,
][] = [
  [{ spa: "/app.html" }, "/users/7", 200, "another shell"],
  [{ spa: "/docs/index.html" }, "/users/7", 200, "docs"],
  [{ spa: "/missing.html" }, "/users/7", 404, undefined],
  [{ spa: "/docs" }, "/users/7", 404, undefined],
  [{ spa: "/docs/" }, "/users/7", 404, undefined],
  [{ spa: "/.env" }, "/users/7", 404, undefined],
  [{ spa: "/app.html", index: "none.html" }, "/assets/", 200, undefined],
  // A directory that is not listed is missing for whoever asks.
  [{ spa: "/index.html", listing: false }, "/assets/", 200, SHELL],
  [{ spa: "/index.html", listing: false }, "/docs/", 200, "docs"],
];

for (const [policy, target, want, content] of SHELL_ROWS) {
  testStage(
    `${target} is ${want} with ${JSON.stringify(policy)}`,
    SITE,
    async (stage) => {
      const fields = { "Sec-Fetch-Dest": "document" };
      const { status, body } = await stage.get(target, fields);
      assertEquals(status, want);
      if (content !== undefined) assertEquals(body, content);
      else assert(!body.includes("secret") && !body.includes("shell"));
      const script = await stage.get(target, { "Sec-Fetch-Dest": "script" });
      if (body === SHELL) assertEquals(script.status, 404);
    },
    { policy },
  );
}

testStage(
  "the shell is validated, never kept unasked, and varies by how it was found",
  SITE,
  async (stage) => {
    const page = { "Sec-Fetch-Dest": "document" };
    const own = await stage.get("/index.html");
    const shell = await stage.get("/users/7", page);
    for (const name of ["etag", "last-modified", "cache-control", "vary"]) {
      assertEquals(shell.fields.get(name), own.fields.get(name));
    }
    assertEquals(shell.fields.get("cache-control"), "no-cache");
    assertEquals(
      shell.fields.get("vary"),
      "Sec-Fetch-Dest, Accept, Accept-Encoding",
    );
    const known = { "If-None-Match": shell.fields.get("etag")! };
    const kept = await stage.get("/users/8", { ...page, ...known });
    assertEquals(kept.status, 304);
    assertEquals(kept.fields.get("vary"), shell.fields.get("vary"));
    const wish = { ...known, "Accept": "application/json" };
    assertEquals((await stage.get("/users/8", wish)).status, 404);
  },
  { policy: { spa: "/index.html" } },
);

testStage("the shell has ranges and encodings", {
  "index.html": textOfLength(5000),
}, async (stage) => {
  const fields = { "Sec-Fetch-Dest": "document", "Accept-Encoding": "br" };
  await stage.ask("GET", "/users/7", fields);
  await stage.site.idle();
  const made = await stage.get("/users/7", fields);
  assertEquals(made.fields.get("content-encoding"), "br");
  assertEquals(decodedBody(made), textOfLength(5000));
  const part = await stage.ask("GET", "/users/7", {
    "Sec-Fetch-Dest": "document",
    "Range": "bytes=0-3",
  });
  assertEquals([part.status, part.body], [206, "line"]);
}, { policy: { spa: "/index.html" } });

testStage("a missing script beside a shell has the site's page for it", {
  ...SITE,
  "404.html": "no such thing",
}, async (stage) => {
  const { status, body } = await stage.get("/missing.js", {
    "Sec-Fetch-Dest": "script",
  });
  assertEquals([status, body], [404, "no such thing"]);
}, { policy: { spa: "/index.html" } });
