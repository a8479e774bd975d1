/**
 * Accept-Encoding → coding.
 *
 * @module
 */

import { chooseCoding, CODINGS } from "../lib/http/coding.ts";
import { keep } from "./keep.ts";

const FIELDS: readonly (readonly [name: string, value: string | undefined])[] =
  [
    ["no field", undefined],
    ["gzip", "gzip"],
    ["a browser's", "gzip, deflate, br, zstd"],
    ["weights", "br;q=0.5, gzip;q=0.8, zstd;q=0, *;q=0.1"],
    ["100 unknown", Array.from({ length: 100 }, (_, i) => `x-${i}`).join(",")],
  ];

for (const [name, value] of FIELDS) {
  Deno.bench(`chooseCoding() ${name}`, { group: "coding" }, () => {
    keep(chooseCoding(value, CODINGS));
  });
}
