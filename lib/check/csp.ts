/**
 * Content Security Policy: whether a policy forbids what a page uses (CSP Level
 * 3). Answers "no" only where that is certain: the origin of the site is not
 * known, so a policy that names hosts may mean it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { InlineCode, Reference, ReferenceKind } from "./reference.ts";

/** Most sources and directives of the policies of one page: each reference is compared with them. Policies beyond are not judged. */
export const CSP_SOURCES_MAX = 1000;

/** What a directive allows. */
interface Sources {
  /** All but the hashes. */
  readonly values: ReadonlySet<string>;
  /** Digests in plain Base64, by the name of their algorithm: pages have thousands. */
  readonly hashes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a hash or nonce switches 'unsafe-inline' off. */
  readonly isStrict: boolean;
}

type Directives = ReadonlyMap<string, Sources>;

/** The directives for a kind of reference, the first of which counts (CSP §6.8.3). */
const FETCH_DIRECTIVES: Partial<Record<ReferenceKind, readonly string[]>> = {
  script: ["script-src-elem", "script-src", "default-src"],
  module: ["script-src-elem", "script-src", "default-src"],
  style: ["style-src-elem", "style-src", "default-src"],
  image: ["img-src", "default-src"],
  font: ["font-src", "default-src"],
  media: ["media-src", "default-src"],
  frame: ["frame-src", "child-src", "default-src"],
  object: ["object-src", "default-src"],
  manifest: ["manifest-src", "default-src"],
  form: ["form-action"],
  post: ["form-action"],
};

const INLINE_DIRECTIVES: Readonly<
  Record<InlineCode["kind"], readonly string[]>
> = {
  "script": ["script-src-elem", "script-src", "default-src"],
  "script-attribute": ["script-src-attr", "script-src", "default-src"],
  "style": ["style-src-elem", "style-src", "default-src"],
  "style-attribute": ["style-src-attr", "style-src", "default-src"],
};

/** The policies of one page, all of which must allow what it uses. */
export class PolicySet {
  readonly #policies: readonly Directives[];

  /** Takes the values of headers and meta elements. */
  constructor(values: readonly string[]) {
    let left = CSP_SOURCES_MAX;
    this.#policies = values.flatMap((value) => value.split(","))
      .map(parsePolicy)
      .filter((directives) => {
        for (const { values } of directives.values()) left -= 1 + values.size;
        return directives.size > 0 && left >= 0;
      });
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#policies.length === 0;
  }

  /** Whether the page turns plain HTTP into HTTPS by itself. */
  get upgrades(): boolean {
    return this.#policies.some((each) => each.has("upgrade-insecure-requests"));
  }

  /** Returns the directive that forbids a reference; undefined if none certainly does. `url` is undefined for the site's own. */
  forbids(
    { kind, nonce }: Pick<Reference, "kind" | "nonce">,
    url: URL | undefined,
  ): string | undefined {
    return this.#forbids(FETCH_DIRECTIVES[kind] ?? [], (sources, name) => {
      if (hasNonce(sources, nonce)) return true;
      const isScript = name.startsWith("script") || kind === "script" ||
        kind === "module";
      const { values, hashes } = sources;
      if (isScript && values.has("'strict-dynamic'")) {
        // The integrity of an element may match a hash.
        return hashes.size > 0;
      }
      return values.values().some((source) =>
        url === undefined ? mayBeOwn(source) : matches(source, url)
      );
    });
  }

  /** Returns the directive that forbids a script or style in the page itself; undefined if none does. */
  forbidsInline({ kind, text, nonce }: InlineCode): string | undefined {
    const isAttribute = kind.endsWith("attribute");
    return this.#forbids(INLINE_DIRECTIVES[kind], (sources) => {
      const { values, hashes } = sources;
      const isStrict = sources.isStrict ||
        values.has("'strict-dynamic'") && kind.startsWith("script");
      if (!isStrict && values.has("'unsafe-inline'")) return true;
      if (!isAttribute && hasNonce(sources, nonce)) return true;
      if (isAttribute && !values.has("'unsafe-hashes'")) return false;
      return matchesHash(hashes, text);
    });
  }

  #forbids(
    names: readonly string[],
    isAllowed: (sources: Sources, name: string) => boolean,
  ): string | undefined {
    for (const directives of this.#policies) {
      const name = names.find((each) => directives.has(each));
      if (name === undefined) continue;
      if (!isAllowed(directives.get(name)!, name)) return name;
    }
    return undefined;
  }
}

