/**
 * Reads which releases a folder has, and chooses those to serve. Loaded with
 * --releases only.
 *
 * @module
 */

import { resolve } from "@std/path/resolve";
import type { Options } from "../cli/options.ts";
import { EVERY_RELEASE } from "../cli/preview.ts";
import { printable, quote } from "../http/printable.ts";
import { errorMessage } from "../observe/error_text.ts";
import {
  CURRENT_NAME,
  isReleaseName,
  orderReleases,
  siblingName,
} from "../site/releases/order.ts";
import { Access } from "./access.ts";
import { prepareRoot } from "./open_site.ts";
import {
  isSameRelease,
  type Plan,
  PlanError,
  type PlanUpdate,
  refuseNewProblems,
  type Release,
  type ReleaseSet,
} from "./plan.ts";
import { checkPlan } from "./site_handler.ts";
import { directoryAt } from "./startup.ts";

/** Most names that skiff reads in a folder of releases. */
export const RELEASE_NAMES_MAX = 20_000;

/** Most releases that skiff tries until it can serve one. */
export const RELEASES_TRIED_MAX = 10;

/** Most names in the folder that messages list one by one as not being releases. */
const REFUSED_NAMES_MAX = 10;

/** The largest file that names the release to serve, in bytes. */
const CURRENT_BYTES_MAX = 4096;

/** What skiff knows about a release before it opens it. */
export interface FoundRelease extends Release {
  /** When its folder or file was made, in ms since the epoch; undefined if the file system does not say. */
  readonly born: number | undefined;
}

/** Whether a release is complete, as far as its time and its changes tell. */
export type CompletenessTest = (release: FoundRelease) => boolean;

