/**
 * Tells one directory from another at the same path.
 *
 * @module
 */

/**
 * Returns what identifies the directory at a path, so that another one that takes the path is recognized; undefined if
 * nothing is there. `look` decides whether a link at the path is followed: by default it is not.
 */
export function identityOf(
  path: string,
  look: (path: string) => Deno.FileInfo = Deno.lstatSync,
): string | undefined {
  try {
    const { dev, ino, birthtime } = look(path);
    return `${dev} ${ino} ${birthtime?.getTime()}`;
  } catch {
    return undefined;
  }
}
