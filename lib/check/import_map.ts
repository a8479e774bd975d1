/**
 * Finds the addresses in an import map (HTML standard §8.1.6.2).
 *
 * @module
 */

import { parse, type ParseError, visit } from "jsonc-parser";
import { quote } from "../http/printable.ts";
import { isTooDeep } from "./json_depth.ts";
import { LineCounter } from "./line_counter.ts";
import { type Defect, type Reference, REFERENCES_MAX } from "./reference.ts";

/** What an import map refers to, and what is wrong with it. */
export interface ImportMap {
  readonly references: readonly Reference[];
  readonly defects: readonly Defect[];
}

/** Reads an import map whose text begins on a line of its file. Never throws. */
export function parseImportMap(text: string, firstLine: number): ImportMap {
  const lines = new LineCounter(text, firstLine);
  const references: Reference[] = [];
  const defects: Defect[] = [];
  const add = (message: string, offset: number) => {
    const line = lines.at(offset);
    defects.push({ rule: "invalid-import-map", message, line });
  };
  const errors: ParseError[] = [];
  const isDeep = isTooDeep(text);
  if (!isDeep) parse(text, errors, { disallowComments: true });
  if (isDeep || errors.length > 0) {
    add("the import map is not valid JSON", errors[0]?.offset ?? 0);
    return { references, defects };
  }
  visit(text, {
    onLiteralValue(value, offset, _length, _line, _column, pathOf) {
      const path = pathOf();
      const isAddress = path[0] === "imports" && path.length === 2 ||
        path[0] === "scopes" && path.length === 3;
      if (!isAddress || value === null) return;
      if (references.length + defects.length >= REFERENCES_MAX) return;
      const key = `${path.at(-1)}`;
      const problem = problemOf(key, value);
      if (problem !== undefined) add(problem, offset);
      // What ends with "/" is only the beginning of addresses.
      else if (!key.endsWith("/")) {
        const address = value as string;
        references.push({ kind: "module", address, line: lines.at(offset) });
      }
    },
  });
  return { references, defects };
}

/** Why browsers ignore an entry; undefined if they do not. */
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
