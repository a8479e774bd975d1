/**
 * Policy: what the person who runs skiff has decided about its answers, worked
 * out once at the start so that a request only looks things up.
 *
 * @module
 */

import { ALLOW, type FieldLine } from "../http/reply.ts";

/** What can be decided. */
export interface PolicyOptions {
  /** Name of the file that stands for its directory. */
  readonly index: string;
  /** Path of the page that answers for paths of an application that routes by itself; undefined for none. */
  readonly spa: string | undefined;
  /** Whether directories without an index are listed. */
  readonly listing: boolean;
  /** Cache-Control of every file, in place of what its name tells; undefined to let the name tell. */
  readonly cacheControl: string | undefined;
  /** Whether other origins may read everything. */
  readonly cors: boolean;
  /** Whether pages are isolated from other origins, as SharedArrayBuffer wants it. */
  readonly coi: boolean;
  /** Further fields of every reply. */
  readonly fields: readonly FieldLine[];
}

/** What holds when nothing is decided. */
export const POLICY_DEFAULTS: PolicyOptions = {
  index: "index.html",
  spa: undefined,
  listing: true,
  cacheControl: undefined,
  cors: false,
  coi: false,
  fields: [],
};

/** Options with what follows from them. */
export interface Policy extends PolicyOptions {
  /** Fields of every reply. */
  readonly common: readonly FieldLine[];
  /** Fields of the answer to OPTIONS beside those. */
  readonly preflight: readonly FieldLine[];
}

/**
 * Cross-origin reading for everybody (Fetch standard, CORS protocol). Never with credentials: `*` forbids them,
 * and a static file is the same for everyone.
 */
const CORS_FIELDS: readonly FieldLine[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
  ["Timing-Allow-Origin", "*"],
];

/** What a preflight asks: methods, fields, and for how long the answer may be remembered (a day). */
const PREFLIGHT_FIELDS: readonly FieldLine[] = [
  ["Access-Control-Allow-Methods", ALLOW],
  ["Access-Control-Allow-Headers", "*"],
  ["Access-Control-Max-Age", "86400"],
];

/** Works out a policy. A field of the person's own takes the place of skiff's. */
export function createPolicy(options: Partial<PolicyOptions> = {}): Policy {
  const all = { ...POLICY_DEFAULTS, ...options };
  const common: FieldLine[] = [
    ["Referrer-Policy", "strict-origin-when-cross-origin"],
    ...all.cors ? CORS_FIELDS : [],
    ...all.coi ? isolationFields(all.cors) : [],
  ];
  return {
    ...all,
    common: override(common, all.fields),
    preflight: all.cors ? PREFLIGHT_FIELDS : [],
  };
}

/** Cross-origin isolation (HTML standard): both fields on documents, and consent on what they embed. */
function isolationFields(cors: boolean): FieldLine[] {
  return [
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cross-Origin-Embedder-Policy", "require-corp"],
    ["Cross-Origin-Resource-Policy", cors ? "cross-origin" : "same-origin"],
  ];
}

/** The lines, without those of a name that the other lines have, and then the other lines. */
export function override(
  lines: readonly FieldLine[],
  others: readonly FieldLine[],
): FieldLine[] {
  const names = new Set(others.map(([name]) => name.toLowerCase()));
  const kept = lines.filter(([name]) => !names.has(name.toLowerCase()));
  return [...kept, ...others];
}
