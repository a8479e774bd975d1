import { assertEquals, assertStringIncludes } from "@std/assert";
import { logReport } from "../../lib/check/log_report.ts";
import { LogTally } from "../../lib/check/log_tally.ts";

const TALLY = new LogTally();
TALLY.add('{"method":"GET","target":"/a","status":200}');
TALLY.add("nonsense");
const CHANGES = [
  { kind: "gone", path: "/a\x1b", hits: 1200, detail: "404" },
  { kind: "missing", path: "/wp-login.php", hits: 3, detail: "404" },
] as const;
const PROPOSALS = [{ path: "/a", line: "/a  /b  301", reason: "same name" }];

Deno.test("logReport() writes text", () => {
  assertEquals(
    logReport(TALLY, CHANGES, PROPOSALS, "text"),
    `Would be gone, by requests:
    1,200  /a\\u001b  (404)

Were missing, and still would be, by requests:
        3  /wp-login.php  (404)

Redirects to look at, for the beginning of _redirects:
  /a  /b  301

1 request for 1 path; 1 path gone with 1,200 requests; 1 line not understood
`,
  );
});

Deno.test("logReport() shows only the first of many, and writes all as JSON", () => {
  const many = Array.from(
    { length: 60 },
    (
      _,
      index,
    ) => ({ kind: "gone", path: `/${index}`, hits: 1, detail: "404" } as const),
  );
  assertStringIncludes(logReport(TALLY, many, [], "text"), "and 10 paths more");
  const report = JSON.parse(logReport(TALLY, many, PROPOSALS, "json"));
  assertEquals([
    report.changes.length,
    report.redirects.length,
    report.log.unread,
  ], [60, 1, 1]);
});
