/**
 * The request head as every module but its parser sees it, independent of the
 * protocol that it arrived in (RFC 9110 §3.4, §6.2).
 *
 * @module
 */

import type { Field } from "./fields.ts";

/** A version of HTTP, as logs name it. */
export type HttpVersion = "HTTP/1.0" | "HTTP/1.1";

/** A request without its body. Valid until the request has its reply: copy what must live longer. */
export interface RequestHead {
  /** The method token, as sent: methods are case-sensitive (RFC 9110 §9.1). Empty when no request line could be read. */
  readonly method: string;
  /** The request-target, as sent. Empty when none could be read. */
  readonly target: string;
  /** The version that the client spoke. */
  readonly version: HttpVersion;
  /** Whether the request carries the field, even if empty. */
  has(field: Field): boolean;
  /** Whether any of the fields in the mask (bit n for field n) is there. */
  hasAny(mask: number): boolean;
  /** Whether the field came in more than one line. */
  isRepeated(field: Field): boolean;
  /** A field's value without the white space around it; lines of one name are joined with ", " (RFC 9110 §5.3). */
  field(field: Field): string | undefined;
  /** Whether the value of a field that came once passes a test of its bytes from start to end: for hot paths that need no string. */
  check(
    field: Field,
    test: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean;
}
