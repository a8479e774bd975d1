/**
 * Finds the addresses in sitemaps and feeds: Sitemap XML, RSS and Atom; and the
 * sitemaps in robots.txt.
 *
 * @module
 */

import { Parser } from "htmlparser2";
import { LineCounter } from "./line_counter.ts";
import {
  type Defect,
  entryOf,
  NESTING_MAX,
  type ParsedDocument,
  parsedDocument,
  type Reference,
  type ReferenceKind,
  REFERENCES_MAX,
} from "./reference.ts";

/** Elements whose text is an address, by their document's root element. */
const TEXT_ELEMENTS: Readonly<
  Record<string, Readonly<Record<string, ReferenceKind>>>
> = {
  urlset: {
    "loc": "link",
    "image:loc": "image",
    "video:thumbnail_loc": "image",
  },
  sitemapindex: { "loc": "hint" },
  rss: { "link": "link", "url": "image" },
  feed: { "icon": "image", "logo": "image" },
};

/** Elements with an address in an attribute. */
const ATTRIBUTES: Readonly<
  Record<
    string,
    Readonly<Record<string, readonly [attribute: string, kind: ReferenceKind]>>
  >
> = {
  urlset: { "xhtml:link": ["href", "link"] },
  rss: {
    "enclosure": ["url", "media"],
    "atom:link": ["href", "hint"],
    "media:content": ["url", "media"],
  },
  feed: { "link": ["href", "link"] },
};

/** Relations of a feed's links that lead to other servers' interfaces, not to pages. */
const OTHER_RELATIONS = /^(?:hub|edit|replies|service|self|license)$/;

/** Whether an XML document is a sitemap or feed, by its root element. */
export function isFeed(text: string): boolean {
  return /<(?:urlset|sitemapindex|rss|feed)[\s>]/.test(text.slice(0, 4096));
}

/** Reads a sitemap or feed. Never throws. */
export function parseFeed(text: string): ParsedDocument {
  const lines = new LineCounter(text);
  const references: Reference[] = [];
  const open: string[] = [];
  let root = "";
  let content: { kind: ReferenceKind; text: string; line: number } | undefined;
  const add = (kind: ReferenceKind, address: string, line: number) => {
    if (references.length >= REFERENCES_MAX || address.trim() === "") return;
    references.push({ kind, address: address.trim(), line });
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (open.length === 0) root = name;
      open.push(name);
      if (open.length > NESTING_MAX) parser.pause();
      const line = lines.at(parser.startIndex);
      const kind = entryOf(entryOf(TEXT_ELEMENTS, root), name);
      content = kind && { kind, text: "", line };
      const row = entryOf(entryOf(ATTRIBUTES, root), name);
      if (row === undefined || OTHER_RELATIONS.test(attributes["rel"] ?? "")) {
        return;
      }
      add(row[1], attributes[row[0]] ?? "", line);
    },
    ontext(data) {
      if (content !== undefined) content.text += data;
    },
    onclosetag() {
      open.pop();
      if (content !== undefined) add(content.kind, content.text, content.line);
      content = undefined;
    },
  }, { xmlMode: true });
  parser.write(text);
  const isDeep = open.length > NESTING_MAX;
  if (!isDeep) parser.end();
  return parsedDocument(references, isDeep ? { isCut: true } : {});
}

/**
 * Reads a robots.txt (sitemaps.org, "Specifying the Sitemap location in your robots.txt file"). Never throws.
 */
export function parseRobots(text: string): ParsedDocument {
  const references: Reference[] = [];
  const defects: Defect[] = [];
  for (const [index, row] of text.split(/\r\n?|\n/).entries()) {
    const address = /^\s*sitemap\s*:([^#]*)/i.exec(row)?.[1]?.trim();
    if (address === undefined || references.length >= REFERENCES_MAX) continue;
    const line = index + 1;
    if (!/^https?:\/\//i.test(address)) {
      const message = "a sitemap needs a whole address, with https://";
      defects.push({ rule: "invalid-address", message, line });
    }
    references.push({ kind: "hint", address, line });
  }
  return parsedDocument(references, { defects });
}
