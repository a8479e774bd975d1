/**
 * A client that sends bytes as they are, and reads a response head: for checks
 * of servers, to which a proper client would be too polite.
 *
 * @module
 */

import { latin1 } from "../http/ascii.ts";
import { bareHost } from "../http/host.ts";
import {
  parseResponseHead,
  type ResponseHead,
} from "../http/http1/response_head.ts";

/** Most bytes of a response head. */
export const RESPONSE_HEAD_BYTES_MAX: number = 64 * 1024;

/** Where to connect. */
export interface ServerAddress {
  /** The address to connect to: an IP address, or a name. */
  readonly address: string;
  /** The name of the server, for its certificate; without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Certificates of authorities to trust besides those of the system, in PEM. */
  readonly caCerts?: readonly string[];
}

/** Returns where to connect for a URL, by its name. */
export function serverAddressOf(url: URL): ServerAddress {
  const isTls = url.protocol === "https:";
  const hostname = bareHost(url.hostname);
  const port = url.port === "" ? isTls ? 443 : 80 : Number(url.port);
  return { address: hostname, hostname, port, isTls };
}

/** Opens a connection. The signal bounds that alone. */
export async function connect(
  { address, hostname, port, isTls, caCerts = [] }: ServerAddress,
  signal: AbortSignal,
): Promise<Deno.Conn> {
  signal.throwIfAborted();
  const opening = Deno.connect({ hostname: address, port });
  const socket = await unless(signal, opening, (late) => late.close());
  if (!isTls) return socket;
  // It resolves before the handshake, which is what takes time.
  const secure = await Deno.startTls(socket, {
    hostname,
    alpnProtocols: ["http/1.1"],
    caCerts: [...caCerts],
  });
  try {
    await unless(signal, secure.handshake(), () => {});
    return secure;
  } catch (error) {
    secure.close();
    throw new Error(handshakeProblem((error as Error).message));
  }
}

/** The message for a certificate whose authority is not known. */
export const UNKNOWN_AUTHORITY =
  "its certificate is not from a trusted authority";

/** What the TLS library says of certificates, and what that means. */
const CERTIFICATE_PROBLEMS: readonly (readonly [word: RegExp, text: string])[] =
  [
    [/UnknownIssuer|SelfSigned/, UNKNOWN_AUTHORITY],
    [
      /not valid for name|NotValidForName/,
      "its certificate is for other names",
    ],
    [/expired/i, "its certificate has expired"],
    [/not valid yet|NotValidYet/i, "its certificate is not valid yet"],
    [
      /CaUsedAsEndEntity/,
      "its certificate is for an authority (CA:TRUE), not for a server",
    ],
  ];

function handshakeProblem(message: string): string {
  if (!message.includes("certificate")) return message;
  return CERTIFICATE_PROBLEMS.find(([word]) => word.test(message))?.[1] ??
    message;
}

/** Waits for a promise unless a signal comes first; then what the promise comes to is closed. */
async function unless<T>(
  signal: AbortSignal,
  promise: Promise<T>,
  close: (late: T) => void,
): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Error("no response in time"));
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    promise.then(close, () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Sends all bytes on a connection. */
export async function writeAll(
  socket: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await socket.write(bytes.subarray(at));
  }
}

/** Sends a request on a connection of its own, and returns the head of the response. Rejects without one. */
export async function requestOnce(
  target: ServerAddress,
  request: string,
  signal: AbortSignal,
): Promise<ResponseHead> {
  using socket = await connect(target, signal);
  const bytes = new TextEncoder().encode(request);
  await unless(signal, writeAll(socket, bytes), () => {});
  let text = "";
  let at = 0;
  const buffer = new Uint8Array(4096);
  while (text.length < RESPONSE_HEAD_BYTES_MAX) {
    const count = await unless(signal, socket.read(buffer), () => {});
    if (count === null) break;
    text += latin1(buffer, 0, count);
    for (let end = headEnd(text, at); end !== -1; end = headEnd(text, at)) {
      const head = parseResponseHead(text.slice(at, end), false);
      if (head === undefined) {
        throw new Error("the server does not speak HTTP/1");
      }
      // The final response follows interim ones.
      if (head.status >= 200) return head;
      at = end + 4;
    }
  }
  throw new Error("the server sent no response head");
}

function headEnd(text: string, at: number): number {
  return text.indexOf("\r\n\r\n", at);
}
