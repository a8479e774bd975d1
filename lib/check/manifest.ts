/**
 * Finds the addresses in a web app manifest.
 *
 * @module
 */

import { parse, type ParseError, visit } from "jsonc-parser";
import { isTooDeep } from "./json_depth.ts";
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
