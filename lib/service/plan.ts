/**
 * Plan: everything an isolate needs to serve, as plain data that can be posted
 * to it.
 *
 * @module
 */

import type { LimitMemory } from "../access/limits.ts";
import type { LoginMemory } from "../access/login_limits.ts";
import type { Preview } from "../cli/preview.ts";
import { OPTION_TABLE, type OptionKey, type Options } from "../cli/options.ts";
import type { KeyPair } from "../server/tls/listener.ts";

/** Memory that all isolates share: limits and metrics hold for the process. */
export interface SharedMemory {
  /** Requests per second. */
  readonly requests: LimitMemory;
  /** Failed logins. */
  readonly logins: LoginMemory;
  /** Connections per address. */
  readonly connections: LimitMemory;
  /** Metrics: see `metric_layout.ts`. */
  readonly metrics: SharedArrayBuffer;
}

/** A root on this machine. */
export interface SiteRoot {
  /** Its absolute path. */
  readonly root: string;
  /** What it is: a directory, an archive that was packed, a ZIP file, whose files are served, or another single file. */
  readonly kind: "directory" | "archive" | "zip" | "file";
}

/** A complete release in the folder of --releases. */
export interface Release extends SiteRoot {
  readonly name: string;
  /** Tells it from another one of the same name. */
  readonly identity: string;
}

/** Whether two releases are the same in the same state. */
export function isSameRelease(a: Release, b: Release): boolean {
  return a.name === b.name && a.identity === b.identity;
}

/** The releases that are served. */
export interface ReleaseSet {
  /** The one that answers, then those that have the names with a hash that it lacks. */
  readonly all: readonly Release[];
  /** Since when the first one is served, in ms since the epoch. */
  readonly since: number;
  /** Releases that cannot be served, as long as they are as they were. */
  readonly refused: readonly Release[];
  /** Releases that --preview can show, each alone. */
  readonly previews?: readonly ReleaseSet[] | undefined;
}

/** All releases of a set: those that are served, and those that only previews show. */
export function releasesIn({ all, previews = [] }: ReleaseSet): Release[] {
  return [...all, ...previews.flatMap(({ all }) => all)];
}

/** What to serve, and how. */
export interface Plan extends SiteRoot {
  /** The values of all options. */
  readonly options: Options;
  /** The releases of which the root is the first; undefined without --releases. */
  readonly releases?: ReleaseSet | undefined;
  /** How requests name the release, if it is a preview. */
  readonly preview?: Preview["by"] | undefined;
  /** How many isolates serve. */
  readonly isolates: number;
  /** Text of the file with names and passwords; undefined if there is none. */
  readonly credentials: string | undefined;
  /** The key pair for TLS; undefined for a plain port. */
  readonly keyPair: KeyPair | undefined;
  /** Memory that all isolates share. */
  readonly memory: SharedMemory;
}

/** A plan that was read again. */
export interface PlanUpdate {
  /** The plan to serve from now on. */
  readonly plan: Plan;
  /** Problems of the site's rules, one sentence each. The invalid rules are left out. */
  readonly problems: readonly string[];
  /** What to print for the operator, one sentence each. */
  readonly warnings: readonly string[];
}

/** Makes another plan of the one that is served and the problems of its rules; undefined if nothing has changed. */
export type PlanReader = (
  plan: Plan,
  problems: readonly string[],
) => Promise<PlanUpdate | undefined>;

/** Thrown for an invalid plan. The message is for the operator. */
export class PlanError extends Error {
  override name = "PlanError";
}

/**
 * Throws a PlanError for rules with problems that the rules served now do not have. At a start the operator sees which
 * rules are left out; a reload may run unattended.
 */
export function refuseNewProblems(
  current: readonly string[],
  found: readonly string[],
): void {
  const known = new Set(current.map(withoutLine));
  const added = found.filter((problem) => !known.has(withoutLine(problem)));
  if (added.length === 0) return;
  const more = added.length === 1 ? "" : ` (and ${added.length - 1} more)`;
  throw new PlanError(added[0]! + more);
}

/** A problem without its line number, which changes with every line added above it. */
function withoutLine(problem: string): string {
  return problem.replace(/:\d+: /, ": ");
}

/**
 * The options to serve with after a reload. Those that only a restart can change keep their value; the keys of those
 * that were to change are in `restartOnly`.
 */
export function reloadableOptions(
  before: Options,
  requested: Options,
): { options: Options; restartOnly: readonly OptionKey[] } {
  const hasFiles = ({ tlsCert }: Options) => tlsCert !== undefined;
  const turnsTls = hasFiles(before) !== hasFiles(requested);
  const restartOnly = OPTION_TABLE
    .filter(({ restart }) =>
      restart === "always" || restart === "tls" && turnsTls
    )
    .map(({ key }) => key)
    .filter((key) =>
      JSON.stringify(before[key]) !== JSON.stringify(requested[key])
    );
  const kept = restartOnly.map((key) => [key, before[key]]);
  return {
    options: { ...requested, ...Object.fromEntries(kept) },
    restartOnly,
  };
}
