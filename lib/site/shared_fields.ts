/**
 * Fields that replies for many files share: those that depend on the kind of
 * file and on the policy, but not on the content or its time.
 *
 * @module
 */

import type { FieldSection } from "../http/field_section.ts";

/** The fields of one kind of file under one path policy. */
export interface SharedFields {
  readonly contentType: string;
  /** Fields of a 304: they say how to store the content. */
  readonly stored: FieldSection;
  /** Fields that a 200 and a 206 share, without Content-Type. */
  readonly content: FieldSection;
  /** The same with Content-Type. */
  readonly whole: FieldSection;
  /** See {@linkcode Reply.earlyHints}. */
  readonly earlyHints?: FieldSection | undefined;
}

/**
 * Most kinds of files whose fields are kept for one path policy. A site has about as many as it has types of files;
 * beyond the limit all are made again.
 */
export const KINDS_MAX = 1000;

/** Shared fields by path policy and kind. Replies that use them keep them alive, whether they are cached here or not. */
export class SharedFieldsCache {
  readonly #kinds = new WeakMap<object, Map<string, SharedFields>>();

  /** Returns the fields of a kind of file; makes them if there are none. */
  get(
    pathPolicy: object,
    kind: string,
    make: () => SharedFields,
  ): SharedFields {
    let kinds = this.#kinds.get(pathPolicy);
    if (kinds === undefined) {
      this.#kinds.set(pathPolicy, kinds = new Map());
    }
    const cached = kinds.get(kind);
    if (cached !== undefined) return cached;
    if (kinds.size >= KINDS_MAX) kinds.clear();
    const made = make();
    kinds.set(kind, made);
    return made;
  }
}
