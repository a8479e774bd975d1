/**
 * The files that are served: real bytes from a fixed seed, the same in every
 * run. (Files with holes are read faster than real ones.)
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** What a workload may ask to be there, under the root that is served. */
export type FileSet =
  | "small"
  | "many"
  | "crowd"
  | "medium"
  | "ranges"
  | "large"
  | "download"
  | "changing"
  | "text";

/** Targets of the files. */
export const TARGETS = {
  small: "/1k.txt",
  /** Of a type that nobody compresses. */
  smallImage: "/1k.png",
  medium: "/100k.bin",
  ranges: "/100m.bin",
  large: "/1g.bin",
  /** More than a server keeps in memory. */
  download: "/256m.bin",
  /** Written again and again while it is asked for. */
  changing: "/changing.txt",
  /** Without a compressed sibling: for servers that compress. */
  text: "/text.txt",
  /** With one: for servers that only send it. */
  siblingText: "/ready/text.txt",
} as const;

/** How many files the set "many" has. */
export const MANY_COUNT = 10_000;

/** Bytes of one file of the set "many". */
export const MANY_BYTES = 4 * 1024;

/** How many files the set "crowd" has: more than the cache of skiff holds. */
export const CROWD_COUNT = 100_000;

/** When the numbered files were last changed, in s since 1970. */
const FILE_TIME = 1_700_000_000;

/** Bytes of one file of the set "crowd". */
export const CROWD_BYTES = 1024;

/** How many names that are not there are asked for. */
export const ABSENT_COUNT = 1000;

/** Bytes of the file that ranges are asked of. */
export const RANGES_BYTES: number = 100 * 1024 * 1024;

/** Bytes of the large file. */
export const LARGE_BYTES: number = 1024 * 1024 * 1024;

/** Bytes of the file that is downloaded over HTTP/2. */
const DOWNLOAD_BYTES: number = 256 * 1024 * 1024;

/** The target of one of the many. */
export function manyTarget(number: number): string {
  const name = String(number).padStart(4, "0");
  return `/many/${name.slice(0, 2)}/${name}.bin`;
}

/** The target of one of the crowd. */
export function crowdTarget(number: number): string {
  const name = String(number).padStart(5, "0");
  return `/crowd/${name.slice(0, 2)}/${name}.bin`;
}

/** One of the targets that are not there. */
export function absentTarget(number: number): string {
  return `/gone/${number}.html`;
}

/** Writes a set below the root. */
export async function makeFiles(root: string, set: FileSet): Promise<void> {
  await MAKERS[set](root);
}

const MAKERS: Readonly<
  Record<FileSet, (root: string) => void | Promise<void>>
> = {
  small(root) {
    Deno.writeFileSync(root + TARGETS.small, asText(seededBytes(1024, 1)));
    Deno.writeFileSync(root + TARGETS.smallImage, seededBytes(1024, 2));
  },
  many(root) {
    for (let number = 0; number < MANY_COUNT; number++) {
      writeOne(root + manyTarget(number), MANY_BYTES, 1000 + number);
    }
  },
  crowd(root) {
    for (let number = 0; number < CROWD_COUNT; number++) {
      writeOne(root + crowdTarget(number), CROWD_BYTES, 20_000 + number);
    }
  },
  medium(root) {
    Deno.writeFileSync(root + TARGETS.medium, seededBytes(100 * 1024, 3));
  },
  ranges(root) {
    return writeStamped(root + TARGETS.ranges, RANGES_BYTES);
  },
  large(root) {
    return writeStamped(root + TARGETS.large, LARGE_BYTES);
  },
  download(root) {
    return writeStamped(root + TARGETS.download, DOWNLOAD_BYTES);
  },
  changing(root) {
    Deno.writeTextFileSync(root + TARGETS.changing, "");
  },
  text(root) {
    const text = new TextEncoder().encode(prose(100 * 1024));
    Deno.mkdirSync(`${root}/ready`, { recursive: true });
    Deno.writeFileSync(root + TARGETS.text, text);
    Deno.writeFileSync(root + TARGETS.siblingText, text);
    const sibling = `${root}${TARGETS.siblingText}.gz`;
    Deno.writeFileSync(sibling, gzipSync(text, { level: 9 }));
  },
};

/** Writes a file of seeded bytes, and its directory. */
function writeOne(path: string, length: number, seed: number): void {
  const directory = path.slice(0, path.lastIndexOf("/"));
  Deno.mkdirSync(directory, { recursive: true });
  Deno.writeFileSync(path, seededBytes(length, seed));
  // A site is older than its first visitor: a file written a moment ago may be written again.
  Deno.utimeSync(path, FILE_TIME, FILE_TIME);
}

/** Numbers from 0 to 2³² − 1 that look random (xorshift, Marsaglia 2003). */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function seededBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const next = randomNumbers(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = next();
  return new Uint8Array(words.buffer, 0, length);
}

/** The bytes, made printable. */
function asText(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.map((byte) => 0x20 + byte % 0x5f);
}

/** Seeded blocks, each page of them stamped with its number so that no two pages of the file are alike. */
async function writeStamped(path: string, length: number): Promise<void> {
  const block = seededBytes(4 * 1024 * 1024, 4);
  const view = new DataView(block.buffer);
  using file = await Deno.open(path, { write: true, create: true });
  for (let start = 0; start < length; start += block.length) {
    for (let at = 0; at < block.length; at += 4096) {
      view.setUint32(at, (start + at) / 4096);
    }
    const end = Math.min(block.length, length - start);
    for (let at = 0; at < end;) at += await file.write(block.subarray(at, end));
  }
  // What is written back later would disturb the measuring.
  await file.sync();
}

/** Words of a made-up language, as often repeated as in a natural one. */
function prose(length: number): string {
  const next = randomNumbers(5);
  const words = Array.from({ length: 2000 }, () => {
    const letters = Array.from(
      { length: 2 + next() % 8 },
      () => "etaoinshrdlucmfwypvbgk"[Math.min(next() % 22, next() % 22)],
    );
    return letters.join("");
  });
  let text = "";
  while (text.length < length) {
    // Zipf's law, roughly: low numbers are far more common.
    const rank = Math.floor(words.length ** (next() / 2 ** 32)) - 1;
    text += words[rank] + (next() % 12 === 0 ? ".\n" : " ");
  }
  return text.slice(0, length);
}
