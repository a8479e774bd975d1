/**
 * The help: common options on one screen, and a page for each group.
 *
 * @module
 */

import {
  type Command,
  COMMAND_TABLE,
  commandNamed,
  type CommandRow,
  shownCommandFlag,
  usageOf,
} from "./commands.ts";
import { GROUP_TITLES, GROUPS } from "./option_kinds.ts";
import {
  flagOf,
  isFrom,
  needsValue,
  shortFlagOf,
  shownDefault,
  shownFlag,
  shownOption,
} from "./option_row.ts";
import {
  type HelpTopic,
  OPTION_TABLE,
  type OptionKey,
  type OptionRow,
} from "./options.ts";

/** The width of a small terminal, in columns. */
const WIDTH = 80;

/** The options that most people need. */
const EVERYDAY: readonly OptionKey[] = [
  "spa",
  "listing",
  "host",
  "port",
  "log",
];

/** The help on a topic; without one, that on the command. */
export function helpText(
  topic: HelpTopic = "everyday",
  command: Command = "serve",
): string {
  const row = commandNamed(command);
  if (topic === "everyday") {
    return row === undefined ? everydayText() : commandText(row);
  }
  const groups = topic === "all" ? GROUPS : [topic];
  const pages = groups.map((group) => {
    const rows = OPTION_TABLE.filter((row) => row.group === group);
    return `${GROUP_TITLES[group]}:\n${optionLines(rows)}\n`;
  });
  return `${pages.join("\n")}
--tls-cert is SKIFF_TLS_CERT in the environment and "tlsCert" in skiff.json.
`;
}

function everydayText(): string {
  const flags = OPTION_TABLE.filter((row) => isFrom(row, "flag"));
  const groups = GROUPS.map((group) => {
    const words = flags.filter((row) => row.group === group).map(shownFlag);
    return wrapped(`  ${group.padEnd(8)}`, words);
  });
  const shorts = OPTION_TABLE.filter(({ short }) => short !== undefined)
    .map((row) => `${shortFlagOf(row)} ${flagOf(row.key)}`);
  const names = COMMAND_TABLE.map(({ name }) => name).join(", ");
  return `skiff: a static file web server
Usage: skiff [COMMAND] [ROOT] [OPTIONS]

Serves the directory ROOT, or a built-in page; by default to this machine only.
${wrapped("Commands:", `${names}; see COMMAND --help`.split(" "), 2)}

${optionLines(OPTION_TABLE.filter(({ key }) => EVERYDAY.includes(key)))}
Short: ${shorts.join(", ")}

All options; see skiff --help GROUP or skiff --help all for details:
${groups.join("\n")}
`;
}

/** How to call a command, what it does, and the flags that only it has. */
function commandText(row: CommandRow): string {
  const { summary, flags = [], takesOptions } = row;
  const width = Math.max(
    ...flags.map((flag) => shownCommandFlag(flag).length),
  );
  const lines = flags.map((flag) =>
    wrapped(
      `  ${shownCommandFlag(flag).padEnd(width)} `,
      flag.help.split(" "),
    )
  );
  return [
    wrapped("Usage: skiff", usageOf(row).split(" "), 7),
    "",
    `${summary}.`,
    ...lines.length === 0 ? [] : ["", ...lines],
    ...takesOptions
      ? ["", "ROOT and OPTIONS are those of the server: see skiff --help"]
      : [],
    "",
  ].join("\n");
}

/** An entry for each option, with its default in brackets unless that is "none". */
function optionLines(rows: readonly OptionRow[]): string {
  const width = Math.max(...rows.map((row) => shownOption(row).length));
  return rows.map((row) => {
    const preset = needsValue(row) ? shownDefault(row) : "none";
    const words = row.help.split(" ");
    if (preset !== "none") words.push(`[${preset}]`);
    return wrapped(`  ${shownOption(row).padEnd(width)} `, words);
  }).join("\n");
}

/**
 * Appends words to the beginning of a line, and wraps them where they pass the width of the terminal. Further lines are
 * indented by `indent`, by default as wide as the beginning.
 */
function wrapped(
  beginning: string,
  words: readonly string[],
  indent: number = beginning.length,
): string {
  const lines = [beginning];
  for (const word of words) {
    if (lines.at(-1)!.length + 1 + word.length > WIDTH) {
      lines.push(" ".repeat(indent));
    }
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.join("\n");
}
