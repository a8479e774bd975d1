/**
 * Numbers the request fields that skiff reads, so that a parsed head can keep
 * their places and allocate nothing for all others.
 *
 * @module
 */

import { lowerCased } from "./ascii.ts";

/** The number of each field that the parser recognises, in order from 0. */
export const Field = {
  Host: 0,
  Connection: 1,
  ContentLength: 2,
  TransferEncoding: 3,
  Expect: 4,
  IfMatch: 5,
  IfNoneMatch: 6,
  IfModifiedSince: 7,
  IfUnmodifiedSince: 8,
  IfRange: 9,
  Range: 10,
  Accept: 11,
  AcceptEncoding: 12,
  SecFetchDest: 13,
  UserAgent: 14,
  Referer: 15,
  Authorization: 16,
  Forwarded: 17,
  XForwardedFor: 18,
  Priority: 19,
  SecFetchMode: 20,
  Cookie: 21,
} as const;

/** One of the numbers in {@linkcode Field}. */
export type Field = typeof Field[keyof typeof Field];

/** The request fields in which proxies name the client: X-Forwarded-For, or Forwarded (RFC 7239). */
export type ForwardedField = "x-forwarded-for" | "forwarded";

/** Field names by number: "if-none-match" for IfNoneMatch. */
export const FIELD_NAMES: readonly string[] = Object.keys(Field).map((key) =>
  key.replaceAll(/(?<=.)[A-Z]/g, "-$&").toLowerCase()
);

/** The start value of {@linkcode hashByte}. */
export const HASH_SEED = 0;

/** Adds one byte of a field name to its hash; upper and lower case letters hash alike. */
export function hashByte(hash: number, byte: number): number {
  // Setting bit 5 folds case; it also folds a few tchars together, which only costs a comparison.
  return (Math.imul(hash, 31) + (byte | 0x20)) | 0;
}

const SLOTS = 256;

/** Names by hash, open addressing: field number + 1, or 0 for an empty slot. */
const TABLE = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(SLOTS);
  FIELD_NAMES.forEach((name, field) => {
    let hash = HASH_SEED;
    for (let i = 0; i < name.length; i++) {
      hash = hashByte(hash, name.charCodeAt(i));
    }
    let slot = hash & (SLOTS - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    table[slot] = field + 1;
  });
  return table;
}

/** The field named by bytes[start, end), in any case; -1 for a name that skiff does not read. */
export function fieldNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  hash: number,
): Field | -1 {
  for (let slot = hash & (SLOTS - 1);; slot = (slot + 1) & (SLOTS - 1)) {
    const entry = TABLE[slot]!;
    if (entry === 0) return -1;
    if (sameName(bytes, start, end, FIELD_NAMES[entry - 1]!)) {
      return (entry - 1) as Field;
    }
  }
}

function sameName(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (lowerCased(bytes[start + i]!) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** Response fields that skiff derives from the file, the message or the connection. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "allow",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "date",
  "etag",
  "keep-alive",
  "last-modified",
  "location",
  "proxy-connection",
  "server",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "x-content-type-options",
]);

/** Whether skiff derives the value of a response field, so that options and rules must not set it. */
export function isOwnField(name: string): boolean {
  return OWN_FIELDS.has(name.toLowerCase());
}
