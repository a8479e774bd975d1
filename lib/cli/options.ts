/**
 * The table of options: one row for each, and what is made of a command line
 * with it. Nothing here looks at the machine.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { levenshteinDistance } from "@std/text";

/** The values of all options, and the arguments that are not options. */
export interface Options {
  /** The directory to serve; undefined for the built-in site. */
  root: string | undefined;
  /** The address to listen on. */
  host: string;
  /** undefined: 8000, or the next port that is free. */
  port: number | undefined;
  /** Whether no access log is written. */
  quiet: boolean;
  /** Whether the help is asked for. */
  help: boolean;
  /** Whether the version is asked for. */
  version: boolean;
}

/** One row of the table. */
export interface OptionRow {
  /** The flag without its dashes. */
  readonly flag: string;
  /** Name of its value in the help; undefined for a switch. */
  readonly value: string | undefined;
  /** What holds when the flag is not given, as the help says it. */
  readonly fallback: string;
  /** One line of help. */
  readonly help: string;
  /** Takes the given value over into the options; throws a UsageError when it is not one. */
  readonly apply: (options: Options, value: string) => void;
}

/** A command line that cannot be followed. Its message is for the person who wrote it. */
export class UsageError extends Error {
  /** Its name. */
  override name = "UsageError";
}

/** All options, in the order of the help. */
export const OPTION_TABLE: readonly OptionRow[] = [
  {
    flag: "host",
    value: "ADDRESS",
    fallback: "127.0.0.1",
    help: "Address to listen on; 0.0.0.0 or :: for all networks",
    apply: (options, value) => options.host = parseHost(value),
  },
  {
    flag: "port",
    value: "PORT",
    fallback: "8000, or the next free",
    help: "Port to listen on; 0 for any free one",
    apply: (options, value) => options.port = parsePort(value),
  },
  {
    flag: "quiet",
    value: undefined,
    fallback: "off",
    help: "Write no access log",
    apply: (options) => options.quiet = true,
  },
  {
    flag: "help",
    value: undefined,
    fallback: "off",
    help: "Show this help",
    apply: (options) => options.help = true,
  },
  {
    flag: "version",
    value: undefined,
    fallback: "off",
    help: "Show the version",
    apply: (options) => options.version = true,
  },
];

/** Reads a command line. Throws a {@linkcode UsageError} that says what is wrong and what would be right. */
export function parseOptions(args: readonly string[]): Options {
  const options: Options = {
    root: undefined,
    host: "127.0.0.1",
    port: undefined,
    quiet: false,
    help: false,
    version: false,
  };
  for (const token of tokensOf(args)) {
    if (token.kind === "positional") {
      if (options.root !== undefined) {
        throw new UsageError(
          `Cannot serve "${token.value}" beside "${options.root}": give one directory`,
        );
      }
      if (token.value === "") {
        throw new UsageError(`Cannot serve "": give the name of a directory`);
      }
      options.root = token.value;
    } else if (token.kind === "option") {
      applyOption(options, token.rawName, token.value);
    }
  }
  return options;
}

/** What node:util's parser finds in the arguments. It knows which flags take a value, and nothing else of them. */
function tokensOf(args: readonly string[]) {
  const types = Object.fromEntries(
    OPTION_TABLE.map(({ flag, value }) => [
      flag,
      { type: value === undefined ? "boolean" as const : "string" as const },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

function applyOption(
  options: Options,
  name: string,
  value: string | undefined,
): void {
  const row = OPTION_TABLE.find(({ flag }) => name === `--${flag}`);
  if (row === undefined) throw new UsageError(unknownOption(name));
  if (row.value === undefined && value !== undefined) {
    throw new UsageError(`Cannot give ${name} a value: it is a switch`);
  }
  if (row.value !== undefined && (value === undefined || value === "")) {
    throw new UsageError(
      `Cannot use ${name} without a value: give ${row.value}`,
    );
  }
  row.apply(options, value ?? "");
}

function unknownOption(name: string): string {
  const nearest = OPTION_TABLE
    .map(({ flag }) => `--${flag}`)
    .map((flag) => ({ flag, distance: levenshteinDistance(name, flag) }))
    .sort((a, b) => a.distance - b.distance)[0]!;
  const hint = nearest.distance <= 3
    ? `did you mean ${nearest.flag}?`
    : "see --help";
  return `Cannot understand option "${name}": ${hint}`;
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65535) {
    throw new UsageError(
      `Cannot use "${value}" as a port: give a number from 0 to 65535`,
    );
  }
  return port;
}

/** An address or name; brackets around an IPv6 address are taken off. Whether it is this machine's, listening tells. */
function parseHost(value: string): string {
  const bare = value.replace(/^\[(.*)\]$/, "$1");
  if (!/^[\w.:%-]+$/.test(bare)) {
    throw new UsageError(
      `Cannot use "${value}" as an address: give a name or an IP address such as 127.0.0.1`,
    );
  }
  return bare;
}

/** The help, made from the table. */
export function helpText(): string {
  const rows = OPTION_TABLE.map(({ flag, value, help, fallback }) => ({
    left: `--${flag}${value === undefined ? "" : ` ${value}`}`,
    right: value === undefined ? help : `${help} (default: ${fallback})`,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, right }) =>
    `  ${left.padEnd(width)}  ${right}`
  );
  return `skiff: a static file web server

Usage: skiff [ROOT] [OPTIONS]

Serves the files in the directory ROOT, or a built-in page without it,
on this machine only unless --host says otherwise.

Options:
${lines.join("\n")}
`;
}