/** What a folder of releases has. */
export interface ReleaseList {
  /** In the order in which to search them. */
  readonly all: readonly Release[];
  /** Those to show as previews, even if they were refused. */
  readonly shown: readonly Release[];
  /** What the operator should know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads the folder of releases as options say. `isComplete` decides about folders without a marker, and about files;
 * `refused` are left out as long as they have not changed. Throws a StartError if the folder cannot be read.
 */
export function readReleases(
  { releases, keepReleases, releaseMarker, preview }: Options,
  isComplete: CompletenessTest,
  refused: readonly Release[],
): ReleaseList {
  const path = directoryAt(releases!);
  const real = Deno.realPathSync(path);
  const notes: string[] = [];
  const names = namesIn(real, notes);
  const current = readCurrent(real, [path, real], notes);
  if (current !== undefined && !names.includes(current)) {
    notes.push(
      `"${CURRENT_NAME}" names ${
        quote(current)
      }, which is not a release: the last by name is served`,
    );
  }
  const isWhole = (found: FoundRelease) =>
    releaseMarker === undefined || found.kind !== "directory"
      ? isComplete(found)
      : isFile(`${found.root}/${releaseMarker}`);
  const all: Release[] = [];
  const shown: Release[] = [];
  const isEvery = preview.some(({ release }) => release === EVERY_RELEASE);
  for (const name of orderReleases(names, current)) {
    const isNamed = preview.some(({ release }) => release === name);
    const isShown = isNamed || isEvery && shown.length < keepReleases;
    if (!isShown && all.length === keepReleases) continue;
    const found = lookAt(real, name);
    const isRefused = found === undefined ||
      refused.some((each) => isSameRelease(each, found));
    if (found === undefined || isRefused && !isShown || !isWhole(found)) {
      continue;
    }
    const { born: _, ...release } = found;
    if (!isRefused && all.length < keepReleases) all.push(release);
    if (isShown) shown.push(release);
  }
  return { all, shown, notes };
}

function namesIn(folder: string, notes: string[]): string[] {
  const names: string[] = [];
  const refused: string[] = [];
  const refuse = (name: string, reason: string) =>
    refused.push(`${quote(printable(name))} is not a release: ${reason}`);
  let seen = 0;
  for (const { name, isSymlink } of Deno.readDirSync(folder)) {
    if (++seen > RELEASE_NAMES_MAX) {
      notes.push(
        `The folder of releases has more than ${RELEASE_NAMES_MAX} names: the others do not count`,
      );
      break;
    }
    if (name.startsWith(".") || name === CURRENT_NAME) continue;
    if (isSymlink) {
      refuse(name, "it is a link");
    } else if (!isReleaseName(name)) {
      refuse(name, "its name has control characters");
    } else names.push(name);
  }
  notes.push(...refused.slice(0, REFUSED_NAMES_MAX));
  const others = refused.length - REFUSED_NAMES_MAX;
  if (others > 0) {
    notes.push(
      `Neither are ${others} other names in the folder of releases: they are links, or have control characters`,
    );
  }
  return names;
}

/** Reads which release `current` names; undefined if there is none. */
function readCurrent(
  folder: string,
  folders: readonly string[],
  notes: string[],
): string | undefined {
  const path = `${folder}/${CURRENT_NAME}`;
  const refuse = (reason: string) => {
    notes.push(`Cannot use "${CURRENT_NAME}" of the releases: ${reason}`);
    return undefined;
  };
  try {
    const info = Deno.lstatSync(path);
    if (!info.isSymlink && !info.isFile) {
      return refuse("it is neither a link nor a file");
    }
    if (info.size > CURRENT_BYTES_MAX) return refuse("it is too long");
    const target = info.isSymlink
      ? Deno.readLinkSync(path)
      : Deno.readTextFileSync(path);
    if (target.trim() === "") return refuse("it is empty");
    return siblingName(target, folders, (target) => resolve(folder, target)) ??
      refuse("it does not lead to a release beside it");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return refuse(errorMessage(error));
  }
}

/** Looks at a name in the folder; undefined for what is neither a folder nor an archive. */
function lookAt(folder: string, name: string): FoundRelease | undefined {
  const root = `${folder}/${name}`;
  try {
    const info = Deno.lstatSync(root);
    const { dev, ino, size, mtime, birthtime } = info;
    const born = birthtime?.getTime();
    if (info.isDirectory) {
      const identity = `${dev} ${ino}`;
      return { name, root, kind: "directory", identity, born };
    }
    const isArchive = /\.skiff$/.test(name);
    if (!info.isFile || !isArchive && !/\.zip$/i.test(name)) return undefined;
    const identity = `${dev} ${ino} ${size} ${mtime?.getTime()}`;
    return { name, root, kind: isArchive ? "archive" : "zip", identity, born };
  } catch {
    // It is gone.
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Chooses the releases of a plan: the first one that can be served without problems, then others. `known` are problems
 * that rules may have; undefined at a start, when problems are allowed if all releases have some. Throws a StartError
 * or PlanError if none can be served.
 */
export async function chooseReleases(
  base: Plan,
  known: readonly string[] | undefined,
  isComplete: CompletenessTest,
  refused: readonly Release[] = [],
): Promise<PlanUpdate> {
  // A mistake in the options is not a fault of the release.
  new Access(base);
  const bad = [...refused];
  const said: string[] = [];
  let fallback: PlanUpdate | undefined;
  let failure: string | undefined;
  for (let tried = 0; tried < RELEASES_TRIED_MAX; tried++) {
    const { all, shown, notes } = readReleases(base.options, isComplete, bad);
    const [first] = all;
    if (first === undefined) break;
    const plan = planWith(base, { all, shown }, bad);
    try {
      await prepareRoot(plan);
      demandContent(first);
      const problems = checkPlan(plan);
      if (problems.length > 0) fallback ??= { plan, problems, warnings: notes };
      refuseNewProblems(known ?? [], problems);
      return { plan, problems, warnings: [...notes, ...said] };
    } catch (error) {
      failure ??= errorMessage(error);
      said.push(
        `Release ${quote(first.name)} is not served: ${errorMessage(error)}`,
      );
      bad.push(first);
    }
  }
  if (known === undefined && fallback !== undefined) return fallback;
  throw new PlanError(
    `Cannot serve ${quote(base.options.releases!)}: ${
      failure ?? "it has no complete release"
    }`,
  );
}

function planWith(
  base: Plan,
  { all, shown }: Pick<ReleaseList, "all" | "shown">,
  refused: readonly Release[],
): Plan {
  const { root, kind } = all[0]!;
  const before = base.releases;
  const kept = refused.slice(-RELEASES_TRIED_MAX);
  const previews = shown.map((release): ReleaseSet => ({
    all: [release],
    since: sinceOf(release, before?.previews ?? []),
    refused: [],
  }));
  const since = sinceOf(all[0]!, before === undefined ? [] : [before]);
  const releases = { all, since, refused: kept, previews };
  return { ...base, root, kind, releases };
}

/** The time from which a release has been the first of a set; now, if it is the first of none. */
function sinceOf(release: Release, sets: readonly ReleaseSet[]): number {
  const set = sets.find(({ all: [first] }) =>
    first !== undefined && isSameRelease(first, release)
  );
  return set?.since ?? Date.now();
}

/** Throws a PlanError for a release that is a folder with nothing in it. */
export function demandContent({ root, kind }: Release): void {
  if (kind !== "directory") return;
  for (const { name } of Deno.readDirSync(root)) {
    if (!name.startsWith(".")) return;
  }
  throw new PlanError("it is empty");
}
