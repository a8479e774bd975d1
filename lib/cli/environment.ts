/**
 * The variables of the environment that set options.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { isFrom, type Setting, settingOf, variableOf } from "./option_row.ts";
import { OPTION_TABLE, type OptionRow } from "./options.ts";
import { type Origin, withOrigin } from "./origin.ts";
import { nearest } from "./values.ts";

/** Gives the value of a variable; undefined for one that is not set, or that may not be read. */
export type Variables = (name: string) => string | undefined;

/** What the environment says. */
export interface EnvironmentSettings {
  /** The options. */
  readonly settings: readonly Setting[];
  /** What looks like a mistake, and perhaps is none: a sentence each. */
  readonly warnings: readonly string[];
}

/** The names of all variables that are read. */
export const VARIABLES: readonly string[] = OPTION_TABLE
  .filter((row) => isFrom(row, "environment"))
  .map(({ key }) => variableOf(key));

/** What Kubernetes sets for a service of the name skiff: `SKIFF_PORT` is among it, with an address as value. */
const SERVICE_VARIABLE =
  /^SKIFF_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/**
 * Reads the variables. One with nothing in it counts as not set. `names` are
 * those of all variables, where they can be listed: among them, names that are
 * like those of skiff and mean nothing are told of. Throws a UsageError.
 */
export function readEnvironment(
  variables: Variables,
  names: readonly string[] = [],
): EnvironmentSettings {
  const settings: Setting[] = [];
  const warnings: string[] = [];
  for (const row of OPTION_TABLE) {
    if (!isFrom(row, "environment")) continue;
    const name = variableOf(row.key);
    const text = variables(name);
    if (text === undefined || text === "") continue;
    if (row.key === "port" && SERVICE_ADDRESS.test(text)) {
      warnings.push(
        `Cannot use ${
          quote(text)
        } for ${name}, so it counts as not set: it is the address of a service of Kubernetes`,
      );
      continue;
    }
    settings.push(settingFrom(row, name, text));
  }
  return { settings, warnings: [...warnings, ...unknownNames(names)] };
}

function settingFrom(row: OptionRow, name: string, text: string): Setting {
  const origin: Origin = { source: "environment", name, where: "" };
  if (row.key === "header") {
    const lines = text.split("\n").map((line) => line.trim());
    return { row, value: lines.filter((line) => line !== ""), origin };
  }
  return withOrigin(origin, () => settingOf(row, text, origin));
}

function unknownNames(names: readonly string[]): string[] {
  return names
    .filter((name) => name.startsWith("SKIFF_"))
    .filter((name) => !VARIABLES.includes(name) && !SERVICE_VARIABLE.test(name))
    .map((name) => {
      const meant = nearest(name, VARIABLES);
      const hint = meant === undefined
        ? "it means nothing"
        : `did you mean ${meant}?`;
      return `Cannot understand ${quote(name)} in the environment: ${hint}`;
    });
}
