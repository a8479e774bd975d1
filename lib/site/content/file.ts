/**
 * A file as a resource: its content, and the encoded variants that come and go.
 *
 * @module
 */

import { type Coding, CODINGS } from "../../http/coding.ts";
import type { FieldLine } from "../../http/field_section.ts";
import { BEGINNING_BYTES_MAX } from "./beginning.ts";
import { encodingLines, isCompressible, mediaType } from "./media_type.ts";
import type { FileResource, Resource, Variant } from "../site.ts";
import type { Content } from "./variant.ts";

/** Smaller files gain little, and fit into the first packets anyway. */
export const COMPRESS_BYTES_MIN = 1024;

/** Larger files take too much time and memory to compress while other files wait. */
export const COMPRESS_BYTES_MAX: number = 10 * 1024 * 1024;

/** A variant must save this part of the length to be worth its memory and the client's work. */
const SAVING_MIN = 0.05;

/** Whether `bytes` bytes are worth sending in place of the original. */
export function isSaving(bytes: number, originalBytes: number): boolean {
  return bytes <= originalBytes * (1 - SAVING_MIN);
}

/** Whether a file can have precompressed siblings: not if its name says that it is compressed itself. */
export function canHaveSiblings(path: string): boolean {
  const name = path.toLowerCase();
  return encodingLines(path).length === 0 &&
    !CODINGS.some(({ suffix }) => name.endsWith(suffix));
}

/** A precompressed file whose original does not exist. */
export interface StandIn {
  /** Last modification in milliseconds since the epoch. */
  readonly modified: number;
  readonly isProtected: boolean;
}

/**
 * Chooses the precompressed file that determines the time and protection of a missing original: the oldest public
 * one, or else the oldest.
 */
export function chooseStandIn<T extends StandIn>(
  files: readonly T[],
): T | undefined {
  const open = files.filter(({ isProtected }) => !isProtected);
  return (open.length > 0 ? open : files)
    .toSorted((a, b) => a.modified - b.modified)[0];
}

/** What the path of a file does not tell. */
export interface OwnFields {
  /** See {@linkcode FileResource.realPath}; otherwise the path. */
  readonly realPath?: string;
  /** See {@linkcode FileResource.contentType}; without it path and content decide. */
  readonly contentType?: string;
  readonly varies?: readonly string[];
  readonly fields?: readonly FieldLine[];
}

export class SiteFile implements FileResource {
  readonly kind = "file";
  readonly path: string;
  readonly realPath: string;
  readonly contentType: string;
  readonly modified: number | undefined;
  /** By its type, or since its first sibling, even if that is gone again. */
  compressible: boolean;
  readonly identity: Content | undefined;
  encoded: readonly Variant[] = [];
  codings: readonly Coding[] = [];
  readonly varies: readonly string[];
  readonly fields: readonly FieldLine[];
  awaitWriter: ((now: number) => Promise<Resource>) | undefined = undefined;

  /** Variants from precompressed files, and their contents. */
  readonly #siblings = new Map<
    Coding,
    {
      readonly content: Content;
      readonly variant: Variant;
    }
  >();
  /** Variants made by skiff. */
  readonly #made = new Map<Coding, Variant>();
  /** Codings that may still be made. */
  readonly #makeable = new Set<Coding>();
  readonly #beingMade = new Set<Coding>();
  #isWorkedOn = false;

  /**
   * Makes a file without encoded variants; `canMake` tells whether some may be made. Without `identity` the file
   * exists only encoded, and its name determines its type.
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

  /** Bytes of the variants made by skiff. */
  get madeBytes(): number {
    let bytes = 0;
    for (const { length } of this.#made.values()) bytes += length;
    return bytes;
  }

  /** Whether a variant was ever begun, so that forgetting the file loses work. */
  get isWorkedOn(): boolean {
    return this.#isWorkedOn;
  }

  /** Whether there is a precompressed file for the coding. */
  hasSibling(coding: Coding): boolean {
    return this.#siblings.has(coding);
  }

  /** Sets the content of the precompressed file for a coding; undefined if there is none. */
  setSibling(
    coding: Coding,
    content: Content | undefined,
  ): void {
    const current = this.#siblings.get(coding);
    if (current?.content === content) return;
    if (content === undefined) this.#siblings.delete(coding);
    else {
      const variant = content.withCoding(coding);
      this.#siblings.set(coding, { content, variant });
      this.#becomeCompressible();
    }
    this.#arrange();
  }

  /** From now on replies must say that another coding exists; prepared ones do not. */
  #becomeCompressible(): void {
    if (this.compressible) return;
    this.compressible = true;
    if (this.identity !== undefined) this.identity.prepared = undefined;
  }

  /** Whether a variant can be made: possible, not made, and not being made. */
  canMake(coding: Coding): boolean {
    return this.#makeable.has(coding) && !this.#made.has(coding) &&
      !this.#beingMade.has(coding);
  }

  /** Begins a variant; false if {@linkcode canMake} is. */
  beginMaking(coding: Coding): boolean {
    if (!this.canMake(coding)) return false;
    this.#beingMade.add(coding);
    return this.#isWorkedOn = true;
  }

  /** Ends a variant; without one if it is not worth sending. */
  endMaking(coding: Coding, variant: Variant | undefined): void {
    this.#beingMade.delete(coding);
    if (variant === undefined) this.#makeable.delete(coding);
    else this.#made.set(coding, variant);
    this.#arrange();
  }

  /** If any precompressed sibling exists, skiff never compresses on the fly. */
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
