/**
 * Reads multipart/byteranges as a client that does not trust the server does.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Response } from "../helpers.ts";

/** A part of a multipart body. */
export interface Part {
  readonly type: string | undefined;
  readonly range: string | undefined;
  readonly body: string;
}

/** Splits multipart/byteranges by its delimiters (RFC 2046 §5.1.1); nothing may be left over. */
export function parseParts({ fields, body }: Response): Part[] {
  const type = /^multipart\/byteranges; boundary=([\w'()+,./:=?-]{1,70})$/
    .exec(fields.get("content-type")!);
  assert(type !== null, fields.get("content-type"));
  const delimiter = `\r\n--${type[1]}`;
  const [preamble, ...pieces] = body.split(delimiter);
  assertEquals(preamble, "");
  assertEquals(pieces.pop(), "--\r\n");
  return pieces.map((piece) => {
    const headEnd = piece.indexOf("\r\n\r\n");
    assert(piece.startsWith("\r\n") && headEnd !== -1);
    const head = new Map(
      piece.slice(2, headEnd).split("\r\n").map((line) => {
        const [name, value] = line.split(": ", 2);
        return [name!.toLowerCase(), value];
      }),
    );
    assertEquals(head.size, 2);
    return {
      type: head.get("content-type"),
      range: head.get("content-range"),
      body: piece.slice(headEnd + 4),
    };
  });
}
