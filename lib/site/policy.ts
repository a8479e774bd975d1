/**
 * Policy: what the person who runs skiff has decided about its answers, worked
 * out once at the start so that a request only looks things up.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import { ALLOW } from "../http/reply.ts";
import { NO_RULES, type RuleSource } from "./rules/rules.ts";

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
  /** What is decided for some paths. */
  readonly rules: RuleSource;
  /** Whether a decoded path is answered only to those who say who they are: then no shared cache may keep it. */
  readonly isProtected: (path: string) => boolean;
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
  rules: NO_RULES,
  isProtected: () => false,
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

/** What the answers for a path have that not all have. */
export interface PathPolicy {
  /** Fields of header rules, which take the place of others. */
  readonly lines: readonly FieldLine[];
  /** Those of them that suit errors and redirects: content and caching are not the file's then. */
  readonly errorLines: readonly FieldLine[];
  /** Those of them that tell other origins what they may do, for the answer to OPTIONS. */
  readonly corsLines: readonly FieldLine[];
  /** Whether only the client itself may keep the answer (RFC 9111 §5.2.2.7). */
  readonly isPrivate: boolean;
}

const NO_LINES: readonly FieldLine[] = [];

/** The terms of a path for which no rule has been made. */
export const DEFAULT_PATH_POLICY: PathPolicy = {
  lines: NO_LINES,
  errorLines: NO_LINES,
  corsLines: NO_LINES,
  isPrivate: false,
};

/** PathPolicy by the lines that they are of, public and private ones: the same object each time, as replies are kept by it. */
const TERMS = new WeakMap<readonly FieldLine[], [PathPolicy, PathPolicy]>();

/** Whether something is protected by its path or by where that leads; `known` is a path that is known not to be. */
export function isProtectedAt(
  { isProtected }: PolicyOptions,
  { path, realPath = path }: {
    readonly path: string;
    readonly realPath?: string;
  },
  known?: string,
): boolean {
  return path !== known && isProtected(path) ||
    realPath !== path && realPath !== known && isProtected(realPath);
}

/** The terms of a decoded path, and of what was found there, which perhaps has another and lies elsewhere. */
export function pathPolicy(
  policy: PolicyOptions,
  path: string,
  found?: { readonly path: string; readonly realPath?: string },
): PathPolicy {
  const lines = policy.rules.linesFor(path);
  const isPrivate = policy.isProtected(path) ||
    found !== undefined && isProtectedAt(policy, found, path);
  if (lines.length === 0 && !isPrivate) return DEFAULT_PATH_POLICY;
  let terms = TERMS.get(lines);
  if (terms === undefined) {
    const errorLines = lines.filter(([name]) =>
      !/^(?:content-type|content-encoding|cache-control)$/i.test(name)
    );
    const corsLines = lines.filter(([name]) => /^access-control-/i.test(name));
    const open = { lines, errorLines, corsLines, isPrivate: false };
    terms = [open, { ...open, isPrivate: true }];
    TERMS.set(lines, terms);
  }
  return terms[isPrivate ? 1 : 0];
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
