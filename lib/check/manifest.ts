/**
 * Finds the addresses in a web app manifest.
 *
 * @module
 */

import { createScanner, parse, type ParseError, visit } from "jsonc-parser";
import { LineCounter } from "./line_counter.ts";
import {
  entryOf,
  type ParsedDocument,
  parsedDocument,
  type Reference,
  type ReferenceKind,
  REFERENCES_MAX,
} from "./reference.ts";

/** Members with addresses, by the path of their names; `*` stands for an index (Web Application Manifest). */
const MEMBERS: Readonly<Record<string, ReferenceKind>> = {
  "start_url": "link",
  "icons/*/src": "image",
  "screenshots/*/src": "image",
  "shortcuts/*/url": "link",
  "shortcuts/*/icons/*/src": "image",
};

/** Deepest value that is read: the parser takes a frame of the stack for each. No manifest has more than five. */
export const DEPTH_MAX = 100;

/** Whether values are nested deeper than is read. */
function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (;;) {
    scanner.scan();
    const length = scanner.getTokenLength();
    if (length === 0) return false;
    // No other token begins with a bracket.
    const first = text[scanner.getTokenOffset()];
    if (first === "{" || first === "[") depth++;
    else if (first === "}" || first === "]") depth--;
    if (depth > DEPTH_MAX) return true;
  }
}

/** Reads a manifest. Never throws. */
export function parseManifest(text: string): ParsedDocument {
  if (isTooDeep(text)) return parsedDocument([], { isCut: true });
  const lines = new LineCounter(text);
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error !== undefined) {
    const message = "the manifest is not valid JSON: browsers ignore it";
    const line = lines.at(error.offset);
    return parsedDocument([], {
      defects: [{ rule: "invalid-manifest", message, line }],
    });
  }
  const references: Reference[] = [];
  visit(text, {
    onLiteralValue(value, offset, _length, _line, _column, pathOf) {
      if (typeof value !== "string" || references.length === REFERENCES_MAX) {
        return;
      }
      const path = pathOf().map((part) =>
        typeof part === "number" ? "*" : part
      );
      const kind = entryOf(MEMBERS, path.join("/"));
      if (kind === undefined) return;
      references.push({ kind, address: value, line: lines.at(offset) });
    },
  });
  return parsedDocument(references);
}
