/**
 * Archives of folders as resources: made from a tree, tagged by it, and sent to
 * a few clients at a time.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { attachment } from "../../http/content_disposition.ts";
import type { Slice } from "../../http/range.ts";
import { type Segment, SourceRefused } from "../../http/reply.ts";
import { Cache } from "../cache.ts";
import { validTime } from "../content/version.ts";
import { Steps } from "../pause.ts";
import type { FileResource, UnavailableResource, Variant } from "../site.ts";
import type { Tree, TreeEntry, TreeRequest } from "../tree.ts";
import { Turns } from "../turns.ts";
import { Archive, ArchiveSegment, type EntryOpener } from "./archive.ts";
import { LayoutBuilder, type LayoutEntry } from "./layout.ts";

/** Most bytes of the files in an archive. Their number and depth are bounded by the tree. */
export const ARCHIVE_BYTES_MAX = 2 ** 40;

/** Archives that are sent at once, by an isolate; ranges of one count as one each. */
export const DOWNLOADS_MAX = 32;

/** Archives that are sent at once to one address. */
export const DOWNLOADS_PER_ADDRESS_MAX = 8;

/** Downloads that wait for checksums, of all clients. They are computed for one at a time. */
export const PREPARING_MAX = 8;

/** Number of cached archives, with the checksums of their files. */
const ARCHIVES_MAX = 16;

/** Bytes of cached archives: enough for the largest, unless its names are very long. */
const CACHED_BYTES_MAX = 24 * 1024 * 1024;

/** Memory of an entry of an archive besides its path, in bytes. */
const ENTRY_BYTES = 128;

/** Part of the tag: another form of archive of the same files must have another one. */
const FORM = "skiff zip 1";

/** Characters of the digest in a tag: 132 bits. */
const TAG_CHARACTERS = 22;

const NAMELESS = "files";

/** What of a site an {@linkcode Archiver} needs. */
export interface ArchiveSource {
  /** Whether there is a file at a decoded path that can be read. */
  isReadable(path: string): boolean;
  /** Returns the file at a decoded path if a direct request would get it; `isPrivate` as for a listing. */
  open(path: string, isPrivate: boolean): FileResource | undefined;
}

/** An archive; refused if it would be too large. */
type ArchiveResult = Archive | UnavailableResource;

