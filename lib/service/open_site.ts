/**
 * Opens what a plan serves: a directory, the archive in the executable, or a
 * single file.
 *
 * @module
 */

import { Decoder } from "../site/disk/decoder.ts";
import { DirectorySite } from "../site/disk/directory.ts";
import {
  DIRECTORY_DEFAULTS,
  type DirectoryOptions,
} from "../site/disk/directory_options.ts";
import type { Changes } from "../site/disk/changes.ts";
import {
  createPools,
  DECODED_KEPT_BYTES_MAX,
  type SitePools,
} from "../site/disk/pools.ts";
import type { RuleFileSource } from "../site/rules/files.ts";
import type { ReleaseSite } from "../site/releases/releases_site.ts";
import type { ProtectionTest } from "./access.ts";
import type * as Archives from "./archives.ts";
import type * as FileRoots from "./file_roots.ts";
import { type Plan, releasesIn, type SiteRoot } from "./plan.ts";
import type * as ReleaseRoots from "./release_roots.ts";

/** A site that serves until it is closed. */
export interface OpenedSite extends ReleaseSite, RuleFileSource {}

/** What opens archives, once it is loaded. */
let archives: typeof Archives | undefined;

/** What opens single files, once it is loaded. */
let fileRoots: typeof FileRoots | undefined;

/** What opens releases, once it is loaded. */
let releaseRoots: typeof ReleaseRoots | undefined;

/** Loads what {@linkcode openSite} needs for a plan: a root is mostly a directory, which needs nothing more. */
export async function prepareRoot(
  { kind, releases }: Pick<Plan, "kind" | "releases">,
): Promise<void> {
  const kinds = new Set([kind]);
  if (releases !== undefined) {
    releaseRoots ??= await import("./release_roots.ts");
    for (const { kind } of releasesIn(releases)) kinds.add(kind);
  }
  if (kinds.has("archive")) archives ??= await import("./archives.ts");
  if (kinds.has("zip") || kinds.has("file")) {
    fileRoots ??= await import("./file_roots.ts");
  }
}

/** What a site is opened with. */
export interface SiteOpening {
  readonly isProtected: ProtectionTest | undefined;
  /** Tells of changes of the directory. */
  readonly changes: Changes | undefined;
  /** The room that all sites share. */
  readonly pools: SitePools;
  /** Receives what the operator should know of releases that are left out. */
  readonly onWarning: (text: string) => void;
}

/** Makes the room of a plan's sites. The bounds hold for the process, so each isolate gets its share. */
export function poolsOf({ isolates }: Plan): SitePools {
  const { entries, bytes } = DIRECTORY_DEFAULTS.cache;
  return createPools({
    entries: Math.ceil(entries / isolates),
    bytes: bytes / isolates,
  }, DECODED_KEPT_BYTES_MAX / isolates);
}

/** Opens the root of a plan, or its releases. Throws a PlanError or BundleError for one that is damaged. */
export function openSite(plan: Plan, opening: SiteOpening): OpenedSite {
  const { releases } = plan;
  if (releases === undefined) return openRoot(plan, plan, opening);
  return releaseRoots!.openReleases(
    releases,
    (release, isServed) => {
      const changes = isServed ? opening.changes : undefined;
      return openRoot(release, plan, { ...opening, changes }, release.name);
    },
    opening.onWarning,
  );
}

function openRoot(
  { root, kind }: SiteRoot,
  plan: Plan,
  { isProtected, changes, pools }: SiteOpening,
  release?: string,
): OpenedSite {
  if (kind === "archive") {
    const decoder = new Decoder(pools.decoded);
    return archives!.openArchive(root, isProtected, decoder);
  }
  const options: DirectoryOptions = {
    ...DIRECTORY_DEFAULTS,
    compress: plan.options.compression && !plan.options.live,
    isProtected,
    changes,
    pools,
    release,
  };
  return kind === "directory"
    ? new DirectorySite(root, options)
    : fileRoots!.openFileRoot({ ...plan, root, kind }, options);
}
