/**
 * Bytes from a server → responses, strictly: what a careless client would
 * forgive is a fault here (RFC 9112 §6.3).
 *
 * @module
 */

/** A response. */
export interface ProbeResponse {
  readonly status: number;
  /** Values by lower-case name; those of repeated fields joined with ", ". */
  readonly fields: ReadonlyMap<string, string>;
  /** A character for each byte, without transfer coding. */
  readonly body: string;
}

/** What came on a connection. */
export interface ProbeExchange {
  /** Final responses, in order; interim ones are left out. */
  readonly responses: readonly ProbeResponse[];
  /** Bytes that belong to no response: the beginning of one, or what is none. */
  readonly rest: string;
  /** Whether the server closed the connection. */
  readonly isClosed: boolean;
}

/** Most bytes that are read for one probe. */
export const EXCHANGE_BYTES_MAX: number = 4 * 1024 * 1024;

/** Splits bytes, a character each, into responses to requests with these methods. */
export function splitResponses(
  text: string,
  methods: readonly string[],
  isClosed: boolean,
): ProbeExchange {
  const responses: ProbeResponse[] = [];
  let at = 0;
  while (responses.length < methods.length) {
    const end = text.indexOf("\r\n\r\n", at);
    const head = end === -1 ? undefined : headOf(text.slice(at, end));
    if (head === undefined) break;
    if (head.status < 200) {
      at = end + 4;
      continue;
    }
    const method = methods[responses.length]!;
    const body = bodyAt(text, end + 4, head, method, isClosed);
    if (body === undefined) break;
    responses.push({ ...head, body: body.text });
    at = body.end;
  }
  return { responses, rest: text.slice(at), isClosed };
}

type Head = Omit<ProbeResponse, "body">;

const LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;

/** Parses a head; undefined if it is none. */
function headOf(text: string): Head | undefined {
  const [first, ...lines] = text.split("\r\n");
  const match = /^HTTP\/\d\.\d (\d{3})(?: .*)?$/.exec(first!);
  if (match === null) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const field = LINE.exec(line);
    if (field === null) return undefined;
    const name = field[1]!.toLowerCase();
    const before = fields.get(name);
    fields.set(
      name,
      before === undefined ? field[2]! : `${before}, ${field[2]}`,
    );
  }
  return { status: Number(match[1]), fields };
}

/** Returns the body that begins at an offset, and where it ends; undefined if it is not whole. */
function bodyAt(
  text: string,
  start: number,
  { status, fields }: Head,
  method: string,
  isClosed: boolean,
): { text: string; end: number } | undefined {
  if (method === "HEAD" || status === 204 || status === 304) {
    return { text: "", end: start };
  }
  if (/(?:^|,)\s*chunked\s*$/i.test(fields.get("transfer-encoding") ?? "")) {
    return chunksAt(text, start);
  }
  const length = fields.get("content-length");
  if (length !== undefined) {
    const end = start + Number(length);
    return /^\d+$/.test(length) && end <= text.length
      ? { text: text.slice(start, end), end }
      : undefined;
  }
  return isClosed ? { text: text.slice(start), end: text.length } : undefined;
}

function chunksAt(
  text: string,
  start: number,
): { text: string; end: number } | undefined {
  const pieces: string[] = [];
  for (let at = start;;) {
    const line = text.indexOf("\r\n", at);
    if (line === -1) return undefined;
    const size = /^([0-9a-f]+)(?:;.*)?$/i.exec(text.slice(at, line))?.[1];
    if (size === undefined) return undefined;
    const length = parseInt(size, 16);
    at = line + 2;
    if (length === 0) {
      // Trailers, then an empty line.
      const end = text.startsWith("\r\n", at)
        ? at
        : text.indexOf("\r\n\r\n", at) + 2;
      return end < at ? undefined : { text: pieces.join(""), end: end + 2 };
    }
    pieces.push(text.slice(at, at + length));
    at += length + 2;
    if (at > text.length || text.slice(at - 2, at) !== "\r\n") return undefined;
  }
}
