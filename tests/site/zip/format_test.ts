import { assertEquals } from "@std/assert";
import {
  centralLength,
  centralRecord,
  COUNT16_MAX,
  descriptorLength,
  descriptorRecord,
  dosTime,
  endLength,
  endRecords,
  localLength,
  localRecord,
  SIZE32_MAX,
  type ZipEntry,
} from "../../../lib/site/zip/format.ts";
import { utf8 } from "../../helpers.ts";

const TIME = Date.UTC(2024, 0, 2, 3, 4, 5);

function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}

function entry(name: string, size: number, modified = TIME): ZipEntry {
  return { name: utf8(name), size, modified };
}

const ENTRIES: readonly [name: string, entry: ZipEntry][] = [
  ["a file", entry("a.txt", 5)],
  ["a name beyond ASCII", entry("ü/ß", 0)],
  ["a folder", entry("a/", 0)],
  ["a time before 1970", entry("a", 1, -1)],
  ["a time after 2038", entry("a", 1, 2 ** 31 * 1000)],
  ["an unknown time", entry("a", 1, NaN)],
  ["a size of 32 bits", entry("a", SIZE32_MAX - 1)],
  ["a size of 64 bits", entry("a", SIZE32_MAX)],
  ["a very long name", entry("a".repeat(4000), 1)],
];

for (const [name, each] of ENTRIES) {
  Deno.test(`records of ${name} have the length that was said`, () => {
    assertEquals(localRecord(each).length, localLength(each));
    assertEquals(descriptorRecord(each, 7).length, descriptorLength(each));
    for (const offset of [0, SIZE32_MAX - 1, SIZE32_MAX, 2 ** 40]) {
      assertEquals(
        centralRecord(each, 7, offset).length,
        centralLength(each, offset),
      );
    }
  });
}

Deno.test("localRecord() has flags, sizes and the time in UTC", () => {
  assertEquals(
    hexOf(localRecord(entry("a", 5))),
    "504b0304" + "1400" + "0808" + "0000" + "8218" + "2258" + "00000000" +
      "05000000" + "05000000" + "0100" + "0900" + "61" +
      "5554" + "0500" + "01" + "257d9365",
  );
});

Deno.test("descriptorRecord() has the checksum and 64 bits where needed", () => {
  assertEquals(
    hexOf(descriptorRecord(entry("a", 5), 0xdeadbeef)),
    "504b0708efbeadde0500000005000000",
  );
  assertEquals(
    hexOf(descriptorRecord(entry("a", 2 ** 33), 1)),
    "504b07080100000000000000020000000000000002000000",
  );
  assertEquals(hexOf(descriptorRecord(entry("a/", 0), 0)), "");
});

const ENDS: readonly [
  name: string,
  Parameters<typeof endRecords>,
  length: number,
][] = [
  ["nothing", [0, 0, 0], 22],
  ["the most of the short form", [COUNT16_MAX - 1, SIZE32_MAX - 1, 9], 22],
  ["many entries", [COUNT16_MAX, 9, 9], 98],
  ["a late directory", [1, SIZE32_MAX, 9], 98],
  ["a large directory", [1, 9, SIZE32_MAX], 98],
];

for (const [name, values, length] of ENDS) {
  Deno.test(`endRecords() for ${name}`, () => {
    assertEquals(endRecords(...values).length, length);
    assertEquals(endLength(...values), length);
  });
}

const DOS_TIMES: readonly [time: number, text: string][] = [
  [TIME, "2024-1-2 3:4:4"],
  [NaN, "1980-1-1 0:0:0"],
  [Date.UTC(1979, 11, 31), "1980-1-1 0:0:0"],
  [Date.UTC(2107, 11, 31, 23, 59, 59), "2107-12-31 23:59:58"],
  [Date.UTC(2200, 0, 1), "2107-12-31 23:59:58"],
];

for (const [time, text] of DOS_TIMES) {
  Deno.test(`dosTime() of ${text}`, () => {
    const [clock, date] = dosTime(entry("a", 0, time));
    const day = [1980 + (date >> 9), date >> 5 & 15, date & 31].join("-");
    const hour = [clock >> 11, clock >> 5 & 63, 2 * (clock & 31)].join(":");
    assertEquals(`${day} ${hour}`, text);
  });
}
