/**
 * Reply → the bytes of its head.
 *
 * @module
 */

import type { FieldLine } from "../lib/http/field_section.ts";
import { headBytesMax, writeHead } from "../lib/http/http1/response.ts";
import { errorReply, reply } from "../lib/http/reply.ts";
import { keep } from "./keep.ts";

const LINES: readonly FieldLine[] = [
  ["Content-Type", "text/html; charset=UTF-8"],
  ["Content-Length", "1024"],
  ["ETag", '"18c3f1a2b3d-400"'],
  ["Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["Cache-Control", "no-cache"],
  ["Accept-Ranges", "bytes"],
  ["Vary", "Accept-Encoding"],
];

const WHOLE = reply(200, LINES);
const NOW = Date.UTC(2026, 0, 1);
const OUT = new Uint8Array(headBytesMax(WHOLE) + 1024);

Deno.bench("writeHead() 200", { group: "head", baseline: true }, () => {
  writeHead(WHOLE, "persistent", NOW, OUT, 0);
});

Deno.bench("writeHead() 404, the last", { group: "head" }, () => {
  writeHead(errorReply(404), "close", NOW, OUT, 0);
});

let time = NOW;
Deno.bench("writeHead() with another Date each time", { group: "head" }, () => {
  writeHead(WHOLE, "persistent", time += 1000, OUT, 0);
});

Deno.bench("headBytesMax() of 7 new fields", { group: "fields" }, () => {
  keep(headBytesMax(reply(200, LINES)));
});
