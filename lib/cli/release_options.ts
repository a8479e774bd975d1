/**
 * The options about releases: rows of the table of options.
 *
 * @module
 */

import {
  listOption,
  numberOption,
  pathOption,
  switchOption,
  textOption,
} from "./option_kinds.ts";
import { parsePreview, type Preview, printPreview } from "./preview.ts";
import { parseName } from "./values.ts";

/** The options by their keys in the file, in the order of the help. */
export const RELEASE_ROWS = {
  releases: pathOption({
    group: "deploy",
    value: "DIR",
    help: "Serve the newest release in DIR, with hashed files of others",
    restart: "always",
  }),
  keepReleases: numberOption("a number of releases", [1, 100], {
    group: "deploy",
    value: "N",
    help: "Releases to search for hashed files, the served one included",
    needs: "releases",
    default: 10,
  }),
  releaseMarker: textOption({
    group: "deploy",
    value: "NAME",
    help: "File that only complete releases have",
    needs: "releases",
    parse: parseName,
  }),
  releaseInfo: switchOption({
    group: "deploy",
    help: "Say at /.skiff/release which release is served, also as events",
    needs: "releases",
    restart: "always",
  }),
  preview: listOption<Preview, Preview[]>({
    group: "deploy",
    value: "NAME=HOST",
    help: "Show another release under a host name, or NAME=cookie:WORD",
    needs: "releases",
    parse: parsePreview,
    print: printPreview,
  }),
} as const;
