/**
 * Text → response head of HTTP/1, for skiff as the client of another server
 * (RFC 9112 §4 and §5).
 *
 * @module
 */

import { isToken, trimSpace } from "../ascii.ts";

/** A response head. */
export interface ResponseHead {
  readonly status: number;
  /** Values by lower-case name; those of repeated fields joined with ", ". */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Parses a response head without its last empty line, a character for each byte; undefined for anything else. If
 * `isStrict`, a line that is no field makes it invalid; otherwise such lines are left out.
 */
export function parseResponseHead(
  text: string,
  isStrict: boolean,
): ResponseHead | undefined {
  const [first, ...lines] = text.split("\r\n");
  const match = /^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(first!);
  if (match === null || isStrict && /[\r\n]/.test(first!)) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const isField = isToken(name);
    if (isStrict && (!isField || /[\0\r\n]/.test(line))) return undefined;
    if (!isField) continue;
    const value = trimSpace(line.slice(colon + 1));
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(match[1]), fields };
}
