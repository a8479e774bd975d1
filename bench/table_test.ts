import { assertEquals } from "@std/assert";
import { median } from "./statistics.ts";
import { barText, type Row, rowsOf, type Sample, tableText } from "./table.ts";
import type { Bar, Figure, Workload } from "./workloads.ts";

const RATE: Figure = {
  name: "rate",
  title: "req/s",
  digits: 0,
  isMoreBetter: true,
  take: "median",
  isCompared: true,
};

const P99: Figure = { ...RATE, name: "p99", isMoreBetter: false };

const PEERS = ["skiff", "nginx", "h2o"];

function workloadWith(figure: Figure, ...bars: Bar[]): Workload {
  return {
    name: "w",
    title: "W",
    files: [],
    company: "rivals",
    measure: () => Promise.resolve({}),
    figures: [figure],
    bars,
  };
}

/** Values of one figure: one list for each peer, one value for each round. */
function samplesOf(figure: string, values: Record<string, number[]>): Sample[] {
  return Object.entries(values).flatMap(([peer, rounds]) =>
    rounds.map((value, round): Sample => ({
      workload: "w",
      peer,
      round,
      measures: { [figure]: value },
    }))
  );
}

function onlyRow(workload: Workload, samples: Sample[]): Row {
  const rows = rowsOf([workload], PEERS, samples);
  assertEquals(rows.length, 1);
  return rows[0]!;
}

for (
  const [name, values, expected] of [
    ["nothing", [], NaN],
    ["one", [3], 3],
    ["an odd number, unsorted", [9, 1, 5], 5],
    ["an even number", [1, 2, 4, 100], 3],
    ["numbers, not texts", [10, 9, 2], 9],
  ] as const
) {
  Deno.test(`median() of ${name}`, () => {
    assertEquals(median(values), expected);
  });
}

Deno.test("rowsOf() compares round by round, not median by median", () => {
  const samples = samplesOf("rate", {
    skiff: [100, 10, 90],
    nginx: [50, 10, 30],
  });
  const row = onlyRow(workloadWith(RATE), samples);
  assertEquals(row.cells.map(({ value }) => value), [90, 30, NaN]);
  assertEquals(row.cells.map(({ ratio }) => ratio), [NaN, 2, NaN]);
});

Deno.test("rowsOf() leaves rounds out in which one was not measured", () => {
  const samples = samplesOf("rate", { skiff: [100, 40], nginx: [50] });
  const row = onlyRow(workloadWith(RATE), samples);
  assertEquals(row.cells[1]!.ratio, 2);
});

Deno.test("rowsOf() takes the strongest rival, the fastest or the quickest", () => {
  const values = { skiff: [60], nginx: [30], h2o: [120] };
  const rate = onlyRow(workloadWith(RATE), samplesOf("rate", values));
  assertEquals(rate.bestRatio, 0.5);
  const p99 = onlyRow(workloadWith(P99), samplesOf("p99", values));
  assertEquals(p99.bestRatio, 2);
});

Deno.test("rowsOf() lets the worst round count where it must", () => {
  const values = { skiff: [0, 7, 0] };
  const figure: Figure = { ...P99, take: "worst", isCompared: false };
  const row = onlyRow(workloadWith(figure), samplesOf("p99", values));
  assertEquals(row.cells[0]!.value, 7);
  const least: Figure = { ...figure, isMoreBetter: true };
  const other = onlyRow(workloadWith(least), samplesOf("p99", values));
  assertEquals(other.cells[0]!.value, 0);
});

Deno.test("rowsOf() leaves out figures that nobody has", () => {
  const samples = samplesOf("rate", { skiff: [1] });
  assertEquals(rowsOf([workloadWith(P99)], PEERS, samples), []);
});

Deno.test("rowsOf() marks a server whose core was idle", () => {
  const samples = samplesOf("rate", { skiff: [1], nginx: [1] })
    .map((sample) => ({
      ...sample,
      measures: { ...sample.measures, idle: sample.peer === "nginx" ? 30 : 2 },
    }));
  const row = onlyRow(workloadWith(RATE), samples);
  assertEquals(row.cells.map(({ isWaiting }) => isWaiting), [
    false,
    true,
    false,
  ]);
});

for (
  const [name, bars, expected] of [
    ["no bar", [], undefined],
    ["a ratio reached", [{ against: "nginx", atLeast: 2 }], true],
    ["a ratio missed", [{ against: "nginx", atLeast: 2.1 }], false],
    ["a ratio that is too high", [{ against: "nginx", atMost: 1.5 }], false],
    ["a number reached", [{ atLeast: 60 }], true],
    ["a number missed", [{ atMost: 59 }], false],
    ["one reached, one missed", [{ atLeast: 1 }, { atMost: 2 }], false],
    ["a peer that did not take part", [{ against: "h2o", atLeast: 1 }]],
  ] as const
) {
  Deno.test(`rowsOf() judges ${name}`, () => {
    const full = bars.map((bar) => ({ figure: "rate", ...bar }));
    const samples = samplesOf("rate", { skiff: [60], nginx: [30] });
    const row = onlyRow(workloadWith(RATE, ...full), samples);
    assertEquals(row.isReached, expected);
  });
}

Deno.test("barText() says what is to be reached", () => {
  const figure = "rate";
  assertEquals(
    barText({ figure, against: "nginx", atLeast: 1.15 }),
    "≥ 1.15 × nginx",
  );
  assertEquals(barText({ figure, atMost: 64 }), "≤ 64");
});

Deno.test("tableText() aligns columns as the formatter does", () => {
  const samples = samplesOf("rate", { skiff: [123456], nginx: [61728] });
  const bar = { figure: "rate", against: "nginx", atLeast: 3 };
  const rows = rowsOf([workloadWith(RATE, bar)], PEERS, samples);
  assertEquals(
    tableText(rows, ["skiff", "nginx"], true),
    "| workload | figure | skiff   | nginx         | best of three | bar         | met    |\n" +
      "| -------- | ------ | ------- | ------------- | ------------- | ----------- | ------ |\n" +
      "| W        | req/s  | 123,456 | 61,728 (2.00) | 2.00          | ≥ 3 × nginx | **no** |\n",
  );
});

Deno.test("tableText() without bars tells only of what its servers took part in", () => {
  const samples = samplesOf("rate", { skiff: [5], nginx: [5] });
  const rows = rowsOf([workloadWith(RATE)], PEERS, samples);
  assertEquals(tableText(rows, ["skiff", "h2o"], false).split("\n").length, 3);
  assertEquals(
    tableText(rows, ["skiff", "nginx"], false).split("\n").length,
    4,
  );
});
