import { assertEquals } from "@std/assert";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import {
  COMPARED_LETTERS_MAX,
  COMPARED_MAX,
  PROPOSALS_MAX,
  proposeRedirects,
} from "../../lib/check/redirect_proposals.ts";
import { answerOf } from "./answers.ts";

function propose(
  paths: readonly string[],
  files: readonly string[],
  status = 200,
  distance: (a: string, b: string) => number = levenshteinDistance,
) {
  return proposeRedirects(paths, {
    files,
    index: "index.html",
    distance,
    ask: () => answerOf({ status }),
  });
}

/** Paths that are gone, the files that are there, and the line that is proposed. */
const GONE: readonly (readonly [
  path: string,
  files: readonly string[],
  line: string | undefined,
])[] = [
  ["/about.php", ["/about.html"], "/about.php  /about.html  301"],
  ["/about/", ["/about.html"], "/about/  /about.html  301"],
  [
    "/About",
    ["/docs.html", "/info/about.html"],
    "/About  /info/about.html  301",
  ],
  [
    "/guide.html",
    ["/manual/guide/index.html"],
    "/guide.html  /manual/guide/  301",
  ],
  ["/guide.html", ["/a/guide.html", "/b/guide.html"], undefined],
  [
    "/assets/index-BmOXrCbS.js",
    ["/assets/index-D4kz91xQ.js"],
    "/assets/index-BmOXrCbS.js  /assets/index-D4kz91xQ.js  301",
  ],
  ["/assets/index-BmOXrCbS.js", ["/assets/index-D4kz91xQ.css"], undefined],
  [
    "/app.1f0c9a7e.css",
    ["/app.2b3d4e5f.css", "/other.2b3d4e5f.css"],
    "/app.1f0c9a7e.css  /app.2b3d4e5f.css  301",
  ],
  [
    "/contct.html",
    ["/contact.html", "/unlike.html"],
    "/contct.html  /contact.html  301",
  ],
  ["/x.html", ["/quite-another-name.html"], undefined],
  ["/cat.html", ["/bat.html", "/rat.html"], undefined],
  ["/logo.png", ["/logo.html"], undefined],
  // What means something in a rule is encoded.
  [
    "/a*b:c d#é.php",
    ["/a*b:c d#é.html"],
    "/a%2Ab%3Ac%20d%23%C3%A9.php  /a%2Ab%3Ac%20d%23%C3%A9.html  301",
  ],
  ["/docs", ["/docs/index.html"], undefined],
  ["/docs/", ["/docs/index.html"], undefined],
  ["/photos/summer-2024.png", ["/photos/summer-2024.jpg"], undefined],
  ["/a.html", ["/docs/a.html"], undefined],
  [
    "/assets/Index-BmOXrCbS.js",
    ["/assets/index-D4kz91xQ.js"],
    "/assets/Index-BmOXrCbS.js  /assets/index-D4kz91xQ.js  301",
  ],
  // No rule can match them.
  ["//about.php", ["/about.html"], undefined],
  ["/a\\b.php", ["/a\\b.html"], undefined],
  ["/", ["/home.html"], undefined],
  ["/index.php", ["/docs/index.html"], undefined],
  ["/index.php", ["/index.html"], "/index.php  /  301"],
];

for (const [path, files, line] of GONE) {
  Deno.test(`proposeRedirects(): ${path} with ${files}: ${line}`, async () => {
    assertEquals((await propose([path], files))[0]?.line, line);
  });
}

Deno.test("proposeRedirects() leads nowhere that is redirected or gone", async () => {
  assertEquals(await propose(["/about.php"], ["/about.html"], 301), []);
  assertEquals(await propose(["/about.php"], ["/about.html"], 404), []);
});

Deno.test("proposeRedirects() proposes and compares no more than it may", async () => {
  const paths = Array.from(
    { length: PROPOSALS_MAX + 5 },
    (_, index) => `/page-${index}.php`,
  );
  const files = paths.map((path) => path.replace("php", "html"));
  assertEquals((await propose(paths, files)).length, PROPOSALS_MAX);
  let compared = 0;
  const many = Array.from(
    { length: COMPARED_MAX + 5 },
    (_, index) => `/${10_000_000 + index}.html`,
  );
  await propose(["/abcdefgh.html"], many, 200, () => (compared++, 99));
  assertEquals(compared, COMPARED_MAX);
});

Deno.test("proposeRedirects() compares the names that were asked for most, and no more for more of them", async () => {
  const long = "x".repeat(4000);
  const files = Array.from({ length: 100 }, (_, i) => `/${long}${i}.html`);
  const paths = Array.from({ length: 5_000 }, (_, i) => `/${long}-${i}.html`);
  const compared: string[] = [];
  await propose(["/guide.html", ...paths], ["/guides.html", ...files], 200, (
    path,
  ) => (compared.push(path), 9999));
  assertEquals(compared[0], "/guide.html");
  const letters = compared.length * long.length ** 2;
  assertEquals(letters < 1.1 * COMPARED_LETTERS_MAX, true);
  assertEquals(letters > 0.9 * COMPARED_LETTERS_MAX, true);
});

Deno.test("proposeRedirects() does not look at all of many files for each of many paths", async () => {
  const files = Array.from({ length: 50_000 }, (_, i) => `/${i}.html`);
  const paths = Array.from({ length: 50_000 }, (_, i) => `/${i}.png`);
  let looks = 0;
  const values = files.values.bind(files);
  files[Symbol.iterator] = function* () {
    for (const file of values()) {
      looks++;
      yield file;
    }
    return undefined;
  };
  await propose(paths, files);
  assertEquals(looks < COMPARED_LETTERS_MAX / 100, true);
});
