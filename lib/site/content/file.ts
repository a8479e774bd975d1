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

const NO_NAMES: readonly string[] = [];
const NO_VARIANTS: readonly Variant[] = [];
const NO_CODINGS: readonly Coding[] = [];

/** What is known about the encoded variants of a file. */
class EncodedForms {
  /** Variants from precompressed files, and their contents. */
  readonly siblings = new Map<
    Coding,
    {
      readonly content: Content;
      readonly variant: Variant;
    }
  >();
  /** Variants made by skiff; undefined for a coding that would not make the file smaller. */
  readonly made = new Map<Coding, Variant | undefined>();
  readonly beingMade = new Set<Coding>();
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
  encoded: readonly Variant[] = NO_VARIANTS;
  codings: readonly Coding[] = NO_CODINGS;
  readonly varies: readonly string[];
  readonly fields: readonly FieldLine[];
  awaitWriter: ((now: number) => Promise<Resource>) | undefined = undefined;

  /** What is known about encoded variants; undefined for most files, which never get one. */
  #forms: EncodedForms | undefined = undefined;
  /** Whether skiff may make variants. */
  readonly #isMakeable: boolean;

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
    this.varies = own.varies ?? NO_NAMES;
    this.fields = own.fields ?? encodingLines(path);
    this.compressible = isCompressible(this.contentType) &&
      canHaveSiblings(path);
    const isWorthIt = identity !== undefined &&
      identity.length >= COMPRESS_BYTES_MIN &&
      identity.length <= COMPRESS_BYTES_MAX;
    this.#isMakeable = canMake && isWorthIt && this.compressible;
    if (this.#isMakeable) this.codings = CODINGS;
  }

  /** Bytes of the variants made by skiff. */
  get madeBytes(): number {
    if (this.#forms === undefined) return 0;
    let bytes = 0;
    for (const made of this.#forms.made.values()) bytes += made?.length ?? 0;
    return bytes;
  }

  /** Whether a variant was ever begun, so that forgetting the file loses work. */
  get isWorkedOn(): boolean {
    const forms = this.#forms;
    return forms !== undefined && forms.made.size + forms.beingMade.size > 0;
  }

  /** Whether there is a precompressed file for the coding. */
  hasSibling(coding: Coding): boolean {
    return this.#forms?.siblings.has(coding) ?? false;
  }

  /** Sets the content of the precompressed file for a coding; undefined if there is none. */
  setSibling(
    coding: Coding,
    content: Content | undefined,
  ): void {
    const current = this.#forms?.siblings.get(coding);
    if (current?.content === content) return;
    const { siblings } = this.#forms ??= new EncodedForms();
    if (content === undefined) siblings.delete(coding);
    else {
      const variant = content.withCoding(coding);
      siblings.set(coding, { content, variant });
      this.#becomeCompressible();
    }
    this.#arrange(this.#forms);
  }

  /** From now on replies must say that another coding exists; prepared ones do not. */
  #becomeCompressible(): void {
    if (this.compressible) return;
    this.compressible = true;
    if (this.identity !== undefined) this.identity.prepared = undefined;
  }

  /** Whether a variant can be made: possible, not made, and not being made. */
  canMake(coding: Coding): boolean {
    const forms = this.#forms;
    return this.#isMakeable &&
      (forms === undefined ||
        !forms.made.has(coding) && !forms.beingMade.has(coding));
  }

  /** Begins a variant that {@linkcode canMake} allows. */
  beginMaking(coding: Coding): void {
    const forms = this.#forms ??= new EncodedForms();
    forms.beingMade.add(coding);
  }

  /** Keeps a variant that was begun; undefined if it is not worth sending. */
  endMaking(coding: Coding, variant: Variant | undefined): void {
    const forms = this.#forms!;
    forms.beingMade.delete(coding);
    forms.made.set(coding, variant);
    this.#arrange(forms);
  }

  /** If any precompressed sibling exists, skiff never compresses on the fly. */
  #arrange({ siblings, made }: EncodedForms): void {
    const canMake = siblings.size === 0;
    const variants = CODINGS.map((coding) =>
      siblings.get(coding)?.variant ??
        (canMake ? made.get(coding) : undefined)
    );
    this.encoded = variants.filter((variant) => variant !== undefined);
    const isMakeable = canMake && this.#isMakeable;
    this.codings = CODINGS.filter((coding, index) =>
      variants[index] !== undefined || isMakeable && !made.has(coding)
    );
  }
}
