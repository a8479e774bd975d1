/**
 * The operator's decisions about responses. skiff works out what follows from
 * them once, at the start, so that a request only looks things up.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import type { RequestHead } from "../http/head.ts";
import { ALLOW, type Reply } from "../http/reply.ts";
import { OWN_PATHS_START } from "./content/own_file.ts";
import type { NameViewer } from "./hidden.ts";
import { createListingAssets } from "./listing/assets.ts";
import { NO_RULES, type RuleSource } from "./rules/rules.ts";
import { SharedFieldsCache } from "./shared_fields.ts";
import type { FileResource, Location, PageEditor } from "./site.ts";

/** Makes the reply to each request for a path of skiff's own. */
export type ServiceHandler = (head: RequestHead) => Reply;

/** The operator's decisions. */
export interface PolicyOptions {
  /** Name of a directory's index file. */
  readonly index: string;
  /** Path of the shell of a single-page application; undefined for none. */
  readonly spa: string | undefined;
  /** Whether to list directories without an index. */
  readonly listing: boolean;
  /** Whether folders with a listing can be downloaded as archives. */
  readonly zip: boolean;
  /** Cache-Control of every file; undefined to derive it from the file's name. */
  readonly cacheControl: string | undefined;
  /** Whether every origin may read everything. */
  readonly cors: boolean;
  /** Whether to isolate pages from other origins, as SharedArrayBuffer requires. */
  readonly coi: boolean;
  /** Whether replies with pages carry early hints. */
  readonly earlyHints: boolean;
  /** Additional fields of every reply. */
  readonly fields: readonly FieldLine[];
  /** Rules for some paths. */
  readonly rules: RuleSource;
  /**
   * Request fields that all files vary by, except those with a hash in their names, whose content never differs. Caches
   * must ask before each use of the others.
   */
  readonly varies: readonly string[];
  /** Whether a decoded path requires authentication: then no shared cache may store the reply. */
  readonly isProtected: (path: string) => boolean;
  /** Whether a page for a missing path says what may have been meant. */
  readonly suggestions: boolean;
  /** Changes pages before they are sent; undefined if they are sent as they are. */
  readonly pages: PageEditor | undefined;
  /** Files of skiff's own besides those of listings, by their paths. */
  readonly assets: ReadonlyMap<string, FileResource>;
  /** What makes the replies at other paths of skiff's own. */
  readonly services: ReadonlyMap<string, ServiceHandler>;
  /** Returns what limits count a client's address for. */
  readonly subjectOf: (address: string) => string;
}

/** The default decisions. */
export const POLICY_DEFAULTS: PolicyOptions = {
  index: "index.html",
  spa: undefined,
  listing: true,
  zip: true,
  cacheControl: undefined,
  cors: false,
  coi: false,
  earlyHints: false,
  fields: [],
  suggestions: false,
  rules: NO_RULES,
  varies: [],
  isProtected: () => false,
  pages: undefined,
  assets: new Map(),
  services: new Map(),
  subjectOf: (address) => address,
};

/**
 * Lets every origin read (Fetch standard, CORS protocol). Never with credentials: `*` forbids them, and a static file
 * is the same for every client.
 */
const CORS_FIELDS: readonly FieldLine[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
  ["Timing-Allow-Origin", "*"],
];

/** The reply to a preflight: methods, fields, and how long the reply is valid (a day). */
const PREFLIGHT_FIELDS: readonly FieldLine[] = [
  ["Access-Control-Allow-Methods", ALLOW],
  ["Access-Control-Allow-Headers", "*"],
  ["Access-Control-Max-Age", "86400"],
];

/** How the replies for one path differ from those for other paths. */
export interface PathPolicy {
  /** Fields of header rules, which replace skiff's own. */
  readonly lines: readonly FieldLine[];
  /** The same fields for errors and redirects, without those about the file's content and caching. */
  readonly errorLines: readonly FieldLine[];
  /** Of these, the fields that grant access to other origins, for the reply to OPTIONS. */
  readonly corsLines: readonly FieldLine[];
  /** Whether only the client itself may store the reply (RFC 9111 §5.2.2.7). */
  readonly isPrivate: boolean;
}

const NO_LINES: readonly FieldLine[] = [];

/** The policy of a path without rules. */
export const DEFAULT_PATH_POLICY: PathPolicy = {
  lines: NO_LINES,
  errorLines: NO_LINES,
  corsLines: NO_LINES,
  isPrivate: false,
};

/** The operator's decisions, and everything that follows from them. */
export class Policy {
  readonly options: PolicyOptions;
  /** Fields of every reply. */
  readonly common: readonly FieldLine[];
  /** Additional fields of the reply to OPTIONS. */
  readonly preflight: readonly FieldLine[];
  /** Fields that replies under this policy share. */
  readonly sharedFields: SharedFieldsCache = new SharedFieldsCache();
  /** Made on first use. Each policy has its own, because a variant keeps the replies prepared for it. */
  #assets: ReadonlyMap<string, FileResource> | undefined;
  /**
   * Path policies by their lines, public and private. Each exists once, because prepared replies are looked up by its
   * identity.
   */
  readonly #pathPolicies = new WeakMap<
    readonly FieldLine[],
    readonly [open: PathPolicy, isPrivate: PathPolicy]
  >();

  /** Fills in {@linkcode POLICY_DEFAULTS}. The operator's fields replace skiff's own. */
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

  /** Whether a resource is protected, by its path or its real path. `publicPath` is known to be public. */
  isProtected(
    { path, realPath = path }: Location,
    publicPath?: string,
  ): boolean {
    const { isProtected } = this.options;
    return path !== publicPath && isProtected(path) ||
      realPath !== path && realPath !== publicPath && isProtected(realPath);
  }

  /** Whether a rule decides about a request for a decoded path before the site does. */
  isOverruled(path: string): boolean {
    return this.options.rules.decide(path, undefined, true) !== undefined;
  }

  /** Returns whom names are judged for: `isPrivate` says that the client has authenticated. */
  nameViewer(isPrivate: boolean): NameViewer {
    return {
      isProtected: this.options.isProtected,
      isOverruled: (path) => this.isOverruled(path),
      isPrivate,
    };
  }

  /** Returns skiff's own file at a decoded path, if it names one. */
  asset(path: string): FileResource | undefined {
    if (!path.startsWith(OWN_PATHS_START)) return undefined;
    this.#assets ??= createListingAssets();
    return this.#assets.get(path) ?? this.options.assets.get(path);
  }

  /** Returns what makes the reply at a decoded path of skiff's own, if there is something. */
  service(path: string): ServiceHandler | undefined {
    if (!path.startsWith(OWN_PATHS_START)) return undefined;
    return this.options.services.get(path);
  }

  /** Returns the policy of a decoded path and of what was found for it, which may be at another path. */
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

/** Isolates pages from other origins (HTML standard, cross-origin isolation). */
function isolationFields(cors: boolean): FieldLine[] {
  return [
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cross-Origin-Embedder-Policy", "require-corp"],
    ["Cross-Origin-Resource-Policy", cors ? "cross-origin" : "same-origin"],
  ];
}

/** Replaces the lines whose names occur in `others`, and appends `others`. */
export function override(
  lines: readonly FieldLine[],
  others: readonly FieldLine[],
): FieldLine[] {
  const names = new Set(others.map(([name]) => name.toLowerCase()));
  const kept = lines.filter(([name]) => !names.has(name.toLowerCase()));
  return [...kept, ...others];
}
