/**
 * Policy: what the person who runs skiff has decided about its answers, worked
 * out once at the start so that a request only looks things up.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import { ALLOW } from "../http/reply.ts";
import { createListingAssets } from "./listing/assets.ts";
import { NO_RULES, type RuleSource } from "./rules/rules.ts";
import type { FileResource, Location } from "./site.ts";

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

/** Describes what the replies for one path have beyond those of other paths. */
export interface PathPolicy {
  /** Fields of header rules, which replace skiff's own. */
  readonly lines: readonly FieldLine[];
  /** Those for errors and redirects: without fields about the file's content and caching. */
  readonly errorLines: readonly FieldLine[];
  /** Those that grant access to other origins, for the reply to OPTIONS. */
  readonly corsLines: readonly FieldLine[];
  /** Whether only the client itself may store the reply (RFC 9111 §5.2.2.7). */
  readonly isPrivate: boolean;
}

const NO_LINES: readonly FieldLine[] = [];

/** The policy of a path that no rule is about. */
export const DEFAULT_PATH_POLICY: PathPolicy = {
  lines: NO_LINES,
  errorLines: NO_LINES,
  corsLines: NO_LINES,
  isPrivate: false,
};

/** The operator's decisions, and everything that follows from them. */
export class Policy {
  /** The decisions. */
  readonly options: PolicyOptions;
  /** Fields of every reply. */
  readonly common: readonly FieldLine[];
  /** Fields of the reply to OPTIONS, beside those. */
  readonly preflight: readonly FieldLine[];
  /** What listings load, by path. Each policy has its own: a variant keeps the replies that were prepared for it. */
  readonly assets: ReadonlyMap<string, FileResource> = createListingAssets();
  /** Public and private policies by their lines. They keep their identity, because prepared replies are found by it. */
  readonly #pathPolicies = new WeakMap<
    readonly FieldLine[],
    readonly [open: PathPolicy, isPrivate: PathPolicy]
  >();

  /** Completes the decisions with {@linkcode POLICY_DEFAULTS}. The operator's own fields replace skiff's. */
  constructor(options: Partial<PolicyOptions> = {}) {
    this.options = { ...POLICY_DEFAULTS, ...options };
    const { cors, coi, fields } = this.options;
    const common: FieldLine[] = [
      ["Referrer-Policy", "strict-origin-when-cross-origin"],
      ...cors ? CORS_FIELDS : [],
      ...coi ? isolationFields(cors) : [],
    ];
    this.common = override(common, fields);
    this.preflight = cors ? PREFLIGHT_FIELDS : [];
  }

  /** Whether something is protected by its path or by where that leads. `publicPath` is known not to be protected. */
  isProtected(
    { path, realPath = path }: Location,
    publicPath?: string,
  ): boolean {
    const { isProtected } = this.options;
    return path !== publicPath && isProtected(path) ||
      realPath !== path && realPath !== publicPath && isProtected(realPath);
  }

  /** Returns the policy of a decoded path and of what was found there, which may lie elsewhere. */
  pathPolicy(path: string, found?: Location): PathPolicy {
    const { rules, isProtected } = this.options;
    const lines = rules.linesFor(path);
    const isPrivate = isProtected(path) ||
      found !== undefined && this.isProtected(found, path);
    if (lines.length === 0 && !isPrivate) return DEFAULT_PATH_POLICY;
    let policies = this.#pathPolicies.get(lines);
    if (policies === undefined) {
      const open = { ...linesByUse(lines), isPrivate: false };
      policies = [open, { ...open, isPrivate: true }];
      this.#pathPolicies.set(lines, policies);
    }
    return policies[isPrivate ? 1 : 0];
  }
}

function linesByUse(lines: readonly FieldLine[]) {
  const errorLines = lines.filter(([name]) =>
    !/^(?:content-type|content-encoding|cache-control)$/i.test(name)
  );
  const corsLines = lines.filter(([name]) => /^access-control-/i.test(name));
  return { lines, errorLines, corsLines };
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
