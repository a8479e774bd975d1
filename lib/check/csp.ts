/**
 * Content Security Policy: whether a policy forbids what a page uses (CSP Level
 * 3). Answers "no" only where that is certain: the origin of the site is not
 * known, so a policy that names hosts may mean it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Inline, Reference, ReferenceKind } from "./reference.ts";

type Directives = ReadonlyMap<string, readonly string[]>;

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
};

const INLINE_DIRECTIVES: Readonly<Record<Inline["kind"], readonly string[]>> = {
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
    this.#policies = values.flatMap((value) => value.split(","))
      .map(parsePolicy)
      .filter((directives) => directives.size > 0);
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
      if (isScript && sources.includes("'strict-dynamic'")) {
        // The integrity of an element may match a hash.
        return sources.some(isHash);
      }
      return sources.some((source) =>
        url === undefined ? mayBeOwn(source) : matches(source, url)
      );
    });
  }

  /** Returns the directive that forbids a script or style in the page itself; undefined if none does. */
  forbidsInline({ kind, text, nonce }: Inline): string | undefined {
    const isAttribute = kind.endsWith("attribute");
    return this.#forbids(INLINE_DIRECTIVES[kind], (sources) => {
      const isStrict = sources.some((source) =>
        isHash(source) || source.startsWith("'nonce-") ||
        source === "'strict-dynamic'" && kind.startsWith("script")
      );
      if (!isStrict && sources.includes("'unsafe-inline'")) return true;
      if (!isAttribute && hasNonce(sources, nonce)) return true;
      if (isAttribute && !sources.includes("'unsafe-hashes'")) return false;
      return matchesHash(sources, text);
    });
  }

  #forbids(
    names: readonly string[],
    isAllowed: (sources: readonly string[], name: string) => boolean,
  ): string | undefined {
    for (const directives of this.#policies) {
      const name = names.find((each) => directives.has(each));
      if (name === undefined) continue;
      if (!isAllowed(directives.get(name)!, name)) return name;
    }
    return undefined;
  }
}

/** Parses one policy; the first of equal directives counts. Keywords are lower-cased, the rest is not. */
function parsePolicy(text: string): Directives {
  const directives = new Map<string, readonly string[]>();
  for (const part of text.split(";")) {
    const [name, ...values] = part.trim().split(/\s+/);
    const key = name!.toLowerCase();
    if (key === "" || directives.has(key)) continue;
    directives.set(
      key,
      values.map((value) =>
        /^'(?:nonce-|sha\d+-)/i.test(value)
          ? value.replace(/^'[a-z]+\d*-/i, (start) => start.toLowerCase())
          : value.toLowerCase()
      ),
    );
  }
  return directives;
}

function hasNonce(sources: readonly string[], nonce: string | undefined) {
  return nonce !== undefined && nonce !== "" &&
    sources.includes(`'nonce-${nonce}'`);
}

function isHash(source: string): boolean {
  return /^'sha(?:256|384|512)-/.test(source);
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
function matchesHash(sources: readonly string[], text: string): boolean {
  const seen = text.replace(/\r\n?/g, "\n");
  return sources.filter(isHash).some((source) => {
    const [, algorithm, expected] = /^'(sha\d+)-(.*)'$/.exec(source) ?? [];
    if (algorithm === undefined) return false;
    const digest = createHash(algorithm).update(seen).digest("base64");
    const plain = (value: string) =>
      value.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
    return plain(digest) === plain(expected!);
  });
}
