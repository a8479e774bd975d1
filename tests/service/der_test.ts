import { assertEquals } from "@std/assert";
import {
  bits,
  context,
  element,
  integer,
  objectId,
  octets,
  pem,
  sequence,
  setOf,
  time,
  TRUE,
  utf8String,
} from "../../lib/service/der.ts";

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const ELEMENTS: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  hex: string,
])[] = [
  ["an empty SEQUENCE", sequence(), "3000"],
  ["a SET", setOf(TRUE), "31030101ff"],
  ["a number", integer(Uint8Array.of(5)), "020105"],
  ["zero", integer(Uint8Array.of(0, 0)), "020100"],
  ["a number with a high bit", integer(Uint8Array.of(0, 0x80)), "02020080"],
  ["an identifier", objectId("2.5.29.17"), "0603551d11"],
  [
    "a long identifier",
    objectId("1.2.840.10045.4.3.2"),
    "06082a8648ce3d040302",
  ],
  ["text", utf8String("ä"), "0c02c3a4"],
  ["octets", octets(Uint8Array.of(1), Uint8Array.of(2)), "04020102"],
  ["bits", bits(Uint8Array.of(0x80), 7), "03020780"],
  ["a context tag", context(2, false, Uint8Array.of(1)), "820101"],
  ["a context tag around others", context(3, true, TRUE), "a3030101ff"],
  [
    "a time",
    time(Date.UTC(2026, 10, 27, 9, 8, 7, 654)),
    "170d" + hex(new TextEncoder().encode("261127090807Z")),
  ],
  [
    "a time from 2050 on",
    time(Date.UTC(2050, 0, 1)),
    "180f" + hex(new TextEncoder().encode("20500101000000Z")),
  ],
];

for (const [name, bytes, expected] of ELEMENTS) {
  Deno.test(`DER of ${name}`, () => assertEquals(hex(bytes), expected));
}

for (
  const [length, head] of [
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_535, "0482ffff"],
  ] as const
) {
  Deno.test(`element() writes a length of ${length}`, () => {
    const bytes = element(0x04, new Uint8Array(length));
    assertEquals(hex(bytes).slice(0, head.length), head);
    assertEquals(bytes.length, length + head.length / 2);
  });
}

Deno.test("pem() writes lines of 64 characters", () => {
  assertEquals(
    pem("X", new Uint8Array(60)),
    `-----BEGIN X-----\n${"A".repeat(64)}\n${
      "A".repeat(16)
    }\n-----END X-----\n`,
  );
});
