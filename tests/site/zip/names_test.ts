import { assertEquals } from "@std/assert";
import {
  decodeName,
  NAME_LENGTH_MAX,
  pathOf,
} from "../../../lib/site/zip/names.ts";

const DECODED: readonly [
  bytes: readonly number[],
  isUtf8: boolean,
  name: string | undefined,
][] = [
  [[0x61], false, "a"],
  [[0xc3, 0xbc], true, "ü"],
  [[0xc3, 0xbc], false, "ü"],
  [[0x81, 0xe1], false, "üß"],
  [[0x81, 0xe1], true, undefined],
  [[0xff], false, "\u00a0"],
  [[0xef, 0xbb, 0xbf, 0x61], true, "\ufeffa"],
  [[], true, ""],
];

for (const [bytes, isUtf8, name] of DECODED) {
  Deno.test(`decodeName() of ${bytes}${isUtf8 ? " with the flag" : ""}`, () => {
    assertEquals(decodeName(Uint8Array.from(bytes), isUtf8), name);
  });
}

const LONGEST = "a".repeat(NAME_LENGTH_MAX);

const PATHS: readonly [name: string, path: string | undefined][] = [
  ["a", "/a"],
  ["a/b c.txt", "/a/b c.txt"],
  ["...", "/..."],
  ["..a/b..", "/..a/b.."],
  ["C:a", "/C:a"],
  [LONGEST, `/${LONGEST}`],
  [`${LONGEST}a`, undefined],
  ["", undefined],
  ["/a", undefined],
  ["//a", undefined],
  ["..", undefined],
  ["../a", undefined],
  ["a/../../b", undefined],
  ["a/./b", undefined],
  ["a//b", undefined],
  ["..\\a", undefined],
  ["a\\b", undefined],
  ["a\0.txt", undefined],
];

for (const [name, path] of PATHS) {
  Deno.test(`pathOf() of ${JSON.stringify(name.slice(0, 20))}`, () => {
    const found = pathOf(name);
    assertEquals(found.path, path);
    assertEquals(found.problem === undefined, path !== undefined);
  });
}
