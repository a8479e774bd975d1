/**
 * What there is to serve: the Site interface and the resources it speaks of.
 * Nothing here opens anything.
 *
 * @module
 */

import type { Coding } from "../http/coding.ts";
import type { FieldLine, FieldSection } from "../http/field_section.ts";
import type { Reply, Segment } from "../http/reply.ts";

/** One encoding of a file's content. */
export interface Variant {
  /** The content coding; undefined for the file as it is. */
  readonly coding: Coding | undefined;
  /** Bytes of the encoded content. */
  readonly length: number;
  /**
   * Entity-tag with its quotes (RFC 9110 §8.8.3), another one for every variant and every version. A strong one vouches
   * for the bytes; undefined while nothing can tell the version from another.
   */
  readonly etag: string | undefined;
  /** The content's bytes from start to end (exclusive): in memory, or to be read while they are sent. */
  slice(start: number, end: number): Segment;
  /** Returns a copy of the content; undefined when it has changed. Rejects with what reading throws. */
  copy(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replies that the responder has prepared for this variant; empty until it is asked for. The site never looks in. */
  prepared: PreparedReplies | undefined;
}

/** What the responder makes once per variant and gives again and again. */
export interface PreparedReplies {
  /** The path policy that they were made for. */
  readonly pathPolicy: object;
  /** Content-Type of the 200 and the parts. */
  readonly contentType: string;
  /** The fields that a 200 and a 206 share; Content-Type, Content-Length and Content-Range are not among them. */
  readonly fields: FieldSection;
  /** The 200. */
  readonly whole: Reply;
  /** The 304 (RFC 9110 §15.4.5). */
  readonly notModified: Reply;
  /** The content as the page of an error, by status. */
  readonly errors: Map<number, Reply>;
}

/** A file that can be read. */
export interface FileResource {
  /** Tells it from other resources. */
  readonly kind: "file";
  /** The file's own path in the site, decoded: not always the one that was asked for. */
  readonly path: string;
  /** Decoded path below the root at which it lies with all links followed; without links, the path itself. */
  readonly realPath: string;
  /** Content-Type of the file, whatever the variant. */
  readonly contentType: string;
  /** When the content was last changed, in ms since the epoch; undefined when that means nothing. */
  readonly modified: number | undefined;
  /**
   * Whether other codings than identity may come: replies then vary by Accept-Encoding. A file of any type
   * can come to have one; nothing that was prepared before is left then.
   */
  readonly compressible: boolean;
  /** The content as it is; undefined when it is there only with codings, and {@linkcode Site.decode} has to be asked for it. */
  readonly identity: Variant | undefined;
  /** Variants with a content coding that are ready to be sent, in the server's order of preference. */
  readonly encoded: readonly Variant[];
  /** The codings of those, and of variants that {@linkcode Site.encode} could make; in the server's order. */
  readonly codings: readonly Coding[];
  /** Names of request fields, beside Accept-Encoding, that have had a say in what the content is. */
  readonly varies: readonly string[];
  /**
   * Set while the file may be half-way between two versions, because it was written a moment ago: waits a little, and
   * resolves with what is there then. `now` is the time in ms since the epoch.
   */
  readonly awaitWriter?: ((now: number) => Promise<Resource>) | undefined;
  /** Fields that replies with this content have beside the usual ones. */
  readonly fields: readonly FieldLine[];
}

/** A directory: its name ends with "/" or ought to. */
export interface DirectoryResource {
  /** Tells it from other resources. */
  readonly kind: "directory";
  /** Its path in the site, decoded, ending with "/". */
  readonly path: string;
  /** Decoded path below the root at which it lies with all links followed, ending with "/". */
  readonly realPath: string;
}

/** Nothing that a client may see. */
export interface AbsentResource {
  /** Tells it from other resources. */
  readonly kind: "absent";
  /** The decoded path that was looked up, when a rule has put it in place of the one that was asked for. */
  readonly path?: string;
}

/** Something that exists, but cannot be read: for want of rights (403) or of descriptors (503). */
export interface RefusedResource {
  /** Tells it from other resources. */
  readonly kind: "refused";
  /** The status that says why. */
  readonly status: 403 | 503;
  /** As in {@linkcode AbsentResource}. */
  readonly path?: string;
}

/** Where something lies: its path, and that with all links followed, where it is known. */
export interface Location {
  /** Decoded path in the site. */
  readonly path: string;
  /** See {@linkcode FileResource.realPath}. */
  readonly realPath?: string;
}

/** A resource without content: it does not exist, or cannot be read. */
export type UnavailableResource = AbsentResource | RefusedResource;

/** What a path names. */
export type Resource = FileResource | DirectoryResource | UnavailableResource;

/** The one answer for everything that is not there, or is not to be seen. */
export const ABSENT: AbsentResource = { kind: "absent" };

/** The most entries that {@linkcode Site.list} returns, and a listing shows. It limits time and memory. */
export const LISTING_ENTRIES_MAX = 10_000;

/** An entry of a directory, as a client may know it. */
export interface DirectoryEntry {
  /** Its name on disk. */
  readonly name: string;
  /** What it is, links followed. */
  readonly kind: "file" | "directory";
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** Last modification, in ms since the epoch; NaN when unknown. */
  readonly modified: number;
  /** Of a link: the decoded path below the root at which it leads; that of a directory ends with "/". Else it lies in its directory. */
  readonly realPath?: string;
}

/** What a directory holds, as far as clients may know. */
export interface DirectoryEntries {
  /** Tells them from an error. */
  readonly kind: "entries";
  /** The directory that was read, as {@linkcode DirectoryResource.realPath} has it. */
  readonly realPath: string;
  /** In no particular order. */
  readonly entries: readonly DirectoryEntry[];
  /** Whether there are more than were asked for. */
  readonly isCut: boolean;
}

/** How a site's memory does. The first three are totals since it was opened. */
export interface SiteStatistics {
  /** Look-ups that were answered from memory. */
  readonly hits: number;
  /** Look-ups and listings for which the disk had to be read. */
  readonly misses: number;
  /** What had to leave the memory to make room. */
  readonly evictions: number;
  /** Bytes of what is in memory. */
  readonly bytes: number;
  /** How many resources are in memory. */
  readonly entries: number;
  /** Files that are kept open between requests. */
  readonly openFiles: number;
}

/**
 * Why there is no content as it is: 406 when what is encoded cannot be decoded, or holds more than it may; 503 when it
 * cannot be done just now.
 */
export type DecodeFailure = 406 | 503;

/** Decodes what is there only encoded, for sites that do not do that themselves. */
export interface ContentDecoder {
  /** See {@linkcode Site.decode}. */
  decode(
    file: FileResource,
  ): Variant | DecodeFailure | Promise<Variant | DecodeFailure>;
  /** Gives up what is being decoded. */
  close(): void;
}

/** Whatever finds resources. */
export interface Site {
  /**
   * The resource at exactly this decoded path (as a Target has it). A path that ends with "/"
   * names a directory or nothing; a directory is found without its "/" as well. `now` is the
   * time in ms since the epoch. Never looks outside the site, whatever the path.
   */
  lookup(path: string, now: number): Resource;

  /** Begins to make the variant of a file with one of its codings that is not ready, unless that is under way. */
  encode(file: FileResource, coding: Coding): void;

  /** The content as it is of a file that has only encoded variants; a promise when that is not ready. */
  decode(
    file: FileResource,
  ): Variant | DecodeFailure | Promise<Variant | DecodeFailure>;

  /**
   * What is in the directory at this decoded path, which ends with "/": as many entries as a listing
   * shows at most. Nothing that lookup would not find is among them.
   */
  list(
    path: string,
  ): Promise<DirectoryEntries | UnavailableResource>;
}
