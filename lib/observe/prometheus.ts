/**
 * Metrics in the text format of Prometheus, version 0.0.4. One table holds the
 * name, the help and the values of every metric.
 *
 * @module
 */

import {
  HTTP2_CODES,
  METHODS,
  PHASES,
  PREVIEW_KEYS,
  REFUSAL_CAUSES,
  RELEASE_AGES,
  SENDERS,
  STATUS_CLASSES,
  VERSIONS,
} from "./metric_layout.ts";
import type { Histogram, MetricsSnapshot } from "./metrics.ts";

/** The media type of the format. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** A value and its labels. */
export type Sample = readonly [labels: Labels, value: number];

/** A metric: its name, its help, and how to get its values from a snapshot. */
export type Metric =
  & { readonly name: string; readonly help: string }
  & (
    | {
      readonly type: "counter" | "gauge";
      readonly samples: (snapshot: MetricsSnapshot) => readonly Sample[];
    }
    | {
      readonly type: "histogram";
      readonly histogram: (snapshot: MetricsSnapshot) => Histogram;
    }
  );

const NO_LABELS: Labels = {};

function single(
  value: (snapshot: MetricsSnapshot) => number,
): (snapshot: MetricsSnapshot) => readonly Sample[] {
  return (snapshot) => [[NO_LABELS, value(snapshot)]];
}

/** Makes a sample for each name, with the values in the same order. */
function labelled(
  label: string,
  names: readonly string[],
  values: (snapshot: MetricsSnapshot) => readonly number[],
): (snapshot: MetricsSnapshot) => readonly Sample[] {
  return (snapshot) => {
    const all = values(snapshot);
    return names.map((name, index) => [{ [label]: name }, all[index]!]);
  };
}

function requestSamples({ requests }: MetricsSnapshot): readonly Sample[] {
  return METHODS.flatMap((method, row) =>
    STATUS_CLASSES.map((status, column): Sample => [
      { method, status },
      requests[row * STATUS_CLASSES.length + column]!,
    ])
  );
}

/** Makes a sample for each sender and code of HTTP/2. */
function endSamples(
  values: (snapshot: MetricsSnapshot) => readonly number[],
): (snapshot: MetricsSnapshot) => readonly Sample[] {
  return (snapshot) => {
    const all = values(snapshot);
    return SENDERS.flatMap((sender, row) =>
      HTTP2_CODES.map((code, column): Sample => [
        { sender, code },
        all[row * HTTP2_CODES.length + column]!,
      ])
    );
  };
}

