/**
 * The address of the client behind proxies, from what the proxies say:
 * Forwarded (RFC 7239) or X-Forwarded-For.
 *
 * Each proxy writes behind what it was sent, so only what stands on the right
 * is known to be a proxy's. Both fields are therefore read from right to left,
 * and what stands further left, which may be anything, cannot change how it is read.
 *
 * @module
 */

import { BACKSLASH, DQUOTE, trimSpace } from "../http/ascii.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { type Networks, normalAddress } from "./networks.ts";

/** Most proxies in a row that are believed. */
export const HOPS_MAX = 32;

/** The field that the proxies write. */
export type ForwardedField = "forwarded" | "x-forwarded-for";

/**
 * {@linkcode clientAddress} of a request, from the one field that the proxies are known to write: the other
 * may have come from the client, and been passed on.
 */
export function forwardedAddress(
  head: RequestHead,
  peer: string,
  trusted: Networks,
  field: ForwardedField,
): string {
  const isForwarded = field === "forwarded";
  const number = isForwarded ? Field.Forwarded : Field.XForwardedFor;
  if (trusted.isEmpty || !head.has(number)) return peer;
  const value = head.field(number);
  return isForwarded
    ? clientAddress(peer, value, undefined, trusted)
    : clientAddress(peer, undefined, value, trusted);
}

/**
 * The address of the client. `peer` is the other end of the connection. Only if that is a trusted proxy
 * the fields are looked at, from the right: the first address that is not a trusted proxy's is the
 * client's. Where the walk ends sooner, at a hidden or unknown node (RFC 7239 §6.2, §6.3), at something
 * that is no address, or at the end, the last address that was good is it.
 *
 * Forwarded, where it is there, is the only one that is read. A trusted proxy that writes one of the two
 * must therefore take the other off. Linear in the fields' length; never throws.
 */
export function clientAddress(
  peer: string,
  forwarded: string | undefined,
  xForwardedFor: string | undefined,
  trusted: Networks,
): string {
  let client = normalAddress(peer) ?? peer;
  if (!trusted.has(client)) return client;
  const list = forwarded ?? xForwardedFor ?? "";
  const isForwarded = forwarded !== undefined;
  let end = list.length;
  for (let hops = 0; hops < HOPS_MAX && end > 0; hops++) {
    const start = isForwarded
      ? startOfElement(list, end)
      : list.lastIndexOf(",", end - 1) + 1;
    if (start === -1) break;
    const element = trimSpace(list.slice(start, end));
    end = start - 1;
    // Empty elements of a list do not count (RFC 9110 §5.6.1.2).
    if (element === "") continue;
    const node = isForwarded ? forOf(element) : element;
    const address = node === undefined ? undefined : addressOf(node);
    if (address === undefined) break;
    client = address;
    if (!trusted.has(client)) break;
  }
  return client;
}

/** Where the list element that ends at `end` begins; -1 when a quoted-string in it has no beginning. */
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

/** The index of the quote that begins the quoted-string which ends with the quote at `end`; -1 for none. */
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

/** forwarded-pair *( ";" forwarded-pair ) (RFC 7239 §4), once white space around each is taken off. */
const PAIR = /^([!#$%&'*+.^`|~\w-]+)=("(?:[^"\\]|\\.)*"|[!#$%&'*+.^`|~\w-]+)$/;

/** The value of an element's "for"; undefined where there is none or more than one, or the element is no valid one. */
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

/** Where the pair ends that begins at `start`: at a semicolon that is not inside quotes. */
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

/** An address in brackets, or one that has no colon in it, with or without a port (RFC 7239 §6). */
const WITH_PORT = /^(?:\[([\da-f:.]{2,45})\]|([\d.]{7,15}))(?::\w{1,16})?$/i;

/** The address in a node; undefined for a hidden or unknown one, and for garbage. */
function addressOf(node: string): string | undefined {
  const match = WITH_PORT.exec(node);
  // X-Forwarded-For, which nobody has written down, has IPv6 addresses without brackets.
  if (match === null) return normalAddress(node);
  const [, bracketed, bare] = match;
  if (bare !== undefined) return normalAddress(bare);
  // What is in brackets is an IPv6 address.
  return bracketed?.includes(":") ? normalAddress(bracketed) : undefined;
}
