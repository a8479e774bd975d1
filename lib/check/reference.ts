/**
 * What documents refer to, as their parsers find it, before any address is
 * resolved.
 *
 * @module
 */

import type { RuleId } from "./finding_rules.ts";

/** What a reference is for, which decides what may answer it. */
export type ReferenceKind =
  /** A link that people follow. */
  | "link"
  /** Where a form leads that is sent with GET. */
  | "form"
  /** Where a form is sent to with POST. */
  | "post"
  /** A link that only programs follow: canonical, alternate, prefetch. */
  | "hint"
  | "script"
  | "module"
  | "style"
  | "image"
  | "font"
  | "media"
  | "frame"
  | "object"
  | "manifest";

/** An address in a document. */
export interface Reference {
  readonly kind: ReferenceKind;
  /** As written, with entities and escapes decoded. */
  readonly address: string;
  /** From 1. */
  readonly line: number;
  /** The nonce of its element, for policies. */
  readonly nonce?: string | undefined;
}

/** A script or style that stands in a page. */
export interface InlineCode {
  readonly kind: "script" | "style" | "script-attribute" | "style-attribute";
  readonly text: string;
  readonly line: number;
  readonly nonce?: string | undefined;
}

/** Something wrong with a document that its parser notices. */
export interface Defect {
  readonly rule: RuleId;
  readonly message: string;
  readonly line: number;
}

/** What a parser found in a document. */
export interface ParsedDocument {
  readonly references: readonly Reference[];
  /** The names that fragments can refer to. */
  readonly ids: readonly string[];
  /** The address of `<base>`, as written. */
  readonly base?: string | undefined;
  readonly inlines: readonly InlineCode[];
  /** Policies of meta elements. */
  readonly policies: readonly string[];
  readonly defects: readonly Defect[];
  /** Whether it only leads to another page, and may take the fragment there. */
  readonly forwards: boolean;
  /** Whether it had more references than are kept. */
  readonly isCut: boolean;
}

/** Most references and names that one document gives: each takes memory. The rest is not checked. */
export const REFERENCES_MAX = 200_000;

/** Most elements inside one another: beyond, the parser takes time by the square of it. Browsers allow 512. The rest is not checked. */
export const NESTING_MAX = 10_000;

/** Returns what a table has for a name from a document; undefined for names that only every object has, too. */
export function entryOf<T>(
  table: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return table !== undefined && Object.hasOwn(table, name)
    ? table[name]
    : undefined;
}

/** Makes a document of its references. What is not among the parts is empty, as for most documents. */
export function parsedDocument(
  references: readonly Reference[],
  parts: Partial<ParsedDocument> = {},
): ParsedDocument {
  return {
    references,
    ids: [],
    inlines: [],
    policies: [],
    defects: [],
    forwards: false,
    isCut: references.length >= REFERENCES_MAX,
    ...parts,
  };
}
