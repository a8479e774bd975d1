import { assertEquals } from "@std/assert";
import {
  ALL_PLACES_MAX,
  FindingCollector,
  FINDINGS_MAX,
  PLACES_MAX,
} from "../../lib/check/findings.ts";
import { compilePattern, type Pattern } from "../../lib/site/rules/pattern.ts";

Deno.test("FindingCollector joins equal findings, errors first", () => {
  const findings = new FindingCollector();
  findings.add("image-size", "small", { path: "/a" });
  findings.add("dead-link", "gone", { path: "/a", line: 1 });
  findings.add("dead-link", "gone", { path: "/b" });
  findings.add("dead-link", "gone", { path: "/c" }, "warning");
  const { groups, counts } = findings.result();
  assertEquals(
    groups.map(({ rule, severity, count }) => [rule, severity, count]),
    [["dead-link", "error", 2], ["dead-link", "warning", 1], [
      "image-size",
      "note",
      1,
    ]],
  );
  assertEquals(counts, { error: 2, warning: 1, note: 1 });
});

Deno.test("FindingCollector leaves out what is ignored", () => {
  const pattern = compilePattern("/old/*") as Pattern;
  const findings = new FindingCollector([{ rule: "dead-link", pattern }, {
    rule: "image-size",
  }]);
  findings.add("dead-link", "gone", { path: "/old/a" });
  findings.add("dead-link", "gone", { path: "/new/a" });
  findings.add("image-size", "small", { path: "/new/a" });
  const { counts, ignored } = findings.result();
  assertEquals({ counts, ignored }, {
    counts: { error: 1, warning: 0, note: 0 },
    ignored: 2,
  });
});

Deno.test("FindingCollector keeps no more findings and places than it may", () => {
  const findings = new FindingCollector();
  for (let i = 0; i <= FINDINGS_MAX; i++) {
    findings.add("dead-link", `${i}`, { path: "/" });
  }
  for (let i = 0; i <= PLACES_MAX; i++) {
    findings.add("dead-link", "0", { path: `/${i}` });
  }
  const { groups, counts, dropped } = findings.result();
  assertEquals(groups.length, FINDINGS_MAX);
  assertEquals(counts.error, FINDINGS_MAX + PLACES_MAX + 2);
  assertEquals(dropped, 1);
  assertEquals(groups[0]!.places.length, PLACES_MAX);
  assertEquals(groups[0]!.count, PLACES_MAX + 2);
  for (let i = 0; i < FINDINGS_MAX; i++) {
    for (let j = 0; j < PLACES_MAX; j++) {
      findings.add("dead-link", `${i}`, { path: "/" });
    }
  }
  const places = findings.result().groups.reduce(
    (sum, each) => sum + each.places.length,
    0,
  );
  assertEquals(places, ALL_PLACES_MAX);
});

Deno.test("FindingCollector has room for every rule", () => {
  const findings = new FindingCollector();
  for (let i = 0; i < 2 * FINDINGS_MAX; i++) {
    findings.add("dead-link", `${i}`, { path: "/" });
  }
  findings.add("public-key", "a key", { path: "/key" });
  const { groups } = findings.result();
  assertEquals(groups.at(-1)!.rule, "public-key");
});

Deno.test("FindingCollector counts all findings that it held back", () => {
  const findings = new FindingCollector();
  const held = findings.hold();
  for (let i = 0; i <= ALL_PLACES_MAX; i++) {
    findings.add("dead-link", "gone", { path: "/" });
  }
  held.release();
  assertEquals(findings.result().counts.error, ALL_PLACES_MAX + 1);
});

Deno.test("FindingCollector holds findings back until it is told", () => {
  const findings = new FindingCollector();
  const first = findings.hold();
  findings.add("dead-link", "one", { path: "/" });
  first.discard();
  const second = findings.hold();
  findings.add("dead-link", "two", { path: "/" });
  assertEquals(findings.result().groups, []);
  second.release();
  findings.add("dead-link", "three", { path: "/" });
  assertEquals(findings.result().groups.map(({ message }) => message), [
    "two",
    "three",
  ]);
});
