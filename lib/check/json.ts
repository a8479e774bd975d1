/**
 * Finds the addresses in JSON: in web app manifests, and in import maps (HTML
 * standard §8.1.6.2).
 *
 * @module
 */

import { createScanner, visit } from "jsonc-parser";
import { quote } from "../http/printable.ts";
import { LineCounter } from "./line_counter.ts";
import {
  type Defect,
  entryOf,
  type ParsedDocument,
  parsedDocument,
  type Reference,
  type ReferenceKind,
  REFERENCES_MAX,
} from "./reference.ts";

/** Members of a manifest with addresses, by the path of their names; `*` stands for an index (Web Application Manifest). */
const MEMBERS: Readonly<Record<string, ReferenceKind>> = {
  "start_url": "link",
  "icons/*/src": "image",
  "screenshots/*/src": "image",
  "shortcuts/*/url": "link",
  "shortcuts/*/icons/*/src": "image",
};

/** Reads a manifest. Never throws. */
export function parseManifest(text: string): ParsedDocument {
  const lines = new LineCounter(text);
  const references: Reference[] = [];
  const error = readJson(text, (value, offset, pathOf) => {
    if (typeof value !== "string" || references.length === REFERENCES_MAX) {
      return;
    }
    const path = pathOf().map((part) => typeof part === "number" ? "*" : part);
    const kind = entryOf(MEMBERS, path.join("/"));
    if (kind === undefined) return;
    references.push({ kind, address: value, line: lines.at(offset) });
  });
  if (error === undefined) return parsedDocument(references);
  if (error === "deep") return parsedDocument([], { isCut: true });
  const message = "the manifest is not valid JSON: browsers ignore it";
  const line = lines.at(error);
  return parsedDocument([], {
    defects: [{ rule: "invalid-manifest", message, line }],
  });
}

/** Reads an import map whose text begins on a line of its file. Never throws. */
export function parseImportMap(
  text: string,
  firstLine: number,
): Pick<ParsedDocument, "references" | "defects"> {
  const lines = new LineCounter(text, firstLine);
  const references: Reference[] = [];
  const defects: Defect[] = [];
  const defect = (message: string, offset: number): Defect => {
    const line = lines.at(offset);
    return { rule: "invalid-import-map", message, line };
  };
  const error = readJson(text, (value, offset, pathOf) => {
    const path = pathOf();
    const isAddress = path[0] === "imports" && path.length === 2 ||
      path[0] === "scopes" && path.length === 3;
    if (!isAddress || value === null) return;
    if (references.length + defects.length >= REFERENCES_MAX) return;
    const key = `${path.at(-1)}`;
    const problem = problemOf(key, value);
    if (problem !== undefined) defects.push(defect(problem, offset));
    // What ends with "/" is only the beginning of addresses.
    else if (!key.endsWith("/")) {
      const address = value as string;
      references.push({ kind: "module", address, line: lines.at(offset) });
    }
  });
  if (error === undefined) return { references, defects };
  const message = "the import map is not valid JSON";
  const offset = error === "deep" ? 0 : error;
  return { references: [], defects: [defect(message, offset)] };
}

/** Why browsers ignore an entry of an import map; undefined if they do not. */
function problemOf(key: string, value: unknown): string | undefined {
  const name = quote(key);
  if (typeof value !== "string") return `${name} is mapped to no address`;
  if (!/^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(value)) {
    return `${name} is mapped to ${quote(value)}, which needs ./ before it`;
  }
  return key.endsWith("/") && !value.endsWith("/")
    ? `${name} is mapped to ${quote(value)}, which needs / after it`
    : undefined;
}

/** Calls `onValue` for each text, number and the like. Returns the offset of the first error; "deep" for what is not read. */
function readJson(
  text: string,
  onValue: (
    value: unknown,
    offset: number,
    pathOf: () => readonly (string | number)[],
  ) => void,
): number | "deep" | undefined {
  if (isTooDeep(text)) return "deep";
  let error: number | undefined;
  visit(text, {
    onLiteralValue: (value, offset, _length, _line, _column, pathOf) =>
      onValue(value, offset, pathOf),
    onError: (_code, offset) => {
      error ??= offset;
    },
  }, { disallowComments: true });
  return error;
}

/** Deepest value that is read: the parser takes a frame of the stack for each. No manifest or import map has more than five. */
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
