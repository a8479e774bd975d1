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
import { PlanError, type Release, type ReleaseSet } from "./plan.ts";

/** The part of the memory that the release gets which is served, if there are others: they are asked for little. */
const SERVED_PART = 3 / 4;

/**
 * Opens releases. `open` gets a release, its part of the memory, and whether it is the one that is served. Throws what
 * that throws for the release that is served; leaves out another that cannot be opened.
 */
export function openReleases(
  { all }: ReleaseSet,
  open: (release: Release, part: number, isServed: boolean) => ReleaseSite,
  onWarning: (text: string) => void,
): ReleasesSite {
  const [served, ...others] = all;
  if (served === undefined) throw new PlanError("Cannot serve no release");
  const part = others.length === 0 ? 1 : SERVED_PART;
  const first = { name: served.name, site: open(served, part, true) };
  const opened = others.flatMap((release): OpenRelease[] => {
    try {
      const site = open(release, (1 - part) / others.length, false);
      return [{ name: release.name, site }];
    } catch (error) {
      onWarning(`Left out release "${release.name}": ${errorMessage(error)}`);
      return [];
    }
  });
  return new ReleasesSite(first, opened);
}
