/**
 * `deno bundle` of a module of the project and all that it imports.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { PackError } from "./walk.ts";

/** The directory of the project. */
export const PROJECT: string = fromFileUrl(new URL("..", import.meta.url));

/** Bundles a module of the project, with options of `deno bundle`. Throws a PackError. */
export async function bundle(
  module: string,
  args: readonly string[],
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--frozen", ...args, join(PROJECT, module)],
    cwd: PROJECT,
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return;
  throw new PackError(
    `Cannot bundle "${module}": ${new TextDecoder().decode(stderr).trim()}`,
  );
}
