/**
 * A site over an archive in memory, inside the executable. Everything was
 * computed when it was packed, and nothing changes, so nothing is looked up
 * twice.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { mayHaveHash } from "../content/hashed_name.ts";
import { BytesVariant, suffixedTag } from "../content/variant.ts";
import { packedResource, PackedSite } from "../packed_site.ts";
import { PackedTree } from "../packed_tree.ts";
import {
  type ContentDecoder,
  type FileResource,
  NO_STATISTICS,
  OLDER_AGES,
  type Resource,
  type SiteStatistics,
  type Variant,
} from "../site.ts";
import type { BundleFile, KeptFile } from "./format.ts";
import { readBundle } from "./reader.ts";

/**
 * A site over an archive. The paths of the files imply the directories. A name with a hash that the build lacks is
 * answered with the file that is kept of an older one; of such files nothing else is seen, not even in listings.
 */
export class BundleSite extends PackedSite<BundleFile> {
  protected readonly tree: PackedTree<BundleFile>;
  /** Files of older builds by path: those whose name may have a hash. */
  readonly #kept: ReadonlyMap<string, KeptFile>;
  /** Resources that were requested before. */
  readonly #resources = new Map<string, FileResource>();
  /** The same of older builds. */
  readonly #keptResources = new Map<string, FileResource>();
  readonly #olderHits = new Array<number>(OLDER_AGES).fill(0);
  readonly #bytes: number;

  /**
   * Makes a site over an archive, which must not change. Closes the decoder; without one it decodes nothing. Throws a
   * BundleError for an invalid archive.
   */
  constructor(
    archive: Uint8Array<ArrayBuffer>,
    isProtected?: (path: string) => boolean,
    decoder?: ContentDecoder,
  ) {
    super(isProtected, decoder);
    this.#bytes = archive.length;
    const { files, kept } = readBundle(archive);
    this.tree = new PackedTree(files, ({ identity }) => identity.bytes.length);
    this.#kept = new Map(
      kept.filter(({ path }) => mayHaveHash(path))
        .map((file) => [file.path, file]),
    );
  }

  lookup(path: string, now: number): Resource {
    this.lookups++;
    const cached = this.#resources.get(path);
    if (cached !== undefined) return cached;
    const found = this.find(path, now);
    if (found.kind === "file") this.#resources.set(path, found);
    return found.kind === "absent"
      ? this.#lookupKept(path, now) ?? found
      : found;
  }

  #lookupKept(path: string, now: number): FileResource | undefined {
    const file = this.#kept.get(path);
    if (file === undefined) return undefined;
    this.#olderHits[Math.min(file.age, OLDER_AGES) - 1]!++;
    let resource = this.#keptResources.get(path);
    if (resource === undefined) {
      resource = this.resourceOf(file, now);
      this.#keptResources.set(path, resource);
    }
    return resource;
  }

  protected resourceOf(file: BundleFile, now: number): FileResource {
    const { path, contentType, identity, encoded } = file;
    // As in a directory: a public file never gets a protected sibling.
    const sent = this.isProtected(path)
      ? encoded
      : encoded.filter(({ coding }) => !this.isProtected(path + coding.suffix));
    return packedResource(path, file, {
      identity: new BytesVariant(identity.bytes, identity.etag),
      encoded: sent.map(({ bytes, etag, coding }) =>
        new BytesVariant(bytes, etag, coding)
      ),
      contentType,
    }, now);
  }

  protected siblingOf({ identity }: BundleFile, coding: Coding): Variant {
    const { bytes, etag } = identity;
    return new BytesVariant(bytes, suffixedTag(etag, coding.token), coding);
  }

  /** Says of which older build a file is; undefined if it is of this one. */
  originOf({ path }: FileResource): string | undefined {
    const file = this.#keptResources.has(path) && this.#kept.get(path);
    return file ? `an older build, ${file.age} back` : undefined;
  }

  override isReadable(path: string): boolean {
    return super.isReadable(path) || this.#kept.has(path);
  }

  /** Everything is in memory. */
  statistics(): SiteStatistics {
    return {
      ...NO_STATISTICS,
      hits: this.lookups,
      bytes: this.#bytes,
      entries: this.tree.files.length + this.#kept.size,
      ...this.#kept.size > 0 && { olderHits: [...this.#olderHits] },
    };
  }
}
