import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { UsageError } from "../../lib/cli/options.ts";
import { checkLog } from "../../lib/service/check_log.ts";
import { StartError } from "../../lib/service/startup.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { planFor } from "./plans.ts";

const PAGE = "<!doctype html><title>x</title>";

function line(target: string, status: number, bytes: number): string {
  return `192.0.2.1 - - [27/Nov/2026:10:00:00 +0000] "GET ${target} HTTP/1.1" ${status} ${bytes} "-" "x"\n`;
}

const LOG = [
  line("/", 200, 30),
  line("/about.php", 200, 30),
  line("/about.php?x=1", 304, 0),
  line("/old", 200, 30),
  line("/docs", 200, 30),
  line("/large.txt", 200, 2000),
  line("/random.bin", 200, 2000),
  line("/wp-login.php", 404, 30),
  "\x16\x03 nonsense\n",
].join("");

const FILES = {
  "site/index.html": PAGE,
  "site/about.html": PAGE,
  "site/docs/index.html": PAGE,
  // Much larger, but not when it is compressed.
  "site/large.txt": "text ".repeat(5000),
  "site/random.bin": crypto.getRandomValues(new Uint8Array(9000)),
  "site/_redirects": "/old /docs/ 301",
  "access.log": LOG,
  "access.log.gz": new Uint8Array(gzipSync(LOG)),
  "photo.log": "no log at all\n",
  "empty.log": "",
};

testWith(
  HAS_FILES,
  "checkLog() says what would change, with redirects",
  async () => {
    using place = new TemporaryDirectory(FILES);
    const plan = planFor(place.join("site"));
    const { text, code } = await checkLog(place.join("access.log"), plan, []);
    assertEquals(code, 1);
    assertEquals(
      text,
      `Would be gone, by requests:
        2  /about.php  (404)

Would be redirected, by requests:
        1  /docs  (/docs/)
        1  /old  (/docs/)

Would be larger, by requests:
        1  /random.bin  (2000 → 9000 bytes)

Were missing, and still would be, by requests:
        1  /wp-login.php  (404)

Redirects to look at, for the beginning of _redirects:
  /about.php  /about.html  301

8 requests for 7 paths; 1 path gone with 2 requests; 1 line not understood
`,
    );
    const gzipped = await checkLog(place.join("access.log.gz"), plan, []);
    assertEquals(gzipped.text, text);
    // The proposals make it whole.
    place.write(
      "site/_redirects",
      "/old /docs/ 301\n/about.php  /about.html  301",
    );
    const again = await checkLog(place.join("access.log"), plan, [[
      "format",
      "json",
    ]]);
    assertEquals(again.code, 0);
    assertEquals(
      JSON.parse(again.text).changes.some(({ kind }: { kind: string }) =>
        kind === "gone"
      ),
      false,
    );
  },
);

testWith(HAS_FILES, "checkLog() says what it cannot read", async () => {
  using place = new TemporaryDirectory(FILES);
  const plan = planFor(place.join("site"));
  const fails = async (name: string, part: string) => {
    const error = await assertRejects(
      () => checkLog(place.join(name), plan, []),
      StartError,
    );
    assertStringIncludes(error.message, part);
  };
  await fails("none.log", "Cannot read the log");
  await fails("photo.log", "expected the common or combined format, or JSON");
  await assertRejects(
    () => checkLog(place.join("access.log"), plan, [["format", "sarif"]]),
    UsageError,
  );
  assertEquals((await checkLog(place.join("empty.log"), plan, [])).code, 0);
});
