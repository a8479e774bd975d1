/**
 * Lines of access logs → requests: the common and combined formats, as skiff,
 * nginx and Apache write them, and JSON of several servers.
 *
 * @module
 */

/** A request of a log. */
export interface LoggedRequest {
  readonly method: string;
  /** The request target, as sent. */
  readonly target: string;
  readonly status: number;
  /** Bytes of the body; undefined if the line does not tell. */
  readonly bytes: number | undefined;
}

/** `host ident user [date] "request" status bytes`, and whatever follows. */
const COMMON =
  /^\S+ \S+ .{0,300}?\[[^\]]{1,60}\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)/;

/** Reads a line; undefined for anything that is no request. Never throws. */
export function parseLogLine(line: string): LoggedRequest | undefined {
  return line.startsWith("{") ? ofJson(line) : ofCommon(line);
}

function ofCommon(line: string): LoggedRequest | undefined {
  const match = COMMON.exec(line);
  if (match === null) return undefined;
  const [, request, status, bytes] = match;
  const parts = requestLine(unescaped(request!));
  if (parts === undefined) return undefined;
  return {
    ...parts,
    status: Number(status),
    bytes: bytes === "-" ? 0 : Number(bytes),
  };
}

/** Splits "GET /path HTTP/1.1"; the version may be missing. */
function requestLine(
  text: string,
): Pick<LoggedRequest, "method" | "target"> | undefined {
  const match = /^([A-Z]{1,20}) (\S+)(?: HTTP\/[\d.]+)?$/.exec(text);
  return match === null ? undefined : { method: match[1]!, target: match[2]! };
}

/** Undoes the escapes of logs: `\x22`, `\"`, `\\`. */
function unescaped(text: string): string {
  return text.includes("\\")
    ? text.replace(
      /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi,
      (_, byte, unit, other) =>
        other ?? String.fromCharCode(parseInt(byte ?? unit, 16)),
    )
    : text;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a line of JSON by the keys that servers use: skiff, Caddy, and what nginx and Traefik are configured with. */
function ofJson(line: string): LoggedRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const request = isObject(value["request"]) ? value["request"] : value;
  const whole = textOf(value, "request") ?? textOf(value, "request_line");
  const split = whole === undefined ? undefined : requestLine(whole);
  const method = split?.method ??
    textOf(request, "method", "request_method", "RequestMethod");
  const target = split?.target ??
    textOf(
      request,
      "target",
      "uri",
      "request_uri",
      "RequestPath",
      "path",
      "url",
    );
  const status = numberOf(value, "status", "DownstreamStatus", "status_code");
  if (method === undefined || target === undefined || status === undefined) {
    return undefined;
  }
  const bytes = numberOf(
    value,
    "bytes",
    "size",
    "body_bytes_sent",
    "DownstreamContentSize",
  );
  return { method, target, status, bytes };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(object: Json, ...keys: string[]): string | undefined {
  return keys.map((key) => object[key])
    .find((value) => typeof value === "string");
}

/** A number, which some servers write as text. */
function numberOf(object: Json, ...keys: string[]): number | undefined {
  return keys.map((key) => object[key])
    .filter((value) =>
      typeof value === "number" ||
      typeof value === "string" && /^\d{1,15}$/.test(value)
    )
    .map(Number)
    .find((number) => Number.isSafeInteger(number) && number >= 0);
}
