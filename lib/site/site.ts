/**
 * The Site interface and its resources. Nothing here opens anything.
 *
 * @module
 */

import type { Coding } from "../http/coding.ts";
import type { FieldLine, FieldSection } from "../http/field_section.ts";
import type { RequestHead } from "../http/head.ts";
import type { Slice } from "../http/range.ts";
import type { Reply, Segment } from "../http/reply.ts";

/** One encoding of a file's content. */
export interface Variant {
  /** Undefined for the file as it is. */
  readonly coding: Coding | undefined;
  readonly length: number;
  /**
   * Entity-tag with its quotes (RFC 9110 §8.8.3), different for every variant and version. A strong tag guarantees
   * the same bytes. Undefined while nothing distinguishes this version from another.
   */
  readonly etag: string | undefined;
  /** Returns the bytes from `start` to `end` (exclusive): in memory, or as a source to read while sending. */
  slice(start: number, end: number): Segment;
  /**
   * Computes what slices need before they can be sent. Without it they need nothing. Rejects with what a source
   * throws.
   */
  readonly prepareSlices?: (slices: readonly Slice[]) => Promise<void>;
  /** Returns a copy of the content; undefined when it has changed. Rejects with what reading throws. */
  copy(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replies prepared for this variant, once it was requested. Only `prepare.ts` makes them. */
  prepared: PreparedReplies | undefined;
}

/** Replies that are made once for a variant. */
export interface PreparedReplies {
  /** The path policy they were made for. */
  readonly pathPolicy: object;
  /** Content-Type of the 200, and of each part of a 206. */
  readonly contentType: string;
  /** Fields that a 200 and a 206 share: without Content-Type, Content-Length and Content-Range. */
  readonly fields: FieldSection;
  /** The same with Content-Type: for a 206 of one range. */
  readonly rangeFields: FieldSection;
  readonly whole: Reply;
  /** The 304 (RFC 9110 §15.4.5). */
  readonly notModified: Reply;
  /** The variant as an error page, by status. */
  readonly errors: Map<number, Reply>;
}

/** A readable file. */
export interface FileResource {
  readonly kind: "file";
  /** The file's own decoded path in the site, which may differ from the requested one. */
  readonly path: string;
  /** Decoded path below the root, with all links followed. */
  readonly realPath: string;
  /** Content-Type, the same for all variants. */
  readonly contentType: string;
  /** Last modification in milliseconds since the epoch; undefined when the time is not a validator. */
  readonly modified: number | undefined;
  /**
   * Whether other codings may exist: then replies vary by Accept-Encoding. A file of any type can gain a coding,
   * which discards the replies that were prepared before.
   */
  readonly compressible: boolean;
  /** The content without a coding; undefined for a file that exists only encoded, see {@linkcode Site.decode}. */
  readonly identity: Variant | undefined;
  /** Variants with a content coding that are ready to be sent, in the server's order of preference. */
  readonly encoded: readonly Variant[];
  /** Codings of those, and codings that {@linkcode Site.encode} could make, in the server's order. */
  readonly codings: readonly Coding[];
  /** Request fields, besides Accept-Encoding, that influenced the content. */
  readonly varies: readonly string[];
  /**
   * Set while the file may be between two versions, because it was written a moment ago. Waits briefly, then resolves
   * with what is there. `now` is in milliseconds since the epoch.
   */
  readonly awaitWriter?: ((now: number) => Promise<Resource>) | undefined;
  /** Additional fields of replies with this content. Other ones need other prepared replies. */
  fields: readonly FieldLine[];
}

export interface DirectoryResource {
  readonly kind: "directory";
  /** Decoded path in the site, ending with "/". */
  readonly path: string;
  /** Decoded path below the root, with all links followed, ending with "/". */
  readonly realPath: string;
}

/** Nothing, or nothing that clients may see. */
export interface AbsentResource {
  readonly kind: "absent";
  /** The decoded path that was looked up, if a rewrite replaced the requested one. */
  readonly path?: string;
}

/** A resource that exists but cannot be read: permission denied (403) or no descriptor free (503). */
export interface RefusedResource {
  readonly kind: "refused";
  readonly status: 403 | 503;
  /** As in {@linkcode AbsentResource}. */
  readonly path?: string;
}

/** The place of a resource. */
export interface Location {
  /** Decoded path in the site. */
  readonly path: string;
  readonly realPath?: string;
}

/** A resource without content: it does not exist, or cannot be read. */
export type UnavailableResource = AbsentResource | RefusedResource;

/** Changes what is sent in place of files, and of the built-in pages for errors. */
export interface PageEditor {
  /** How often the site has changed so far, as far as is known. */
  readonly version: number;
  /** Returns what to send in place of a file, whose Content-Type the rules may have changed; the same one each time. */
  editFile(
    file: FileResource,
    contentType: string,
    head: RequestHead,
  ): FileResource;
  /** Returns what to send in place of a built-in page. */
  editReply(page: Reply): Reply;
}

/** Everything that a path can name. */
export type Resource = FileResource | DirectoryResource | UnavailableResource;

/** The one resource for everything that does not exist or that clients must not see. */
export const ABSENT: AbsentResource = { kind: "absent" };

/** The most entries that {@linkcode Site.list} returns and a listing shows. It bounds time and memory. */
export const LISTING_ENTRIES_MAX = 10_000;

/** An entry of a directory, as clients may see it. */
export interface DirectoryEntry {
  readonly name: string;
  /** With links followed. */
  readonly kind: "file" | "directory";
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** Last modification in milliseconds since the epoch; NaN when unknown. */
  readonly modified: number;
  /**
   * The decoded path that a link leads to, below the root; ends with "/" for a directory. Undefined for other
   * entries.
   */
  readonly realPath?: string;
}

/** The visible content of a directory. */
export interface DirectoryEntries {
  readonly kind: "entries";
  /** The directory that was read, as in {@linkcode DirectoryResource.realPath}. */
  readonly realPath: string;
  /** In no particular order. */
  readonly entries: readonly DirectoryEntry[];
  /** The name of the release that is listed, if any. */
  readonly release?: string | undefined;
  /** Whether the directory has more entries. */
  readonly isCut: boolean;
  /**
   * A name in the directory that no request can have, with U+FFFD for what is not UTF-8; undefined if there is none.
   */
  readonly unnamed?: string | undefined;
}

/** How many releases back are counted apart; all that are further back count as the last of them. */
export const OLDER_AGES = 3;

/** Statistics of a site's cache. The first three are totals since the site was opened. */
export interface SiteStatistics {
  /** Lookups served from the cache. */
  readonly hits: number;
  /** Lookups and listings that read the disk. */
  readonly misses: number;
  /** Entries evicted to make room. */
  readonly evictions: number;
  /** Bytes in the cache. */
  readonly bytes: number;
  /** Resources in the cache. */
  readonly entries: number;
  /** Files kept open between requests. */
  readonly openFiles: number;
  /** Changes to files that the system has reported since the site was opened. */
  readonly changes: number;
  /** 1 while the system reports every change, so that skiff need not check files before it uses them; otherwise 0. */
  readonly watched: number;
  /** Lookups that an older release answered, by how many releases back; undefined for a site without releases. */
  readonly olderHits?: readonly number[];
}

/** The statistics of a site in which nothing has happened. */
export const NO_STATISTICS: SiteStatistics = {
  hits: 0,
  misses: 0,
  evictions: 0,
  bytes: 0,
  entries: 0,
  openFiles: 0,
  changes: 0,
  watched: 0,
};

/** Adds up the statistics of two sites; whether changes are reported, and older releases, are those of the first. */
export function addStatistics(
  first: SiteStatistics,
  second: SiteStatistics,
): SiteStatistics {
  return {
    ...first,
    hits: first.hits + second.hits,
    misses: first.misses + second.misses,
    evictions: first.evictions + second.evictions,
    bytes: first.bytes + second.bytes,
    entries: first.entries + second.entries,
    openFiles: first.openFiles + second.openFiles,
    changes: first.changes + second.changes,
  };
}

/** What remains of the statistics of a site that is closed: its totals. */
export function closedStatistics(statistics: SiteStatistics): SiteStatistics {
  return { ...statistics, bytes: 0, entries: 0, openFiles: 0 };
}

/** Why a content cannot be decoded: 406 if it is damaged or too large; 503 if it may work later. */
export type DecodeFailure = 406 | 503;

export type DecodeResult = Variant | DecodeFailure;

/** Decodes files that exist only encoded. */
export interface ContentDecoder {
  /** Returns the decoded content of a file that exists only encoded; a promise if it is not ready. */
  decode(file: FileResource): DecodeResult | Promise<DecodeResult>;
  /** Abandons its work. */
  close(): void;
}

/** Finds resources: a directory or an archive. */
export interface Site extends Pick<ContentDecoder, "decode"> {
  /**
   * Returns the resource at a decoded path, exactly as written. A path that ends with "/" names a directory or
   * nothing; a directory is also found without its "/". `now` is in milliseconds since the epoch. Never looks outside
   * the site.
   */
  lookup(path: string, now: number): Resource;

  /** Starts to make a variant of a file with one of its codings, unless it exists or is being made. */
  encode(file: FileResource, coding: Coding): void;

  /**
   * Lists the directory at a decoded path that ends with "/": at most `entriesMax` entries, or
   * {@linkcode LISTING_ENTRIES_MAX}, and none that lookup would not find.
   */
  list(
    path: string,
    entriesMax?: number,
  ): Promise<DirectoryEntries | UnavailableResource>;

  /** Whether there is a file that can be read. Reads nothing of it. A listing also names files that cannot be read. */
  isReadable(path: string, now: number): boolean;
}
