/**
 * Finds the sitemaps that robots.txt names (sitemaps.org, "Specifying the
 * Sitemap location in your robots.txt file").
 *
 * @module
 */

import {
  type Defect,
  type ParsedDocument,
  parsedDocument,
  type Reference,
  REFERENCES_MAX,
} from "./reference.ts";

/** Reads a robots.txt. Never throws. */
export function parseRobots(text: string): ParsedDocument {
  const references: Reference[] = [];
  const defects: Defect[] = [];
  let line = 0;
  for (const row of text.split(/\r\n?|\n/)) {
    line++;
    const address = /^\s*sitemap\s*:([^#]*)/i.exec(row)?.[1]?.trim();
    if (address === undefined || references.length >= REFERENCES_MAX) continue;
    if (!/^https?:\/\//i.test(address)) {
      const message = "a sitemap needs a whole address, with https://";
      defects.push({ rule: "invalid-address", message, line });
    }
    references.push({ kind: "hint", address, line });
  }
  return parsedDocument(references, { defects });
}
