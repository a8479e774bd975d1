/**
 * Requests and responses between HTTP/1.1, which the tests are written in, and
 * HTTP/2.
 *
 * @module
 */

import { hasControl, isToken } from "../lib/http/ascii.ts";
import { REASON_PHRASES } from "../lib/http/status.ts";
import { bytesOf, type Response, textOf } from "./helpers.ts";
import type { Line } from "./hpack_encoder.ts";

/** Fields that belong to a connection of HTTP/1.1, and do not exist in HTTP/2 (RFC 9113 §8.2.2). */
const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
];

/** The lines of a request as HTTP/2 sends them: Host is `:authority`, and what belongs to the connection is left out. */
export function linesOf(
  method: string,
  target: string,
  fields: Readonly<Record<string, string>>,
): Line[] {
  const lines = Object.entries(fields).map(([name, value]): Line => [
    name.toLowerCase(),
    value,
  ]);
  const host = lines.find(([name]) => name === "host")?.[1] ?? "localhost";
  return [
    [":method", method],
    [":scheme", "http"],
    [":authority", host],
    [":path", target],
    ...lines.filter(([name]) => name !== "host" && !HOP_BY_HOP.includes(name)),
  ];
}

/** A response of which all is there. Throws where RFC 9113 §8 does not allow it. */
export function responseOf(
  lines: readonly (readonly [name: string, value: string])[],
  body: readonly Uint8Array[],
): Response {
  const [first, ...others] = lines;
  if (first?.[0] !== ":status") throw new Error("No :status first");
  const fields = new Map<string, string>();
  for (const [name, value] of others) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || HOP_BY_HOP.includes(name)) {
      throw new Error(`Not a name for HTTP/2: ${name}`);
    }
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const status = Number(first[1]);
  const bytes = new Uint8Array(
    body.reduce((sum, piece) => sum + piece.length, 0),
  );
  let at = 0;
  for (const piece of body) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return {
    status,
    reason: REASON_PHRASES[status] ?? "",
    fields,
    body: textOf(bytes),
  };
}

/** A request of HTTP/1.1 as HTTP/2 can say it. */
export interface Http2Request {
  readonly method: string;
  readonly lines: readonly Line[];
  readonly body: Uint8Array;
}

const REQUEST =
  /^([!-~]+) ([!-~]+) HTTP\/1\.1\r\n((?:[^\r\n]*\r\n)*?)\r\n([^]*)$/;

const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * The same request for HTTP/2; undefined for what only HTTP/1.1 can say: several requests, one that is no request, a
 * target in absolute-form, a chunked body, a missing or repeated Host, an Expect that waits.
 */
export function http2RequestOf(text: string): Http2Request | undefined {
  const parts = REQUEST.exec(text);
  if (parts === null) return undefined;
  const [, method, target, head, body] = parts;
  const fields = head!.split("\r\n").slice(0, -1).map((line) =>
    FIELD.exec(line)
  );
  if (fields.includes(null) || head!.split("\r\n").some(hasControl)) {
    return undefined;
  }
  const lines = fields.map((field): Line => [
    field![1]!.toLowerCase(),
    field![2]!,
  ]);
  const values = (wanted: string) =>
    lines.filter(([name]) => name === wanted).map(([, value]) => value);
  const isOrigin = target!.startsWith("/") ||
    target === "*" && method === "OPTIONS";
  const isSame = isToken(method!) && isOrigin && values("host").length === 1 &&
    values("transfer-encoding").length === 0 &&
    (values("content-length")[0] ?? "0") === String(body!.length);
  if (!isSame) return undefined;
  return {
    method: method!,
    lines: [
      [":method", method!],
      [":scheme", "http"],
      [":authority", values("host")[0]!],
      [":path", target!],
      ...lines.filter(([name]) =>
        name !== "host" && !HOP_BY_HOP.includes(name)
      ),
    ],
    body: bytesOf(body!),
  };
}

/** Why a stream has no response: the frame that ended it, and its error code; without a code at the end of the connection. */
export class StreamEnded extends Error {
  override name = "StreamEnded";
  readonly by: "RST_STREAM" | "GOAWAY" | "the end of the connection";
  readonly code: number | undefined;

  constructor(by: StreamEnded["by"], code?: number) {
    super(`Ended by ${by}, code ${code}`);
    this.by = by;
    this.code = code;
  }
}
