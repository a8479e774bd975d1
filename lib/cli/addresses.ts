/**
 * Parsers of addresses, host names and networks.
 *
 * @module
 */

import { asciiName, bareHost, ipVersion, uriHost } from "../http/host.ts";
import { unusable } from "./values.ts";

/** An address to listen on. */
export interface Address {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** The port; 0 for any free one. */
  readonly port: number;
}

/** The bounds of a port; 0 stands for any free one. */
export const PORT_RANGE: readonly [min: number, max: number] = [0, 65535];

/** Parses an IP address, with or without brackets, or a host name. Does not check that it belongs to this machine. */
export function parseListenHost(value: string): string {
  const bare = bareHost(value);
  const isName = /^[\w.-]+$/.test(bare);
  if (!isName && ipVersion(bare) !== 6) {
    throw unusable(
      value,
      "as an address",
      "a name or an IP address such as 127.0.0.1, without a port",
    );
  }
  return bare;
}

/** Parses a host and a port: `127.0.0.1:9000`, `[::1]:9000`; `:9000` is `127.0.0.1:9000`. */
export function parseHostAndPort(value: string): Address {
  const parts = /^(\[[\w:.%]{2,60}\]|[\w.-]{0,253}):(\d{1,5})$/.exec(value);
  const host = parts?.[1] ?? "";
  const port = Number(parts?.[2]);
  const isAddress = !host.startsWith("[") || ipVersion(bareHost(host)) === 6;
  if (parts === null || !isAddress || port > PORT_RANGE[1]) {
    throw unusable(
      value,
      "as an address with a port",
      "one such as 127.0.0.1:9000 or [::1]:9000",
    );
  }
  return { host: host === "" ? "127.0.0.1" : parseListenHost(host), port };
}

/** Checks an IP address, or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), and returns it unchanged. */
export function parseNetwork(value: string): string {
  const slash = value.indexOf("/");
  const address = slash === -1 ? value : value.slice(0, slash);
  const length = slash === -1 ? "0" : value.slice(slash + 1);
  const version = address.includes("%") ? 0 : ipVersion(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw unusable(
      value,
      "as a network",
      "one such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7",
    );
  }
  return value;
}

/** The longest name in the DNS (RFC 1035 §2.3.4), in characters. */
const HOST_NAME_MAX = 255;

/**
 * Parses a name that the Host header may have, without a port, and returns it in
 * lower case: a name, an address (IPv6 gets brackets, as in Host), `.example.com`
 * for a domain and its subdomains, `*.example.com` for the subdomains, `*` for any.
 */
export function parseAllowedHost(value: string): string {
  const prefix = /^(?:\*?\.)?/.exec(value)![0];
  const lower = prefix + asciiName(value.slice(prefix.length)).toLowerCase();
  const bare = bareHost(lower);
  if (!bare.includes("%") && ipVersion(bare) === 6) return uriHost(bare);
  const isName = lower.length <= HOST_NAME_MAX &&
    /^(?:\*?\.)?[\w-]+(?:\.[\w-]+)*$/.test(lower);
  if (lower !== "*" && !isName) {
    throw unusable(
      value,
      "as a name",
      "one such as example.com, .example.com, 192.0.2.7, or * for any, without a port",
    );
  }
  return lower;
}
