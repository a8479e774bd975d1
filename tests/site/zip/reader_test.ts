import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  contentPlace,
  DEFLATE_RATIO_MAX,
  readDirectory,
  ZIP_DIRECTORY_BYTES_MAX,
  ZIP_ENTRIES_MAX,
  ZipError,
} from "../../../lib/site/zip/reader.ts";
import { bytesOf, numberFrom, Random, textOf } from "../../helpers.ts";
import { type Forged, type ForgedEnd, forgeZip } from "./zip_forge.ts";

function read(zip: Uint8Array) {
  return readDirectory(zip.length, (start, end) => {
    // No read may leave the file, whatever it says.
    if (start < 0 || start > end || end > zip.length) {
      throw new RangeError(`${start} to ${end} of ${zip.length}`);
    }
    return zip.subarray(start, end);
  });
}

/** What the files of a ZIP file contain, by path, as it is packed. */
function contentsOf(zip: Uint8Array): Record<string, string | undefined> {
  const slice = (start: number, end: number) => zip.subarray(start, end);
  return Object.fromEntries(
    read(zip).files.map((file) => {
      const place = contentPlace(file, slice);
      return [file.path, place && textOf(slice(place.start, place.end))];
    }),
  );
}

const WHOLE: readonly [name: string, end: ForgedEnd][] = [
  ["as it should be", {}],
  ["with a comment", { comment: "hello" }],
  ["with the signature of the end in its comment", {
    comment: "PK\x05\x06".repeat(9),
  }],
  ["with numbers of 64 bits", { isWide: true }],
];

for (const [name, end] of WHOLE) {
  Deno.test(`readDirectory() reads a ZIP file ${name}`, () => {
    const zip = forgeZip([
      { name: "b/c.txt", content: "cc" },
      { name: "a", content: "a" },
      { name: "b/", content: "" },
    ], end);
    assertEquals(contentsOf(zip), { "/a": "a", "/b/c.txt": "cc" });
    assertEquals(read(zip).problems, []);
  });
}

Deno.test("readDirectory() reads an empty ZIP file", () => {
  assertEquals(read(forgeZip([])), { files: [], problems: [] });
});

const SKIPPED: readonly [problem: string, entry: Forged][] = [
  ["encryption", { name: "x", flags: 1 }],
  ["encryption", { name: "x", flags: 1 << 6 }],
  ["compression method 12", { name: "x", method: 12 }],
  ["an impossible size", { name: "x", content: "ab", size: 3 }],
  [
    "an impossible size",
    { name: "x", content: "", method: 8, size: 3 * DEFLATE_RATIO_MAX },
  ],
  ["the kind of a link", { name: "x", content: "a", mode: 0o120777 }],
  ["no kind of a file", { name: "x", mode: 0o010644 }],
  ["the kind of a folder", { name: "x", mode: 0o040755 }],
  ["a name that is not UTF-8", { name: bytesOf("\xff") }],
  ["an absolute name", { name: "/etc/passwd" }],
  ['a "." or ".." in its name', { name: "../x" }],
  ["a backslash in its name", { name: "..\\x" }],
  ["the name of a folder", { name: "dir" }],
];

for (const [problem, entry] of SKIPPED) {
  Deno.test(`readDirectory() leaves out ${problem}: ${JSON.stringify(entry.name)}`, () => {
    const good = { name: "dir/good", content: "g" };
    const { files, problems } = read(forgeZip([entry, good]));
    assertEquals(files.map(({ path }) => path), ["/dir/good"]);
    assertEquals(problems.length, 1);
    assertEquals(problems[0]!.endsWith(`not served: ${problem}`), true);
  });
}

Deno.test("readDirectory() says in a short line what it leaves out", () => {
  const name = `/\u001b]0;a\u0007\r\n\u202e${"y".repeat(60_000)}`;
  const { problems: [problem = ""] } = read(forgeZip([{ name }]));
  assertStringIncludes(problem, "not served: a name too long");
  assertEquals([problem.length < 400, /\p{C}/u.test(problem)], [true, false]);
});

Deno.test("readDirectory() takes the last of one name, and says so", () => {
  const zip = forgeZip([
    { name: "a", content: "1" },
    { name: "a", content: "2" },
    { name: "A", content: "3" },
  ]);
  assertEquals(contentsOf(zip), { "/a": "2", "/A": "3" });
  assertEquals(read(zip).problems.length, 1);
});

const TIME = bytesOf("UT\x05\x00\x01\x00\x00\x00\x65");
const TIMES: readonly [name: string, entry: Partial<Forged>, time: number][] = [
  ["of an extra field", { extra: TIME }, 0x65000000 * 1000],
  [
    "of MS-DOS",
    { dos: [3 << 11 | 4 << 5 | 2, 44 << 9 | 2 << 5 | 1] },
    Date.UTC(2024, 1, 1, 3, 4, 4),
  ],
  ["that is none", { dos: [0, 0] }, NaN],
];

for (const [name, entry, time] of TIMES) {
  Deno.test(`readDirectory() reads a time ${name}`, () => {
    const [file] = read(forgeZip([{ name: "a", ...entry }])).files;
    assertEquals(file!.modified, time);
  });
}

