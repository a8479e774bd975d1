import { assertEquals } from "@std/assert";
import { countsOf, probeReport } from "../../lib/check/probe_report.ts";
import type { ProbeResult } from "../../lib/check/probe_run.ts";

const RESULTS: readonly ProbeResult[] = [
  {
    group: "framing",
    section: "RFC 9112 §6",
    title: "a",
    level: "must",
    outcome: "pass",
    reason: undefined,
  },
  {
    group: "framing",
    section: "RFC 9112 §6.3",
    title: "b",
    level: "must",
    outcome: "fail",
    reason: "got 200\x1b",
  },
  {
    group: "range",
    section: "RFC 9110 §14",
    title: "c",
    level: "should",
    outcome: "fail",
    reason: "got 1",
  },
  {
    group: "range",
    section: "RFC 9110 §14",
    title: "d",
    level: "must",
    outcome: "skip",
    reason: "no ranges",
  },
];

Deno.test("probeReport() writes faults and a table", () => {
  assertEquals(
    probeReport(RESULTS, "http://a/", "text"),
    `FAULT   RFC 9112 §6.3  b: got 200\\u001b
advice  RFC 9110 §14   c: got 1

         passed  faults  advice  skipped
framing       1       1       0        0
range         0       0       1        1
all           1       1       1        1
`,
  );
});

Deno.test("probeReport() writes all results as JSON", () => {
  const report = JSON.parse(probeReport(RESULTS, "http://a/", "json"));
  assertEquals(report.counts, countsOf(RESULTS));
  assertEquals(report.results.length, 4);
});
