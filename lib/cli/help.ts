/**
 * The help: everyday options on one screen, and groups in full.
 *
 * @module
 */

import { OPTION_TABLE } from "./options.ts";
import {
  flagOf,
  GROUPS,
  isOptional,
  type Key,
  type OptionRow,
  shortFlagOf,
  shownFlag,
  shownOption,
} from "./option_row.ts";
import type { Group, HelpTopic } from "./option_types.ts";

/** The columns of a small terminal. */
const WIDTH = 80;

const TITLES: Readonly<Record<Group, string>> = {
  files: "Files",
  listen: "Addresses",
  answers: "Answers",
  tls: "TLS",
  log: "Log",
  access: "Access",
  process: "Process",
};

/** What most people need. */
const EVERYDAY: readonly Key[] = ["host", "port", "spa", "listing", "log"];

/** The help on a topic. */
export function helpText(topic: HelpTopic = "everyday"): string {
  if (topic === "everyday") return everydayText();
  const groups = topic === "all" ? GROUPS : [topic];
  return groups.map(groupText).join("\n") + NOTE;
}

/** How the other two names of an option follow from its flag. */
const NOTE = `
--tls-cert is SKIFF_TLS_CERT in the environment, and "tlsCert" in skiff.json.
`;

function everydayText(): string {
  const rows = OPTION_TABLE.filter(({ key }) => EVERYDAY.includes(key));
  const groups = GROUPS.flatMap((group) => {
    const flags = OPTION_TABLE
      .filter((row) => row.group === group && row.key !== "root")
      .map((row) => shownFlag(row));
    return wrapped(`  ${group.padEnd(8)}`, flags);
  });
  const shorts = OPTION_TABLE.filter(({ short }) => short !== undefined)
    .map((row) => `${shortFlagOf(row)} ${flagOf(row.key)}`);
  return `skiff: a static file web server
Usage: skiff [ROOT] [OPTIONS]
       skiff explain /PATH [--header 'NAME: VALUE'] [ROOT] [OPTIONS]
       skiff hash-password [NAME]

Serves the directory ROOT, or a built-in page; without --host, to this machine.

${optionLines(rows).join("\n")}
Short: ${shorts.join(", ")}

All options; skiff --help GROUP, or --help all, tells more:
${groups.join("\n")}
`;
}

function groupText(group: Group): string {
  const rows = OPTION_TABLE.filter((row) => row.group === group);
  return `${TITLES[group]}:\n${optionLines(rows).join("\n")}\n`;
}

/** A line for each option, with what holds without it in brackets. */
function optionLines(rows: readonly OptionRow[]): string[] {
  const width = Math.max(...rows.map((row) => shownOption(row).length));
  return rows.map((row) => {
    const needsValue = row.value !== undefined && !isOptional(row);
    const fallback = needsValue ? ` [${row.fallback}]` : "";
    return `  ${shownOption(row).padEnd(width)}  ${row.help}${fallback}`;
  });
}

/** Words behind a beginning, in lines that are not too long. */
function wrapped(beginning: string, words: readonly string[]): string[] {
  const lines = [beginning];
  for (const word of words) {
    if (lines.at(-1)!.length + 1 + word.length > WIDTH) {
      lines.push(" ".repeat(beginning.length));
    }
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}
