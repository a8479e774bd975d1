/**
 * The script of live pages: a file of skiff's own, because many policies allow
 * nothing inline.
 *
 * @module
 */

import { OWN_PATHS_START, ownFile } from "../content/own_file.ts";
import type { FileResource } from "../site.ts";
import script from "./client.js" with { type: "text" };

/** The script that each page loads, and their shared worker. */
export const LIVE_SCRIPT_PATH: string = `${OWN_PATHS_START}live.js`;

/** Tells which files have changed, as server-sent events. */
export const LIVE_EVENTS_PATH: string = `${OWN_PATHS_START}live`;

/** Makes the script by path. */
export function createLiveAssets(): ReadonlyMap<string, FileResource> {
  return new Map([
    [LIVE_SCRIPT_PATH, ownFile(LIVE_SCRIPT_PATH, script)],
  ]);
}
