/**
 * Makes ZIP files for tests: correct ones, and such as no program should make.
 *
 * @module
 */

import { crc32, deflateRawSync } from "node:zlib";
import { utf8 } from "../../helpers.ts";

/** An entry to forge; what is left out is as it should be. */
export interface Forged {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly method?: number;
  /** Whether the content is in the file as it is, whatever the method says. */
  readonly isRaw?: boolean;
  readonly flags?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly checksum?: number;
  /** Unix mode. */
  readonly mode?: number;
  /** DOS date and time. */
  readonly dos?: readonly [time: number, date: number];
  /** Extra fields of both records. */
  readonly extra?: Uint8Array;
  /** The name in the local record. */
  readonly localName?: string;
  readonly localMethod?: number;
  /** Where the directory says that the local record is. */
  readonly offset?: number;
}

/** What the records at the end say; left out, the truth. */
export interface ForgedEnd {
  readonly count?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly disk?: number;
  readonly comment?: string;
  /** Whether the numbers are in the records for 64 bits. */
  readonly isWide?: boolean;
  /** Bytes in front of everything. */
  readonly prefix?: string;
}

/** Joins numbers, each with its width in bytes, and bytes. */
function bytesFor(
  ...parts: readonly (readonly [number, number] | Uint8Array)[]
) {
  const bytes: number[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      for (const byte of part) bytes.push(byte);
      continue;
    }
    let [width, value] = part;
    for (; width > 0; width--) {
      bytes.push(value % 256);
      value = Math.floor(value / 256);
    }
  }
  return Uint8Array.from(bytes);
}

function asBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? utf8(value) : value;
}

/** Makes a ZIP file. */
export function forgeZip(
  entries: readonly Forged[],
  end: ForgedEnd = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [utf8(end.prefix ?? "")];
  const central: Uint8Array[] = [];
  let at = parts[0]!.length;
  for (const entry of entries) {
    const content = asBytes(entry.content ?? "");
    const method = entry.method ?? 0;
    const packed = method === 8 && !entry.isRaw
      ? deflateRawSync(content)
      : content;
    const name = asBytes(entry.name);
    const localName = asBytes(entry.localName ?? name);
    const extra = entry.extra ?? new Uint8Array();
    const [time, date] = entry.dos ?? [0, 44 << 9 | 1 << 5 | 1];
    const common = (method: number, length: number) =>
      [
        [2, entry.flags ?? 1 << 11],
        [2, method],
        [2, time],
        [2, date],
        [4, entry.checksum ?? crc32(content)],
        [4, entry.packedSize ?? packed.length],
        [4, entry.size ?? content.length],
        [2, length],
        [2, extra.length],
      ] as const;
    const local = bytesFor(
      [4, 0x04034b50],
      [2, 20],
      ...common(entry.localMethod ?? method, localName.length),
      localName,
      extra,
      packed,
    );
    central.push(bytesFor(
      [4, 0x02014b50],
      [2, 3 << 8 | 20],
      [2, 20],
      ...common(method, name.length),
      [2, 0],
      [2, 0],
      [2, 0],
      [4, (entry.mode ?? 0o100644) * 65536],
      [4, entry.offset ?? at],
      name,
      extra,
    ));
    parts.push(local);
    at += local.length;
  }
  parts.push(...central, endOf(entries.length, at, central, end));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function endOf(
  entries: number,
  at: number,
  central: readonly Uint8Array[],
  end: ForgedEnd,
): Uint8Array {
  const count = end.count ?? entries;
  const length = central.reduce((sum, part) => sum + part.length, 0);
  const size = end.size ?? length;
  const offset = end.offset ?? at;
  const disk = end.disk ?? 0;
  const wide = end.isWide
    ? bytesFor(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, disk],
      [4, disk],
      [8, count],
      [8, count],
      [8, size],
      [8, offset],
      [4, 0x07064b50],
      [4, 0],
      [8, at + length],
      [4, 1],
    )
    : new Uint8Array();
  const [most16, most32] = [0xffff, 0xffffffff];
  const comment = utf8(end.comment ?? "");
  return bytesFor(
    wide,
    [4, 0x06054b50],
    [2, end.isWide ? most16 : disk],
    [2, end.isWide ? most16 : disk],
    [2, end.isWide ? most16 : count],
    [2, end.isWide ? most16 : count],
    [4, end.isWide ? most32 : size],
    [4, end.isWide ? most32 : offset],
    [2, comment.length],
    comment,
  );
}
