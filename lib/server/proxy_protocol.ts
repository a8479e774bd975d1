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

import { CR, latin1, LF } from "../http/ascii.ts";
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

/**
 * Parses the header at the start of a connection, bytes[start, end). Returns {@linkcode INCOMPLETE} while the bytes
 * may become a header, {@linkcode MALFORMED_HEADER} at the first byte that rules it out. Never throws.
 */
export function parseProxyHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED_HEADER {
  if (start === end) return INCOMPLETE;
  return bytes[start] === SIGNATURE[0]
    ? parseBinary(bytes, start, end)
    : parseLine(bytes, start, end);
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
    const header = parseProxyHeader(input, 0, end);
    if (typeof header === "object") return { ...header, end };
    if (header === MALFORMED_HEADER) return undefined;
    const count = await socket.read(input.subarray(end));
    if (count === null) return undefined;
    end += count;
  }
}

const PROXY = new TextEncoder().encode("PROXY ");

/** "\r\n\r\n\0\r\nQUIT\n" (§2.2). */
const SIGNATURE = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d],
  ...[0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
);

/** Whether the bytes so far match the prefix. */
function mayBegin(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  const length = Math.min(prefix.length, end - start);
  for (let i = 0; i < length; i++) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}

/** Version 1 (§2.1): one line of text. */
function parseLine(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED_HEADER {
  if (!mayBegin(bytes, start, end, PROXY)) return MALFORMED_HEADER;
  const limit = start + V1_BYTES_MAX;
  const last = Math.min(end, limit);
  for (let at = start; at < last; at++) {
    if (bytes[at] === LF) return MALFORMED_HEADER;
    if (bytes[at] !== CR) continue;
    if (at + 1 === limit) return MALFORMED_HEADER;
    if (at + 1 === end) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return MALFORMED_HEADER;
    const address = addressInLine(latin1(bytes, start, at));
    if (address === MALFORMED_HEADER) return MALFORMED_HEADER;
    return { length: at + 2 - start, address };
  }
  return last === limit ? MALFORMED_HEADER : INCOMPLETE;
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
function parseBinary(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProxyHeader | typeof INCOMPLETE | typeof MALFORMED_HEADER {
  if (!mayBegin(bytes, start, end, SIGNATURE)) return MALFORMED_HEADER;
  const count = end - start;
  if (count <= SIGNATURE.length) return INCOMPLETE;
  const [version, command] = nibbles(bytes[start + 12]!);
  if (version !== VERSION_2 || command > PROXY_COMMAND) return MALFORMED_HEADER;
  // The family of a LOCAL header has no meaning.
  const isLocal = command !== PROXY_COMMAND;
  if (count < V2_START_BYTES) return INCOMPLETE;
  const [family, protocol] = nibbles(bytes[start + 13]!);
  const rest = bytes[start + 14]! << 8 | bytes[start + 15]!;
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
  return { length, address: addressAt(bytes, start + V2_START_BYTES, family) };
}

/** The source address at `at`. */
function addressAt(
  bytes: Uint8Array,
  at: number,
  family: number,
): string | undefined {
  if (family === INET) return bytes.subarray(at, at + 4).join(".");
  if (family === INET6) return ipv6Text(wordsOf(bytes.subarray(at, at + 16)));
  return undefined;
}

/** The upper and the lower four bits of a byte. */
function nibbles(byte: number): [high: number, low: number] {
  return [byte >> 4, byte & 0xf];
}
