/**
 * Reads the bodies of replies, for tests of what sources send.
 *
 * @module
 */

import type { Reply, Segment } from "../lib/http/reply.ts";

/** Reads a segment in pieces of at most so many bytes. */
export function readSegment(segment: Segment, step = 1 << 16): Uint8Array {
  if (segment instanceof Uint8Array) return segment;
  const bytes = new Uint8Array(segment.length);
  const reader = segment.open();
  try {
    for (let at = 0; at < bytes.length;) {
      const count = reader.read(bytes.subarray(at, at + step));
      if (count === 0) throw new Error("A source ended early");
      at += count;
    }
  } finally {
    reader.close();
  }
  return bytes;
}

/** Reads the whole body of a reply. */
export function readBody({ body }: Reply): Uint8Array {
  const parts = body.map((segment) => readSegment(segment));
  const bytes = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The names in the central directory of an archive with short names, as text with a character for each byte. */
export function zipNames(archive: string): string[] {
  return archive.split("PK\x01\x02").slice(1).map((record) =>
    record.slice(42, 42 + record.charCodeAt(24))
  );
}
