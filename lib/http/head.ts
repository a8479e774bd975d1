/**
 * The request head as every module but its parser sees it, independent of the
 * protocol that it arrived in (RFC 9110 §3.4, §6.2).
 *
 * @module
 */

import type { Field } from "./fields.ts";

/** A version of HTTP, as logs name it. */
export type HttpVersion = "HTTP/1.0" | "HTTP/1.1" | "HTTP/2.0";

/** Longest request-target, in bytes. Browsers stop at some thousands; RFC 9112 §3 asks for 8000 octets at least. Beyond: 414. */
export const TARGET_BYTES_MAX = 8 * 1024;

/** All field lines of a request together, in bytes. Twice what common browsers send with large cookies. Beyond: 431. */
export const FIELDS_BYTES_MAX = 16 * 1024;

/** Most field lines of a request; more serve only to make work. Beyond: 431. */
export const FIELDS_MAX = 100;

/** Longest method token, in bytes; the longest registered one has 17 (UPDATEREDIRECTREF). Beyond: 501. */
export const METHOD_BYTES_MAX = 32;

/** A request without its body. Valid until the request has its reply: copy what must live longer. */
export interface RequestHead {
  /** Whether the client has taken its request back, as HTTP/2 can tell; becomes true while a reply is made, if at all. */
  readonly isCancelled?: boolean;
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
  /** A field's value without the white space around it; lines of one name are joined with ", " (RFC 9110 §5.3). */
  field(field: Field): string | undefined;
  /** Whether the value of a field that came once passes a test of its bytes from start to end: for hot paths that need no string. */
  check(
    field: Field,
    test: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean;
}
