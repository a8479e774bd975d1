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
type Labels = Readonly<Record<string, string>>;

/** A value with its labels, and what its name adds to that of the metric. */
export type Sample = readonly [labels: Labels, value: number, suffix?: string];

/** A metric: its type, its help (one line without a backslash, which would need escaping), and how to get its values from a snapshot. */
export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: (snapshot: MetricsSnapshot) => readonly Sample[];
}

/** Makes a metric with one value; with labels, one for each combination of their values, in that order. */
function metric(
  type: "counter" | "gauge",
  help: string,
  read: (snapshot: MetricsSnapshot) => number | readonly number[],
  labels: Readonly<Record<string, readonly string[]>> = {},
): Metric {
  let combinations: Labels[] = [{}];
  for (const [label, names] of Object.entries(labels)) {
    combinations = combinations.flatMap((others) =>
      names.map((name) => ({ ...others, [label]: name }))
    );
  }
  const samples = (snapshot: MetricsSnapshot) => {
    const values = [read(snapshot)].flat();
    return combinations.map((each, i): Sample => [each, values[i]!]);
  };
  return { type, help, samples };
}

/** A metric that only grows. */
const counter = metric.bind(undefined, "counter");

/** A metric that grows and falls. */
const gauge = metric.bind(undefined, "gauge");

/** Makes a metric that is always 1, with labels that say something; without labels it has no value. */
function info(
  help: string,
  labelsOf: (snapshot: MetricsSnapshot) => Labels | undefined,
): Metric {
  const samples = (snapshot: MetricsSnapshot): Sample[] => {
    const labels = labelsOf(snapshot);
    return labels === undefined ? [] : [[labels, 1]];
  };
  return { type: "gauge", help, samples };
}

/** Makes a histogram. In this format a bucket includes all smaller ones. */
function histogram(
  help: string,
  read: (snapshot: MetricsSnapshot) => Histogram,
): Metric {
  const samples = (snapshot: MetricsSnapshot) => {
    const { bounds, counts, sum } = read(snapshot);
    let total = 0;
    const buckets = counts.map((count, index): Sample => {
      total += count;
      const le = formatValue(bounds[index] ?? Infinity);
      return [{ le }, total, "_bucket"];
    });
    return [...buckets, [{}, sum, "_sum"], [{}, total, "_count"]] as const;
  };
  return { type: "histogram", help, samples };
}

