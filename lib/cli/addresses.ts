/**
 * Addresses and names of machines, as a person may write them.
 *
 * @module
 */

import { isIP } from "node:net";
import { asciiName } from "../http/host.ts";
import { quote } from "../http/printable.ts";
import { PORT_RANGE, UsageError } from "./values.ts";

/** Where something listens. */
export interface Address {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** 0: any. */
  readonly port: number;
}

/** An address or name; brackets around an IPv6 address are taken off. Whether it is this machine's, listening tells. */
export function parseHost(value: string): string {
  const bare = value.replace(/^\[(.*)\]$/, "$1");
  const isName = /^[\w.-]+$/.test(bare);
  if (!isName && isIP(bare) !== 6) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as an address: give a name or an IP address such as 127.0.0.1, without a port`,
    );
  }
  return bare;
}

/** Host and port: `127.0.0.1:9000`, `[::1]:9000`, and `:9000` for this machine alone. */
export function parseHostAndPort(value: string): Address {
  const parts = /^(\[[\w:.%]{2,60}\]|[\w.-]{0,253}):(\d{1,5})$/.exec(value);
  const host = parts?.[1] ?? "";
  const port = Number(parts?.[2]);
  const isAddress = !host.startsWith("[") || isIP(host.slice(1, -1)) === 6;
  if (parts === null || !isAddress || port > PORT_RANGE[1]) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as an address with a port: give one such as 127.0.0.1:9000 or [::1]:9000`,
    );
  }
  return { host: host === "" ? "127.0.0.1" : parseHost(host), port };
}

/** An IP address, or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), as it was written. */
export function parseNetwork(value: string): string {
  const slash = value.indexOf("/");
  const address = slash === -1 ? value : value.slice(0, slash);
  const length = slash === -1 ? "0" : value.slice(slash + 1);
  const version = address.includes("%") ? 0 : isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as a network: give one such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7`,
    );
  }
  return value;
}

/** No name in the DNS is longer (RFC 1035 §2.3.4), in characters. */
const HOST_NAME_MAX = 255;

/**
 * A name that Host may have, in lower case and without a port: a name, an
 * address (IPv6 in brackets, as in Host), `.example.com` for all names below
 * one and itself, `*.example.com` for those below it alone, `*` for any.
 */
export function parseAllowedHost(value: string): string {
  const prefix = /^(?:\*?\.)?/.exec(value)![0];
  const lower = prefix + asciiName(value.slice(prefix.length)).toLowerCase();
  const bare = lower.replace(/^\[(.*)\]$/, "$1");
  if (!bare.includes("%") && isIP(bare) === 6) return `[${bare}]`;
  const isName = lower.length <= HOST_NAME_MAX &&
    /^(?:\*?\.)?[\w-]+(?:\.[\w-]+)*$/.test(lower);
  if (lower !== "*" && !isName) {
    throw new UsageError(
      `Cannot use ${
        quote(value)
      } as a name: give one such as example.com, .example.com, 192.0.2.7, or * for any, without a port`,
    );
  }
  return lower;
}
