/**
 * What there is to serve: the Site interface and the resources it speaks of.
 * Nothing here opens anything.
 *
 * @module
 */

import type { Coding } from "../http/coding.ts";
import type { Reply, Segment } from "../http/reply.ts";

/** One encoding of a file's content. */
export interface Variant {
  /** The content coding; undefined for the file as it is. */
  readonly coding: Coding | undefined;
  /** Bytes of the encoded content. */
  readonly length: number;
  /** Strong entity-tag with its quotes (RFC 9110 §8.8.3), another one for every variant and every version. */
  readonly etag: string;
  /** The content's bytes from start to end (exclusive): in memory, or to be read while they are sent. */
  slice(start: number, end: number): Segment;
  /** Replies that the responder has prepared for this variant; empty until it is asked for. The site never looks in. */
  prepared: Prepared | undefined;
}

/** What the responder makes once per variant and gives again and again. */
export interface Prepared {
  /** The fields that a 200 and a 206 share; Content-Type, Content-Length and Content-Range are not among them. */
  readonly fields: Uint8Array;
  /** The 200. */
  readonly whole: Reply;
  /** The 304 (RFC 9110 §15.4.5). */
  readonly notModified: Reply;
}

/** A file that can be read. */
export interface FileResource {
  /** Tells it from other resources. */
  readonly kind: "file";
  /** The file's own path in the site, decoded: not always the one that was asked for. */
  readonly path: string;
  /** Content-Type of the file, whatever the variant. */
  readonly contentType: string;
  /** When the content was last changed, in ms since the epoch. */
  readonly modified: number;
  /** Whether other codings than identity may come: replies then vary by Accept-Encoding. */
  readonly compressible: boolean;
  /** The content as it is. */
  readonly identity: Variant;
  /** Variants with a content coding that are ready to be sent, in the server's order of preference. */
  readonly encoded: readonly Variant[];
}

/** A directory: its name ends with "/" or ought to. */
export interface DirectoryResource {
  /** Tells it from other resources. */
  readonly kind: "directory";
  /** Its path in the site, decoded, ending with "/". */
  readonly path: string;
}

/** Nothing that a client may see. */
export interface AbsentResource {
  /** Tells it from other resources. */
  readonly kind: "absent";
}

/** Something that exists, but cannot be read: for want of rights (403) or of descriptors (503). */
export interface RefusedResource {
  /** Tells it from other resources. */
  readonly kind: "refused";
  /** The status that says why. */
  readonly status: 403 | 503;
}

/** What a path names. */
export type Resource =
  | FileResource
  | DirectoryResource
  | AbsentResource
  | RefusedResource;

/** The one answer for everything that is not there, or is not to be seen. */
export const ABSENT: AbsentResource = { kind: "absent" };

/** Whatever finds resources. */
export interface Site {
  /**
   * The resource at exactly this decoded path (as a Target has it). A path that ends with "/"
   * names a directory or nothing; a directory is found without its "/" as well. `now` is the
   * time in ms since the epoch. Never looks outside the site, whatever the path.
   */
  lookup(path: string, now: number): Resource;
}
