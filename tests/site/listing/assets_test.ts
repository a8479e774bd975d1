import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { listingHtml } from "../../../lib/site/listing/page.ts";
import {
  createListingAssets,
  LISTING_SCRIPT_PATH,
  LISTING_STYLESHEET_PATH,
} from "../../../lib/site/listing/assets.ts";
import filterScript from "../../../lib/site/listing/client/filter.js" with {
  type: "text",
};
import timesScript from "../../../lib/site/listing/client/times.js" with {
  type: "text",
};
import { SiteFile } from "../../../lib/site/content/file.ts";

const ASSETS = createListingAssets();
const SCRIPT = textAt(LISTING_SCRIPT_PATH);
const STYLESHEET = textAt(LISTING_STYLESHEET_PATH);

function textAt(path: string): string {
  const { identity } = ASSETS.get(path)!;
  const bytes = identity!.slice(0, identity!.length) as Uint8Array;
  return new TextDecoder().decode(bytes);
}

Deno.test("the assets have their reserved paths", () => {
  assertEquals(LISTING_STYLESHEET_PATH, "/.skiff/listing.css");
  assertEquals(LISTING_SCRIPT_PATH, "/.skiff/listing.js");
});

/* Stylesheet */

/** The custom properties that a part of the stylesheet defines. */
function propertiesOf(css: string): Map<string, string> {
  const found = css.matchAll(/(--[\w-]+): ([^;]+);/g);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}

Deno.test("STYLESHEET closes every block it opens", () => {
  let depth = 0;
  for (const brace of STYLESHEET.match(/[{}]/g)!) {
    depth += brace === "{" ? 1 : -1;
    assert(depth >= 0);
  }
  assertEquals(depth, 0);
});

