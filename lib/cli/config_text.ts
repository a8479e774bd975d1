/**
 * JSON with comments, as a tree in which every node knows its line and column.
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

/** A value in a file, and where it stands. */
export interface ConfigNode {
  /** Its type. */
  readonly type: "object" | "array" | "string" | "number" | "boolean" | "null";
  /** The value of one that is no object and no array. */
  readonly value: unknown;
  /** The elements of an array. */
  readonly elements: readonly ConfigNode[];
  /** The members of an object, in order; no name is there twice. */
  readonly members: readonly ConfigMember[];
  /** `skiff.json:4:11`. */
  readonly where: string;
}

/** A name in an object, with its value. */
export interface ConfigMember {
  /** The name. */
  readonly name: string;
  /** Where the name stands. */
  readonly where: string;
  /** The value. */
  readonly node: ConfigNode;
}

/** The longest file, in characters: what is longer is no configuration. */
export const CONFIG_MAX: number = 4 * 2 ** 20;

/** How deep things may be inside each other; a configuration needs 4. */
const DEPTH_MAX = 16;

/** Gives the place of an offset. */
type Locate = (offset: number) => string;

/**
 * Reads a text. Comments, and commas behind the last of a list, may be there.
 * Throws a {@linkcode UsageError} with path, line and column of what is wrong.
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

/** Makes what finds line and column (in characters, from 1) of an offset. */
function locator(text: string, path: string): Locate {
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

/** The parser calls itself for what is inside, and so must not be given just anything. */
function refuseDepth(text: string, locate: Locate): void {
  let depth = 0;
  const enter = (offset: number) => {
    if (++depth <= DEPTH_MAX) return;
    throw new UsageError(
      `${
        locate(offset)
      }: Cannot read the configuration: it is nested deeper than ${DEPTH_MAX}`,
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

/** `CommaExpected` is "comma expected". */
function words(code: string): string {
  return code.replace(
    /[A-Z]/g,
    (letter, at) => `${at === 0 ? "" : " "}${letter.toLowerCase()}`,
  );
}

function nodeOf(node: Node, locate: Locate): ConfigNode {
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
  // A property stands in objects alone.
  return { ...shape, type: type as ConfigNode["type"] };
}

function membersOf(
  properties: readonly Node[],
  locate: Locate,
): ConfigMember[] {
  const names = new Map<string, string>();
  return properties.map(({ children = [] }) => {
    const [key, value] = children;
    const name: string = key!.value;
    const where = locate(key!.offset);
    const first = names.get(name);
    if (first !== undefined) {
      throw new UsageError(
        `${where}: Cannot use ${
          quote(name)
        } twice: it stands at ${first} already`,
      );
    }
    names.set(name, where);
    return { name, where, node: nodeOf(value!, locate) };
  });
}

/** The error of a key that means nothing, with the nearest that does. */
export function unknownKey(
  { name, where }: ConfigMember,
  keys: readonly string[],
): UsageError {
  const meant = nearest(name, keys) ?? nearestPlain(name, keys);
  const hint = meant === undefined
    ? "there is no such key"
    : `did you mean ${quote(meant)}?`;
  return new UsageError(`${where}: Cannot understand ${quote(name)}: ${hint}`);
}

/** The key that a name is, but for its case and hyphens: "tls-cert", "TLS_CERT". */
function nearestPlain(
  name: string,
  keys: readonly string[],
): string | undefined {
  const plain = (text: string) => text.replace(/[-_]/g, "").toLowerCase();
  return keys.find((key) => plain(key) === plain(name));
}

/** The error of a value that has the wrong type. */
export function wrongType(
  name: string,
  node: ConfigNode,
  wanted: string,
): UsageError {
  const given = node.type === "string"
    ? quote(`${node.value}`)
    : node.type === "array" || node.type === "object"
    ? `an ${node.type}`
    : `${node.value}`;
  return new UsageError(
    `${node.where}: Cannot use ${given} for ${quote(name)}: give ${wanted}`,
  );
}
