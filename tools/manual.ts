/**
 * docs/skiff.1, the manual page, made from the tables of options and commands.
 *
 * @module
 */

import { COMMAND_TABLE, usageOf } from "../lib/cli/commands.ts";
import { GROUP_TITLES, GROUPS } from "../lib/cli/option_kinds.ts";
import {
  flagOf,
  isFrom,
  needsValue,
  shortFlagOf,
  shownDefault,
  shownOption,
  variableOf,
} from "../lib/cli/option_row.ts";
import { OPTION_TABLE, type OptionRow } from "../lib/cli/options.ts";
import project from "../deno.json" with { type: "json" };

/** When the text of this page was last changed, apart from what the tables say. */
const DATE = "2026-11-27";

/** The whole page, in the macros of man(7). */
export function manualText(): string {
  return `.\\" Made by deno task docs from the tables of options and commands.
.TH SKIFF 1 ${DATE} "skiff ${project.version}" "User Commands"
.SH NAME
skiff \\- serve a directory over HTTP
.SH SYNOPSIS
.nf
${synopsis()}.fi
.SH DESCRIPTION
.B skiff
serves the directory ROOT, or a built\\-in page, over HTTP/1.1 and HTTP/2; by
default to this machine only, at http://127.0.0.1:8000/.
.PP
A flag takes precedence over an environment variable, and that over a key of
.IR skiff.json .
Each option names all three.
.SH COMMANDS
${COMMAND_TABLE.map(commandEntry).join("")}.SH OPTIONS
${GROUPS.map(groupSection).join("")}.SH FILES
.TP
.I skiff.json
The configuration, beside ROOT.
.TP
.IR _redirects ", " _headers
Rules for paths, in ROOT.
.SH SIGNALS
SIGINT and SIGTERM stop skiff when replies are finished; a second one stops it
at once.
SIGHUP reads the configuration and the certificates again.
.SH EXIT STATUS
0 after a signal to stop, 1 if skiff cannot start, 2 if it cannot understand its
options.
`;
}

function synopsis(): string {
  const usages = COMMAND_TABLE.map((row) => usageOf(row));
  return ["[ROOT] [OPTIONS]", ...usages]
    .map((usage) => `\\fBskiff\\fR ${escaped(usage)}\n`).join("");
}

function commandEntry(row: typeof COMMAND_TABLE[number]): string {
  const flags = (row.flags ?? []).map((flag) =>
    `.br\n\\fB${escaped(`--${flag.name}`)}\\fR: ${escaped(flag.help)}.\n`
  );
  return `.TP
.B ${escaped(usageOf(row))}
${text(`${row.summary}.`)}${flags.join("")}`;
}

function groupSection(group: typeof GROUPS[number]): string {
  const rows = OPTION_TABLE.filter((row) => row.group === group);
  return `.SS ${escaped(GROUP_TITLES[group])}\n${rows.map(entry).join("")}`;
}

function entry(row: OptionRow): string {
  const short = shortFlagOf(row);
  const forms = [shownOption(row), ...short === undefined ? [] : [short]];
  const others = [
    ...isFrom(row, "environment") ? [variableOf(row.key)] : [],
    ...isFrom(row, "file") ? [`"${row.key}"`] : [],
  ];
  const facts = [
    ...needsValue(row) ? [`Default: ${shownDefault(row)}.`] : [],
    ...row.needs === undefined
      ? []
      : [`Needs ${[row.needs].flat().map(flagOf).join(" or ")}.`],
    ...others.length === 0 ? [] : [`Also ${others.join(" and ")}.`],
  ].map((fact) => text(fact));
  return `.TP\n.B ${escaped(forms.join(", "))}\n${text(`${row.help}.`)}${
    facts.join("")
  }`;
}

/** A line of text. None begins with a period or a quote, which would be a request. */
function text(line: string): string {
  return `${escaped(line)}\n`;
}

/** Text with nothing in it that troff interprets. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq").replaceAll("'", "\\(aq")
    .replaceAll("^", "\\(ha").replaceAll("~", "\\(ti");
}
