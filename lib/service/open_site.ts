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
import type { Site, SiteStatistics } from "../site/site.ts";
import type { IsProtected } from "./access.ts";
import type * as FileRoots from "./file_roots.ts";
import type { Plan } from "./plan.ts";

/** A site that serves until it is closed. */
export interface OpenedSite extends Site, RuleFileSource {
  /** What of the root is not served: a sentence for each reason. */
  readonly problems?: readonly string[];
  /** How often the disk was read. */
  readonly misses: number;
  statistics(): SiteStatistics;
  /** Resolves once no variant is in progress. */
  idle?(): Promise<void>;
  /** Closes files that are kept open only for speed. */
  closeSpareFiles(): void;
  close(): void;
}

/** What opens single files, once it is loaded. */
let fileRoots: typeof FileRoots | undefined;

/** Loads what {@linkcode openSite} needs for a plan: a root is mostly a directory, which needs nothing more. */
export async function prepareRoot({ file }: Plan): Promise<void> {
  if (file === undefined) return;
  fileRoots ??= await import("./file_roots.ts");
}

/** Opens the root of a plan. Throws a PlanError or BundleError for one that is damaged. */
export function openSite(
  plan: Plan,
  isProtected: IsProtected | undefined,
  changes: Changes | undefined,
): OpenedSite {
  const { root, isArchive, file, isolates } = plan;
  // The bound holds for the process, so each isolate gets its share.
  const decodedBytesMax = DECODED_KEPT_BYTES_MAX / isolates;
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
      entries: Math.ceil(cache.entries / isolates),
      bytes: cache.bytes / isolates,
    },
  };
  return file === undefined
    ? new DirectorySite(root, options)
    : fileRoots!.openFileRoot(plan, options);
}
