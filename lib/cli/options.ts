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
  /** How many isolates serve; "auto": one for each core. */
  workers: number | "auto";
  /** Name of the file that stands for its directory. */
  index: string;
  /** The page that answers for paths that do not exist, as a path in the site; undefined for none. */
  spa: string | undefined;
  /** Whether directories without an index are listed. */
  listing: boolean;
  /** Whether files are compressed that have no precompressed sibling. */
  compression: boolean;
  /** Cache-Control for every file; undefined to let its name tell. */
  cacheControl: string | undefined;
  /** Whether other origins may read everything. */
  cors: boolean;
  /** Whether pages are isolated from other origins. */
  coi: boolean;
  /** Further fields of every reply: names and values. */
  headers: [name: string, value: string][];
  /** Whether no access log is written. */
  quiet: boolean;
  /** Where somebody would like to have the files of the site; undefined for nowhere. */
  extract: string | undefined;
  /** Whether the help is asked for. */
  help: boolean;
  /** Whether the version is asked for. */
  version: boolean;
}

/** One row of the table. */
export interface OptionRow {
  /** The flag without its dashes. */
  readonly flag: string;
  /** Name of its value in the help; undefined for a switch. In brackets: may be left out, else behind "=". */
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
    help: "Address; 0.0.0.0 or :: for all networks",
    apply: (options, value) => options.host = parseHost(value),
  },
  {
    flag: "port",
    value: "PORT",
    fallback: "8000, or the next free",
    help: "Port; 0 for any free one",
    apply: (options, value) => options.port = parsePort(value),
  },
  {
    flag: "workers",
    value: "N|auto",
    fallback: "1",
    help: "Isolates that serve side by side, one a core",
    apply: (options, value) => options.workers = parseWorkers(value),
  },
  {
    flag: "index",
    value: "NAME",
    fallback: "index.html",
    help: "File that stands for its directory",
    apply: (options, value) => options.index = parseName("--index", value),
  },
  {
    flag: "spa",
    value: "[=FILE]",
    fallback: "off",
    help: "Answer missing pages with FILE (index.html)",
    apply: (options, value) => {
      options.spa = `/${parseName("--spa", value || "index.html")}`;
    },
  },
  {
    flag: "no-listing",
    value: undefined,
    fallback: "off",
    help: "Answer 404 for directories without an index",
    apply: (options) => options.listing = false,
  },
  {
    flag: "no-compression",
    value: undefined,
    fallback: "off",
    help: "Compress nothing; .br, .zst and .gz files still serve",
    apply: (options) => options.compression = false,
  },
  {
    flag: "cache-control",
    value: "VALUE",
    fallback: "by file name",
    help: "Cache-Control for every file",
    apply: (options, value) => {
      options.cacheControl = parseFieldValue("--cache-control", value);
    },
  },
  {
    flag: "header",
    value: "'NAME: VALUE'",
    fallback: "none",
    help: "Send this field with every reply; repeatable",
    apply: (options, value) => options.headers.push(parseHeader(value)),
  },
  {
    flag: "cors",
    value: undefined,
    fallback: "off",
    help: "Let pages of other origins read everything",
    apply: (options) => options.cors = true,
  },
  {
    flag: "coi",
    value: undefined,
    fallback: "off",
    help: "Isolate pages from other origins (SharedArrayBuffer)",
    apply: (options) => options.coi = true,
  },
  {
    flag: "quiet",
    value: undefined,
    fallback: "off",
    help: "Write no access log",
    apply: (options) => options.quiet = true,
  },
  {
    flag: "extract",
    value: "DIR",
    fallback: "off",
    help: "Say how to get a packed site's files into DIR",
    apply: (options, value) => options.extract = value,
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
    workers: 1,
    index: "index.html",
    spa: undefined,
    listing: true,
    compression: true,
    cacheControl: undefined,
    cors: false,
    coi: false,
    headers: [],
    quiet: false,
    extract: undefined,
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
      { type: needsValue(value) ? "string" as const : "boolean" as const },
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

function needsValue(value: string | undefined): boolean {
  return value !== undefined && !value.startsWith("[");
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
  if (needsValue(row.value) && (value === undefined || value === "")) {
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

/** More isolates than this only take memory from each other. */
const WORKERS_MAX = 64;

function parseWorkers(value: string): number | "auto" {
  if (value === "auto") return value;
  const count = Number(value);
  if (!/^\d{1,2}$/.test(value) || count < 1 || count > WORKERS_MAX) {
    throw new UsageError(
      `Cannot use "${value}" as a number of workers: give a number from 1 to ${WORKERS_MAX}, or auto`,
    );
  }
  return count;
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

/** A path below the root, as one names it in a site: "app.html", "shell/index.html". */
function parseName(flag: string, value: string): string {
  const segments = value.replace(/^\.?\//, "").split("/");
  if (segments.some((segment) => /^\.{0,2}$|[\0\\]/.test(segment))) {
    throw new UsageError(
      `Cannot use "${value}" for ${flag}: give the name of a file in the site`,
    );
  }
  return segments.join("/");
}

/** What would end a field line, or act on a terminal. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

function parseFieldValue(flag: string, value: string): string {
  if (CONTROL.test(value)) {
    throw new UsageError(
      `Cannot use the value of ${flag}: it has control characters in it`,
    );
  }
  return value.trim();
}

/** Fields that follow from the file or the connection: another value would be wrong. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "allow",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "etag",
  "keep-alive",
  "last-modified",
  "location",
  "server",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "x-content-type-options",
]);

function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, colon).trim();
  if (colon === -1 || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw new UsageError(
      `Cannot use "${text}" for --header: give 'Name: value'`,
    );
  }
  if (name.toLowerCase() === "cache-control") {
    throw new UsageError(
      "Cannot set Cache-Control with --header: use --cache-control",
    );
  }
  if (OWN_FIELDS.has(name.toLowerCase())) {
    throw new UsageError(
      `Cannot set ${name} with --header: skiff works it out for each reply`,
    );
  }
  return [name, parseFieldValue("--header", text.slice(colon + 1))];
}

function separator(value: string | undefined): string {
  return needsValue(value) ? " " : "";
}

/** The help, made from the table. */
export function helpText(): string {
  const rows = OPTION_TABLE.map(({ flag, value, help, fallback }) => ({
    left: `--${flag}${separator(value)}${value ?? ""}`,
    right: needsValue(value) ? `${help} [${fallback}]` : help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, right }) =>
    `  ${left.padEnd(width)}  ${right}`
  );
  return `skiff: a static file web server

Usage: skiff [ROOT] [OPTIONS]

Serves the files in the directory ROOT, or a built-in page without it,
on this machine only unless --host says otherwise.

Options, with what holds without them in brackets:
${lines.join("\n")}
`;
}
