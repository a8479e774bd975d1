/**
 * Request heads as they are sent: as short as can be, and as browsers make
 * them.
 *
 * @module
 */

import { requestText, type WireRequest } from "./exchange.ts";

/** Bytes of the head that stands for a browser's. */
export const BROWSER_HEAD_BYTES = 700;

const BROWSER_FIELDS: Readonly<Record<string, string>> = {
  "Connection": "keep-alive",
  "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "DNT": "1",
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
    "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "no-cors",
  "Sec-Fetch-Dest": "image",
  "Referer": "http://127.0.0.1/articles/index.html",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-GB,en;q=0.9",
};

/** Fourteen fields that, with Host, make the head {@linkcode BROWSER_HEAD_BYTES} long. */
export function browserFields(
  request: WireRequest,
  port: number,
): Record<string, string> {
  const fields = { ...BROWSER_FIELDS, Cookie: "" };
  const length = requestText({ ...request, fields }, port).length;
  return { ...fields, Cookie: "c".repeat(BROWSER_HEAD_BYTES - length) };
}

/** The short head, of 45 bytes. */
export const SHORT_HEAD: string = requestText({ target: "/1k.js" }, 8000);

/** The head of {@linkcode BROWSER_HEAD_BYTES} bytes. */
export const BROWSER_HEAD: string = requestText({
  target: "/1k.js",
  fields: browserFields({ target: "/1k.js" }, 8000),
}, 8000);
