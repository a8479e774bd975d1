/**
 * Probes of a running server: what is sent, and what may come back. The tables
 * are in `probes_*.ts`.
 *
 * @module
 */

import { formatHttpDate } from "../http/date.ts";
import type { ProbeExchange, ProbeResponse } from "./responses.ts";

/** A date before the file was modified. */
export const OLD_DATE = "Sat, 01 Jan 2000 00:00:00 GMT";

/** A name that no site has. */
export const MISSING_FILE = "/skiff-check-no-such-file";

/** A tag that the file does not have. */
export const OTHER_TAG = '"skiff-check-other"';

/** Fields that a 304 and a 206 repeat if the 200 has them (RFC 9110 §15.4.5, §15.3.7). */
export const REPEATED_FIELDS: readonly string[] = [
  "cache-control",
  "content-location",
  "date",
  "etag",
  "expires",
  "vary",
];

/** The file that probes ask for, as the server sends it without a coding. */
export interface ProbeFile {
  /** The value for Host. */
  readonly host: string;
  /** The request target: path and query. */
  readonly target: string;
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly fields: ReadonlyMap<string, string>;
  /** The content, a character for each byte. */
  readonly body: string;
  /** Whether the server sends parts. */
  readonly hasRanges: boolean;
  /** Whether a GET with content is answered as one without. */
  readonly takesContent: boolean;
  /** What is sent with 200 for files that do not exist, as single-page applications do; undefined for an error. */
  readonly fallback: string | undefined;
  /** The value for Authorization, if the server needs one. */
  readonly authorization: string | undefined;
}

/** Returns the target of something beside the file, where it is served below a path. */
export function beside({ target }: ProbeFile, path: string): string {
  const [own = ""] = target.split("?", 1);
  return own.slice(0, own.lastIndexOf("/")) + path;
}

/** How much a probe counts: whether the standard demands it, or recommends it, or only care demands it. */
export type ProbeLevel = "must" | "should";

/** What a probe came to: undefined if all is well, the fault, or why it does not apply. */
export type ProbeVerdict = undefined | string | { readonly skip: string };

/** One probe. */
export interface Probe {
  readonly group: string;
  /** The section of the standard: "RFC 9112 §6.3". */
  readonly section: string;
  /** What a server does that passes. */
  readonly title: string;
  readonly level: ProbeLevel;
  /** The methods of the requests, for which responses are read. */
  readonly methods: readonly string[];
  /** What is sent on a connection, a character for each byte; or why the probe does not apply. */
  readonly send: (file: ProbeFile) => string | { readonly skip: string };
  readonly judge: (exchange: ProbeExchange, file: ProbeFile) => ProbeVerdict;
  /** Whether the judgement needs to know if the server closes. */
  readonly waitsForEnd: boolean;
}

/** Header lines of a request. */
export type Lines = readonly string[];

/** Writes a request: a start line and lines, with Host unless it is left out. */
export function request(
  file: ProbeFile,
  {
    method = "GET",
    target = file.target,
    version = "HTTP/1.1",
    host = `Host: ${file.host}`,
    lines = [],
    body = "",
  }: {
    readonly method?: string;
    readonly target?: string;
    readonly version?: string;
    readonly host?: string;
    readonly lines?: Lines;
    readonly body?: string;
  } = {},
): string {
  const all = [
    ...host === "" ? [] : [host],
    "User-Agent: skiff-check",
    ...file.authorization === undefined
      ? []
      : [`Authorization: ${file.authorization}`],
    ...lines,
  ];
  return `${method} ${target} ${version}\r\n${
    all.map((line) => `${line}\r\n`).join("")
  }\r\n${body}`;
}

/** What the result of a judgement calls a response. */
export function shown(exchange: ProbeExchange, index = 0): string {
  const response = exchange.responses[index];
  if (response !== undefined) return `${response.status}`;
  if (exchange.rest !== "") return "no valid response";
  return exchange.isClosed ? "no response, connection closed" : "no response";
}

/** Judges the status of the first response. */
export function expectStatus(
  ...statuses: readonly number[]
): (exchange: ProbeExchange) => ProbeVerdict {
  return (exchange) => {
    const status = exchange.responses[0]?.status;
    return status !== undefined && statuses.includes(status)
      ? undefined
      : `expected ${statuses.join(" or ")}, got ${shown(exchange)}`;
  };
}

/** Judges that a request is refused: with a client error, with 501 or 505, or by closing at once. */
export function expectRefusal(exchange: ProbeExchange): ProbeVerdict {
  const status = exchange.responses[0]?.status;
  if (status === undefined && exchange.rest === "" && exchange.isClosed) {
    return undefined;
  }
  const isRefused = status !== undefined && status >= 400 &&
    (status < 500 || status === 501 || status === 505);
  return isRefused ? undefined : `expected a refusal, got ${shown(exchange)}`;
}

/** Judges that a request is answered with 200 or refused. */
export function expectOkOrRefusal(exchange: ProbeExchange): ProbeVerdict {
  return exchange.responses[0]?.status === 200
    ? undefined
    : expectRefusal(exchange);
}

/** Judges that a request is refused or its connection ends. */
export function expectRefusalOrEnd(exchange: ProbeExchange): ProbeVerdict {
  return exchange.isClosed || expectRefusal(exchange) === undefined
    ? undefined
    : `expected a refusal or the end of the connection, got ${
      shown(exchange)
    } on an open one`;
}

/** Returns the first response, if it has this status; its absence is a fault. */
export function first(
  exchange: ProbeExchange,
  status: number,
): ProbeResponse | string {
  const response = exchange.responses[0];
  return response?.status === status
    ? response
    : `expected ${status}, got ${shown(exchange)}`;
}

/** Judges that the first response has this status, and a field. */
export function expectField(
  status: number,
  name: string,
): (exchange: ProbeExchange) => ProbeVerdict {
  return (exchange) => {
    const response = first(exchange, status);
    if (typeof response === "string") return response;
    return response.fields.has(name) ? undefined : `there is no ${name}`;
  };
}

/** Returns the weak form of a tag. */
export function weakTag(etag: string): string {
  return etag.startsWith("W/") ? etag : `W/${etag}`;
}

/** Returns a date a minute after another. */
export function laterDate(date: string): string {
  return formatHttpDate(Date.parse(date) + 60_000);
}

/** Makes a probe of its parts. */
export function probe(
  parts:
    & Pick<Probe, "group" | "section" | "title" | "send" | "judge">
    & Partial<Probe>,
): Probe {
  return { level: "must", methods: ["GET"], waitsForEnd: false, ...parts };
}

/** Skips a probe. */
export function skip(reason: string): { readonly skip: string } {
  return { skip: reason };
}
