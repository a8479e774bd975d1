import { assertEquals } from "@std/assert";
import {
  cacheControl,
  checkedFirst,
  IMMUTABLE,
  NO_STORE,
  REVALIDATE,
} from "../../../lib/site/content/freshness.ts";

const RULES: readonly [path: string, expected: string][] = [
  ["/assets/index-BwQ2cD8a.js", "public, max-age=31536000, immutable"],
  ["/index.5f4dcc3b5aa765d61d8327deb882cf99.css", IMMUTABLE],
  ["/", "no-cache"],
  ["/index.html", REVALIDATE],
  ["/index-BwQ2cD8a.html", REVALIDATE],
  ["/index-BwQ2cD8a.htm", REVALIDATE],
  ["/index-BwQ2cD8a.xhtml", REVALIDATE],
  ["/_app/immutable/entry/start-BwQ2cD8a.html", REVALIDATE],
  ["/sw.js", REVALIDATE],
  ["/service-worker.js", REVALIDATE],
  ["/manifest.webmanifest", REVALIDATE],
  ["/favicon.ico", REVALIDATE],
  ["/robots.txt", REVALIDATE],
  ["/assets/index-BwQ2cD8a.js.map", REVALIDATE],
];

for (const [path, expected] of RULES) {
  Deno.test(`cacheControl() gives ${path} "${expected}"`, () => {
    assertEquals(cacheControl(path), expected);
  });
}

Deno.test("NO_STORE forbids every copy", () => {
  assertEquals(NO_STORE, "no-store");
});

/** Values of Cache-Control, and what they become for what must be asked for first. */
const CHECKED: Readonly<Record<string, string>> = {
  "no-cache": "no-cache",
  "public, max-age=600": "no-cache",
  "public, max-age=31536000, immutable": "no-cache",
  "Private, max-age=600": "private, no-cache",
  "no-store": "no-store",
  "private, No-Store": "private, No-Store",
  "": "no-cache",
};

for (const [value, expected] of Object.entries(CHECKED)) {
  Deno.test(`checkedFirst() of ${JSON.stringify(value)}`, () => {
    assertEquals(checkedFirst(value), expected);
  });
}
