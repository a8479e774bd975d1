/**
 * A directory with more names than a test could make in good time.
 *
 * @module
 */

/** Makes a directory list so many names that are not there, behind those that are, until it is disposed of. */
export class CrowdedDirectory implements Disposable {
  /** How often the directory was begun to be listed. */
  begun = 0;
  /** How often listing it has ended. */
  ended = 0;
  readonly #real = { readDir: Deno.readDir, readDirSync: Deno.readDirSync };

  constructor(path: string, count: number, kind: "file" | "directory") {
    const real = Deno.realPathSync(path);
    const { readDir, readDirSync } = this.#real;
    const crowd = Array.from({ length: count }, (_, i) => ({
      name: `crowd${i}`,
      isFile: kind === "file",
      isDirectory: kind === "directory",
      isSymlink: false,
    }));
    const list = function* (this: CrowdedDirectory) {
      this.begun++;
      try {
        yield* readDirSync(real);
        yield* crowd;
      } finally {
        this.ended++;
      }
    }.bind(this);
    const listAsync = async function* () {
      yield* list();
    };
    const isIt = (path: string | URL) =>
      String(path).replace(/\/$/, "") === real;
    Object.assign(Deno, {
      readDir: (path: string | URL) => isIt(path) ? listAsync() : readDir(path),
      readDirSync: (path: string | URL) =>
        isIt(path) ? list() : readDirSync(path),
    });
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, this.#real);
  }
}
