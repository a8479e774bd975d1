import { assertEquals, assertStringIncludes } from "@std/assert";
import { FindingCollector } from "../../lib/check/findings.ts";
import { reportText } from "../../lib/check/report.ts";

const DETAILS = { subject: "/srv/site", extent: "2 files", version: "1.2.3" };

function findings() {
  const collector = new FindingCollector();
  for (const path of ["/a b.html", "/b.html", "/c.html", "/d.html"]) {
    collector.add("dead-link", '"/x" gets 404', { path, line: 3 });
  }
  collector.add("missing-404", "no page\x1b[31m", { path: "/404.html" });
  return collector.result();
}

Deno.test("reportText() writes text that is harmless to a terminal", () => {
  assertEquals(
    reportText(findings(), DETAILS, "text"),
    `a b.html:3: error dead-link: "/x" gets 404
    also b.html:3, c.html:3 and 1 more
    correct the address, add the page, or add a redirect
404.html: note missing-404: no page\\u001b[31m
    add 404.html to the root of the site

4 error dead-link    a link leads to an error page
1 note  missing-404  the site has no error page of its own

2 files: 4 errors, 0 warnings and 1 note
`,
  );
});

Deno.test("reportText() says what is not in the list", () => {
  const result = {
    ...findings(),
    groups: [],
    rules: [],
    ignored: 1,
    dropped: 1200,
  };
  assertStringIncludes(
    reportText(result, DETAILS, "text"),
    "1 finding ignored\n1,200 findings more than are listed\n",
  );
});

Deno.test("reportText() puts the findings of a rule together, and folds long lists", () => {
  const collector = new FindingCollector();
  for (let i = 0; i < 1_100; i++) {
    collector.add("dead-link", `"/${i}" gets 404`, { path: "/a.html" });
    collector.add("wrong-case", "a case", { path: "/b.html", line: i });
    collector.add("dead-link", "a hint", { path: "/c.html" }, "warning");
  }
  const text = reportText(collector.result(), DETAILS, "text");
  assertEquals(
    text.split("\n").slice(51),
    `1,050 more findings of dead-link: --format json has them
b.html:0: error wrong-case: a case
    also b.html:1, b.html:2 and 1,097 more
    write the address like the name of the file: on Linux they differ
c.html: warning dead-link: a hint
    also c.html, c.html and 1,097 more
    correct the address, add the page, or add a redirect

1,100 error   dead-link   a link leads to an error page
1,100 error   wrong-case  an address differs from the file in upper and lower case
1,100 warning dead-link   a link leads to an error page

2 files: 2,200 errors, 1,100 warnings and 0 notes
`.split("\n"),
  );
});

Deno.test("reportText() writes JSON that is harmless to a terminal", () => {
  const collector = new FindingCollector();
  const message = "\x1b[2J\u202e\x9b\u{e0001}";
  collector.add("dead-link", message, { path: "/\u202ea.html" });
  for (const format of ["json", "sarif"] as const) {
    const text = reportText(collector.result(), DETAILS, format);
    assertEquals(/(?!\n)[\p{Cc}\p{Cf}]/u.test(text), false);
    assertStringIncludes(
      JSON.stringify(JSON.parse(text)),
      JSON.stringify(message),
    );
  }
});

Deno.test("reportText() writes JSON", () => {
  const report = JSON.parse(reportText(findings(), DETAILS, "json"));
  assertEquals(report.counts, { error: 4, warning: 0, note: 1 });
  assertEquals(report.findings[0].places[1], { path: "/b.html", line: 3 });
  assertEquals(report.findings[0].count, 4);
});

/** The parts of a SARIF log that the schema demands (SARIF 2.1.0 §3.13, §3.14, §3.27). */
Deno.test("reportText() writes SARIF 2.1.0", () => {
  const log = JSON.parse(reportText(findings(), DETAILS, "sarif"));
  assertEquals(log.version, "2.1.0");
  const [run] = log.runs;
  assertEquals(run.tool.driver.name, "skiff check");
  for (const result of run.results) {
    const rule = run.tool.driver.rules[result.ruleIndex];
    assertEquals(rule.id, result.ruleId);
    assertEquals(["error", "warning", "note"].includes(result.level), true);
    const { artifactLocation } = result.locations[0].physicalLocation;
    assertEquals(artifactLocation.uriBaseId in run.originalUriBaseIds, true);
  }
  const [first] = run.results;
  assertEquals(first.occurrenceCount, 4);
  assertEquals(first.relatedLocations.length, 3);
  assertEquals(first.locations[0].physicalLocation, {
    artifactLocation: { uri: "a%20b.html", uriBaseId: "ROOT" },
    region: { startLine: 3 },
  });
});
