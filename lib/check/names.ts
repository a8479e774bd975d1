/**
 * The names of a site's files, by which a wrong case is recognized.
 *
 * @module
 */

/** The paths of all files, decoded. */
export class SiteNames {
  readonly #paths: ReadonlySet<string>;
  readonly #folded = new Map<string, string>();
  readonly #index: string;

  /** Takes the paths of the files, and the name of index files. */
  constructor(paths: readonly string[], index: string) {
    this.#paths = new Set(paths);
    this.#index = index;
    for (const path of paths) this.#folded.set(fold(path), path);
  }

  /** Whether there is a file at a path. */
  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Returns the file that a path names if case is ignored, as macOS and Windows do; undefined if there is none. */
  similar(path: string): string | undefined {
    const forms = path.endsWith("/")
      ? [`${path}${this.#index}`]
      : [path, `${path}.html`, `${path}/${this.#index}`];
    for (const form of forms) {
      const found = this.#folded.get(fold(form));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Names as macOS compares them: without case, and with composed characters. */
function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
