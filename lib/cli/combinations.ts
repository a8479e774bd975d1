/**
 * Checks options that conflict or depend on each other.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { flagOf, variableOf } from "./option_row.ts";
import type { OptionKey, Options } from "./options.ts";
import { atOrigin, type Origin, type Source } from "./origin.ts";
import { UsageError } from "./values.ts";

/** Where each option was given; only those that were. */
export type Origins = ReadonlyMap<OptionKey, Origin>;

/** Options that have no effect without another one. */
const NEEDS: readonly (readonly [key: OptionKey, needed: OptionKey])[] = [
  ["tlsCert", "tlsKey"],
  ["tlsKey", "tlsCert"],
  ["httpsRedirect", "tlsCert"],
  ["hsts", "tlsCert"],
  ["proxyProtocol", "trustedProxy"],
  ["forwardedField", "trustedProxy"],
  ["authPaths", "authFile"],
];

/** Throws a {@linkcode UsageError} for an impossible combination, with the place where the offending option was given. */
export function refuseCombinations(options: Options, origins: Origins): void {
  for (const [key, needed] of NEEDS) {
    if (!isSet(key, options, origins) || isSet(needed, options, origins)) {
      continue;
    }
    refuse(key, origins, (name, nameOf) => {
      const other = nameOf(needed);
      return `Cannot use ${name} without ${other}: add ${other}`;
    });
  }
  if (options.proxyProtocol && options.tlsCert !== undefined) {
    refuse(
      "proxyProtocol",
      origins,
      (name, nameOf) =>
        `Cannot use ${name} together with ${
          nameOf("tlsCert")
        }: skiff cannot read the PROXY protocol ahead of TLS`,
    );
  }
  refuseSamePorts(options, origins);
}

function isSet(key: OptionKey, options: Options, origins: Origins): boolean {
  if (key === "trustedProxy") return options.trustedProxy.length > 0;
  if (key === "proxyProtocol") return options.proxyProtocol;
  return origins.has(key);
}

function refuseSamePorts(options: Options, origins: Origins): void {
  const { port, httpsRedirect, admin, host } = options;
  const isTaken = (other: number | undefined) => !!other && other === port;
  if (isTaken(httpsRedirect)) {
    refuse(
      "httpsRedirect",
      origins,
      (name) =>
        `Cannot use port ${port} for ${name}: the site itself listens on it`,
    );
  }
  if (admin === undefined || admin.port === 0 || admin.host !== host) return;
  if (isTaken(admin.port) || admin.port === httpsRedirect) {
    refuse(
      "admin",
      origins,
      (name) =>
        `Cannot use port ${admin.port} for ${name}: the site itself listens on it`,
    );
  }
}

/** The name of an option in a kind of place. */
function nameIn(source: Source, key: OptionKey): string {
  if (source === "environment") return variableOf(key);
  return source === "file" ? quote(key) : flagOf(key);
}

function refuse(
  key: OptionKey,
  origins: Origins,
  message: (name: string, nameOf: (key: OptionKey) => string) => string,
): never {
  const origin: Origin = origins.get(key) ??
    { source: "flag", name: flagOf(key), where: "" };
  const text = message(
    origin.name,
    (other) => origins.get(other)?.name ?? nameIn(origin.source, other),
  );
  throw new UsageError(atOrigin(text, origin));
}
