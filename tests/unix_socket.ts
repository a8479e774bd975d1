/**
 * Unix sockets in directories whose path may be longer than the 107 bytes that
 * the system takes: reached by way of a short link.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";

/** A short path to a directory, until it is disposed of. */
export class ShortPath implements Disposable {
  /** The path. */
  readonly path: string;
  readonly #shortcuts = Deno.makeTempDirSync({ dir: "/tmp" });

  constructor(directory: string) {
    // A socket is for others too, if its directory is.
    Deno.chmodSync(this.#shortcuts, 0o755);
    this.path = join(this.#shortcuts, "d");
    Deno.symlinkSync(directory, this.path);
  }

  /** The path of a name in the directory. */
  join(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#shortcuts, { recursive: true });
  }
}

/** Makes a Unix socket at a path of any length. It ends when it is disposed of; its name stays. */
export function unixSocketAt(path: string): Disposable {
  using directory = new ShortPath(dirname(path));
  const listener = Deno.listen({
    transport: "unix",
    path: directory.join(basename(path)),
  });
  return { [Symbol.dispose]: () => listener.close() };
}
