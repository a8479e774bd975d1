/**
 * docs/options.md, made from the table of options.
 *
 * @module
 */

import { COMMAND_TABLE, usageOf } from "../lib/cli/commands.ts";
import { type Group, GROUP_TITLES, GROUPS } from "../lib/cli/option_kinds.ts";
import {
  flagOf,
  isFrom,
  isOn,
  shortFlagOf,
  shownDefault,
  shownFlag,
  shownOption,
  variableOf,
} from "../lib/cli/option_row.ts";
import {
  OPTION_TABLE,
  type OptionKey,
  type OptionRow,
} from "../lib/cli/options.ts";

const WIDTH = 80;

/** What one line of help has no room for, as Markdown. Most options need none of it. */
const NOTES: Partial<Readonly<Record<OptionKey, string>>> = {
  root:
    "Without it, skiff serves the built-in page, or the packed site of an executable. A directory with the name of a command is served as `./help`.",
  releases:
    "Folders and archives; a `current` link or file names another one than the last by name. See [releases](releases.md).",
  keepReleases: "See [releases](releases.md#when-an-old-one-may-go).",
  releaseMarker:
    "Without it, a folder counts when it was renamed into its place. See [releases](releases.md#deploy).",
  releaseInfo: "See [releases](releases.md#tell-the-application).",
  spa:
    "For applications that route in the browser. [Finding a file](http.md#finding-a-file) says which requests get it.",
  compression:
    "[Encodings](http.md#encodings) says what skiff compresses, and when.",
  host:
    "With a loopback address, skiff serves only this machine, and accepts only [its own names](access.md#hosts).",
  port:
    "Without this option, skiff tries 8000 to 8099. With it, a port in use is an error.",
  trustedProxy:
    "skiff takes the client's address from a header only if the connection comes from one of these. See [behind a proxy](access.md#behind-a-proxy).",
  proxyProtocol:
    "Version 1 or 2. Every connection from a trusted proxy must begin with it. Excludes TLS.",
  cacheControl: "See [freshness](http.md#freshness).",
  header:
    "Give the option again for another header; values may contain commas. `SKIFF_HEADER` has one header per line. [Response headers](http.md#response-headers) says which ones it rejects.",
  cors: "[Response headers](http.md#response-headers) lists what it sends.",
  coi: "[Response headers](http.md#response-headers) lists what it sends.",
  tlsCert: "See [TLS](tls.md).",
  hsts:
    "The `max-age` of Strict-Transport-Security; 0 makes browsers forget it.",
  log: "To standard output. See [logs](logs.md).",
  authFile: "See [names and passwords](access.md#names-and-passwords).",
  authPaths: "Patterns as in [rules](rules.md#patterns): `/private/*`.",
  allow: "For example `192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32`.",
  deny: "Takes precedence over `--allow`.",
  allowedHosts:
    "`example.com`, or `.example.com` for it and every name below it, without a port. By default: names of this machine if `--host` is a loopback address, any name otherwise. See [hosts](access.md#hosts).",
  connectionsPerAddress: "See [access](access.md).",
  requestsPerSecond:
    "An average, with short bursts; `0.2` is one in 5 seconds. See [requests per second](access.md#requests-per-second).",
  config:
    "By default `skiff.json` beside ROOT, or in the current directory without a ROOT. See [the file](configuration.md#the-file).",
  workers:
    "On Linux only: elsewhere a single one serves, with a warning. See [several cores](deploying.md#several-cores).",
  admin:
    "`:9000` is `127.0.0.1:9000`. Anyone who can reach this port can read it. See [metrics](metrics.md).",
  drain:
    "Meanwhile `/readyz` is 503, so that a balancer sends its clients elsewhere. See [stopping](deploying.md#stopping-and-upgrading).",
};

const INTRODUCTION = `# Options

<!-- \`deno task docs\` makes this page from the table in lib/cli/options.ts. -->

\`skiff [ROOT] [OPTIONS]\` serves a directory; further [commands](#commands) do
other things. A flag takes precedence over an environment variable, and that
over a key of \`skiff.json\`: [configuration](configuration.md) has the details.
`;

