/**
 * The PROXY protocol, versions 1 and 2: a header that a proxy sends before the
 * first byte of a forwarded connection, with the address of the client. Source:
 * "The PROXY protocol",
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt; § refers to its
 * sections.
 *
 * Any client can send such a header, so skiff reads it only from trusted
 * proxies. From these it is mandatory: detecting it would be guessing (§2).
 *
 * @module
 */

import { latin1, mayBegin } from "../http/ascii.ts";
import { ipv6Text, parseIpv4, parseIpv6, wordsOf } from "../http/host.ts";
import { INCOMPLETE } from "../http/http1/request.ts";
import type { Socket } from "./client.ts";

/** Longest header of version 1 with its CRLF, in bytes (§2.1). */
export const V1_BYTES_MAX = 107;

/** Longest header of version 2 with its extensions, in bytes: what any host takes in one TCP segment (§2). */
export const V2_BYTES_MAX = 536;

/** What {@linkcode parseProxyHeader} returns for bytes that are not a header: the connection must be closed. */
export const MALFORMED_HEADER: -400 = -400;

/** What a proxy says about the connection. */
export interface ProxyHeader {
  /** Length of the header in bytes. The bytes of the connection itself follow. */
  readonly length: number;
  /**
   * Address of the client, in the runtime's form; undefined if the proxy speaks for itself (LOCAL), does not know the
   * address, or got the client over a Unix socket. The address of the peer then holds.
   */
  readonly address: string | undefined;
}

/** What the bytes of a connection so far begin with. */
type ParseResult = ProxyHeader | typeof INCOMPLETE | typeof MALFORMED_HEADER;

/**
 * Parses the header at the start of a connection, of which these are all bytes so far. Returns {@linkcode INCOMPLETE}
 * while they may become a header, {@linkcode MALFORMED_HEADER} at the first byte that rules it out. Never throws.
 */
export function parseProxyHeader(bytes: Uint8Array): ParseResult {
  if (mayBegin(bytes, SIGNATURE)) return parseBinary(bytes);
  return mayBegin(bytes, PROXY) ? parseLine(bytes) : MALFORMED_HEADER;
}

/**
 * Reads the header from a socket into `input`, which has room for the longest one. `end` is where the input ends.
 * Returns undefined if the proxy sends none: it must (§2), so the caller closes the connection.
 */
export async function readProxyHeader(
  socket: Pick<Socket, "read">,
  input: Uint8Array,
): Promise<ProxyHeader & { readonly end: number } | undefined> {
  for (let end = 0;;) {
    const header = parseProxyHeader(input.subarray(0, end));
    if (typeof header === "object") return { ...header, end };
    if (header === MALFORMED_HEADER) return undefined;
    const count = await socket.read(input.subarray(end));
    if (count === null) return undefined;
    end += count;
  }
}

const PROXY = "PROXY ";

/** §2.2 */
const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** Version 1 (§2.1): one line of text. */
function parseLine(bytes: Uint8Array): ParseResult {
  const text = latin1(bytes, 0, Math.min(bytes.length, V1_BYTES_MAX));
  const end = text.search(/[\r\n]/);
  const lineEnd = end === -1 ? "" : text.slice(end, end + 2);
  if (lineEnd === "\r\n") {
    const address = addressInLine(text.slice(0, end));
    if (address === MALFORMED_HEADER) return MALFORMED_HEADER;
    return { length: end + 2, address };
  }
  const mayFollow = lineEnd === "" || lineEnd === "\r";
  const isFull = text.length === V1_BYTES_MAX;
  return mayFollow && !isFull ? INCOMPLETE : MALFORMED_HEADER;
}

/** "PROXY" SP family SP source SP destination SP source-port SP destination-port, without its CRLF (§2.1). */
function addressInLine(
  line: string,
): string | undefined | typeof MALFORMED_HEADER {
  const parts = line.split(" ");
  const [, family, source = "", destination = ""] = parts;
  // The rest of the line must be ignored (§2.1).
  if (family === "UNKNOWN") return undefined;
  const isWhole = parts.length === 6 && isPort(parts[4]!) && isPort(parts[5]!);
  if (!isWhole) return MALFORMED_HEADER;
  if (family === "TCP4") {
    const isSound = parseIpv4(source) && parseIpv4(destination);
    return isSound ? source : MALFORMED_HEADER;
  }
  if (family === "TCP6") {
    const words = parseIpv6(source);
    const isSound = words && parseIpv6(destination);
    return isSound ? ipv6Text(words) : MALFORMED_HEADER;
  }
  return MALFORMED_HEADER;
}

/** A port without leading zeros. */
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 0xffff;
}

/** Bytes before the addresses of version 2: signature, version and command, family and protocol, length. */
const V2_START_BYTES = 16;

const VERSION_2 = 2;
const PROXY_COMMAND = 1;

/** Bytes of both addresses and ports by family: AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX (§2.2). */
const ADDRESS_BYTES: readonly number[] = [0, 12, 36, 216];
const INET = 1;
const INET6 = 2;

/** UNSPEC, STREAM, DGRAM. */
const PROTOCOL_MAX = 2;

/** Version 2 (§2.2): binary. Skips what follows the addresses (TLVs). */
function parseBinary(bytes: Uint8Array): ParseResult {
  const count = bytes.length;
  if (count <= SIGNATURE.length) return INCOMPLETE;
  const [version, command] = nibbles(bytes[12]!);
  if (version !== VERSION_2 || command > PROXY_COMMAND) return MALFORMED_HEADER;
  // The family of a LOCAL header has no meaning.
  const isLocal = command !== PROXY_COMMAND;
  if (count < V2_START_BYTES) return INCOMPLETE;
  const [family, protocol] = nibbles(bytes[13]!);
  const rest = bytes[14]! << 8 | bytes[15]!;
  const length = V2_START_BYTES + rest;
  if (length > V2_BYTES_MAX) return MALFORMED_HEADER;
  if (!isLocal) {
    if (family >= ADDRESS_BYTES.length) return MALFORMED_HEADER;
    if (protocol > PROTOCOL_MAX) return MALFORMED_HEADER;
    // With UNSPEC the addresses have no defined form.
    if (protocol > 0 && rest < ADDRESS_BYTES[family]!) return MALFORMED_HEADER;
  }
  if (count < length) return INCOMPLETE;
  if (isLocal || protocol === 0) return { length, address: undefined };
  return { length, address: sourceAddress(bytes, family) };
}

/** The source address, which comes first. */
function sourceAddress(bytes: Uint8Array, family: number): string | undefined {
  const addresses = bytes.subarray(V2_START_BYTES);
  if (family === INET) return addresses.subarray(0, 4).join(".");
  if (family === INET6) return ipv6Text(wordsOf(addresses.subarray(0, 16)));
  return undefined;
}

/** The upper and the lower four bits of a byte. */
function nibbles(byte: number): [high: number, low: number] {
  return [byte >> 4, byte & 0xf];
}
