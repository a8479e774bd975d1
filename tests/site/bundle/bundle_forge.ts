/**
 * Archives for tests: made by the project's own writer, and made by hand to be
 * anything that no writer makes. The figures here are those of docs/bundle-format.md, written down
 * a second time.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { CODINGS } from "../../../lib/http/coding.ts";
import type {
  BundleFile,
  EncodedContent,
  KeptFile,
} from "../../../lib/site/bundle/format.ts";
import { writeBundle } from "../../../lib/site/bundle/writer.ts";
import { mediaType } from "../../../lib/site/content/media_type.ts";
import { MemoryVariant } from "../../../lib/site/content/variant.ts";
import { utf8 } from "../../helpers.ts";

/** Byte sequences behind each other. */
export function joined(
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    pieces.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The archive of some files. */
export function archiveOf(
  files: readonly BundleFile[],
  kept: readonly KeptFile[] = [],
): Uint8Array<ArrayBuffer> {
  return joined(writeBundle({ files, kept }));
}

/** When files were last changed that do not say it. */
export const MODIFIED: number = Date.UTC(2025, 6, 1, 12);

/** A file as packing would make it. `encoded` is content by the token of its coding, be it what it may. */
export function fileOf(
  path: string,
  content: string,
  encoded: Readonly<Record<string, string>> = {},
  modified: number = MODIFIED,
): BundleFile {
  const variants = CODINGS.flatMap((coding): EncodedContent[] => {
    const text = encoded[coding.token];
    if (text === undefined) return [];
    const { etag, bytes } = new MemoryVariant(utf8(text), coding);
    return [{ coding, etag, bytes }];
  });
  const { etag, bytes } = new MemoryVariant(utf8(content));
  return {
    path,
    contentType: mediaType(path),
    modified,
    identity: { etag, bytes },
    encoded: variants,
  };
}

/** A row of the files in an archive made by hand. */
export interface ForgedFile {
  readonly path: string | Uint8Array;
  readonly type: number;
  readonly modified: number;
  /** For identity and each coding: number and tag, or 0xffffffff alone. */
  readonly contents: readonly (readonly [number: number, tag?: string])[];
}

/** What an archive made by hand may have other than a sound one. */
export interface Forgery {
  readonly magic?: Uint8Array;
  readonly version?: number;
  readonly indexUnits?: number;
  readonly contentsUnits?: number;
  readonly codings?: readonly string[];
  readonly types?: readonly string[];
  readonly typeCount?: number;
  readonly lengths?: readonly number[];
  readonly lengthCount?: number;
  readonly files?: readonly ForgedFile[];
  readonly fileCount?: number;
  readonly kept?: readonly (ForgedFile & { readonly age: number })[];
  readonly keptCount?: number;
  /** What stands behind the index, before it is filled up to a multiple of 8. */
  readonly behind?: Uint8Array;
  readonly contents?: Uint8Array;
}

/** The file that an archive made by hand has, unless others are given. */
export const FORGED_FILE: ForgedFile = {
  path: "/a.txt",
  type: 0,
  modified: MODIFIED,
  contents: [[0, '"tag"'], [0xffff_ffff]],
};

/** The index of an archive made by hand. */
export function forgeIndex(forgery: Forgery): Uint8Array<ArrayBuffer> {
  const {
    codings = ["br"],
    types = ["text/plain"],
    typeCount = types.length,
    lengths = [5],
    lengthCount = lengths.length,
    files = [FORGED_FILE],
    fileCount = files.length,
    kept = [],
    keptCount = kept.length,
    behind = new Uint8Array(0),
  } = forgery;
  const index = joined([
    u32(codings.length),
    ...codings.map(string),
    u32(typeCount),
    ...types.map(string),
    u32(lengthCount),
    ...lengths.map(u32),
    u32(fileCount),
    ...files.flatMap(rowOf),
    u32(keptCount),
    ...kept.flatMap((file) => [u32(file.age), ...rowOf(file)]),
    behind,
  ]);
  return joined([index, new Uint8Array(-index.length & 7)]);
}

function rowOf({ path, type, modified, contents }: ForgedFile): Uint8Array[] {
  return [
    string(path),
    u32(type),
    f64(modified),
    ...contents.flatMap(([number, tag]) => [
      u32(number),
      ...tag === undefined ? [] : [string(tag)],
    ]),
  ];
}

/** An archive whose digest and checksum are right, whatever is in it. */
export function forge(
  forgery: Forgery,
  index: Uint8Array = forgeIndex(forgery),
): Uint8Array<ArrayBuffer> {
  const {
    magic = Uint8Array.of(137, 83, 75, 73, 70, 70, 13, 10),
    version = 2,
    contents = utf8("hello\0\0\0"),
    indexUnits = index.length / 8,
    contentsUnits = contents.length / 8,
  } = forgery;
  const head = joined([
    magic,
    u32(version),
    u32(indexUnits),
    u32(contentsUnits),
    u32(crc32(contents)),
  ]);
  const digest = createHash("sha256").update(head).update(index).digest();
  return joined([head, digest, index, contents]);
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function f64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function string(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? utf8(text) : text;
  return joined([new Uint8Array(Uint16Array.of(bytes.length).buffer), bytes]);
}
