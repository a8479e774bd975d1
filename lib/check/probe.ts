/**
 * Probes of a running server: what is sent, and what may come back. The tables
 * are in `probes_*.ts`.
 *
 * @module
 */

import {
  filledLines,
  type Lines,
  type ProbeFile,
  type ProbeSubject,
  type Skip,
} from "./probe_values.ts";
import type { ProbeExchange, ProbeResponse } from "./responses.ts";

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

/** How much a probe counts: whether the standard demands it, or recommends it, or only care demands it. */
export type ProbeLevel = "must" | "should";

/** What a probe came to: undefined if all is well, the fault, or why it does not apply. */
export type ProbeVerdict = undefined | string | Skip;

/** Judges what came back. */
export type Judge = (exchange: ProbeExchange, file: ProbeFile) => ProbeVerdict;

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
  readonly send: (file: ProbeFile) => string | Skip;
  readonly judge: Judge;
  /** Whether the judgement needs to know if the server closes. */
  readonly waitsForEnd: boolean;
}

/** A request. What is left out is as in a plain GET of the file. */
export interface ProbeRequest {
  readonly method?: string;
  readonly target?: string;
  /** A path beside the file, in place of the target: the site may be served below a path. */
  readonly beside?: string;
  readonly version?: string;
  /** The line with Host; empty for none. */
  readonly host?: string;
  readonly lines?: Lines;
  readonly body?: string;
}

/** Writes a request. */
export function request(
  { host: ownHost, target: own, authorization }: ProbeSubject,
  {
    method = "GET",
    beside,
    target = beside === undefined ? own : targetBeside(own, beside),
    version = "HTTP/1.1",
    host = `Host: ${ownHost}`,
    lines = [],
    body = "",
  }: ProbeRequest = {},
): string {
  const all = [
    ...host === "" ? [] : [host],
    "User-Agent: skiff-check",
    ...authorization === undefined ? [] : [`Authorization: ${authorization}`],
    ...lines,
  ];
  return `${method} ${target} ${version}\r\n${
    all.map((line) => `${line}\r\n`).join("")
  }\r\n${body}`;
}

function targetBeside(target: string, path: string): string {
  const [own = ""] = target.split("?", 1);
  return own.slice(0, own.lastIndexOf("/")) + path;
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
  return (exchange) =>
    faultUnless(
      statuses.includes(exchange.responses[0]?.status ?? 0),
      `expected ${statuses.join(" or ")}, got ${shown(exchange)}`,
    );
}

/** Judges the first response, if it has this status. */
export function expectResponse(
  status: number,
  judge: (
    response: ProbeResponse,
    file: ProbeFile,
    exchange: ProbeExchange,
  ) => ProbeVerdict,
): Judge {
  return (exchange, file) =>
    expectStatus(status)(exchange) ??
      judge(exchange.responses[0]!, file, exchange);
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

/** Judges that the first response has this status, and a field. */
export function expectField(status: number, name: string): Judge {
  return expectResponse(
    status,
    ({ fields }) => faultUnless(fields.has(name), `there is no ${name}`),
  );
}

/** Judges that the first response has this status, and nothing follows its head. */
export function expectNoContent(status: number): Judge {
  return expectResponse(
    status,
    (_response, _file, { rest }) =>
      faultUnless(rest === "", "there is content"),
  );
}

/** Judges that a response without content has the Content-Length of the file, or none. */
export function expectLength(status: number): Judge {
  return expectResponse(status, ({ fields }, { body }) => {
    const length = fields.get("content-length") ?? body.length;
    return faultUnless(
      Number(length) === body.length,
      `${length} in place of ${body.length}`,
    );
  });
}

/** Makes a probe. Its requests follow each other on one connection. */
type ProbeMaker = (
  section: string,
  title: string,
  send: Probe["send"] | ProbeRequest | readonly ProbeRequest[],
  judge: Judge,
  options?: Partial<Pick<Probe, "methods" | "waitsForEnd">>,
) => Probe;

/** Returns what makes the probes of a group: of what servers must do, and of what they should. */
export function probesOf(group: string): Record<ProbeLevel, ProbeMaker> {
  const makerOf = (level: ProbeLevel): ProbeMaker =>
  (
    section,
    title,
    send,
    judge,
    options,
  ) => ({
    group,
    section,
    title,
    level,
    judge,
    waitsForEnd: false,
    ...typeof send === "function"
      ? { send, methods: ["GET"] }
      : sending([send].flat()),
    ...options,
  });
  return { must: makerOf("must"), should: makerOf("should") };
}

/** Sends requests in whose lines `{…}` stands for values of the file. A probe does not apply to a file without them. */
function sending(
  requests: readonly ProbeRequest[],
): Pick<Probe, "send" | "methods"> {
  return {
    send: (file) => {
      const filled = requests.map(({ lines = [], ...others }) => {
        const own = filledLines(lines, file);
        return "skip" in own ? own : request(file, { ...others, lines: own });
      });
      return filled.find((each) => typeof each !== "string") ?? filled.join("");
    },
    methods: requests.map(({ method = "GET" }) => method),
  };
}

/** Returns a fault unless something holds. */
export function faultUnless(
  holds: boolean | undefined,
  fault: string,
): ProbeVerdict {
  return holds ? undefined : fault;
}
