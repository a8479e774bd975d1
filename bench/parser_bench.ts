/**
 * Bytes → RequestHead.
 *
 * @module
 */

import { ParsedHead } from "../lib/http/http1/request.ts";
import { BROWSER_HEAD, SHORT_HEAD } from "./heads.ts";

const HEADS: readonly (readonly [name: string, text: string])[] = [
  ["45 bytes, 1 field", SHORT_HEAD],
  ["700 bytes, 15 fields", BROWSER_HEAD],
];

for (const [name, text] of HEADS) {
  const bytes = new TextEncoder().encode(text);
  const head = new ParsedHead();
  Deno.bench(`ParsedHead.parse() ${name}`, { group: "parser" }, () => {
    head.reset();
    if (head.parse(bytes, 0, bytes.length) !== bytes.length) {
      throw new Error("not parsed");
    }
  });
}

const batch = new TextEncoder().encode(SHORT_HEAD.repeat(16));
const batchHead = new ParsedHead();
Deno.bench(
  "ParsedHead.parse() 16 heads in one read",
  { group: "parser" },
  () => {
    for (let at = 0; at < batch.length;) {
      batchHead.reset();
      at = batchHead.parse(batch, at, batch.length);
      if (at <= 0) throw new Error("not parsed");
    }
  },
);
