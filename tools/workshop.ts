/**
 * A directory to work in, which is gone in the end.
 *
 * @module
 */

import { join } from "@std/path";
import { PackError } from "./walk.ts";

/** A directory of the system's own to work in: what is around the result has no say in how it is made. It is gone in the end, whatever the end. */
export class Workshop implements Disposable {
  /** Its real path. */
  readonly path: string;

  /** Makes it. Throws a PackError. */
  constructor() {
    try {
      // Where it is given relative to here, the compiler would look for it elsewhere.
      this.path = Deno.realPathSync(
        Deno.makeTempDirSync({ prefix: "skiff-pack-" }),
      );
    } catch (error) {
      throw new PackError(
        `Cannot make a directory to work in: ${(error as Error).message}`,
      );
    }
  }

  /** Returns the path of a name in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  /** Removes it with everything in it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
