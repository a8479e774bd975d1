/**
 * Loaded before the server of the soak test: the runtime's watch lies, as
 * `WATCH` says.
 *
 * @module
 */

import { type Lie, LyingSource } from "../lying_source.ts";

const { watchFs } = Deno;
const lie = Deno.env.get("WATCH") as Lie;

Deno.watchFs = (paths, options) => {
  const path = String(paths);
  const source = new LyingSource(lie, path, () => watchFs(path, options));
  return source as unknown as Deno.FsWatcher;
};
