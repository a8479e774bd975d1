/**
 * The hosts that a server answers. A foreign web page can make its own name
 * resolve to a server in the reader's network, and then read it as the same
 * origin (DNS rebinding); but the Host field still contains that name.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import { asciiName, ipv6Text, ipVersion, parseIpv6 } from "../http/host.ts";
import type { RequestHead } from "../http/head.ts";

/** An invalid host name. The message is for the operator. */
export class HostError extends Error {
  override name = "HostError";
}

const ENCODER = new TextEncoder();

/**
 * Recognises the Host of the last request that was remembered. Most requests name the same host as the one before:
 * comparing bytes takes 20 ns, parsing the host 600.
 */
export class LastHost {
  #bytes: Uint8Array = new Uint8Array(0);

  /** Whether a request names the same host, in the same bytes. */
  isOf(head: RequestHead): boolean {
    return head.target.startsWith("/") && head.has(Field.Host) &&
      head.check(Field.Host, this.#isLast);
  }

  /** Remembers the Host of a request, unless its target names the host. */
  remember(head: RequestHead): void {
    const host = head.target.startsWith("/")
      ? head.field(Field.Host)
      : undefined;
    if (host !== undefined) this.#bytes = ENCODER.encode(host);
  }

  readonly #isLast = (bytes: Uint8Array, start: number, end: number) => {
    const last = this.#bytes;
    if (last.length === 0 || last.length !== end - start) return false;
    for (let i = 0; i < last.length; i++) {
      if (bytes[start + i] !== last[i]) return false;
    }
    return true;
  };
}

/** A list of allowed hosts. */
export class AllowedHosts {
  readonly #exact = new Set<string>();
  /** The parts after the dot in ".example.com" and "*.example.com". */
  readonly #parents = new Set<string>();
  readonly #hasAddresses: boolean;
  /** The last Host value that the list contained. */
  readonly #last = new LastHost();

  /**
   * A list of hosts: names and addresses, "*.example.com" for all names below a name,
   * ".example.com" for these and the name itself. `addresses` adds all IP addresses. Throws a
   * {@linkcode HostError} that names an invalid entry.
   */
  constructor(names: readonly string[], addresses: boolean = false) {
    this.#hasAddresses = addresses;
    for (const name of names) this.#add(name);
  }

  #add(text: string): void {
    const dots = text.startsWith("*.") ? 2 : text.startsWith(".") ? 1 : 0;
    const host = parseHost(text.slice(dots));
    const isAddress = host !== undefined && ipVersion(host) !== 0;
    if (host === undefined || (isAddress && dots > 0)) {
      throw new HostError(
        `Cannot use "${text}" as an allowed host: expected a name without a port, such as example.com, .example.com or *.example.com`,
      );
    }
    if (dots > 0) this.#parents.add(host);
    if (dots < 2) this.#exact.add(host);
  }

  /** Whether the list contains a request's host. */
  allows(head: RequestHead): boolean {
    if (this.#last.isOf(head)) return true;
    if (!this.has(authorityOf(head))) return false;
    this.#last.remember(head);
    return true;
  }

  /** Whether the list contains a host. `authority` is a host with or without a port; undefined if the request names none. */
  has(authority: string | undefined): boolean {
    // Only HTTP/1.0 allows a request without a host. No browser sends one, so no page is behind it.
    if (authority === undefined) return true;
    const host = hostIn(authority);
    if (host === undefined) return false;
    if (this.#exact.has(host)) return true;
    // An address in the Host field was not resolved, so no foreign name server could redirect it.
    if (ipVersion(host) !== 0) return this.#hasAddresses;
    for (let dot = host.indexOf("."); dot !== -1;) {
      if (this.#parents.has(host.slice(dot + 1))) return true;
      dot = host.indexOf(".", dot + 1);
    }
    return false;
  }
}

/** Hosts that DNS rebinding cannot use: localhost, names below it, and all addresses; and `others` as well. */
export function loopbackHosts(others: readonly string[] = []): AllowedHosts {
  return new AllowedHosts([".localhost", ...others], true);
}

/** The canonical form of a host as an operator writes it, without a port; undefined for any other text. */
export function parseHost(text: string): string | undefined {
  const written = asciiName(text);
  const isBracketed = written.startsWith("[") && written.endsWith("]");
  const isHost = isBracketed || HOST.test(written);
  return canonicalIpv6(written) ?? (isHost ? hostIn(written) : undefined);
}

/** A host name: labels separated by dots. */
const HOST = /^[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/;

/** Longest host with a port that is parsed, in characters. */
const AUTHORITY_MAX = 300;

const PORT = /^(?::\d{0,5})?$/;

/** The canonical form of an IPv6 address; undefined for any other text. */
function canonicalIpv6(text: string): string | undefined {
  const words = parseIpv6(text);
  return words && ipv6Text(words);
}

/** The host in uri-host [ ":" port ] (RFC 9110 §7.2), in lower case, without brackets and trailing dot; undefined if it is invalid. */
export function hostIn(authority: string): string | undefined {
  if (authority.length > AUTHORITY_MAX) return undefined;
  if (authority.startsWith("[")) {
    const end = authority.indexOf("]");
    const address = authority.slice(1, end === -1 ? 1 : end).toLowerCase();
    const isWhole = PORT.test(authority.slice(end + 1));
    return isWhole ? canonicalIpv6(address) : undefined;
  }
  const colon = authority.indexOf(":");
  const name = colon === -1 ? authority : authority.slice(0, colon);
  if (colon !== -1 && !PORT.test(authority.slice(colon))) return undefined;
  const host = (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
  if (host === "" || host.startsWith(".") || host.endsWith(".")) {
    return undefined;
  }
  // Resolvers treat "127.0.0.1." as a name.
  return ipVersion(host) === 4 && name.endsWith(".") ? undefined : host;
}

/** A request's host: from its target if that is in absolute-form, else from its Host field (RFC 9112 §3.2.2). */
export function authorityOf(head: RequestHead): string | undefined {
  const { target } = head;
  const start = target.indexOf("://") + 3;
  if (target.startsWith("/") || start === 2) return head.field(Field.Host);
  let end = start;
  while (end < target.length && !"/?#".includes(target[end]!)) end++;
  return target.slice(start, end);
}