/** Parses one policy; the first of equal directives counts. */
function parsePolicy(text: string): Directives {
  const directives = new Map<string, Sources>();
  for (const part of text.split(";")) {
    const [name, ...values] = part.trim().split(/\s+/);
    const key = name!.toLowerCase();
    if (key === "" || directives.has(key)) continue;
    directives.set(key, parseSources(values));
  }
  return directives;
}

function parseSources(texts: readonly string[]): Sources {
  const values = new Set<string>();
  const hashes = new Map<string, Set<string>>();
  let isStrict = false;
  for (const text of texts) {
    const hash = /^'(sha(?:256|384|512))-(.*?)'?$/is.exec(text);
    if (hash !== null) {
      const algorithm = hash[1]!.toLowerCase();
      const digests = hashes.get(algorithm) ?? new Set();
      hashes.set(algorithm, digests.add(plainDigest(hash[2]!)));
    } else {
      values.add(
        /^'nonce-/i.test(text) ? `'nonce-${text.slice(7)}` : text.toLowerCase(),
      );
    }
    isStrict ||= hash !== null || /^'nonce-/i.test(text);
  }
  return { values, hashes, isStrict };
}

/** Base64 and Base64url of equal bytes → the same text. */
function plainDigest(text: string): string {
  return text.replaceAll("-", "+").replaceAll("_", "/").replace(/={1,2}$/, "");
}

function hasNonce({ values }: Sources, nonce: string | undefined): boolean {
  return nonce !== undefined && nonce !== "" &&
    values.has(`'nonce-${nonce}'`);
}

/** Whether a source may match the site's own files. */
function mayBeOwn(source: string): boolean {
  if (source === "'self'" || source === "*") return true;
  if (source.startsWith("'")) return false;
  // Another scheme is certainly not the site's; any host may be.
  return !/^(?!https?:)[a-z][a-z0-9+.-]*:$/.test(source);
}

/** Whether a source matches an address on another server (CSP §6.7.2.8); paths are compared only in part. */
function matches(source: string, url: URL): boolean {
  if (source === "*") return true;
  if (source.startsWith("'")) return false;
  if (/^[a-z][a-z0-9+.-]*:$/.test(source)) {
    return source === url.protocol ||
      source === "http:" && url.protocol === "https:";
  }
  const parts =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/:]+|\*)(?::(\d+|\*))?(\/.*)?$/
      .exec(source);
  if (parts === null) return true;
  const [, scheme, host, port, path = ""] = parts;
  const isScheme = scheme === undefined || `${scheme}:` === url.protocol ||
    scheme === "http" && url.protocol === "https:";
  const isHost = host!.startsWith("*.")
    ? url.hostname.endsWith(host!.slice(1))
    : host === "*" || host === url.hostname;
  const isPort = port === undefined || port === "*" || port === url.port ||
    url.port === "" && (port === "443" || port === "80");
  const own = url.pathname.toLowerCase();
  const isPath = path === "" || path === "/" ||
    (path.endsWith("/") ? own.startsWith(path) : own === path);
  return isScheme && isHost && isPort && isPath;
}

/** Whether one of the hashes is that of a text as browsers see it, with line feeds alone. */
function matchesHash(hashes: Sources["hashes"], text: string): boolean {
  const seen = text.replace(/\r\n?/g, "\n");
  return hashes.entries().some(([algorithm, digests]) => {
    const digest = createHash(algorithm).update(seen).digest("base64");
    return digests.has(plainDigest(digest));
  });
}
