/**
 * A site whose pages say in Link what they load, so that clients, and proxies
 * that make 103 Early Hints of it (RFC 8297), can load it earlier.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import { encodePath } from "../../http/target.ts";
import { beginningOf } from "../beginning_of.ts";
import type { FileResource, Resource, Site, Variant } from "../site.ts";

/** Adds links to the pages of another site. The first response for a version of a page has none yet. */
export class HintedSite implements Site {
  readonly #site: Site;
  /** What is known of a page: with its links, or itself if it has none or is still being read. */
  readonly #pages = new WeakMap<FileResource, FileResource>();
  readonly #reading = new Set<Promise<void>>();

  /** Makes a site over another one. */
  constructor(site: Site) {
    this.#site = site;
  }

  lookup(path: string, now: number): Resource {
    const found = this.#site.lookup(path, now);
    if (found.kind !== "file" || !/^text\/html\b/.test(found.contentType)) {
      return found;
    }
    const known = this.#pages.get(found);
    if (known !== undefined) return known;
    this.#pages.set(found, found);
    if (found.identity !== undefined && found.awaitWriter === undefined) {
      const reading = this.#read(found, found.identity)
        .finally(() => this.#reading.delete(reading));
      this.#reading.add(reading);
    }
    return found;
  }

  /** Resolves once no page is being read. */
  async idle(): Promise<void> {
    await Promise.all(this.#reading);
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
    this.#pages.set(page, new HintedPage(page, links));
    // The replies that were prepared say nothing of them.
    for (const variant of [content, ...page.encoded]) {
      variant.prepared = undefined;
    }
  }

  encode(file: FileResource, coding: Coding): void {
    this.#site.encode(ownFile(file), coding);
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#site.decode(ownFile(file));
  }

  list(path: string, entriesMax?: number): ReturnType<Site["list"]> {
    return this.#site.list(path, entriesMax);
  }

  isReadable(path: string, now: number): boolean {
    return this.#site.isReadable(path, now);
  }
}

/** A page with its links; everything else is as in the site. */
class HintedPage implements FileResource {
  readonly kind = "file";
  readonly file: FileResource;
  readonly fields: readonly FieldLine[];

  constructor(file: FileResource, links: readonly string[]) {
    this.file = file;
    this.fields = [
      ...file.fields,
      ...links.map((link): FieldLine => ["Link", link]),
    ];
  }

  get path(): string {
    return this.file.path;
  }

  get realPath(): string {
    return this.file.realPath;
  }

  get contentType(): string {
    return this.file.contentType;
  }

  get modified(): number | undefined {
    return this.file.modified;
  }

  get compressible(): boolean {
    return this.file.compressible;
  }

  get identity(): Variant | undefined {
    return this.file.identity;
  }

  get encoded(): readonly Variant[] {
    return this.file.encoded;
  }

  get codings(): readonly Coding[] {
    return this.file.codings;
  }

  get varies(): readonly string[] {
    return this.file.varies;
  }
}

function ownFile(file: FileResource): FileResource {
  return file instanceof HintedPage ? file.file : file;
}
