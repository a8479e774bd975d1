/**
 * Pairs of certificate and key that a server can be given, and clients that
 * speak TLS to it.
 *
 * @module
 */

import tls from "node:tls";
import {
  parseResponses,
  readToEnd,
  type Response,
  type TemporaryDirectory,
  textOf,
  utf8,
  within,
  writeAll,
} from "./helpers.ts";
import { Client } from "./raw_client.ts";
import * as pairs from "./service/pairs.ts";

/** A pair, and the name that its certificate says. */
export interface NamedPair {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

/** Pairs, of which each is another's successor. */
export const PAIRS: readonly NamedPair[] = [
  { name: "first.localhost", cert: pairs.FIRST, key: pairs.FIRST_KEY },
  { name: "second.localhost", cert: pairs.SECOND, key: pairs.SECOND_KEY },
  { name: "ed", cert: pairs.ED, key: pairs.ED_KEY },
  { name: "rsa", cert: pairs.RSA, key: pairs.RSA_KEY },
];

/** The first of them. */
export const FIRST_PAIR: NamedPair = PAIRS[0]!;

/** Makes a file of the directory another, at once, as a program does that cares. */
export function replaceFile(
  directory: TemporaryDirectory,
  name: string,
  content: string,
): void {
  directory.write(`${name}.new`, content);
  Deno.renameSync(directory.join(`${name}.new`), directory.join(name));
}

/** Puts a pair where {@linkcode tlsArgs} expects it. */
export function putPair(
  directory: TemporaryDirectory,
  { cert, key }: NamedPair,
): void {
  replaceFile(directory, "live.key", key);
  replaceFile(directory, "live.pem", cert);
}

/** What tells skiff of a pair in a directory, on a port that is free. */
export function tlsArgs(directory: TemporaryDirectory): string[] {
  return [
    "--port=0",
    `--tls-cert=${directory.join("live.pem")}`,
    `--tls-key=${directory.join("live.key")}`,
  ];
}

/** A connection that trusts {@linkcode PAIRS}, once its handshake is done. */
export async function connectTls(port: number): Promise<Deno.TlsConn> {
  const socket = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [pairs.CA],
  });
  try {
    await within(socket.handshake(), "a TLS handshake");
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** A client over such a connection. */
export async function tlsClient(port: number): Promise<Client> {
  return Client.over(await connectTls(port));
}

/** One request on a TLS connection of its own, and its response. */
export async function requestTls(
  port: number,
  method: string,
  target: string,
  fields: string = "",
): Promise<Response> {
  using socket = await connectTls(port);
  await writeAll(
    socket,
    utf8(
      `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n`,
    ),
  );
  const text = textOf(await within(readToEnd(socket), "a response"));
  return parseResponses(text, [method])[0]!;
}

/** The name on the certificate that a new connection is shown. */
export function certificateOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let name = "";
  const socket = tls.connect({
    host: "127.0.0.1",
    port,
    ca: pairs.CA,
    servername: "localhost",
  }, () => {
    name = String(socket.getPeerCertificate().subject.CN);
    socket.end();
  });
  socket.on("error", reject);
  socket.on("close", () => resolve(name));
  socket.resume();
  return within(promise, "a certificate");
}

/** Waits until every one of so many new connections is shown a certificate with this name. */
export async function untilCertificate(
  port: number,
  name: string,
  connections: number = 8,
): Promise<void> {
  const end = Date.now() + 10_000;
  for (let count = 0; count < connections;) {
    const shown = await certificateOf(port);
    count = shown === name ? count + 1 : 0;
    if (Date.now() > end) throw new Error(`Shown ${shown} instead of ${name}`);
  }
}
