/**
 * Archives that say of themselves that they are sound, and are not.
 *
 * @module
 */

import { utf8 } from "../../helpers.ts";
import { FORGED_FILE, type ForgedFile, type Forgery } from "./bundle_forge.ts";

/** An archive with files that differ so from {@linkcode FORGED_FILE}. */
export function filesOf(...changes: Partial<ForgedFile>[]): Forgery {
  return { files: changes.map((change) => ({ ...FORGED_FILE, ...change })) };
}

function contentsOf(...contents: ForgedFile["contents"]): Forgery {
  return filesOf({ contents });
}

const NONE = [0xffff_ffff] as const;

/** Each with a part of what the reader has to say. */
export const HOSTILE: readonly {
  name: string;
  forgery: Forgery;
  message: string;
}[] = [
  {
    name: "another magic",
    forgery: { magic: utf8("\x7fSKIFF\r\n") },
    message: "does not begin",
  },
  {
    name: "magic with a changed line end",
    forgery: { magic: Uint8Array.of(137, 83, 75, 73, 70, 70, 10, 10) },
    message: "does not begin",
  },
  { name: "version 0", forgery: { version: 0 }, message: "its version is 0" },
  {
    name: "version 1",
    forgery: { version: 1 },
    message: "its version is 1, this skiff reads 2",
  },
  {
    name: "a file that is kept from no older build",
    forgery: { kept: [{ ...FORGED_FILE, age: 0 }] },
    message: "is kept from no older build",
  },
  {
    name: "more kept files than there are",
    forgery: { keptCount: 0xffff_ffff },
    message: "its index is cut short",
  },
  {
    name: "kept files in another order",
    forgery: {
      kept: ["/b.js", "/a.js"].map((path) => ({
        ...FORGED_FILE,
        path,
        age: 1,
      })),
    },
    message: '"/a.js" comes after "/b.js"',
  },
  {
    name: "a kept file with a path that nobody may see",
    forgery: { kept: [{ ...FORGED_FILE, path: "/.env", age: 1 }] },
    message: '"/.env" is not the path of a file',
  },
  {
    name: "an index that is longer than everything",
    forgery: { indexUnits: 0xffff_ffff },
    message: "in place of",
  },
  {
    name: "an index that is said to be shorter",
    forgery: { indexUnits: 2 },
    message: "in place of",
  },
  {
    name: "contents that are longer than everything",
    forgery: { contentsUnits: 0xffff_ffff },
    message: "in place of",
  },
  {
    name: "no contents at all",
    forgery: { contentsUnits: 0 },
    message: "in place of",
  },
  {
    name: "a coding that is not known",
    forgery: { codings: ["xz"] },
    message: 'coding "xz"',
  },
  {
    name: "a coding in another case",
    forgery: { codings: ["BR"] },
    message: 'coding "BR"',
  },
  {
    name: "a coding twice",
    forgery: { codings: ["br", "br"] },
    message: "coding twice",
  },
  {
    name: "a type that begins another field",
    forgery: { types: ["text/html\r\nX: y"] },
    message: "not a media type",
  },
  {
    name: "a type that ends with a line end",
    forgery: { types: ["text/html\n"] },
    message: "not a media type",
  },
  {
    name: "an empty type",
    forgery: { types: [""] },
    message: "not a media type",
  },
  {
    name: "a type without a subtype",
    forgery: { types: ["text/"] },
    message: "not a media type",
  },
  {
    name: "a type outside ASCII",
    forgery: { types: ["text/html; charset=ü"] },
    message: "not a media type",
  },
  {
    name: "four thousand million types",
    forgery: { typeCount: 0xffff_ffff },
    message: "Cannot read the archive",
  },
  {
    name: "four thousand million contents",
    forgery: { lengthCount: 0xffff_ffff },
    message: "its index is cut short",
  },
  {
    name: "four thousand million files",
    forgery: { fileCount: 0xffff_ffff },
    message: "Cannot read the archive",
  },
  {
    name: "more files than there are",
    forgery: { fileCount: 2 },
    message: "Cannot read the archive",
  },
  {
    name: "fewer files than there are",
    forgery: { fileCount: 0 },
    message: "is not the path of a file",
  },
  {
    name: "fewer kept files than there are",
    forgery: { kept: [{ ...FORGED_FILE, age: 1 }], keptCount: 0 },
    message: "something behind it",
  },
  {
    name: "a content that reaches behind the end",
    forgery: { lengths: [9] },
    message: "8 bytes in place of 16",
  },
  {
    name: "a content of 4 GiB",
    forgery: { lengths: [0xffff_ffff] },
    message: "in place of 4294967296",
  },
  {
    name: "contents whose lengths overflow 32 bits together",
    forgery: { lengths: [0xffff_fff8, 13] },
    message: "in place of",
  },
  {
    name: "bytes that belong to no content",
    forgery: { lengths: [] },
    message: "8 bytes in place of 0",
  },
  {
    name: "a content that leaves bytes over",
    forgery: { contents: new Uint8Array(16) },
    message: "16 bytes in place of 8",
  },
  {
    name: "a type that is not there",
    forgery: filesOf({ type: 1 }),
    message: "no number 1 of 1",
  },
  {
    name: "the type with the largest number",
    forgery: filesOf({ type: 0xffff_ffff }),
    message: "no number 4294967295",
  },
  {
    name: "a content that is not there",
    forgery: contentsOf([1, '"a"'], NONE),
    message: "no number 1 of 1",
  },
  {
    name: "an encoded content that is not there",
    forgery: contentsOf([0, '"a"'], [0xffff_fffe, '"b"']),
    message: "no number 4294967294",
  },
  {
    name: "a file without content",
    forgery: contentsOf(NONE, NONE),
    message: "has no content",
  },
  {
    name: "a time that is none",
    forgery: filesOf({ modified: NaN }),
    message: "NaN is not a time",
  },
  {
    name: "a time without end",
    forgery: filesOf({ modified: Infinity }),
    message: "not a time",
  },
  {
    name: "a time between milliseconds",
    forgery: filesOf({ modified: 0.5 }),
    message: "not a time",
  },
  {
    name: "a time that no Date can hold",
    forgery: filesOf({ modified: 8.64e15 + 1 }),
    message: "not a time",
  },
  {
    name: "an empty tag",
    forgery: contentsOf([0, ""], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag of quotes alone",
    forgery: contentsOf([0, '""'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag without quotes",
    forgery: contentsOf([0, "tag"], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a weak tag",
    forgery: contentsOf([0, 'W/"tag"'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag with a quote in it",
    forgery: contentsOf([0, '"a"b"'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag that begins another field",
    forgery: contentsOf([0, '"a"\r\nX: "y"'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag that ends with a line end",
    forgery: contentsOf([0, '"a"\n'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "a tag outside ASCII",
    forgery: contentsOf([0, '"ü"'], NONE),
    message: "not an entity-tag",
  },
  {
    name: "one tag for two encodings",
    forgery: contentsOf([0, '"a"'], [0, '"a"']),
    message: "a tag twice",
  },
  {
    name: "something behind its index",
    forgery: { behind: new Uint8Array(8) },
    message: "something behind it",
  },
  {
    name: "padding that is not zero",
    forgery: { behind: Uint8Array.of(1) },
    message: "something behind it",
  },
  {
    name: "a string that is not UTF-8",
    forgery: filesOf({ path: Uint8Array.of(0x2f, 0xff) }),
    message: "not UTF-8",
  },
  {
    name: "a slash in two bytes",
    forgery: filesOf({ path: Uint8Array.of(0x2f, 0x61, 0xc0, 0xaf, 0x62) }),
    message: "not UTF-8",
  },
  {
    name: "half of a surrogate pair",
    forgery: filesOf({ path: Uint8Array.of(0x2f, 0xed, 0xa0, 0x80) }),
    message: "not UTF-8",
  },
  { name: "a path twice", forgery: filesOf({}, {}), message: "comes after" },
  {
    name: "paths in another order",
    forgery: filesOf({ path: "/b" }, { path: "/a" }),
    message: '"/a" comes after "/b"',
  },
  {
    name: "a file below a file",
    forgery: filesOf({ path: "/a" }, { path: "/a/b" }),
    message: '"/a/b" is below a file',
  },
  {
    name: "a file below a file, with others between",
    forgery: filesOf({ path: "/a" }, { path: "/a-" }, { path: "/a-b/c" }, {
      path: "/a/b",
    }),
    message: '"/a/b" is below a file',
  },
];
