/**
 * Checks options that conflict or depend on each other.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { flagOf, variableOf } from "./option_row.ts";
import { OPTION_TABLE, type OptionKey, type Options } from "./options.ts";
import { atOrigin, type Origin } from "./origin.ts";
import { UsageError } from "./values.ts";

/** Where each option was given; only those that were. */
export type Origins = ReadonlyMap<OptionKey, Origin>;

/** Throws a {@linkcode UsageError} for an impossible combination, with the place where the offending option was given. */
export function refuseCombinations(options: Options, origins: Origins): void {
  const refuse = (key: OptionKey, reason: string): never => {
    const origin = originOf(key, origins);
    const message = `Cannot use ${origin.name} ${reason}`;
    throw new UsageError(atOrigin(message, origin));
  };
  for (const { key, needs } of OPTION_TABLE) {
    if (needs === undefined || !isSet(key, options, origins)) continue;
    const others = [needs].flat() as OptionKey[];
    if (others.some((other) => isSet(other, options, origins))) continue;
    const names = others.map((other) => nameBeside(key, other, origins));
    refuse(key, `without ${names.join(" or ")}: add ${names[0]}`);
  }
  const { port, httpsRedirect, admin, host } = options;
  const tls = (["tlsCert", "https"] as const)
    .filter((key) => options[key] !== undefined);
  if (tls.length > 1) {
    const other = nameBeside("https", "tlsCert", origins);
    refuse("https", `together with ${other}: choose one certificate`);
  }
  if (options.releases !== undefined) {
    const others = {
      root: "it serves a release",
      live: "releases do not change",
    };
    for (const [key, reason] of Object.entries(others)) {
      if (!isSet(key as OptionKey, options, origins)) continue;
      const other = nameBeside("releases", key as OptionKey, origins);
      refuse("releases", `together with ${other}: ${reason}`);
    }
  }
  if (options.proxyProtocol && tls[0] !== undefined) {
    const other = nameBeside("proxyProtocol", tls[0], origins);
    const reason = "skiff cannot read the PROXY protocol ahead of TLS";
    refuse("proxyProtocol", `together with ${other}: ${reason}`);
  }
  const taken = (at: number) => `with port ${at}: the site listens on it`;
  if (httpsRedirect && httpsRedirect === port) {
    refuse("httpsRedirect", taken(port));
  }
  if (admin?.port && admin.host === host) {
    const isTaken = [port, httpsRedirect].includes(admin.port);
    if (isTaken) refuse("admin", taken(admin.port));
  }
}

/** Whether an option was given with a value that has an effect. */
function isSet(key: OptionKey, options: Options, origins: Origins): boolean {
  const value = options[key];
  const isEmpty = value === false || Array.isArray(value) && value.length === 0;
  return origins.has(key) && !isEmpty;
}

function originOf(key: OptionKey, origins: Origins): Origin {
  return origins.get(key) ?? { source: "flag", name: flagOf(key), where: "" };
}

/** The name of an option where it was given; if it was not, its name where `beside` was given. */
function nameBeside(
  beside: OptionKey,
  key: OptionKey,
  origins: Origins,
): string {
  const { source } = originOf(beside, origins);
  const name = source === "environment"
    ? variableOf(key)
    : source === "file"
    ? quote(key)
    : flagOf(key);
  return origins.get(key)?.name ?? name;
}
