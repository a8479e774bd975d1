/**
 * A client that asks over TLS, in HTTP/1.1 or HTTP/2, to check answers before
 * and after they are timed; and the key pair that servers are given.
 *
 * @module
 */

import { CA, FIRST, FIRST_KEY } from "../tests/service/pairs.ts";
import { isEqual, WrongAnswer } from "./exchange.ts";

/** What is spoken over TLS. */
export type TlsProtocol = "https1" | "h2";

/** Files of a certificate for 127.0.0.1 (P-256) and its key. */
export interface PairFiles {
  /** The certificate. */
  readonly cert: string;
  /** The key. */
  readonly key: string;
  /** The certificate of the authority that has signed it. */
  readonly ca: string;
}

/** The text of the authority's certificate. */
export const CA_TEXT: string = CA;

/** Writes the pair into a directory. Servers that give up root's rights can read it. */
export function writePair(directory: string): PairFiles {
  const write = (name: string, text: string) => {
    const path = `${directory}/${name}`;
    Deno.writeTextFileSync(path, text);
    return path;
  };
  return {
    cert: write("cert.pem", FIRST),
    key: write("key.pem", FIRST_KEY),
    ca: write("ca.pem", CA),
  };
}

/**
 * Asks for a file over TLS in the named protocol and no other, and returns the
 * body. Rejects with a WrongAnswer for any status but 200, and with
 * ConnectionRefused where no connection can be made.
 */
async function askTls(
  port: number,
  protocol: TlsProtocol,
  target: string,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const isHttp2 = protocol === "h2";
  const client = Deno.createHttpClient({
    caCerts: [CA],
    http1: !isHttp2,
    http2: isHttp2,
  });
  const url = `https://127.0.0.1:${port}${target}`;
  const headers = { "Accept-Encoding": "identity" };
  const response = await fetch(url, { client, headers }).catch((error) => {
    client.close();
    throw new Deno.errors.ConnectionRefused(String(error));
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    client.close();
    throw new WrongAnswer(`status ${response.status} where 200 is due`);
  }
  const end = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >({ flush: () => client.close() });
  return response.body.pipeThrough(end);
}

/** Throws unless a file asked for over TLS has exactly the bytes on disk; returns how many. */
export async function checkTls(
  port: number,
  protocol: TlsProtocol,
  root: string,
  target: string,
): Promise<number> {
  using file = Deno.openSync(root + target);
  const { size } = file.statSync();
  let length = 0;
  for await (const piece of await askTls(port, protocol, target)) {
    const due = new Uint8Array(piece.length);
    for (let at = 0; at < due.length;) {
      at += file.readSync(due.subarray(at)) ?? Infinity;
    }
    if (!isEqual(piece, due)) throw new WrongAnswer("wrong bytes");
    length += piece.length;
  }
  if (length === size) return length;
  throw new WrongAnswer(`${length} bytes where ${size} are due`);
}