const A: Forged = { name: "a", content: "aaaa" };
const B: Forged = { name: "b", content: "bbbb" };

const REFUSED: readonly [
  error: string,
  name: string,
  entries: readonly Forged[],
  end?: ForgedEnd,
][] = [
  ["overlap", "contents that overlap", [A, { ...B, offset: 0 }]],
  ["overlap", "a content in another one", [A, { ...B, offset: 33 }]],
  ["overlap", "a content in the directory", [{
    ...A,
    size: 40,
    packedSize: 40,
  }]],
  ["overlap", "a content behind the end", [{ ...A, offset: 9999 }]],
  ["part of several", "another disk", [A], { disk: 1 }],
  ["not where", "a directory that begins earlier", [A], { offset: 3 }],
  ["not where", "something in front", [A], { prefix: "#!/bin/sh", offset: 35 }],
  ["not where", "a directory that is longer", [A], { size: 48 }],
  ["damaged", "fewer entries than it has", [A, B], { count: 1 }],
  ["damaged", "more entries than it has", [A], { count: 2 }],
  ["impossible number", "impossible numbers", [A], {
    isWide: true,
    offset: 2 ** 60,
  }],
  ["lacks a size", "a size that is nowhere", [{ ...A, size: 0xffffffff }]],
  [`more than ${ZIP_ENTRIES_MAX}`, "too many entries", [A], {
    isWide: true,
    count: ZIP_ENTRIES_MAX + 1,
  }],
];

for (const [error, name, entries, end] of REFUSED) {
  Deno.test(`readDirectory() refuses ${name}`, () => {
    assertThrows(() => read(forgeZip(entries, end)), ZipError, error);
  });
}

Deno.test("readDirectory() reads no directory that is too large", () => {
  const zip = forgeZip([], { isWide: true });
  const length = ZIP_DIRECTORY_BYTES_MAX + 1 + zip.length;
  const view = new DataView(zip.buffer);
  view.setBigUint64(40, BigInt(ZIP_DIRECTORY_BYTES_MAX + 1), true);
  view.setBigUint64(56 + 8, BigInt(ZIP_DIRECTORY_BYTES_MAX + 1), true);
  const shift = length - zip.length;
  assertThrows(
    () =>
      readDirectory(length, (start, end) => {
        const bytes = new Uint8Array(end - start);
        bytes.set(
          zip.subarray(Math.max(0, start - shift), end - shift),
          Math.max(0, shift - start),
        );
        return bytes;
      }),
    ZipError,
    "bytes",
  );
});

const NONE: readonly [name: string, bytes: Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["a short text", bytesOf("PK")],
  ["a long text", bytesOf("x".repeat(100_000))],
  ["a ZIP file that was cut", forgeZip([A]).subarray(0, -1)],
  ["a ZIP file with more behind it", bytesOf(`${textOf(forgeZip([A]))}x`)],
];

for (const [name, bytes] of NONE) {
  Deno.test(`readDirectory() refuses ${name}`, () => {
    assertThrows(() => read(bytes), ZipError, "no ZIP file");
  });
}

const LYING: readonly [name: string, entry: Forged][] = [
  ["another name", { ...A, localName: "b" }],
  ["a longer name", { ...A, localName: "ab" }],
  ["another method", { ...A, localMethod: 8 }],
];

for (const [name, entry] of LYING) {
  Deno.test(`contentPlace() finds no content whose record has ${name}`, () => {
    assertEquals(contentsOf(forgeZip([entry, B])), {
      "/a": undefined,
      "/b": "bbbb",
    });
  });
}

Deno.test("contentPlace() finds no content that a longer record moves into the next", () => {
  const zip = forgeZip([A, B]);
  new DataView(zip.buffer).setUint16(28, 5, true);
  assertEquals(contentsOf(zip)["/a"], undefined);
});

/** The same all day long, so that a failure can be repeated, and another one tomorrow. */
const TODAY = Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""));
const SEED = numberFrom("FUZZ_SEED", TODAY);
const ROUNDS = numberFrom("FUZZ_ROUNDS", 3000);

Deno.test(`readDirectory() withstands ${ROUNDS} damaged ZIP files (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const bases = [{}, { isWide: true }, { comment: "abc" }].map((end) =>
    forgeZip([
      { name: "a/b.txt", content: "abc", extra: TIME },
      { name: "c", content: "c".repeat(99), method: 8 },
      { name: "d/", mode: 0o040755 },
    ], end)
  );
  for (let round = 0; round < ROUNDS; round++) {
    const zip = bases[random.below(bases.length)]!.slice();
    for (let count = 1 + random.below(4); count > 0; count--) {
      const at = random.below(zip.length);
      zip[at] = random.below(3) === 0 ? 0xff : random.below(256);
    }
    try {
      const contents = contentsOf(zip);
      for (const path of Object.keys(contents)) {
        const isSafe = path.startsWith("/") &&
          !path.split("/").slice(1).some((step) => /^\.{0,2}$/.test(step));
        assertEquals(isSafe, true, path);
      }
    } catch (error) {
      if (!(error instanceof ZipError)) throw error;
    }
  }
});
