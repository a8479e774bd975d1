/**
 * A site whose pages say in Link what they load, so that clients, and proxies
 * that make 103 Early Hints of it (RFC 8297), can load it earlier.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import { encodePath } from "../../http/target.ts";
import { beginningOf } from "../read_content.ts";
import type { FileResource, Resource, Site, Variant } from "../site.ts";

/** Adds links to the pages of another site. The first response for a version of a page has none yet. */
export class HintedSite implements Site {
  readonly #site: Site;
  /** The pages that were read, or are being read. */
  readonly #seen = new WeakSet<FileResource>();

  /** Makes a site over another one. Its files gain the links, so nothing else may send them. */
  constructor(site: Site) {
    this.#site = site;
  }

  lookup(path: string, now: number): Resource {
    const found = this.#site.lookup(path, now);
    if (found.kind === "file" && /^text\/html\b/.test(found.contentType)) {
      this.#begin(found);
    }
    return found;
  }

  /** Begins to read a page, once. */
  #begin(page: FileResource): void {
    if (this.#seen.has(page)) return;
    this.#seen.add(page);
    const { identity, awaitWriter } = page;
    if (identity === undefined || awaitWriter !== undefined) return;
    this.#read(page, identity);
  }

  /** Reads a page in the background. A page that cannot be read stays without links. */
  async #read(page: FileResource, content: Variant): Promise<void> {
    const { preloadLinks, SCANNED_BYTES_MAX } = await import(
      "./preload_links.ts"
    );
    const bytes = beginningOf(content, SCANNED_BYTES_MAX);
    if (bytes === undefined) return;
    const links = preloadLinks(bytes, encodePath(page.path));
    if (links.length === 0) return;
    page.fields = [
      ...page.fields,
      ...links.map((link): FieldLine => ["Link", link]),
    ];
    // The replies that were prepared say nothing of them.
    for (const variant of [content, ...page.encoded]) {
      variant.prepared = undefined;
    }
  }

  encode(file: FileResource, coding: Coding): void {
    this.#site.encode(file, coding);
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#site.decode(file);
  }

  list(path: string, entriesMax?: number): ReturnType<Site["list"]> {
    return this.#site.list(path, entriesMax);
  }

  isReadable(path: string, now: number): boolean {
    return this.#site.isReadable(path, now);
  }
}
