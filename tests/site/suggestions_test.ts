import { assertEquals } from "@std/assert";
import { Policy, type PolicyOptions } from "../../lib/site/policy.ts";
import {
  suggest,
  SUGGESTION_ENTRIES_MAX,
  SUGGESTION_LENGTH_MAX,
} from "../../lib/site/suggestions.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import { MemorySite, MODIFIED } from "../memory_site.ts";

const LONG = "n".repeat(SUGGESTION_LENGTH_MAX + 1);

const SITE = new MemorySite({
  "/guide/index.html": "",
  "/guide/intro.html": "",
  "/about.html": "",
  "/photo.jpg": "",
  "/private/x": "",
  "/moved.txt": "",
  "/_headers": "",
  [`/${LONG}`]: "",
  "/docs/readme.txt": "",
});

const POLICY: Partial<PolicyOptions> = {
  isProtected: (path) => path.startsWith("/private/"),
  rules: compileRules({
    headers: [],
    errorPages: [],
    redirects: [{
      from: "/moved.txt",
      to: undefined,
      status: 404,
      force: true,
      where: "test",
    }],
  }).rules,
};

const CASES: [
  path: string,
  folder: string,
  meant: string | undefined,
][] = [
  ["/giude/", "/", "/guide/"],
  ["/giude", "/", "/guide/"],
  ["/GUIDE/", "/", "/guide/"],
  ["/guid/intro", "/", "/guide/intro"],
  ["/guid/nothing", "/", "/guide/"],
  ["/guide/into", "/guide/", "/guide/intro"],
  ["/guide/into.html", "/guide/", "/guide/intro.html"],
  ["/abuot", "/", "/about"],
  ["/photo.jpeg", "/", "/photo.jpg"],
  ["/docs/raedme.txt", "/docs/", "/docs/readme.txt"],
  ["/privat/x", "/", undefined],
  ["/priavte/", "/", undefined],
  ["/move.txt", "/", undefined],
  ["/_header", "/", undefined],
  ["/something-else", "/", undefined],
  ["/", "/", undefined],
];

for (const [path, folder, meant] of CASES) {
  Deno.test(`suggest() of ${path.slice(0, 30)} is ${meant}`, async () => {
    const view = {
      site: SITE,
      policy: new Policy(POLICY),
      isPrivate: false,
      now: MODIFIED + 60_000,
    };
    assertEquals(await suggest(path, folder, view), meant);
  });
}

Deno.test("suggest() names what is protected only once the client has authenticated", async () => {
  const view = {
    site: SITE,
    policy: new Policy(POLICY),
    isPrivate: true,
    now: MODIFIED + 60_000,
  };
  assertEquals(await suggest("/privat/x", "/", view), "/private/x");
});

Deno.test("suggest() compares as many entries as a folder is read for", async () => {
  const asked: (number | undefined)[] = [];
  const site = new MemorySite({ "/a": "" });
  const list = site.list.bind(site);
  site.list = (path: string, entriesMax?: number) => {
    asked.push(entriesMax);
    return list(path);
  };
  const view = { site, policy: new Policy(), isPrivate: false, now: MODIFIED };
  await suggest("/b", "/", view);
  assertEquals(asked, [SUGGESTION_ENTRIES_MAX]);
});

Deno.test("suggest() leaves long names alone", async () => {
  const view = {
    site: SITE,
    policy: new Policy(),
    isPrivate: false,
    now: MODIFIED + 60_000,
  };
  assertEquals(await suggest(`/${LONG}n`, "/", view), undefined);
});
