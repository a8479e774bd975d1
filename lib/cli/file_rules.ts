/**
 * Reads the rules of the configuration file: checks their structure, and keeps
 * their positions. Patterns and statuses are checked when they are compiled.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import {
  type ConfigMember,
  type ConfigNode,
  unknownKey,
  wrongType,
} from "./config_text.ts";
import { UsageError } from "./values.ts";

/** The rules as the file has them; their meaning is not checked yet. `where` is like `skiff.json:12`. */
export interface ConfigRules {
  /** Headers for the paths that a pattern matches. */
  headers: {
    for: string;
    values: [name: string, value: string][];
    where: string;
  }[];
  /** Redirects and rewrites. */
  redirects: {
    from: string;
    to: string | undefined;
    status: number;
    force: boolean;
    where: string;
  }[];
  /** The pages of the site to serve for error statuses. */
  errorPages: { status: number; path: string; where: string }[];
}

/** The keys of the file that hold rules, not options. */
export const RULE_KEYS: readonly string[] = [
  "headers",
  "redirects",
  "errorPages",
];

/** The default status of a redirect. */
export const REDIRECT_STATUS = 301;

/** Reads the rules from the members of the file. Throws a {@linkcode UsageError} with the position of an error. */
export function readRules(members: readonly ConfigMember[]): ConfigRules {
  const rules: ConfigRules = { headers: [], redirects: [], errorPages: [] };
  for (const { name, node } of members) {
    if (name === "headers") {
      rules.headers = elementsOf(name, node).map(headerAt);
    }
    if (name === "redirects") {
      rules.redirects = elementsOf(name, node).map(redirectAt);
    }
    if (name === "errorPages") rules.errorPages = errorPagesAt(node);
  }
  return rules;
}

/** The position of a rule, without the column. */
function lineOf({ where }: ConfigNode): string {
  return where.replace(/:\d+$/, "");
}

function elementsOf(name: string, node: ConfigNode): readonly ConfigNode[] {
  if (node.type === "array") return node.elements;
  throw wrongType(name, node, "a list of rules");
}

/** The members of a rule by name. Throws if there are others, or if one of the `required` is missing. */
function partsOf<R extends string, O extends string = never>(
  kind: string,
  node: ConfigNode,
  required: readonly R[],
  optional: readonly O[] = [],
): Record<R, ConfigNode> & Partial<Record<O, ConfigNode>> {
  if (node.type !== "object") {
    throw wrongType(kind, node, "a rule in braces");
  }
  const names: readonly string[] = [...required, ...optional];
  const parts = new Map(node.members.map((member) => {
    if (!names.includes(member.name)) throw unknownKey(member, names);
    return [member.name, member.node];
  }));
  const missing = required.find((name) => !parts.has(name));
  if (missing !== undefined) {
    throw new UsageError(
      `${node.where}: Cannot use a rule in ${quote(kind)} without ${
        quote(missing)
      }: add it`,
    );
  }
  return Object.fromEntries(parts) as ReturnType<typeof partsOf<R, O>>;
}

function textAt(name: string, node: ConfigNode): string {
  if (node.type === "string") return node.value as string;
  throw wrongType(name, node, "a string in quotes");
}

function headerAt(node: ConfigNode): ConfigRules["headers"][number] {
  const { for: pattern, values } = partsOf("headers", node, ["for", "values"]);
  if (values.type !== "object") {
    throw wrongType("values", values, "names and values in braces");
  }
  return {
    for: textAt("for", pattern),
    values: values.members.map((
      member,
    ) => [member.name, textAt(member.name, member.node)]),
    where: lineOf(node),
  };
}

function redirectAt(node: ConfigNode): ConfigRules["redirects"][number] {
  const { from, to, status, force } = partsOf(
    "redirects",
    node,
    ["from"],
    ["to", "status", "force"],
  );
  if (force !== undefined && force.type !== "boolean") {
    throw wrongType("force", force, "true or false");
  }
  return {
    from: textAt("from", from),
    to: to && textAt("to", to),
    status: status === undefined ? REDIRECT_STATUS : statusAt(status),
    force: force?.value === true,
    where: lineOf(node),
  };
}

/** Reads a status code (RFC 9110 §15). */
function statusAt(node: ConfigNode): number {
  const { type, value } = node;
  const isStatus = type === "number" && /^[1-5]\d\d$/.test(`${value}`);
  if (isStatus) return value as number;
  throw wrongType("status", node, "a status such as 301, without quotes");
}

function errorPagesAt(node: ConfigNode): ConfigRules["errorPages"] {
  if (node.type !== "object") {
    throw wrongType("errorPages", node, "statuses and paths in braces");
  }
  return node.members.map(({ name, where, node: path }) => {
    if (!/^[45]\d\d$/.test(name)) {
      throw new UsageError(
        `${where}: Cannot use ${
          quote(name)
        } as the status of a page: expected one such as "404"`,
      );
    }
    return {
      status: Number(name),
      path: textAt(name, path),
      where: lineOf(path),
    };
  });
}
