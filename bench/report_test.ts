import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  mergedReport,
  type Report,
  reportJson,
  reportText,
  withFigures,
} from "./report.ts";
import { WORKLOADS } from "./workloads.ts";

const REPORT: Report = {
  date: new Date(Date.UTC(2026, 0, 2)),
  machine: {
    cores: 2,
    processor: "Some",
    memory: 8,
    system: "linux 6",
    deno: "2.9.6",
    wrk: "4.1.0",
    h2load: "1.52.0",
  },
  pinning: "servers on core 0, load on core 1",
  rounds: 3,
  seconds: 5,
  versions: new Map([["skiff", "0.1.0"], ["nginx", "1.22"], ["caddy", "2"]]),
  workloads: WORKLOADS.filter(({ name }) => name === "small"),
  samples: ["skiff", "nginx", "caddy"].map((peer) => ({
    workload: "small",
    peer,
    round: 0,
    measures: { rate: 1000, p99: 1, idle: 0, others: 3 },
  })),
  notes: ["serve is left out: not installed"],
};

Deno.test("reportText() tells the machine, the manner and the versions", () => {
  const text = reportText(REPORT);
  assertStringIncludes(
    text,
    "Measured on 2026-01-02: 2 cores (Some), 8 GiB, linux 6; Deno 2.9.6, " +
      "wrk 4.1.0, h2load 1.52.0. Servers on core 0, load on core 1. Rounds: 3, of 5 s each.",
  );
  assertStringIncludes(text, "Versions: skiff 0.1.0, nginx 1.22, caddy 2.");
  assertStringIncludes(text, "Other processes took 3 %");
  assertStringIncludes(text, "- serve is left out: not installed\n");
});

Deno.test("reportText() puts those who are no rivals into a second table", () => {
  const [first, second] = reportText(REPORT).split("| workload").slice(1);
  assertEquals(first!.includes("caddy"), false);
  assertEquals(second!.includes("nginx"), false);
  assertStringIncludes(second!, "caddy");
});

Deno.test("reportText() warns when the servers had to share their core", () => {
  const busy = REPORT.samples.map((sample) => ({
    ...sample,
    measures: { ...sample.measures, others: 20 },
  }));
  const warning = "not at rest";
  assertEquals(reportText(REPORT).includes(warning), false);
  assertStringIncludes(reportText({ ...REPORT, samples: busy }), warning);
});

for (
  const [name, change, isTrial] of [
    ["enough rounds of enough seconds", {}, false],
    ["too few rounds", { rounds: 2 }, true],
    ["short ones, but many", { rounds: 5, seconds: 1 }, false],
    ["too few seconds", { seconds: 1 }, true],
  ] as const
) {
  Deno.test(`reportText() with ${name} is ${isTrial ? "" : "no "}trial`, () => {
    const text = reportText({ ...REPORT, ...change });
    assertEquals(text.startsWith("**A trial"), isTrial);
  });
}

Deno.test("reportJson() holds the samples and the verdicts", () => {
  const json = JSON.parse(reportJson(REPORT));
  assertEquals(json.samples.length, 3);
  assertEquals(json.versions.nginx, "1.22");
  assertEquals(json.rows[0].isReached, undefined);
  assertEquals(json.rows[0].cells[1].ratio, 1);
});

Deno.test("mergedReport() puts runs of different workloads together", () => {
  const later: Report = {
    ...REPORT,
    date: new Date(Date.UTC(2026, 0, 3)),
    versions: new Map([["skiff", "0.1.0"], ["h2o", "2.2"]]),
    samples: REPORT.samples.map((sample) => ({
      ...sample,
      workload: "medium",
      measures: { ...sample.measures, idle: NaN },
    })),
    notes: [...REPORT.notes, "something else"],
  };
  const merged = mergedReport([reportJson(later), reportJson(REPORT)]);
  assertEquals(merged.workloads.map(({ name }) => name), ["small", "medium"]);
  assertEquals(merged.samples.length, 6);
  assertEquals([...merged.versions.keys()], ["skiff", "nginx", "h2o", "caddy"]);
  assertEquals(merged.notes, [...REPORT.notes, "something else"]);
  assertEquals(merged.date, REPORT.date);
  assertStringIncludes(reportText(merged), "100 KiB, 64 connections");
});

for (
  const [name, change] of [
    ["the same workload", {}],
    ["other rounds", { samples: [], rounds: 4 }],
    ["other lengths", { samples: [], seconds: 4 }],
    ["another skiff", { samples: [], versions: new Map([["skiff", "2"]]) }],
  ] as const
) {
  Deno.test(`mergedReport() refuses ${name}`, () => {
    const runs = [REPORT, { ...REPORT, ...change }].map(reportJson);
    assertThrows(() => mergedReport(runs), Error, "do not belong together");
  });
}

const BEGIN = "<!-- Figures: written by bench:compare --into -->";
const END = "<!-- End of figures -->";

Deno.test("withFigures() replaces what stands between the marks", () => {
  const document = `before\n\n${BEGIN}\n\nold\n\n${END}\n\nafter\n`;
  assertEquals(
    withFigures(document, "new\n"),
    `before\n\n${BEGIN}\n\nnew\n\n${END}\n\nafter\n`,
  );
});

for (const document of ["", BEGIN, END, `${END}\n${BEGIN}`]) {
  Deno.test(`withFigures() refuses ${JSON.stringify(document)}`, () => {
    assertThrows(() => withFigures(document, "new\n"), Error, "no lines");
  });
}
