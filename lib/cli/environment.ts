/**
 * Reads options from environment variables.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { isFrom, type Setting, settingOf, variableOf } from "./option_row.ts";
import { OPTION_TABLE, type OptionRow } from "./options.ts";
import { type Origin, withOrigin } from "./origin.ts";
import { nearest } from "./values.ts";

/** Gets the value of an environment variable; undefined if it is not set or may not be read. */
export type Variables = (name: string) => string | undefined;

/** The options in the environment. */
export interface EnvironmentSettings {
  /** The settings, in the order of the table. */
  readonly settings: readonly Setting[];
  /** Probable mistakes, one sentence each. */
  readonly warnings: readonly string[];
}

/** The names of all environment variables that skiff reads. */
export const VARIABLES: readonly string[] = OPTION_TABLE
  .filter((row) => isFrom(row, "environment"))
  .map(({ key }) => variableOf(key));

/** The variables that tell what the terminal can show. Each is read only if permissions allow it. */
export const TERMINAL_VARIABLES = [
  "TERM",
  "FORCE_COLOR",
  "LC_ALL",
  "LC_CTYPE",
  "LANG",
  "TERM_PROGRAM",
  "VTE_VERSION",
  "WT_SESSION",
  "FORCE_HYPERLINK",
] as const;

/** The variables that Kubernetes sets for a service named skiff, among them `SKIFF_PORT` with a URL as its value. */
const SERVICE_VARIABLE =
  /^SKIFF_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/**
 * Reads the settings. An empty variable counts as not set. `names` are those of
 * all variables, if they can be listed; unknown ones that begin with `SKIFF_` give
 * a warning. Throws a UsageError for an invalid value.
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
        } for ${name}: it comes from a Kubernetes service, so skiff ignores it`,
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
        ? "there is no such option"
        : `did you mean ${meant}?`;
      return `Cannot understand ${quote(name)} in the environment: ${hint}`;
    });
}
