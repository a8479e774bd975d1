/**
 * Request heads for commands that ask the site something without a socket.
 *
 * @module
 */

import type { RequestHead } from "../http/head.ts";
import { CHUNKED, frameBody } from "../http/http1/body.ts";
import { ParsedHead } from "../http/http1/request.ts";
import type { Client } from "../server/client.ts";

/** The host of a request, unless a header says otherwise. */
const HOST = "localhost";

const ENCODER = new TextEncoder();

/**
 * Returns the head of a GET as if a client had sent it, through the parser that reads heads from the wire; the status
 * with which that rejects it otherwise.
 */
export function requestHead(
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
): RequestHead | number {
  const hasHost = fields.some(([name]) => name.toLowerCase() === "host");
  const lines = [...hasHost ? [] : [["Host", HOST]], ...fields]
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = ENCODER.encode(
    `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`,
  );
  const head = new ParsedHead();
  const end = head.parse(bytes, 0, bytes.length);
  const framing = end === bytes.length ? frameBody(head) : end;
  // Otherwise a part of the target was parsed as something else.
  const isWhole = end === bytes.length && head.target === target;
  if (isWhole && (framing >= 0 || framing === CHUNKED)) return head;
  return framing < 0 ? -framing : 400;
}

/** Returns the client of such a request: a program on this machine. */
export function localClient(): Client {
  const address = "127.0.0.1";
  return { peer: address, address, isTls: false, isSender: true };
}
