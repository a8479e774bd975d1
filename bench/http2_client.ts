/**
 * The least of an HTTP/2 client: asks for one file on a connection, and leaves
 * the connection open.
 *
 * @module
 */

/** What a client says first (RFC 9113 §3.4), and SETTINGS without any. */
const BEGINNING = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

const FRAME_HEAD_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const END_STREAM = 1;
const END_HEADERS = 4;

/** ":method: GET" and ":scheme: https", from the static table of HPACK. */
const GET_HTTPS = "\x82\x87";

/** Bytes of a frame of stream 1, whose payload has fewer than 256. */
function frame(type: number, flags: number, payload: string): string {
  const head = [0, 0, payload.length, type, flags, 0, 0, 0, 1];
  return String.fromCharCode(...head) + payload;
}

/** A literal of HPACK whose name is in the static table, without Huffman, below 127 bytes. */
function literal(name: number, value: string): string {
  return String.fromCharCode(name, value.length) + value;
}

/** The bytes of a client's first request. */
function requestBytes(port: number, target: string): Uint8Array<ArrayBuffer> {
  const block = GET_HTTPS + literal(4, target) + // ":path"
    literal(1, `127.0.0.1:${port}`); // ":authority"
  const text = BEGINNING + frame(HEADERS, END_STREAM | END_HEADERS, block);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Asks for a file of at most a few KiB on a new connection; resolves with the
 * text of the answer, whatever its status. Rejects where the connection ends.
 */
export async function askHttp2(
  conn: Deno.Conn,
  port: number,
  target: string,
): Promise<string> {
  await writeAll(conn, requestBytes(port, target));
  const input = new Uint8Array(65536);
  let end = 0;
  let body = "";
  for (;;) {
    const count = await conn.read(input.subarray(end));
    if (count === null) throw new Error("the connection ended");
    end += count;
    let at = 0;
    for (;;) {
      const length = input[at]! << 16 | input[at + 1]! << 8 | input[at + 2]!;
      const from = at + FRAME_HEAD_BYTES;
      if (end < from || end < from + length) break;
      at = from + length;
      const [type, flags] = input.subarray(from - 6, from - 4);
      if (type === DATA) {
        body += new TextDecoder().decode(input.subarray(from, at));
      }
      if (type === SETTINGS && flags === 0) {
        await writeAll(conn, Uint8Array.of(0, 0, 0, SETTINGS, 1, 0, 0, 0, 0));
      }
      const isLast = type === DATA || type === HEADERS;
      if (isLast && (flags! & END_STREAM) !== 0) return body;
    }
    input.copyWithin(0, at, end);
    end -= at;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}
