/**
 * A file of a directory as a resource: its content as it is, and the encoded
 * variants that come and go beside it.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import { BEGINNING_BYTES_MAX } from "./beginning.ts";
import { encodingLines, isCompressible, mediaType } from "./media_type.ts";
import type { FileResource, Resource, Variant } from "../site.ts";
import type { Content } from "./variant.ts";

/** Smaller files hardly get smaller, and fit the first packets anyway. */
export const COMPRESS_BYTES_MIN = 1024;

/** Larger files take too long and too much memory to compress while somebody waits for others. */
export const COMPRESS_BYTES_MAX: number = 10 * 1024 * 1024;

/** A variant is worth its memory, and the client's work, when it saves this part of the length. */
const SAVING_MIN = 0.05;

/** Whether content of so many bytes is worth sending in the place of the original. */
export function isSaving(bytes: number, originalBytes: number): boolean {
  return bytes <= originalBytes * (1 - SAVING_MIN);
}

/** Whether a precompressed file may stand beside the one at a path: not beside what is compressed already, as its name tells. */
export function canHaveSiblings(path: string): boolean {
  const name = path.toLowerCase();
  return encodingLines(path).length === 0 &&
    !CODINGS.some(({ suffix }) => name.endsWith(suffix));
}

/** A precompressed file whose unencoded file is not there. */
export interface StandIn {
  /** Last modification, in ms since the epoch. */
  readonly modified: number;
  /** Whether it is protected. */
  readonly isProtected: boolean;
}

/**
 * Of the precompressed files of one that is not there, the one that gives it its time and its protection: the oldest
 * of those that are not protected, or else of all.
 */
export function chooseStandIn<T extends StandIn>(
  files: readonly T[],
): T | undefined {
  const open = files.filter(({ isProtected }) => !isProtected);
  return (open.length > 0 ? open : files)
    .toSorted((a, b) => a.modified - b.modified)[0];
}

/** What a file has that its path does not tell. */
export interface OwnFields {
  /** See {@linkcode FileResource.realPath}; otherwise the path. */
  readonly realPath?: string;
  /** See {@linkcode FileResource.contentType}; without it path and content decide. */
  readonly contentType?: string;
  /** See {@linkcode FileResource.varies}. */
  readonly varies?: readonly string[];
  /** See {@linkcode FileResource.fields}. */
  readonly fields?: readonly FieldLine[];
}

/** One version of a file. */
export class SiteFile implements FileResource {
  /** See {@linkcode FileResource.kind}. */
  readonly kind = "file";
  /** See {@linkcode FileResource.path}. */
  readonly path: string;
  /** See {@linkcode FileResource.realPath}. */
  readonly realPath: string;
  /** See {@linkcode FileResource.contentType}. */
  readonly contentType: string;
  /** See {@linkcode FileResource.modified}. */
  readonly modified: number | undefined;
  /** See {@linkcode FileResource.compressible}. From its type, and from the first sibling on, even when that goes again. */
  compressible: boolean;
  /** See {@linkcode FileResource.identity}. */
  readonly identity: Content | undefined;
  /** See {@linkcode FileResource.encoded}. */
  encoded: readonly Variant[] = [];
  /** See {@linkcode FileResource.codings}. */
  codings: readonly Coding[] = [];
  /** See {@linkcode FileResource.varies}. */
  readonly varies: readonly string[];
  /** See {@linkcode FileResource.fields}. */
  readonly fields: readonly FieldLine[];
  /** See {@linkcode FileResource.awaitWriter}. */
  awaitWriter: ((now: number) => Promise<Resource>) | undefined = undefined;

  /** Variants from precompressed files, and what they were made of. */
  readonly #siblings = new Map<
    Coding,
    {
      readonly content: Content;
      readonly variant: Variant;
    }
  >();
  /** Variants that were made. */
  readonly #made = new Map<Coding, Variant>();
  /** Codings that may still be made. */
  readonly #makeable = new Set<Coding>();
  readonly #beingMade = new Set<Coding>();
  #isWorkedOn = false;

