/**
 * Reads the configuration file: its options and rules, with their positions.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { quote } from "../http/printable.ts";
import {
  type ConfigMember,
  type ConfigNode,
  readConfigText,
  unknownKey,
  wrongType,
} from "./config_text.ts";
import { type ConfigRules, readRules, RULE_KEYS } from "./file_rules.ts";
import { isFrom, isOptional, type Setting } from "./option_row.ts";
import { OPTION_TABLE, type OptionRow } from "./options.ts";
import type { Origin } from "./origin.ts";
import { UsageError } from "./values.ts";

/** The contents of a configuration file. */
export interface FileSettings {
  /** The options. Paths, which are relative to the directory of the file, are made absolute. */
  readonly settings: readonly Setting[];
  readonly rules: ConfigRules;
}

/** Parses a configuration. Throws a {@linkcode UsageError} with the path, line and column of an error. */
export function readConfig(text: string, path: string): FileSettings {
  const root = readConfigText(text, path);
  if (root.type !== "object") {
    throw new UsageError(
      `${root.where}: Cannot read the configuration: expected an object in braces`,
    );
  }
  const settings: Setting[] = [];
  for (const member of root.members) {
    if (member.name === "$schema" || RULE_KEYS.includes(member.name)) continue;
    settings.push(settingAt(member, path));
  }
  return { settings, rules: readRules(root.members) };
}

function settingAt(member: ConfigMember, path: string): Setting {
  const { name, node } = member;
  const rows = OPTION_TABLE.filter((row) => isFrom(row, "file"));
  const row = rows.find(({ key }) => key === name);
  if (row === undefined) {
    const keys = [...rows.map(({ key }) => key), ...RULE_KEYS];
    throw unknownKey(member, keys);
  }
  const origin: Origin = {
    source: "file",
    name: quote(name),
    where: node.where,
  };
  const value = valueAt(row, node);
  const isPath = row.type === "text" && row.isPath && value !== "" &&
    // The words of an optional path are no paths.
    node.type === "string";
  return {
    row,
    value: isPath ? resolve(dirname(path), value as string) : value,
    origin,
  };
}

/** What messages expect for each type. */
const EXPECTED: Readonly<Record<OptionRow["type"], string>> = {
  switch: "true or false",
  text: "a string in quotes",
  number: "a number without quotes",
  list: 'a list of strings, such as ["…"]',
};

function valueAt(row: OptionRow, node: ConfigNode): Setting["value"] {
  const { type, value } = node;
  if (row.type === "list") {
    if (type === "string") return [value as string];
    const wrong = [node, ...node.elements].find((each) =>
      each.type !== (each === node ? "array" : "string")
    );
    if (wrong === undefined) {
      return node.elements.map((element) => element.value as string);
    }
    throw wrongType(row.key, wrong, EXPECTED.list);
  }
  if (row.type === "switch" && type === "boolean") return value as boolean;
  if (row.type === "number" && type === "number") return `${value}`;
  const isChoice = row.type === "number" &&
    row.choices?.includes(`${value}`) === true;
  const isText = row.type === "text" || isChoice;
  if (isText && type === "string" && value !== "") return value as string;
  if (isOptional(row) && type === "boolean") return `${value}`;
  const expected = isOptional(row)
    ? `${EXPECTED[row.type]}, true or false`
    : EXPECTED[row.type];
  throw wrongType(row.key, node, expected);
}
