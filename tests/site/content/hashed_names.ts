/**
 * Reads `hashed_names.txt`: file names that carry a hash of their content,
 * and names that only look as if they did.
 *
 * @module
 */

import text from "./hashed_names.txt" with { type: "text" };

/** Names that one tool wrote with one configuration. */
export interface Build {
  /** The tool and its version. */
  readonly tool: string;
  /** Its configuration: a pattern for names, or where the names were found. */
  readonly options: string;
  /** Names whose hash skiff recognizes. */
  readonly seen: string[];
  /** Names whose hash skiff does not recognize. */
  readonly missed: string[];
}

/** Names of one kind that skiff must never take for hashed ones. */
export interface Lookalikes {
  readonly kind: string;
  readonly paths: string[];
}

/** Names with a hash, by the build that made them. */
export const BUILDS: readonly Build[] = [];

/** Names without a hash of their content. */
export const LOOKALIKES: readonly Lookalikes[] = [];

readNames(BUILDS as Build[], LOOKALIKES as Lookalikes[]);

/** Adds what the text says. Throws on a line of no known form, so that no name is lost to a typing error. */
function readNames(builds: Build[], lookalikes: Lookalikes[]): void {
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [, sign, rest] = /^(build|lookalikes|[-+!])(?: (.+))?$/.exec(line) ??
      [];
    const name = unescape(rest ?? "");
    if (sign === "build") {
      const [tool, options] = name.split("; ", 2);
      builds.push({ tool: tool!, options: options!, seen: [], missed: [] });
    } else if (sign === "lookalikes") {
      lookalikes.push({ kind: name, paths: [] });
    } else if (sign === "+") builds.at(-1)!.seen.push(name);
    else if (sign === "-") builds.at(-1)!.missed.push(name);
    else if (sign === "!") lookalikes.at(-1)!.paths.push(name);
    else throw new Error(`hashed_names.txt:${index + 1}: ${line}`);
  }
}

function unescape(name: string): string {
  return name.replaceAll(
    /\\u([0-9a-f]{4})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
}
