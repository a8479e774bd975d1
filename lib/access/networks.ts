/**
 * IP addresses for access rules: lists of networks, the canonical form of an
 * address, and the part of it that limits count.
 *
 * @module
 */

import { parseIpv4, parseIpv6, wordsOf } from "../http/host.ts";

/** An invalid network. The message is for the operator. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

/** How many results are cached: looking an address up in a list costs more than all other rules together. */
const ANSWERS_MAX = 1_000;

/** A list of networks. */
export class Networks {
  readonly #networks: Network[] = [];
  readonly #answers = new Map<string, boolean>();

  /**
   * A list of networks, each as an address ("192.0.2.1", "2001:db8::1") or with the length of its
   * prefix ("192.0.2.0/24"; bits behind the prefix are ignored). IPv4 addresses in IPv6 form
   * ("::ffff:192.0.2.1") count as IPv4. Throws a {@linkcode NetworkError} that names an invalid entry.
   */
  constructor(texts: readonly string[]) {
    for (const text of texts) this.#add(text);
  }

  #add(text: string): void {
    const slash = text.indexOf("/");
    const written = slash === -1 ? text : text.slice(0, slash);
    const address = written.includes("%") ? undefined : normalAddress(written);
    if (address === undefined) throw badNetwork(text);
    const isIpv4 = !address.includes(":");
    const most = isIpv4 ? 32 : 128;
    // The prefix of a mapped address includes the 96 bits before the IPv4 address.
    const mappedBits = isIpv4 && written.includes(":") ? 96 : 0;
    const digits = slash === -1
      ? `${most + mappedBits}`
      : text.slice(slash + 1);
    const prefix = Number(digits) - mappedBits;
    if (!/^\d{1,3}$/.test(digits) || prefix < 0 || prefix > most) {
      throw badNetwork(text);
    }
    this.#networks.push({ words: addressWords(address), prefix });
  }

  /** Whether an address is in one of the networks. Text that is not an IP address is in none. */
  has(address: string): boolean {
    let answer = this.#answers.get(address);
    if (answer === undefined) {
      const normal = normalAddress(address);
      answer = normal !== undefined &&
        this.#includes(addressWords(normal));
      if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
      this.#answers.set(address, answer);
    }
    return answer;
  }

  #includes(words: readonly number[]): boolean {
    return this.#networks.some((network) => hasPrefix(words, network));
  }
}

/** An address of the network, and how many of its bits all addresses of the network have. */
interface Network {
  readonly words: readonly number[];
  readonly prefix: number;
}

/** The two words of an IPv4 address, or the eight of an IPv6 address, in canonical form. */
function addressWords(address: string): number[] {
  const bytes = parseIpv4(address);
  return bytes === undefined ? parseIpv6(address)! : wordsOf(bytes);
}

/** Whether words begin with the same bits. */
function hasPrefix(
  words: readonly number[],
  { words: others, prefix }: Network,
): boolean {
  return words.length === others.length && words.every((word, index) => {
    const bits = Math.min(Math.max(prefix - 16 * index, 0), 16);
    return (word ^ others[index]!) >> (16 - bits) === 0;
  });
}

function badNetwork(text: string): NetworkError {
  return new NetworkError(
    `Cannot use "${text}" as a network: expected an IP address, or one with a prefix length such as 192.0.2.0/24`,
  );
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
  if (!text.includes(":")) {
    return parseIpv4(text) === undefined ? undefined : text;
  }
  const zone = text.indexOf("%");
  const address = (zone === -1 ? text : text.slice(0, zone)).toLowerCase();
  const words = parseIpv6(address);
  if (words === undefined) return undefined;
  const isMapped = words[5] === 0xffff &&
    words.slice(0, 5).every((word) => word === 0);
  if (!isMapped) return address;
  const [high = 0, low = 0] = words.slice(6);
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
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
  const prefix = parseIpv6(normal)!.slice(0, bits6 / 16);
  return `${prefix.map((word) => word.toString(16)).join(":")}::/${bits6}`;
}
