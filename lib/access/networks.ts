/**
 * IP addresses for access rules: lists of networks, the canonical form of an
 * address, and the part of it that limits count.
 *
 * @module
 */

import { BlockList, isIPv4, isIPv6 } from "node:net";

/** An invalid network. The message is for the operator. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** How many results are cached: looking an address up in a list costs more than all other rules together. */
const ANSWERS_MAX = 1_000;

/** A list of networks. */
export class Networks {
  /** Whether the list is empty. */
  readonly isEmpty: boolean;
  readonly #list = new BlockList();
  readonly #answers = new Map<string, boolean>();

  /**
   * A list of networks, each as an address ("192.0.2.1", "2001:db8::1") or with the length of its
   * prefix ("192.0.2.0/24"; bits behind the prefix are ignored). IPv4 addresses in IPv6 form
   * ("::ffff:192.0.2.1") count as IPv4. Throws a {@linkcode NetworkError} that names an invalid entry.
   */
  constructor(texts: readonly string[]) {
    this.isEmpty = texts.length === 0;
    for (const text of texts) this.#add(text);
  }

  #add(text: string): void {
    const slash = text.indexOf("/");
    const written = slash === -1 ? text : text.slice(0, slash);
    const address = written.includes("%") ? undefined : normalAddress(written);
    if (address === undefined) throw badNetwork(text);
    const family = familyOf(address);
    if (slash === -1) return this.#list.addAddress(address, family);
    const digits = text.slice(slash + 1);
    // The prefix of a mapped address includes the 96 bits before the IPv4 address.
    const mappedBits = family === "ipv4" && written.includes(":") ? 96 : 0;
    const prefix = Number(digits) - mappedBits;
    const most = family === "ipv4" ? 32 : 128;
    if (!/^\d{1,3}$/.test(digits) || prefix < 0 || prefix > most) {
      throw badNetwork(text);
    }
    this.#list.addSubnet(address, prefix, family);
  }

  /** Whether an address is in one of the networks. Text that is not an IP address is in none. */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    let answer = this.#answers.get(address);
    if (answer === undefined) {
      const normal = normalAddress(address);
      answer = normal !== undefined &&
        this.#list.check(normal, familyOf(normal));
      if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
      this.#answers.set(address, answer);
    }
    return answer;
  }
}

function badNetwork(text: string): NetworkError {
  return new NetworkError(
    `Cannot use "${text}" as a network: expected an IP address, or one with a prefix length such as 192.0.2.0/24`,
  );
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** Longest text of an IPv6 address, in characters; a zone id of up to as many more is allowed. */
const ADDRESS_MAX = 45;

/**
 * The canonical form of an IP address, for comparison: without a zone id ("fe80::1%eth0"), in lower case,
 * and as IPv4 if it is an IPv4 address in IPv6 form (RFC 4291 §2.5.5.2). Returns undefined for any other
 * text. Never throws.
 */
export function normalAddress(text: string): string | undefined {
  if (text.length > 2 * ADDRESS_MAX) return undefined;
  if (!text.includes(":")) return isIPv4(text) ? text : undefined;
  const zone = text.indexOf("%");
  const address = (zone === -1 ? text : text.slice(0, zone)).toLowerCase();
  if (!isIPv6(address)) return undefined;
  const first = address.charCodeAt(0);
  // Only a mapped address begins with zeros, so most addresses skip this.
  if (first !== COLON && first !== DIGIT_ZERO) return address;
  const groups = groupsOf(address);
  const isMapped = groups[5] === 0xffff &&
    groups.slice(0, 5).every((group) => group === 0);
  if (!isMapped) return address;
  const [high = 0, low = 0] = groups.slice(6);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

const COLON = 0x3a;
const DIGIT_ZERO = 0x30;

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const gap = address.indexOf("::");
  if (gap === -1) return parseGroups(address);
  const before = parseGroups(address.slice(0, gap));
  const after = parseGroups(address.slice(gap + 2));
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

/** Groups between colons; an IPv4 address at the end counts as two. */
function parseGroups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a << 8 | b, c << 8 | d];
  });
}

/**
 * The subject that a limit counts an address for: each IPv4 address counts for itself, an IPv6 address for its
 * /64, the least that one customer gets, whose 2⁶⁴ addresses one machine may use (RFC 6177 §2). Returns any
 * other text unchanged.
 */
export function subjectOf(address: string): string {
  if (!address.includes(":")) return address;
  return prefixOf(address, 32, 64);
}

/**
 * The network that shares a queue for an address: the /24 of an IPv4 address and the /48 of an IPv6 address,
 * the most that one customer usually gets (RFC 6177 §2). Returns any other text unchanged.
 */
export function networkOf(address: string): string {
  return prefixOf(address, 24, 48);
}

/** An address without the bits behind a prefix, which must cover whole bytes (IPv4) or groups (IPv6). */
function prefixOf(address: string, bits4: number, bits6: number): string {
  const normal = normalAddress(address);
  if (normal === undefined) return address;
  if (!normal.includes(":")) {
    if (bits4 === 32) return normal;
    return `${normal.split(".").slice(0, bits4 / 8).join(".")}/${bits4}`;
  }
  const prefix = groupsOf(normal).slice(0, bits6 / 16);
  return `${prefix.map((group) => group.toString(16)).join(":")}::/${bits6}`;
}