/** The whole page. */
export function optionsText(): string {
  return [INTRODUCTION, overview(), commands(), ...GROUPS.map(section)]
    .join("\n");
}

/** The commands, and the flags that only they have. */
function commands(): string {
  const rows = COMMAND_TABLE.map((row) => {
    const flags = (row.flags ?? []).map((flag) =>
      `; \`--${flag.name}\`: ${
        flag.help.replace(/^./, (first) => first.toLowerCase())
      }`
    );
    return [
      code(cell(`skiff ${usageOf(row)}`)),
      cell(`${row.summary}${flags.join("")}`),
    ];
  });
  return `## Commands\n\n${table(["Command", "What it does"], rows)}`;
}

/** One table of all options, for looking one up. */
function overview(): string {
  const rows = OPTION_TABLE.map((row) => [
    `[\`${cell(shownOption(row))}\`](#${anchorOf(row)})`,
    code(cell(shownDefault(row))),
    cell(row.help),
  ]);
  return table(["Option", "Default", "What it does"], rows);
}

function section(group: Group): string {
  const rows = OPTION_TABLE.filter((row) => row.group === group);
  return `## ${GROUP_TITLES[group]}\n\n${rows.map(entry).join("\n")}`;
}

function entry(row: OptionRow): string {
  // Like the flag in the heading: the form that changes the default.
  const off = isOn(row) ? "=false" : "";
  const facts = [
    ["On the command line", forms(row)],
    [
      "Environment variable",
      isFrom(row, "environment") ? code(variableOf(row.key) + off) : undefined,
    ],
    [
      "In `skiff.json`",
      isFrom(row, "file")
        ? code(`"${row.key}"${off.replace("=", ": ")}`)
        : undefined,
    ],
    ["Default", shownDefault(row)],
    ["Values", values(row)],
    [
      "Needs",
      row.needs === undefined
        ? undefined
        : [row.needs].flat().map((key) => code(flagOf(key))).join(" or "),
    ],
    ["After a change", restart(row)],
  ].flatMap(([name, text]) => text === undefined ? [] : [`- ${name}: ${text}`]);
  const note = NOTES[row.key];
  const text = `${row.help}.${note === undefined ? "" : ` ${note}`}`;
  const heading = `### \`${shownFlag(row)}\``;
  return `${heading}\n\n${wrapped(text)}\n\n${facts.join("\n")}\n`;
}

function forms(row: OptionRow): string {
  if (!isFrom(row, "flag")) return code(row.value ?? row.key);
  const short = shortFlagOf(row);
  const shown = [shownOption(row), ...short === undefined ? [] : [short]];
  if (isOn(row)) shown.push(flagOf(row.key));
  return shown.map(code).join(", ");
}

function values(row: OptionRow): string | undefined {
  const texts: string[] = [];
  if (row.type === "list" && row.key !== "header") {
    texts.push("several, with commas between them or with the option repeated");
  }
  if (row.type === "text" || row.type === "number") {
    if (row.range !== undefined) texts.push(row.range.join(" to "));
    texts.push(...(row.choices ?? []).map(code));
  }
  return texts.length === 0 ? undefined : texts.join(", ");
}

function restart(row: OptionRow): string | undefined {
  if (row.restart === undefined) return undefined;
  return row.restart === "always"
    ? "restart skiff; a reload keeps the old value"
    : "reload skiff; turning TLS on or off takes a restart";
}

/** The anchor that the heading of an option makes, as GitHub makes it. */
function anchorOf(row: OptionRow): string {
  return shownFlag(row).toLowerCase();
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A table with columns of even width. */
function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |\n`;
  const rule = widths.map((width) => "-".repeat(width));
  return [headings, rule, ...rows].map(line).join("");
}

/** Text in lines of at most 80 columns; longer words stand alone. */
function wrapped(text: string): string {
  const lines = [""];
  // Links and code stay on one line.
  for (const word of text.match(/(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/g) ?? []) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}
