/**
 * Programs of the system that some tests need, and others only have where they are installed.
 *
 * @module
 */

import { HAS_PROGRAMS, testWith } from "./helpers.ts";

/** Where Debian has its servers; the path of a person who is not root may lack them. */
const FOLDERS = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/** The path of a program of the system; undefined where it is not installed, or nothing may be started. */
export function programPath(name: string): string | undefined {
  if (!HAS_PROGRAMS) return undefined;
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A test that needs a program; ignored, with a name that says so, where there is none. */
export function testAgainst(
  program: string,
  name: string,
  fn: (path: string) => void | Promise<void>,
): void {
  const path = programPath(program);
  const title = path === undefined ? `${name} (needs ${program})` : name;
  testWith(path !== undefined, title, () => fn(path!));
}
