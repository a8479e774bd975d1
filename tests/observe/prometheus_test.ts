import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  METRIC_TABLE,
  metricText,
  PROMETHEUS_TYPE,
  prometheusText,
} from "../../lib/observe/prometheus.ts";
import { HAS_PROGRAMS, testWith } from "../helpers.ts";
import { busyMetrics } from "./snapshots.ts";

/** A metric as a reader finds it. */
interface Family {
  help: string;
  type: string;
  /** Values by name and labels, in the order of the text. */
  samples: Map<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(
  String
    .raw`^(${NAME})(\{${LABEL}(?:,${LABEL})*\})? (\+Inf|-Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`,
);

/** The names that samples of a family may have. */
function namesOf(family: string, type: string): string[] {
  return type === "histogram"
    ? [`${family}_bucket`, `${family}_sum`, `${family}_count`]
    : [family];
}

/** Reads the text format, and throws for everything in it that is not as it must be. */
function readText(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const families = new Map<string, Family>();
  let current: Family | undefined;
  let names: string[] = [];
  const lines = text.slice(0, -1).split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.startsWith("#")) {
      const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
      const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
        .exec(lines[++i]!);
      if (help === null || type === null || help[1] !== type[1]) {
        throw new Error(`Not HELP and TYPE: ${line}`);
      }
      if (families.has(help[1]!)) throw new Error(`Again: ${line}`);
      current = { help: help[2]!, type: type[2]!, samples: new Map() };
      names = namesOf(help[1]!, type[2]!);
      families.set(help[1]!, current);
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) throw new Error(`Not a sample: ${line}`);
    const [, name, labels = "", value] = sample;
    if (!names.includes(name!)) throw new Error(`In no family: ${line}`);
    const key = name + labels;
    if (current!.samples.has(key)) throw new Error(`Twice: ${line}`);
    current!.samples.set(key, Number(value!.replace("Inf", "Infinity")));
  }
  return families;
}

Deno.test("the test's reader refuses what is wrong", () => {
  const head = "# HELP a b\n# TYPE a counter\n";
  for (
    const text of [
      "",
      `${head}a 1`,
      `${head}b 1\n`,
      `${head}a 1\na 2\n`,
      `${head}a{x="\\q"} 1\n`,
      `${head}a{x="1} 1\n`,
      `${head}a one\n`,
      `${head}a 1\n${head}a 1\n`,
      "# TYPE a counter\na 1\n",
      "a 1\n",
    ]
  ) {
    assertThrows(() => readText(text), Error);
  }
  assertEquals(readText(`${head}a{x="\\"\\\\\\n",y=""} +Inf\n`).size, 1);
});

const FAMILIES = readText(prometheusText(busyMetrics()));

Deno.test("prometheusText() has every metric of the table once, with its type", () => {
  assertEquals(
    [...FAMILIES].map(([name, { type }]) => [name, type]),
    Object.entries(METRIC_TABLE).map(([name, { type }]) => [name, type]),
  );
});

Deno.test("names follow Prometheus' conventions", () => {
  for (const [name, { type, help }] of Object.entries(METRIC_TABLE)) {
    assertEquals(name.endsWith("_total"), type === "counter", name);
    assert(/^(?:skiff|process)_[a-z0-9_]+$/.test(name), name);
    assert(/^[^\\\n]{10,}\.$/.test(help), help);
  }
});

