/**
 * Which names a client may learn: folders and files that a direct request of the
 * same client would come to.
 *
 * @module
 */

import { Finder } from "./find.ts";
import type { Policy } from "./policy.ts";
import type { Site } from "./site.ts";

/** A client's view of a site. */
export interface Viewpoint {
  readonly site: Site;
  readonly policy: Policy;
  /** Whether the client has authenticated, and may see what is protected. */
  readonly isPrivate: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The deepest folder that is looked at on the way to a missing path: a hostile one may have thousands. */
export const NEAREST_DEPTH_MAX = 16;

/** Whether a direct request for a decoded path would come to a file or a listing, which needs no other password. */
export function isReachable(
  path: string,
  { site, policy, isPrivate, now }: Viewpoint,
): boolean {
  const found = new Finder(site, policy).findUnruled(path, now);
  if (found?.kind !== "file" && found?.kind !== "directory") return false;
  return isPrivate ||
    !policy.isProtected({ path }) && !policy.isProtected(found);
}

/** Returns the decoded path of the nearest reachable folder above a path; undefined if there is none. */
export function nearestFolder(
  path: string,
  view: Viewpoint,
): string | undefined {
  const steps = path.replace(/\/$/, "").split("/").slice(0, -1);
  const depth = Math.min(steps.length, NEAREST_DEPTH_MAX + 1);
  for (let count = depth; count > 0; count--) {
    const folder = `${steps.slice(0, count).join("/")}/`;
    if (isReachable(folder, view)) return folder;
  }
  return undefined;
}
