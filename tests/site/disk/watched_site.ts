import { DirectorySite } from "../../../lib/site/disk/directory.ts";
import { DIRECTORY_DEFAULTS } from "../../../lib/site/disk/directory_options.ts";
import type { Watcher } from "../../../lib/site/disk/watcher.ts";

/** A site over a directory that is watched. Adds to `told` what the watcher tells. */
export function watchedSite(
  path: string,
  watcher: Watcher,
  told: (string | undefined)[],
): DirectorySite {
  const site = new DirectorySite(path, {
    ...DIRECTORY_DEFAULTS,
    compress: false,
    changes: watcher,
  });
  const { onChange } = watcher;
  watcher.onChange = (path, kind) => {
    told.push(path);
    onChange(path, kind);
  };
  return site;
}
