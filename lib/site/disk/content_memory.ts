/**
 * The memory in which small contents of a directory lie.
 *
 * @module
 */

import { canHaveSiblings, SiteFile } from "../content/file.ts";
import { Slabs } from "../content/slabs.ts";
import { MemoryVariant } from "../content/variant.ts";
import type { Resource } from "../site.ts";

/** Puts small contents into slabs, except those that may be sent as a sibling, since others hold them too. */
export class ContentMemory {
  readonly #slabs = new Slabs();

  /** Returns memory for the content at a path. `isKept` tells whether it will probably be cached. */
  take(path: string, length: number, isKept: boolean): Uint8Array<ArrayBuffer> {
    if (!canHaveSiblings(path)) return new Uint8Array(length);
    return isKept ? this.#slabs.take(length) : this.#slabs.takeUnkept(length);
  }

  /** Moves the content of a file that is cached into a slab. */
  keep(resource: Resource): void {
    if (!(resource instanceof SiteFile)) return;
    const { identity, path, awaitWriter } = resource;
    if (awaitWriter !== undefined || !canHaveSiblings(path)) return;
    if (identity instanceof MemoryVariant) this.#slabs.add(identity);
  }

  /** Forgets the content of a file that is not cached any more. */
  forget({ identity }: SiteFile): void {
    if (identity instanceof MemoryVariant) this.#slabs.delete(identity);
  }
}
