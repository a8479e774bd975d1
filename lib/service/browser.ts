/**
 * Opens a URL in the browser of the person at this machine.
 *
 * @module
 */

import { browserCommand, permissionFlag } from "../cli/permissions.ts";
import { errorMessage } from "../observe/error_text.ts";
import { isGranted } from "./startup.ts";

/** Opens a URL. Resolves with why that failed, as a sentence for the operator; undefined if it did not. Never rejects. */
export async function openBrowser(
  url: string,
  [program, ...args]: readonly [string, ...string[]] = browserCommand(
    Deno.build.os,
  ),
): Promise<string | undefined> {
  if (!isGranted({ name: "run", command: program })) {
    return `Cannot open a browser without permission: add ${
      permissionFlag("--allow-run", [program])
    }, or visit ${url}`;
  }
  try {
    const child = new Deno.Command(program, {
      args: [...args, url],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const { success, code } = await child.status;
    return success
      ? undefined
      : `Cannot open a browser: ${program} failed with code ${code}; visit ${url}`;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? `there is no ${program}`
      : errorMessage(error);
    return `Cannot open a browser: ${reason}; visit ${url}`;
  }
}
