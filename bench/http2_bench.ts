/**
 * Header blocks of HTTP/2 → RequestHead, and Reply → HEADERS.
 *
 * @module
 */

import { HpackDecoder } from "../lib/http/http2/hpack_decoder.ts";
import { Http2Head, VALID } from "../lib/http/http2/request.ts";
import { headersBytesMax, writeHeaders } from "../lib/http/http2/response.ts";
import { reply } from "../lib/http/reply.ts";
import { HpackEncoder, type Line } from "../tests/hpack_encoder.ts";
import { BROWSER_HEAD } from "./heads.ts";

/** The request of a browser, whose path is the only line that a table does not keep. */
function browserLines(): Line[] {
  const lines = BROWSER_HEAD.split("\r\n").slice(1).filter((text) =>
    text !== "" && !/^(?:host|connection):/i.test(text)
  );
  return [
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", "www.example.org"],
    [":path", "/assets/app-4f3a9c21.js", "none"],
    ...lines.map((text): Line => {
      const colon = text.indexOf(":");
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
    }),
  ];
}

const encoder = new HpackEncoder();
const first = encoder.encode(browserLines());
const later = encoder.encode(browserLines());

function decode(decoder: HpackDecoder, block: Uint8Array) {
  const head = new Http2Head();
  const isValid = decoder.decode(block, 0, block.length, head);
  if (!isValid || head.finish() !== VALID) throw new Error("not decoded");
}

Deno.bench(
  `first request of a connection, ${first.length} bytes`,
  { group: "HPACK" },
  () => decode(new HpackDecoder(), first),
);

const decoder = new HpackDecoder();
decode(decoder, first);
Deno.bench(
  `further request, ${later.length} bytes`,
  { group: "HPACK" },
  () => decode(decoder, later),
);

const REPLY = reply(200, [
  ["Content-Type", "text/html; charset=UTF-8"],
  ["Content-Length", "1024"],
  ["ETag", '"0123456789abcdef"'],
  ["Cache-Control", "no-cache"],
]);
const out = new Uint8Array(headersBytesMax(REPLY));
Deno.bench(
  "writeHeaders()",
  { group: "heads" },
  () => void writeHeaders(REPLY, 1, false, false, 0, out, 0),
);