/** All metrics by name, in the order of the output. */
export const METRIC_TABLE: Readonly<Record<string, Metric>> = {
  "skiff_requests_total": counter(
    "Responses by method and status class; other stands for other methods and for malformed requests.",
    ({ requests }) => requests,
    { method: METHODS, status: STATUS_CLASSES },
  ),
  "skiff_requests_by_version_total": counter(
    "Responses by version of HTTP; other stands for requests that could not be parsed.",
    ({ requestsByVersion }) => requestsByVersion,
    { version: VERSIONS },
  ),
  "skiff_request_duration_seconds": histogram(
    "Time from the last byte of a request until the last byte of its response was written.",
    ({ durations }) => durations,
  ),
  "skiff_response_size_bytes": histogram(
    "Body bytes written per response.",
    ({ sizes }) => sizes,
  ),
  "skiff_response_bytes_total": counter(
    "Body bytes written in all responses.",
    ({ sizes }) => sizes.sum,
  ),
  "skiff_connections": gauge(
    "Open connections by what they are doing.",
    ({ connections }) => connections,
    { state: PHASES },
  ),
  "skiff_event_streams": gauge(
    "Responses without a known end that are in progress.",
    ({ eventStreams }) => eventStreams,
  ),
  "skiff_connections_accepted_total": counter(
    "Accepted connections.",
    ({ accepted }) => accepted,
  ),
  "skiff_http2_connections": gauge(
    "Open connections that speak HTTP/2.",
    ({ http2 }) => http2.connections,
  ),
  "skiff_http2_streams": gauge(
    "Streams that are open on them.",
    ({ http2 }) => http2.streams,
  ),
  "skiff_http2_resets_total": counter(
    "HTTP/2 streams that RST_STREAM ended, by sender and error code.",
    ({ http2 }) => http2.resets,
    { sender: SENDERS, code: HTTP2_CODES },
  ),
  "skiff_http2_goaways_total": counter(
    "HTTP/2 connections with a GOAWAY, by sender and error code.",
    ({ http2 }) => http2.goAways,
    { sender: SENDERS, code: HTTP2_CODES },
  ),
  "skiff_cache_hits_total": counter(
    "Lookups that the cache answered.",
    ({ cache }) => cache.hits,
  ),
  "skiff_cache_misses_total": counter(
    "Lookups that the cache could not answer.",
    ({ cache }) => cache.misses,
  ),
  "skiff_cache_evictions_total": counter(
    "Entries that were evicted from the cache to make room.",
    ({ cache }) => cache.evictions,
  ),
  "skiff_older_release_hits_total": counter(
    "Lookups that an older release answered, by how many releases back it is.",
    ({ cache }) => cache.olderHits,
    { back: RELEASE_AGES },
  ),
  "skiff_preview_requests_total": counter(
    "Requests for a preview of a release, by what names it.",
    ({ previews }) => previews,
    { by: PREVIEW_KEYS },
  ),
  "skiff_release_info": info(
    "Always 1; the label names the release that is served.",
    ({ release }) => release === undefined ? undefined : { release },
  ),
  "skiff_cache_bytes": gauge("Bytes in the cache.", ({ cache }) => cache.bytes),
  "skiff_cache_entries": gauge(
    "Entries in the cache.",
    ({ cache }) => cache.entries,
  ),
  "skiff_open_files": gauge(
    "Files of the site that are open.",
    ({ cache }) => cache.openFiles,
  ),
  "skiff_site_changes_total": counter(
    "Changes to files that the system has reported.",
    ({ cache }) => cache.changes,
  ),
  "skiff_site_watched": gauge(
    "Isolates to which the system reports every change of the site.",
    ({ cache }) => cache.watched,
  ),
  "skiff_timeouts_total": counter(
    "Connections that missed a deadline, by what they were doing.",
    ({ timeouts }) => timeouts,
    { phase: PHASES },
  ),
  "skiff_refusals_total": counter(
    "Refused connections and requests, by cause.",
    ({ refusals }) => refusals,
    { cause: REFUSAL_CAUSES },
  ),
  "skiff_event_loop_lag_seconds": gauge(
    "Largest delay of a timer in the last second, in the slowest worker.",
    ({ lag }) => lag,
  ),
  "skiff_event_loop_lag_max_seconds": gauge(
    "Largest delay of a timer since the start, in the slowest worker.",
    ({ lagMax }) => lagMax,
  ),
  "skiff_worker_restarts_total": counter(
    "Dead workers that were replaced.",
    ({ restarts }) => restarts,
  ),
  "skiff_build_info": info(
    "Always 1; the labels name the running versions.",
    ({ versions }) => versions,
  ),
  "skiff_start_time_seconds": gauge(
    "When the process started, since the epoch.",
    ({ startedAt }) => startedAt / 1000,
  ),
  "process_resident_memory_bytes": gauge(
    "Resident memory of the process.",
    ({ residentBytes }) => residentBytes,
  ),
};

/** All metrics as text. */
export function prometheusText(snapshot: MetricsSnapshot): string {
  return Object.entries(METRIC_TABLE)
    .map(([name, metric]) => metricText(name, metric, snapshot)).join("");
}

/** One metric as text: its HELP and TYPE lines and a line for each value. */
export function metricText(
  name: string,
  { type, help, samples }: Metric,
  snapshot: MetricsSnapshot,
): string {
  const start = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  const lines = samples(snapshot).map(([labels, value, suffix = ""]) =>
    sampleLine(name + suffix, labels, value)
  );
  return start + lines.join("");
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
  return value === Infinity ? "+Inf" : String(value);
}
