/**
 * Parses JSON with comments into a tree whose nodes know their line and column.
 *
 * @module
 */

import {
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  visit,
} from "jsonc-parser";
import { quote } from "../http/printable.ts";
import { nearest, UsageError } from "./values.ts";

/** A value in the file, with its position. */
export interface ConfigNode {
  readonly type: "object" | "array" | "string" | "number" | "boolean" | "null";
  /** The value, if it is neither an object nor an array. */
  readonly value: unknown;
  /** The elements, if it is an array. */
  readonly elements: readonly ConfigNode[];
  /** The members in order, if it is an object; each name occurs once. */
  readonly members: readonly ConfigMember[];
  /** The position: `skiff.json:4:11`. */
  readonly where: string;
}

/** A member of an object. */
export interface ConfigMember {
  readonly name: string;
  /** The position of the name. */
  readonly where: string;
  readonly node: ConfigNode;
}

/** The longest file, in characters. */
export const CONFIG_MAX: number = 4 * 2 ** 20;

/** The deepest nesting; a configuration needs 4 levels. */
const DEPTH_MAX = 16;

/** Formats the position of an offset. */
type Locator = (offset: number) => string;

/**
 * Parses JSON with comments and trailing commas. Throws a {@linkcode UsageError}
 * with the path, line and column of an error.
 */
export function readConfigText(text: string, path: string): ConfigNode {
  if (text.length > CONFIG_MAX) {
    throw new UsageError(
      `Cannot use ${path} as a configuration: it is longer than ${CONFIG_MAX} characters`,
    );
  }
  const content = text.replace(/^\uFEFF/, "");
  const locate = locator(content, path);
  refuseDepth(content, locate);
  const errors: ParseError[] = [];
  const root = parseTree(content, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    throw new UsageError(
      `${locate(error.offset)}: Cannot read the configuration: ${
        words(printParseErrorCode(error.error))
      }`,
    );
  }
  return nodeOf(root!, locate);
}

/** Finds the line and column of an offset, both counted from 1. */
function locator(text: string, path: string): Locator {
  const starts = [0];
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return `${path}:${low + 1}:${offset - starts[low]! + 1}`;
  };
}

/** Refuses text that is nested too deep for the parser, which is recursive. */
function refuseDepth(text: string, locate: Locator): void {
  let depth = 0;
  const enter = (offset: number) => {
    if (++depth <= DEPTH_MAX) return;
    throw new UsageError(
      `${
        locate(offset)
      }: Cannot read the configuration: it is nested deeper than ${DEPTH_MAX} levels`,
    );
  };
  const leave = () => depth--;
  visit(text, {
    onObjectBegin: enter,
    onObjectEnd: leave,
    onArrayBegin: enter,
    onArrayEnd: leave,
  });
}

/** Turns the code `CommaExpected` into "comma expected". */
function words(code: string): string {
  return code.replace(
    /[A-Z]/g,
    (letter, at) => `${at === 0 ? "" : " "}${letter.toLowerCase()}`,
  );
}

function nodeOf(node: Node, locate: Locator): ConfigNode {
  const where = locate(node.offset);
  const { type, value, children = [] } = node;
  const shape = { value, where, elements: [], members: [] };
  if (type === "array") {
    const elements = children.map((child) => nodeOf(child, locate));
    return { ...shape, type, elements };
  }
  if (type === "object") {
    return { ...shape, type, members: membersOf(children, locate) };
  }
  // The only other type is "property", which occurs in objects only.
  return { ...shape, type: type as ConfigNode["type"] };
}

function membersOf(
  properties: readonly Node[],
  locate: Locator,
): ConfigMember[] {
  const names = new Map<string, string>();
  return properties.map(({ children = [] }) => {
    const [key, value] = children;
    const name: string = key!.value;
    const where = locate(key!.offset);
    const first = names.get(name);
    if (first !== undefined) {
      throw new UsageError(
        `${where}: Cannot use ${quote(name)} twice: it is already at ${first}`,
      );
    }
    names.set(name, where);
    return { name, where, node: nodeOf(value!, locate) };
  });
}

/** The error for an unknown key, with the one that was probably meant. */
export function unknownKey(
  { name, where }: ConfigMember,
  keys: readonly string[],
): UsageError {
  const meant = nearest(name, keys);
  const hint = meant === undefined
    ? "there is no such key"
    : `did you mean ${quote(meant)}?`;
  return new UsageError(`${where}: Cannot understand ${quote(name)}: ${hint}`);
}

/** The error for a value of the wrong type. */
export function wrongType(
  name: string,
  node: ConfigNode,
  expected: string,
): UsageError {
  const given = node.type === "string"
    ? quote(`${node.value}`)
    : node.type === "array" || node.type === "object"
    ? `an ${node.type}`
    : `${node.value}`;
  return new UsageError(
    `${node.where}: Cannot use ${given} for ${
      quote(name)
    }: expected ${expected}`,
  );
}
