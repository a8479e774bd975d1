/**
 * Opens what a plan serves: a directory, the archive in the executable, or a
 * single file.
 *
 * @module
 */

import { BundleSite } from "../site/bundle/bundle.ts";
import { DECODED_KEPT_BYTES_MAX, Decoder } from "../site/disk/decoder.ts";
import { DirectorySite } from "../site/disk/directory.ts";
import {
  DIRECTORY_DEFAULTS,
  type DirectoryOptions,
} from "../site/disk/directory_options.ts";
import type { Changes } from "../site/disk/changes.ts";
import type { RuleFileSource } from "../site/rules/files.ts";
import type { ReleaseSite } from "../site/releases/releases_site.ts";
import type { FileResource } from "../site/site.ts";
import type { IsProtected } from "./access.ts";
import type * as FileRoots from "./file_roots.ts";
import type { Plan, SiteRoot } from "./plan.ts";
import type * as ReleaseRoots from "./release_roots.ts";

/** A site that serves until it is closed. */
export interface OpenedSite extends ReleaseSite, RuleFileSource {
  /** Returns of which release or older build a file is, for people; undefined if that goes without saying. */
  originOf?(file: FileResource): string | undefined;
}

/** The part of the memory of a site that a preview gets. */
const PREVIEW_PART = 1 / 40;

/** What opens single files, once it is loaded. */
let fileRoots: typeof FileRoots | undefined;

/** What opens releases, once it is loaded. */
let releaseRoots: typeof ReleaseRoots | undefined;

/** Loads what {@linkcode openSite} needs for a plan: a root is mostly a directory, which needs nothing more. */
export async function prepareRoot(
  { file, releases }: Pick<Plan, "file" | "releases">,
): Promise<void> {
  const isSingle = ({ file }: Pick<SiteRoot, "file">) => file !== undefined;
  if (releases !== undefined) {
    releaseRoots ??= await import("./release_roots.ts");
  }
  const all = [releases, ...releases?.previews ?? []]
    .flatMap((set) => set?.all ?? []);
  if (file === undefined && !all.some(isSingle)) return;
  fileRoots ??= await import("./file_roots.ts");
}

/** What a site is opened with. */
export interface SiteOpening {
  readonly isProtected: IsProtected | undefined;
  /** Tells of changes of the directory. */
  readonly changes: Changes | undefined;
  /** Receives what the operator should know of releases that are left out. */
  readonly onWarning: (text: string) => void;
}

/** Opens the root of a plan, or its releases. Throws a PlanError or BundleError for one that is damaged. */
export function openSite(plan: Plan, opening: SiteOpening): OpenedSite {
  // The bounds hold for the process, so each isolate gets its share.
  const part = plan.preview === undefined ? 1 : PREVIEW_PART;
  const share = part / plan.isolates;
  const { releases } = plan;
  if (releases === undefined) return openRoot(plan, plan, opening, share);
  return releaseRoots!.openReleases(
    releases,
    (release, part, isServed) => {
      const changes = isServed ? opening.changes : undefined;
      return openRoot(release, plan, { ...opening, changes }, share * part);
    },
    opening.onWarning,
  );
}

/** Opens a root with its share of the memory of the process. */
function openRoot(
  { root, isArchive, file }: SiteRoot,
  plan: Plan,
  { isProtected, changes }: SiteOpening,
  share: number,
): OpenedSite {
  const decodedBytesMax = DECODED_KEPT_BYTES_MAX * share;
  if (isArchive) {
    const archive = Deno.readFileSync(root);
    return new BundleSite(archive, isProtected, new Decoder(decodedBytesMax));
  }
  const { cache } = DIRECTORY_DEFAULTS;
  const options: DirectoryOptions = {
    ...DIRECTORY_DEFAULTS,
    compress: plan.options.compression && !plan.options.live,
    isProtected,
    changes,
    decodedBytesMax,
    cache: {
      entries: Math.ceil(cache.entries * share),
      bytes: cache.bytes * share,
    },
  };
  return file === undefined
    ? new DirectorySite(root, options)
    : fileRoots!.openFileRoot({ root, file, options: plan.options }, options);
}
