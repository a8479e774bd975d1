/**
 * Where each metric of an isolate lies in the memory that all isolates share.
 * Each isolate has a row that only it writes and all may read, so no isolate
 * has to ask another.
 *
 * @module
 */

/** Methods that are counted separately. All others, and requests that could not be parsed, are "other". */
export const METHODS = ["GET", "HEAD", "OPTIONS", "other"] as const;

/** Classes of status codes (RFC 9110 §15). */
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** What a connection can be doing. Each phase has its deadline. */
export const PHASES = [
  "idle",
  "head",
  "body",
  "waiting",
  "reply",
  "events",
  "linger",
] as const;

export type Phase = typeof PHASES[number];

/** Why a connection or a request was refused. */
export const REFUSAL_CAUSES = [
  "parse_400",
  "parse_413",
  "parse_414",
  "parse_431",
  "parse_501",
  "parse_505",
  "http2_malformed",
  "http2_streams",
  "http2_protocol",
  "http2_flow_control",
  "http2_compression",
  "http2_flood",
  "too_many_connections",
  "too_many_streams",
  "connections_per_address",
  "evicted",
  "rate",
  "denied",
  "unauthenticated",
  "host",
  "proxy_header",
] as const;

export type RefusalCause = typeof REFUSAL_CAUSES[number];

/** How many releases back a file may come from. All that are further back count as the last. */
export const RELEASE_AGES = ["1", "2", "3+"] as const;

/** What of a request names the release that it asks to see. */
export const PREVIEW_KEYS = ["host", "cookie"] as const;

/** Versions of HTTP that requests are counted by. A request that could not be parsed is "other". */
export const VERSIONS = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "other"] as const;

/** Who sends a frame that ends a stream or a connection of HTTP/2. */
export const SENDERS = ["client", "skiff"] as const;

export type Sender = typeof SENDERS[number];

/** Error codes of HTTP/2, in the order of their numbers (RFC 9113 §7). All above are "other". */
export const HTTP2_CODES = [
  "no_error",
  "protocol_error",
  "internal_error",
  "flow_control_error",
  "settings_timeout",
  "stream_closed",
  "frame_size_error",
  "refused_stream",
  "cancel",
  "compression_error",
  "connect_error",
  "enhance_your_calm",
  "inadequate_security",
  "http_1_1_required",
  "other",
] as const;

/** Upper bounds of the duration buckets, in s, from a hit in memory to a slow download. One more bucket lies above. */
export const DURATION_BOUNDS: readonly number[] = [
  0.00001,
  0.000025,
  0.00005,
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.05,
  0.25,
  1,
  2.5,
  10,
];

/** Upper bounds of the body size buckets, in bytes: powers of four from 256 B to 1 GiB. One more bucket lies above. */
export const SIZE_BOUNDS: readonly number[] = Array.from(
  { length: 12 },
  (_, index) => 4 ** (index + 4),
);

let slots = 0;

/** Takes the next `count` slots and returns the number of the first. */
function take(count: number): number {
  slots += count;
  return slots - count;
}

/** The first slot of each metric in a row. */
export const Slot = {
  /** By method and status class: method × 5 + class. */
  requests: take(METHODS.length * STATUS_CLASSES.length),
  /** By version. */
  versions: take(VERSIONS.length),
  durations: take(DURATION_BOUNDS.length + 1),
  /** In s. */
  durationSum: take(1),
  sizes: take(SIZE_BOUNDS.length + 1),
  /** Bytes of all bodies. */
  sizeSum: take(1),
  accepted: take(1),
  timeouts: take(PHASES.length),
  refusals: take(REFUSAL_CAUSES.length),
  /** RST_STREAM frames by sender and code: sender × 15 + code. */
  resets: take(SENDERS.length * HTTP2_CODES.length),
  /** GOAWAY frames, in the same way. */
  goAways: take(SENDERS.length * HTTP2_CODES.length),
  cacheHits: take(1),
  cacheMisses: take(1),
  cacheEvictions: take(1),
  siteChanges: take(1),
  /** Lookups that older releases answered, by age. */
  olderHits: take(RELEASE_AGES.length),
  /** Requests for previews, by what names them. */
  previews: take(PREVIEW_KEYS.length),
  /** In s. */
  lagMax: take(1),
  /** From here on: the current state, which ends with the isolate. */
  connections: take(PHASES.length),
  eventStreams: take(1),
  http2Connections: take(1),
  http2Streams: take(1),
  cacheBytes: take(1),
  cacheEntries: take(1),
  openFiles: take(1),
  sitesWatched: take(1),
  /** In s. */
  lag: take(1),
};

/** Where the metrics start that end with their isolate, up to the end of the row. Those before continue in the isolate that replaces it. */
export const GAUGES_START: number = Slot.connections;

/** Numbers in a row: a multiple of 16 (128 bytes), so that no two isolates write to the same cache line. */
export const ROW_LENGTH: number = Math.ceil(slots / 16) * 16;

/** Allocates memory for the metrics of all isolates. It can be posted to each of them. */
export function metricMemory(isolates: number): SharedArrayBuffer {
  return new SharedArrayBuffer(
    isolates * ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT,
  );
}

/** The row of an isolate. */
export function metricRow(
  memory: SharedArrayBuffer,
  index: number,
): Float64Array {
  const bytes = ROW_LENGTH * Float64Array.BYTES_PER_ELEMENT;
  return new Float64Array(memory, index * bytes, ROW_LENGTH);
}
