/**
 * The hosts of previews, which skiff answers like its own.
 *
 * @module
 */

import { parseHost } from "../access/hosts.ts";
import type { Options } from "../cli/options.ts";
import { quote } from "../http/printable.ts";
import { PlanError } from "./plan.ts";

/** Begins a host that stands for all names below another. */
const BELOW = "*.";

/** Returns the canonical form of a host as --preview names it. Throws a {@linkcode PlanError} for any other text. */
export function previewHost(text: string): string {
  const start = text.startsWith(BELOW) ? BELOW : "";
  const host = parseHost(text.slice(start.length));
  if (host !== undefined) return start + host;
  throw new PlanError(
    `--preview: Cannot use ${
      quote(text)
    } as a host: expected a name without a port, such as next.example.com`,
  );
}

/**
 * Returns the hosts of previews in the form of `allowedHosts`: an operator who names them wants them answered. Throws a
 * {@linkcode PlanError} for a host that is invalid, and for a host or a word that names two releases.
 */
export function previewHosts({ preview }: Pick<Options, "preview">): string[] {
  const hosts = new Map<string, string>();
  const words = new Map<string, string>();
  for (const { release, by, key } of preview) {
    const releases = by === "host" ? hosts : words;
    const name = by === "host" ? previewHost(key) : key;
    const other = releases.get(name);
    if (other !== undefined && other !== release) {
      throw new PlanError(
        `--preview: Cannot show ${quote(release)} for ${
          quote(key)
        }: that shows ${quote(other)}`,
      );
    }
    releases.set(name, release);
  }
  return [...hosts.keys()];
}