  /**
   * A file without encoded variants; `canMake` tells whether some may be made of it. Without `identity` it is one that
   * is there only as its precompressed files, and its name alone tells its type.
   */
  constructor(
    path: string,
    identity: Content | undefined,
    modified: number | undefined,
    canMake: boolean,
    own: OwnFields = {},
  ) {
    this.path = path;
    this.realPath = own.realPath ?? path;
    this.identity = identity;
    this.modified = modified;
    this.contentType = own.contentType ??
      mediaType(
        path,
        identity && (() => identity.beginning(BEGINNING_BYTES_MAX)),
      );
    this.varies = own.varies ?? [];
    this.fields = own.fields ?? encodingLines(path);
    this.compressible = isCompressible(this.contentType) &&
      canHaveSiblings(path);
    const isWorthIt = identity !== undefined &&
      identity.length >= COMPRESS_BYTES_MIN &&
      identity.length <= COMPRESS_BYTES_MAX;
    if (canMake && isWorthIt && this.compressible) {
      for (const coding of CODINGS) this.#makeable.add(coding);
    }
    this.#arrange();
  }

  /** Bytes of the variants that are kept in memory only for this file. */
  get madeBytes(): number {
    let bytes = 0;
    for (const { length } of this.#made.values()) bytes += length;
    return bytes;
  }

  /** Whether the making of a variant has begun, whatever became of it: work that is lost when the file is forgotten. */
  get isWorkedOn(): boolean {
    return this.#isWorkedOn;
  }

  /** Whether there is a precompressed file for the coding. */
  hasSibling(coding: Coding): boolean {
    return this.#siblings.has(coding);
  }

  /** Tells what the precompressed file for the coding holds now: undefined when there is none. */
  setSibling(
    coding: Coding,
    content: Content | undefined,
  ): void {
    const known = this.#siblings.get(coding);
    if (known?.content === content) return;
    if (content === undefined) this.#siblings.delete(coding);
    else {
      const variant = content.withCoding(coding);
      this.#siblings.set(coding, { content, variant });
      this.#becomeCompressible();
    }
    this.#arrange();
  }

  /** From now on replies with the content as it is have to say that there is another one: those prepared do not. */
  #becomeCompressible(): void {
    if (this.compressible) return;
    this.compressible = true;
    if (this.identity !== undefined) this.identity.prepared = undefined;
  }

  /** Whether the making of a variant can begin: it is possible, and neither done nor under way. */
  canMake(coding: Coding): boolean {
    return this.#makeable.has(coding) && !this.#made.has(coding) &&
      !this.#beingMade.has(coding);
  }

  /** Begins the making of a variant; false when it cannot be made, is there, or is being made already. */
  beginMaking(coding: Coding): boolean {
    if (!this.canMake(coding)) return false;
    this.#beingMade.add(coding);
    return this.#isWorkedOn = true;
  }

  /** Ends the making of a variant: with it, or, when it is not worth sending, without. */
  endMaking(coding: Coding, variant: Variant | undefined): void {
    this.#beingMade.delete(coding);
    if (variant === undefined) this.#makeable.delete(coding);
    else this.#made.set(coding, variant);
    this.#arrange();
  }

  /** Who compresses beforehand has decided what there is to be: nothing is made beside it. */
  #arrange(): void {
    const canMake = this.#siblings.size === 0;
    const variants = CODINGS.map((coding) =>
      this.#siblings.get(coding)?.variant ??
        (canMake ? this.#made.get(coding) : undefined)
    );
    this.encoded = variants.filter((variant) => variant !== undefined);
    this.codings = CODINGS.filter((coding, index) =>
      variants[index] !== undefined || canMake && this.#makeable.has(coding)
    );
  }
}
