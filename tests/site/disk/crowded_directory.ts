/**
 * A directory with more names than a test could make in good time.
 *
 * @module
 */

/** Makes `Deno.readDir` list so many entries in a directory, and none in any other, until it is disposed of. */
export class CrowdedDirectory implements Disposable {
  /** How often the directory was begun to be listed. */
  begun = 0;
  /** How often listing it has ended. */
  ended = 0;
  readonly #readDir = Deno.readDir;

  constructor(path: string, count: number, kind: "file" | "directory") {
    const real = Deno.realPathSync(path);
    const entry = {
      isFile: kind === "file",
      isDirectory: kind === "directory",
      isSymlink: false,
    };
    const list = async function* (this: CrowdedDirectory) {
      this.begun++;
      try {
        for (let i = 0; i < count; i++) yield { name: String(i), ...entry };
      } finally {
        this.ended++;
      }
    }.bind(this);
    const empty = async function* () {};
    Deno.readDir = (path) => path === real ? list() : empty();
  }

  [Symbol.dispose](): void {
    Deno.readDir = this.#readDir;
  }
}
