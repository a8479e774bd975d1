/**
 * Finds what a page loads before anything else, from the elements of its HTML.
 *
 * @module
 */

import { Parser } from "htmlparser2";

/** Bytes of a page that are read: `<link>` elements are near its beginning. */
export const SCANNED_BYTES_MAX: number = 64 * 1024;

/** Most links of one page: each costs bytes in every response. */
export const LINKS_MAX = 16;

/** Longest address of a link, in characters. */
export const LINK_LENGTH_MAX = 512;

/** An origin that no page has, so that addresses of another origin can be told from its own. */
const OWN_ORIGIN = "http://own.invalid";

/** Attributes of `<link>` that a browser must know to load the same resource once (HTML standard, §4.6.7). */
const PARAMETERS = ["as", "type", "crossorigin", "integrity", "fetchpriority"];

/** Values of parameters that need no escaping in a Link header. */
const PLAIN_VALUE = /^[\w.+/= :;-]{0,512}$/;

/** Elements whose contents a browser with scripts does not load. */
const INERT: ReadonlySet<string> = new Set(["template", "noscript"]);

type Attributes = Readonly<Record<string, string>>;

/**
 * Returns the values of Link (RFC 8288 §3) for the style sheets, preloads and modules that a page names: those of its
 * own origin, in the order of the page. `path` is the encoded path of the page, against which addresses are resolved.
 * Reads the first {@linkcode SCANNED_BYTES_MAX} bytes as UTF-8, and skips an address that this does not spell.
 */
export function preloadLinks(page: Uint8Array, path: string): string[] {
  let base = new URL(path, OWN_ORIGIN);
  let hasBase = false;
  const links = new Set<string>();
  let inert = 0;
  const parser = new Parser({
    onclosetag(name) {
      if (INERT.has(name)) inert--;
    },
    onopentag(name, attributes) {
      if (INERT.has(name)) inert++;
      if (inert > 0) return;
      if (name === "base" && !hasBase && attributes["href"] !== undefined) {
        hasBase = true;
        base = resolved(attributes["href"], base) ?? base;
      }
      if (name !== "link" || links.size === LINKS_MAX) return;
      const link = linkOf(attributes, base);
      if (link !== undefined) links.add(link);
    },
  });
  const bytes = page.subarray(0, SCANNED_BYTES_MAX);
  parser.end(new TextDecoder().decode(bytes));
  return [...links];
}

function linkOf(attributes: Attributes, base: URL): string | undefined {
  const { rel = "", href, media = "all", disabled } = attributes;
  // Whether a query of media matches, only the browser knows.
  if (href === undefined || disabled !== undefined || media !== "all") return;
  const relations = rel.toLowerCase().split(/[\t\n\f\r ]+/);
  const relation = relations.includes("modulepreload")
    ? "modulepreload"
    : "preload";
  const isStyle = relations.includes("stylesheet") &&
    !relations.includes("alternate");
  if (!isStyle && !relations.includes(relation)) return;
  if (relation === "preload" && !isStyle && !attributes["as"]) return;
  const address = resolved(href, base);
  if (address?.origin !== OWN_ORIGIN) return;
  const target = address.pathname + address.search;
  if (target.length > LINK_LENGTH_MAX || /[<>]|%EF%BF%BD/i.test(target)) return;
  const known = isStyle ? { ...attributes, as: "style" } : attributes;
  return [`<${target}>; rel=${relation}`, ...parametersOf(known)].join("; ");
}

function parametersOf(attributes: Attributes): string[] {
  return PARAMETERS.flatMap((name) => {
    const value = attributes[name];
    if (value === undefined || !PLAIN_VALUE.test(value)) return [];
    if (value === "") return [name];
    return [/^[\w-]+$/.test(value) ? `${name}=${value}` : `${name}="${value}"`];
  });
}

function resolved(address: string, base: URL): URL | undefined {
  return URL.parse(address, base) ?? undefined;
}