export class Archiver {
  readonly #source: ArchiveSource;
  /** By the trees that they were made from. */
  readonly #made = new WeakMap<Tree, Promise<ArchiveResult>>();
  /** The latest of each folder. */
  readonly #latest = new Cache<Archive>({
    entries: ARCHIVES_MAX,
    bytes: CACHED_BYTES_MAX,
  });
  readonly #downloads = new Downloads();
  readonly #preparations = new Turns(PREPARING_MAX);

  constructor(source: ArchiveSource) {
    this.#source = source;
  }

  /** Returns the archive of a tree as a resource. Calls `onChange` when the folder is no longer as in the tree. */
  async get(
    tree: Tree,
    request: TreeRequest,
    onChange: () => void,
  ): Promise<FileResource | UnavailableResource> {
    let made = this.#made.get(tree);
    if (made === undefined) {
      this.#made.set(tree, made = this.#make(tree, request));
    }
    const archive = await made;
    if (!(archive instanceof Archive)) return archive;
    archive.onChange = onChange;
    const { path } = request;
    const name = path.split("/").at(-2) || NAMELESS;
    return {
      kind: "file",
      path,
      realPath: tree.realPath,
      contentType: "application/zip",
      modified: undefined,
      compressible: false,
      identity: this.#variant(archive, request),
      encoded: [],
      codings: [],
      varies: [],
      fields: [["Content-Disposition", attachment(`${name}.zip`)]],
    };
  }

  /** Describes an archive as the content that one client gets. */
  #variant(archive: Archive, request: TreeRequest): Variant {
    const begin = () => this.#downloads.begin(request.address);
    return {
      coding: undefined,
      etag: archive.etag,
      length: archive.length,
      prepared: undefined,
      prepareSlices: (slices) => this.#prepare(archive, slices, request),
      slice: (start, end) => new ArchiveSegment(archive, start, end, begin),
      // No archive is encoded, so none is copied.
      copy: () => Promise.resolve(undefined),
    };
  }

  /**
   * Computes the missing checksums of slices, for one archive at a time. Rejects with {@linkcode SourceRefused} if too
   * many clients wait or this one leaves before its turn, with `CancelledError` if it leaves later.
   */
  async #prepare(
    archive: Archive,
    slices: readonly Slice[],
    { address, isWanted }: TreeRequest,
  ): Promise<void> {
    const place = this.#preparations.enter(address, isWanted);
    if (!await place?.begun) {
      throw new SourceRefused("Too many checksums are being computed", 503);
    }
    try {
      for (const { start, end } of slices) {
        await archive.prepare(start, end, isWanted);
      }
    } finally {
      this.#preparations.leave();
    }
  }

  async #make(tree: Tree, request: TreeRequest): Promise<ArchiveResult> {
    if (tree.cut !== undefined) {
      // What takes too long now may be quick another time.
      return { kind: "refused", status: tree.cut === "time" ? 503 : 403 };
    }
    const { path, isPrivate, now } = request;
    const layout = new LayoutBuilder();
    const steps = new Steps();
    const tag = new ArchiveTag(now, tree.release);
    let size = 0;
    for (const entry of tree.entries) {
      await steps.next();
      if (!this.#belongs(path, entry)) continue;
      tag.add(entry);
      size += entry.size;
      layout.add(entry);
    }
    if (size > ARCHIVE_BYTES_MAX) return { kind: "refused", status: 403 };
    const open: EntryOpener = (entry, start, end) =>
      this.#slice(path, isPrivate, entry, start, end);
    const archive = new Archive(layout.end(), tag.end(isPrivate), open);
    return this.#keep(`${isPrivate} ${path}`, archive, steps);
  }

  /** Whether an entry of a tree is one of the archive. A folder with anything in it needs none of its own. */
  #belongs(top: string, { kind, path, isEmpty }: TreeEntry): boolean {
    return kind === "directory" ? isEmpty : this.#source.isReadable(top + path);
  }

  /** Returns a slice of a file's current content, if it is of the size and time that the layout says. */
  #slice(
    top: string,
    isPrivate: boolean,
    { path, size, modified }: LayoutEntry,
    start: number,
    end: number,
  ): Segment | undefined {
    const file = this.#source.open(top + path, isPrivate);
    const { identity } = file ?? {};
    if (identity?.length !== size) return undefined;
    // Undefined for a time that is no validator.
    const time = file!.modified;
    if (time !== undefined && time !== modified) return undefined;
    return identity.slice(start, end);
  }

  /** Keeps an archive for its checksums, and gives it those of the earlier one that are still true. */
  async #keep(
    key: string,
    archive: Archive,
    steps: Steps,
  ): Promise<Archive> {
    const earlier = this.#latest.get(key);
    if (earlier !== undefined) await archive.inherit(earlier, steps);
    const bytes = archive.layout.entries.reduce(
      (bytes, { path }) => bytes + ENTRY_BYTES + path.length,
      0,
    );
    this.#latest.set(key, archive, bytes);
    return archive;
  }
}

/** Makes the tag of an archive from everything that determines its bytes. */
class ArchiveTag {
  readonly #now: number;
  readonly #hash = createHash("sha256").update(FORM);
  #isValid = true;

  /** `release` is the name of the release that the folder is in, if any. */
  constructor(now: number, release: string | undefined) {
    this.#now = now;
    if (release !== undefined) this.#hash.update(`\0${release}`);
  }

  add(entry: TreeEntry): void {
    const { path, kind, size, modified } = entry;
    this.#hash.update(`\n${size} ${modified} ${path}`);
    if (kind === "directory" || !this.#isValid) return;
    // Size and time alone stand for the content.
    this.#isValid = validTime(entry, this.#now) !== undefined;
  }

  /** Returns the tag; undefined if the time of a file tells nothing. */
  end(isPrivate: boolean): string | undefined {
    const digest = this.#hash.update(`\n${isPrivate}`).digest("base64url");
    return this.#isValid ? `"${digest.slice(0, TAG_CHARACTERS)}"` : undefined;
  }
}

/** Counts the archives that are being sent. */
class Downloads {
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  /** Begins one; the result ends it. Throws {@linkcode SourceRefused} if there are too many. */
  begin(address: string): () => void {
    const own = this.#byAddress.get(address) ?? 0;
    if (own >= DOWNLOADS_PER_ADDRESS_MAX || this.#count >= DOWNLOADS_MAX) {
      throw new SourceRefused("Too many folders are being downloaded", 503);
    }
    this.#count++;
    this.#byAddress.set(address, own + 1);
    return () => {
      this.#count--;
      const left = this.#byAddress.get(address)! - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}