const SAMPLES: readonly (readonly [key: string, value: number])[] = [
  ['skiff_requests_total{method="GET",status="2xx"}', 2],
  ['skiff_requests_total{method="HEAD",status="3xx"}', 2],
  ['skiff_requests_total{method="other",status="5xx"}', 2],
  ['skiff_requests_total{method="OPTIONS",status="1xx"}', 0],
  ["skiff_response_bytes_total", 4096],
  ["skiff_response_size_bytes_sum", 4096],
  ['skiff_response_size_bytes_bucket{le="256"}', 2],
  ['skiff_response_size_bytes_bucket{le="1024"}', 6],
  ['skiff_request_duration_seconds_bucket{le="0.00001"}', 0],
  ['skiff_request_duration_seconds_bucket{le="0.0005"}', 4],
  ['skiff_request_duration_seconds_bucket{le="10"}', 4],
  ['skiff_request_duration_seconds_bucket{le="+Inf"}', 6],
  ["skiff_request_duration_seconds_count", 6],
  ['skiff_connections{state="idle"}', 6],
  ['skiff_connections{state="linger"}', 10],
  ["skiff_connections_accepted_total", 2],
  ['skiff_requests_by_version_total{version="HTTP/2.0"}', 2],
  ['skiff_requests_by_version_total{version="HTTP/1.1"}', 4],
  ["skiff_http2_connections", 4],
  ["skiff_http2_streams", 80],
  ['skiff_http2_resets_total{sender="client",code="cancel"}', 2],
  ['skiff_http2_resets_total{sender="skiff",code="cancel"}', 0],
  ['skiff_http2_goaways_total{sender="skiff",code="enhance_your_calm"}', 2],
  ["skiff_cache_hits_total", 180],
  ["skiff_cache_misses_total", 20],
  ["skiff_cache_evictions_total", 2],
  ["skiff_cache_bytes", 10_000],
  ["skiff_cache_entries", 14],
  ["skiff_open_files", 4],
  ["skiff_site_changes_total", 6],
  ["skiff_site_watched", 2],
  ['skiff_timeouts_total{phase="head"}', 2],
  ['skiff_timeouts_total{phase="reply"}', 0],
  ['skiff_refusals_total{cause="parse_431"}', 2],
  ['skiff_refusals_total{cause="rate"}', 0],
  ["skiff_event_loop_lag_seconds", 0.003],
  ["skiff_event_loop_lag_max_seconds", 0.013],
  ["skiff_worker_restarts_total", 2],
  ['skiff_build_info{version="1.2.3",deno="2.9.6",v8="14.0.1"}', 1],
  ["skiff_start_time_seconds", Date.UTC(2026, 0, 1) / 1000],
  ["process_resident_memory_bytes", 123_456_789],
];

for (const [key, value] of SAMPLES) {
  Deno.test(`prometheusText() has ${key}`, () => {
    const found = [...FAMILIES.values()].find(({ samples }) =>
      samples.has(key)
    );
    assertEquals(found?.samples.get(key), value);
  });
}

Deno.test("histograms do not fall, end with +Inf, and agree with their count", () => {
  let histograms = 0;
  for (const [name, { type, samples }] of FAMILIES) {
    if (type !== "histogram") continue;
    histograms++;
    const buckets = [...samples].filter(([key]) => key.includes("_bucket"));
    const bounds = buckets.map(([key]) =>
      Number(/le="(.*)"/.exec(key)![1]!.replace("Inf", "Infinity"))
    );
    const counts = buckets.map(([, count]) => count);
    assertEquals(bounds, bounds.toSorted((a, b) => a - b), name);
    assertEquals(counts, counts.toSorted((a, b) => a - b), name);
    assertEquals(bounds.at(-1), Infinity);
    assertEquals(counts.at(-1), samples.get(`${name}_count`));
  }
  assertEquals(histograms, 2);
});

Deno.test("metricText() escapes what would end a label or a line", () => {
  const text = metricText("odd", {
    type: "gauge",
    help: "Odd labels.",
    samples: () => [[{ a: 'x"y\\z\n# HELP', b: "" }, 1]],
  }, busyMetrics());
  assertEquals(
    text,
    "# HELP odd Odd labels.\n# TYPE odd gauge\n" +
      'odd{a="x\\"y\\\\z\\n# HELP",b=""} 1\n',
  );
  readText(text);
});

Deno.test("metricText() writes very small and very large numbers so that they are read again", () => {
  for (const value of [1e-9, 2 ** 60, 1e21, 0.1 + 0.2, -0.5]) {
    const samples = () => [[{}, value] as const];
    const metric = { type: "gauge", help: "odd", samples } as const;
    const text = metricText("odd", metric, busyMetrics());
    assertEquals(readText(text).get("odd")?.samples.get("odd"), value);
  }
});

Deno.test("PROMETHEUS_TYPE names the version of the format", () => {
  assertEquals(PROMETHEUS_TYPE, "text/plain; version=0.0.4; charset=utf-8");
});

/** Whether Prometheus' own tool is on this machine. */
function hasPromtool(): boolean {
  if (!HAS_PROGRAMS) return false;
  try {
    return new Deno.Command("promtool", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

testWith(hasPromtool(), "promtool has nothing to say against it", async () => {
  const tool = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = tool.stdin.getWriter();
  await input.write(new TextEncoder().encode(prometheusText(busyMetrics())));
  await input.close();
  const { code, stdout, stderr } = await tool.output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stdout) + decoder.decode(stderr), "");
  assertEquals(code, 0);
});