Deno.test("STYLESHEET loads nothing: every url() is a drawing of its own", () => {
  const urls = [...STYLESHEET.matchAll(/url\("([^"]*)"\)/g)];
  assertEquals(urls.length, STYLESHEET.split("url(").length - 1);
  assert(urls.length > 10);
  assert(!STYLESHEET.includes("@import"));
  for (const [, url] of urls) {
    const svg = decodeURIComponent(url!.replace("data:image/svg+xml,", ""));
    assertMatch(
      svg,
      /^<svg xmlns='http:\/\/www\.w3\.org\/2000\/svg' .*<\/svg>$/,
    );
  }
});

Deno.test("STYLESHEET uses no property that it does not define", () => {
  const defined = propertiesOf(STYLESHEET);
  for (const [, name] of STYLESHEET.matchAll(/var\((--[\w-]+)\)/g)) {
    assert(defined.has(name!), name);
  }
});

Deno.test("STYLESHEET has every colour for light and for dark", () => {
  const [light, dark] = STYLESHEET.split("@media (prefers-color-scheme: dark)")
    .map((part) =>
      [...propertiesOf(part)].filter(([, value]) => value.startsWith("#"))
        .map(([name]) => name)
    );
  assert(light!.length > 10);
  assertEquals(dark, light);
});

Deno.test("STYLESHEET draws every icon that the page asks for", () => {
  const names = "a a.txt a.pdf a.png a.mp3 a.mp4 a.zip a.woff".split(" ");
  const html = listingHtml({
    path: "/x/",
    entries: [
      { name: "d", kind: "directory", size: 0, modified: 0 },
      ...names.map((name) =>
        ({ name, kind: "file", size: 0, modified: 0 }) as const
      ),
    ],
    truncatedAt: undefined,
    canDownload: true,
    order: { by: "name", descending: false },
  });
  const icons = [...html.matchAll(/<a class="(\w+)"/g)].map(([, icon]) => icon);
  assertEquals(new Set(icons).size, 10);
  for (const icon of icons) {
    assert(STYLESHEET.includes(`\n.${icon} {\n  --icon: url(`), icon);
  }
});

/* Times and filter: run against as much of a document as they touch. */

Deno.test("SCRIPT is all of its parts", () => {
  for (const part of [timesScript, filterScript]) assert(SCRIPT.includes(part));
  assertEquals(SCRIPT.match(/^"use strict";$/gm)!.length, 5);
});

interface Element {
  textContent: string;
  hidden: boolean;
  value: string;
  title: string;
  dateTime: string;
  listeners: Map<string, () => void>;
  addEventListener(type: string, listener: () => void): void;
  closest(selector: string): Element;
  querySelector(selector: string): { parentElement: Element };
}

function element(textContent = "", parts: Partial<Element> = {}): Element {
  const listeners = new Map<string, () => void>();
  const made: Element = {
    textContent,
    hidden: false,
    value: "",
    title: "",
    dateTime: "",
    listeners,
    addEventListener: (type, listener) => listeners.set(type, listener),
    closest: () => made,
    querySelector: () => ({ parentElement: made }),
    ...parts,
  };
  return made;
}

/** A clock two hours east of UTC, whatever the machine's own zone is. */
class EasternDate extends Date {
  #shifted = new Date(this.getTime() + 7_200_000);
  override getFullYear = (): number => this.#shifted.getUTCFullYear();
  override getMonth = (): number => this.#shifted.getUTCMonth();
  override getDate = (): number => this.#shifted.getUTCDate();
  override getHours = (): number => this.#shifted.getUTCHours();
  override getMinutes = (): number => this.#shifted.getUTCMinutes();
}

interface Page {
  byId: Record<string, Element>;
  links: Element[];
  times: Element[];
  type(query: string): void;
  /** Lets the timers run out; how many there were. */
  rest(): number;
}

function runScript(names: string[], isEmpty = false, query = ""): Page {
  const links = names.map((name) => element(name));
  const times = [
    element("2026-12-31 22:05", { dateTime: "2026-12-31T22:05:33.000Z" }),
  ];
  const byId: Record<string, Element> = isEmpty ? {} : {
    zone: element("(UTC)"),
    filter: element("", { hidden: true }),
    query: element("", { value: query }),
    count: element(),
  };
  const document = {
    getElementById: (id: string) => byId[id] ?? null,
    querySelectorAll: (selector: string) =>
      selector === ".entries time"
        ? (isEmpty ? [] : times)
        : selector === ".entries a:not(.parent)"
        ? links
        : [],
    addEventListener: () => {},
  };
  const pending = new Set<() => void>();
  const run = new Function(
    "document",
    "Date",
    "setTimeout",
    "clearTimeout",
    "history",
    "sessionStorage",
    "location",
    timesScript + filterScript,
  );
  run(
    document,
    EasternDate,
    (callback: () => void) => {
      pending.add(callback);
      return callback;
    },
    (callback: () => void) => pending.delete(callback),
    { state: null, replaceState: () => {} },
    { getItem: () => null, removeItem: () => {} },
    { search: "", pathname: "/" },
  );
  return {
    byId,
    links,
    times,
    type(text: string): void {
      byId.query!.value = text;
      byId.query!.listeners.get("input")!();
    },
    rest(): number {
      const count = pending.size;
      for (const callback of pending) callback();
      pending.clear();
      return count;
    },
  };
}

Deno.test("SCRIPT shows times in the reader's zone, and says so", () => {
  const { byId, times } = runScript(["a"]);
  assertEquals(times[0]!.textContent, "2027-01-01 00:05");
  assertEquals(times[0]!.title, "2026-12-31 22:05 UTC");
  assertEquals(byId.zone!.textContent, "(local time)");
});

Deno.test("SCRIPT filters nothing at first", () => {
  const { byId, links } = runScript(["a", "b"]);
  assertEquals(links.map((link) => link.hidden), [false, false]);
  assertEquals(byId.count!.textContent, "");
});

const NAMES = ["docs/", "IMG_2.jpg", "IMG_10.jpg", "re\u0301sume\u0301.pdf"];

const FILTERS: [query: string, shown: string[], count: string][] = [
  ["img", ["IMG_2.jpg", "IMG_10.jpg"], "2 of 4 shown."],
  ["JPG 10", ["IMG_10.jpg"], "1 of 4 shown."],
  ["s/", ["docs/"], "1 of 4 shown."],
  ["r\u00e9sum\u00e9", ["re\u0301sume\u0301.pdf"], "1 of 4 shown."],
  [".*", [], "No name matches."],
  ["jpg docs", [], "No name matches."],
  ["", NAMES, ""],
  ["   ", NAMES, ""],
];

for (const [query, shown, count] of FILTERS) {
  Deno.test(`SCRIPT filters by ${JSON.stringify(query)}`, () => {
    const page = runScript(NAMES);
    page.type("zzz");
    page.rest();
    page.type(query);
    const rows = page.links.filter((link) => !link.hidden);
    assertEquals(rows.map((link) => link.textContent), shown);
    assertEquals(page.byId.count!.textContent, "No name matches.");
    page.rest();
    assertEquals(page.byId.count!.textContent, count);
  });
}

Deno.test("SCRIPT announces once when several keys follow each other", () => {
  const page = runScript(["ab", "ac"]);
  page.type("a");
  page.type("ab");
  assertEquals(page.rest(), 1);
  assertEquals(page.byId.count!.textContent, "1 of 2 shown.");
});

Deno.test("SCRIPT applies a query that the browser has kept", () => {
  const { links } = runScript(["a", "b"], false, "b");
  assertEquals(links.map((link) => link.hidden), [true, false]);
});

Deno.test("SCRIPT groups the digits of large counts", () => {
  const page = runScript(Array.from({ length: 10_000 }, (_, i) => `n${i}`));
  page.type("n");
  page.rest();
  assertEquals(page.byId.count!.textContent, "10,000 of 10,000 shown.");
});

Deno.test("SCRIPT leaves the page of an empty folder alone", () => {
  runScript([], true);
});

/* As resources */

const ASSET_ROWS: readonly [path: string, type: string, text: string][] = [
  [LISTING_STYLESHEET_PATH, "text/css; charset=UTF-8", STYLESHEET],
  [LISTING_SCRIPT_PATH, "text/javascript; charset=UTF-8", SCRIPT],
];

for (const [path, type, text] of ASSET_ROWS) {
  Deno.test(`createListingAssets() makes ${path}`, async () => {
    const file = createListingAssets().get(path);
    assert(file instanceof SiteFile);
    assertEquals(file.path, path);
    assertEquals(file.contentType, type);
    assertEquals(new TextDecoder().decode(await file.identity!.copy()), text);
  });

  Deno.test(`createListingAssets() makes each time a ${path} of its own, with the same tag`, () => {
    const file = createListingAssets().get(path)!;
    const other = createListingAssets().get(path)!;
    assert(file.identity !== other.identity!);
    assertEquals(file.identity!.etag, other.identity!.etag);
  });
}

for (
  const path of [
    "/",
    "",
    "*",
    "/.skiff",
    "/.skiff/",
    "/.skiff/listing.html",
    "/.skiff/listing.css/",
    "/.skiff/LISTING.CSS",
    "/docs/.skiff/listing.css",
    "/.skiff/__proto__",
    "/listing.css",
  ]
) {
  Deno.test(`createListingAssets() makes nothing at "${path}"`, () => {
    assertStrictEquals(createListingAssets().get(path), undefined);
  });
}
