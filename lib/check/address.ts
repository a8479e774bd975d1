/**
 * Addresses in documents → targets on this site, or what else they are.
 *
 * @module
 */

/** An origin that no site has, so that addresses of other origins can be told from the site's own. */
export const OWN_ORIGIN = "http://site.invalid";

/** What an address leads to. */
export type Destination =
  /** This site. */
  | {
    readonly kind: "own";
    /** The request target: path and query. */
    readonly target: string;
    /** As the URL standard writes it, without its "#"; undefined without one. */
    readonly fragment: string | undefined;
  }
  /** Another server. */
  | { readonly kind: "external"; readonly url: URL }
  /** Nothing that a server answers: mailto:, data:, javascript:, or what a template left. */
  | { readonly kind: "other" }
  /** Not parsed by browsers either. */
  | { readonly kind: "invalid" };

/** What templates fill in at runtime: `{{ url }}`, `${path}`, `<%= url %>`, `[[url]]`. */
const PLACEHOLDER = /\{\{|\$\{|<%|%%|\[\[|\{%/;

/** Matches a scheme other than those of HTTP, such as mailto:, whose addresses lead to no web server. */
const OTHER_SCHEME = /^(?!https?:)[a-z][a-z0-9+.-]*:/i;

/** Returns the base of relative addresses in a document: its target, or the base that it sets. */
export function baseOf(target: string, written?: string): URL {
  const own = new URL(target, OWN_ORIGIN);
  return written === undefined ? own : URL.parse(written.trim(), own) ?? own;
}

/** Resolves an address as written in a document. `ownOrigin` counts as this site as well. Never throws. */
export function resolve(
  written: string,
  base: URL,
  ownOrigin?: string,
): Destination {
  const address = written.trim();
  if (PLACEHOLDER.test(address) || OTHER_SCHEME.test(address)) {
    return { kind: "other" };
  }
  const url = URL.parse(address, base);
  if (url === null) return { kind: "invalid" };
  if (url.origin !== OWN_ORIGIN && url.origin !== ownOrigin) {
    return { kind: "external", url };
  }
  const fragment = address.includes("#") ? url.hash.slice(1) : undefined;
  return { kind: "own", target: targetOf(url), fragment };
}

/**
 * The request target of a URL. Some characters in it are not allowed there, but browsers send them, and skiff accepts
 * most.
 */
export function targetOf(url: URL): string {
  return url.pathname + url.search;
}

/** Percent-decodes a text; itself if it is malformed. */
export function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether an address is a plain-HTTP one whose host is not this machine: those are trustworthy (Secure Contexts §3.1).
 */
export function isInsecure({ protocol, hostname }: URL): boolean {
  return protocol === "http:" &&
    !/^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/i.test(hostname);
}