/** All metrics, in the order of the output. */
export const METRIC_TABLE: readonly Metric[] = [
  {
    name: "skiff_requests_total",
    type: "counter",
    help:
      "Responses by method and status class; other stands for other methods and for malformed requests.",
    samples: requestSamples,
  },
  {
    name: "skiff_requests_by_version_total",
    type: "counter",
    help:
      "Responses by version of HTTP; other stands for requests that could not be parsed.",
    samples: labelled(
      "version",
      VERSIONS,
      ({ requestsByVersion }) => requestsByVersion,
    ),
  },
  {
    name: "skiff_request_duration_seconds",
    type: "histogram",
    help:
      "Time from the last byte of a request until the last byte of its response was written.",
    histogram: ({ durations }) => durations,
  },
  {
    name: "skiff_response_size_bytes",
    type: "histogram",
    help: "Body bytes written per response.",
    histogram: ({ sizes }) => sizes,
  },
  {
    name: "skiff_response_bytes_total",
    type: "counter",
    help: "Body bytes written in all responses.",
    samples: single(({ sizes }) => sizes.sum),
  },
  {
    name: "skiff_connections",
    type: "gauge",
    help: "Open connections by what they are doing.",
    samples: labelled("state", PHASES, ({ connections }) => connections),
  },
  {
    name: "skiff_event_streams",
    type: "gauge",
    help: "Responses without a known end that are in progress.",
    samples: single(({ eventStreams }) => eventStreams),
  },
  {
    name: "skiff_connections_accepted_total",
    type: "counter",
    help: "Accepted connections.",
    samples: single(({ accepted }) => accepted),
  },
  {
    name: "skiff_http2_connections",
    type: "gauge",
    help: "Open connections that speak HTTP/2.",
    samples: single(({ http2 }) => http2.connections),
  },
  {
    name: "skiff_http2_streams",
    type: "gauge",
    help: "Streams that are open on them.",
    samples: single(({ http2 }) => http2.streams),
  },
  {
    name: "skiff_http2_resets_total",
    type: "counter",
    help: "HTTP/2 streams that RST_STREAM ended, by sender and error code.",
    samples: endSamples(({ http2 }) => http2.resets),
  },
  {
    name: "skiff_http2_goaways_total",
    type: "counter",
    help: "HTTP/2 connections with a GOAWAY, by sender and error code.",
    samples: endSamples(({ http2 }) => http2.goAways),
  },
  {
    name: "skiff_cache_hits_total",
    type: "counter",
    help: "Lookups that the cache answered.",
    samples: single(({ cache }) => cache.hits),
  },
  {
    name: "skiff_cache_misses_total",
    type: "counter",
    help: "Lookups that the cache could not answer.",
    samples: single(({ cache }) => cache.misses),
  },
  {
    name: "skiff_cache_evictions_total",
    type: "counter",
    help: "Entries that were evicted from the cache to make room.",
    samples: single(({ cache }) => cache.evictions),
  },
  {
    name: "skiff_older_release_hits_total",
    type: "counter",
    help:
      "Lookups that an older release answered, by how many releases back it is.",
    samples: labelled(
      "back",
      RELEASE_AGES,
      ({ cache }) => cache.olderHits ?? [],
    ),
  },
  {
    name: "skiff_preview_requests_total",
    type: "counter",
    help: "Requests for a preview of a release, by what names it.",
    samples: labelled("by", PREVIEW_KEYS, ({ previews }) => previews),
  },
  {
    name: "skiff_release_info",
    type: "gauge",
    help: "Always 1; the label names the release that is served.",
    samples: ({ release }) => release === undefined ? [] : [[{ release }, 1]],
  },
  {
    name: "skiff_cache_bytes",
    type: "gauge",
    help: "Bytes in the cache.",
    samples: single(({ cache }) => cache.bytes),
  },
  {
    name: "skiff_cache_entries",
    type: "gauge",
    help: "Entries in the cache.",
    samples: single(({ cache }) => cache.entries),
  },
  {
    name: "skiff_open_files",
    type: "gauge",
    help: "Files of the site that are open.",
    samples: single(({ cache }) => cache.openFiles),
  },
  {
    name: "skiff_site_changes_total",
    type: "counter",
    help: "Changes to files that the system has reported.",
    samples: single(({ cache }) => cache.changes),
  },
  {
    name: "skiff_site_watched",
    type: "gauge",
    help: "Isolates to which the system reports every change of the site.",
    samples: single(({ cache }) => cache.watched),
  },
  {
    name: "skiff_timeouts_total",
    type: "counter",
    help: "Connections that missed a deadline, by what they were doing.",
    samples: labelled("phase", PHASES, ({ timeouts }) => timeouts),
  },
  {
    name: "skiff_refusals_total",
    type: "counter",
    help: "Refused connections and requests, by cause.",
    samples: labelled("cause", REFUSAL_CAUSES, ({ refusals }) => refusals),
  },
  {
    name: "skiff_event_loop_lag_seconds",
    type: "gauge",
    help: "Largest delay of a timer in the last second, in the slowest worker.",
    samples: single(({ lag }) => lag),
  },
  {
    name: "skiff_event_loop_lag_max_seconds",
    type: "gauge",
    help: "Largest delay of a timer since the start, in the slowest worker.",
    samples: single(({ lagMax }) => lagMax),
  },
  {
    name: "skiff_worker_restarts_total",
    type: "counter",
    help: "Dead workers that were replaced.",
    samples: single(({ restarts }) => restarts),
  },
  {
    name: "skiff_build_info",
    type: "gauge",
    help: "Always 1; the labels name the running versions.",
    samples: ({ versions }) => [[{ ...versions }, 1]],
  },
  {
    name: "skiff_start_time_seconds",
    type: "gauge",
    help: "When the process started, since the epoch.",
    samples: single(({ startedAt }) => startedAt / 1000),
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory of the process.",
    samples: single(({ residentBytes }) => residentBytes),
  },
];

/** All metrics as text. */
export function prometheusText(snapshot: MetricsSnapshot): string {
  return METRIC_TABLE.map((metric) => metricText(metric, snapshot)).join("");
}

/** One metric as text: its HELP and TYPE lines and a line for each value. */
export function metricText(metric: Metric, snapshot: MetricsSnapshot): string {
  const { name, type } = metric;
  const help = metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const start = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  const lines = metric.type === "histogram"
    ? histogramLines(name, metric.histogram(snapshot))
    : metric.samples(snapshot).map(([labels, value]) =>
      sampleLine(name, labels, value)
    );
  return start + lines.join("");
}

/** In this format a bucket includes all smaller ones. */
function histogramLines(name: string, histogram: Histogram): string[] {
  const { bounds, counts, sum } = histogram;
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    const le = formatValue(bounds[index] ?? Infinity);
    return sampleLine(`${name}_bucket`, { le }, total);
  });
  lines.push(
    sampleLine(`${name}_sum`, NO_LABELS, sum),
    sampleLine(`${name}_count`, NO_LABELS, total),
  );
  return lines;
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) =>
    `${label}="${escapeLabel(text)}"`
  );
  const braced = pairs.length > 0 ? `{${pairs.join(",")}}` : "";
  return `${name}${braced} ${formatValue(value)}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}

/** A number as Go's ParseFloat reads it, which the format refers to. */
function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
