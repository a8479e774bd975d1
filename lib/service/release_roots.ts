/**
 * Releases as one site. Loaded with --releases only.
 *
 * @module
 */

import { errorMessage } from "../observe/error_text.ts";
import {
  type OpenRelease,
  type ReleaseSite,
  ReleasesSite,
} from "../site/releases/releases_site.ts";
import type { Release, ReleaseSet } from "./plan.ts";

/**
 * Opens releases. `open` gets a release, and whether it is the one that is served. Throws what that throws for the
 * release that is served; leaves out another that cannot be opened.
 */
export function openReleases(
  { all }: ReleaseSet,
  open: (release: Release, isServed: boolean) => ReleaseSite,
  onWarning: (text: string) => void,
): ReleasesSite {
  const [served, ...others] = all;
  const first = { name: served!.name, site: open(served!, true) };
  const opened = others.flatMap((release): OpenRelease[] => {
    try {
      return [{ name: release.name, site: open(release, false) }];
    } catch (error) {
      onWarning(`Left out release "${release.name}": ${errorMessage(error)}`);
      return [];
    }
  });
  return new ReleasesSite(first, opened);
}
