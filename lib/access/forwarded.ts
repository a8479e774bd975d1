/**
 * Finds the address of the client behind trusted proxies, from Forwarded
 * (RFC 7239) or X-Forwarded-For.
 *
 * Each proxy appends to what it received, so only the right end is known to
 * come from a proxy. Both fields are therefore read from right to left, and
 * the text further left, which may be anything, cannot change the result.
 *
 * @module
 */

import { BACKSLASH, DQUOTE, trimSpace } from "../http/ascii.ts";
import { Field, type ForwardedField } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { type Networks, normalAddress } from "./networks.ts";

/** Most proxies in a row that are trusted. */
export const HOPS_MAX = 32;

/**
 * {@linkcode clientAddress} of a request, from the one field that the proxies write: the other
 * one may come from the client.
 */
export function forwardedAddress(
  head: RequestHead,
  peer: string,
  trusted: Networks,
  field: ForwardedField,
): string {
  const list = head.field(
    field === "forwarded" ? Field.Forwarded : Field.XForwardedFor,
  );
  return list === undefined ? peer : clientAddress(peer, list, trusted, field);
}

/**
 * The address of the client. `peer` is the other end of the connection. Only if it is a trusted proxy
 * is the `list` of the field read, from the right: the first address that is not a trusted proxy's is the
 * client's. If the walk ends earlier, at a hidden or unknown node (RFC 7239 §6.2, §6.3), at anything that
 * is not an address, or at the start of the list, the last valid address counts. Linear in the list's
 * length; never throws.
 */
export function clientAddress(
  peer: string,
  list: string,
  trusted: Networks,
  field: ForwardedField,
): string {
  let client = normalAddress(peer) ?? peer;
  if (!trusted.has(client)) return client;
  const isForwarded = field === "forwarded";
  let end = list.length;
  for (let hops = 0; hops < HOPS_MAX && end > 0; hops++) {
    const start = isForwarded
      ? startOfElement(list, end)
      : list.lastIndexOf(",", end - 1) + 1;
    if (start === -1) break;
    const element = trimSpace(list.slice(start, end));
    end = start - 1;
    // Empty list elements are ignored (RFC 9110 §5.6.1.2).
    if (element === "") continue;
    const node = isForwarded ? forOf(element) : element;
    const address = node === undefined ? undefined : addressOf(node);
    if (address === undefined) break;
    client = address;
    if (!trusted.has(client)) break;
  }
  return client;
}

/** The start of the list element that ends at `end`; -1 if a quoted-string in it has no start. */
function startOfElement(list: string, end: number): number {
  for (let at = end - 1; at >= 0; at--) {
    const code = list.charCodeAt(at);
    if (code === COMMA) return at + 1;
    if (code !== DQUOTE) continue;
    at = startOfQuoted(list, at);
    if (at === -1) return -1;
  }
  return 0;
}

const COMMA = 0x2c;

/** The index of the opening quote of the quoted-string whose closing quote is at `end`; -1 if there is none. */
function startOfQuoted(list: string, end: number): number {
  for (let at = end - 1; at >= 0; at--) {
    if (list.charCodeAt(at) !== DQUOTE) continue;
    let backslashes = 0;
    while (list.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
    at -= backslashes;
  }
  return -1;
}

/** forwarded-pair *( ";" forwarded-pair ) (RFC 7239 §4), without the white space around each. */
const PAIR = /^([!#$%&'*+.^`|~\w-]+)=("(?:[^"\\]|\\.)*"|[!#$%&'*+.^`|~\w-]+)$/;

/** The value of an element's "for"; undefined if there is not exactly one, or the element is invalid. */
function forOf(element: string): string | undefined {
  let node: string | undefined;
  for (let start = 0; start < element.length;) {
    const end = endOfPair(element, start);
    const pair = trimSpace(element.slice(start, end));
    start = end + 1;
    if (pair === "") continue;
    const match = PAIR.exec(pair);
    if (match === null) return undefined;
    const [, name = "", value = ""] = match;
    if (name.toLowerCase() !== "for") continue;
    if (node !== undefined) return undefined;
    node = value.startsWith('"') ? value.slice(1, -1) : value;
  }
  return node;
}

/** The end of the pair that begins at `start`: a semicolon outside quotes. */
function endOfPair(element: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < element.length; at++) {
    const character = element[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "\\" && isQuoted) at++;
    else if (character === ";" && !isQuoted) return at;
  }
  return element.length;
}

/** An address in brackets or without a colon, with or without a port (RFC 7239 §6). */
const WITH_PORT = /^(?:\[([\da-f:.]{2,45})\]|([\d.]{7,15}))(?::\w{1,16})?$/i;

/** The address in a node; undefined for a hidden, unknown or malformed one. */
function addressOf(node: string): string | undefined {
  const match = WITH_PORT.exec(node);
  // X-Forwarded-For, which has no specification, contains IPv6 addresses without brackets.
  if (match === null) return normalAddress(node);
  const [, bracketed, bare] = match;
  if (bare !== undefined) return normalAddress(bare);
  // Brackets enclose an IPv6 address.
  return bracketed?.includes(":") ? normalAddress(bracketed) : undefined;
}
