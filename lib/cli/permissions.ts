/**
 * The permissions of Deno that settings need: what the launcher of the npm
 * package starts skiff with, and what messages tell the operator to add.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { uriHost } from "../http/host.ts";
import { commandNamed, isServing } from "./commands.ts";
import {
  TERMINAL_VARIABLES,
  VARIABLES,
  type Variables,
} from "./environment.ts";
import { valueOf } from "./option_row.ts";
import { OPTION_TABLE, type Options } from "./options.ts";
import {
  configPathFor,
  type ResolvedSettings,
  servesOwnSite,
} from "./settings.ts";
import { shellWord } from "./shell.ts";

/** The permissions of Deno, each with what it is limited to. One without values is not needed. */
export interface Permissions {
  /** Paths to read, with all that is below them. */
  readonly read: readonly string[];
  /** Paths to write, with all that is below them. */
  readonly write: readonly string[];
  /** Addresses to listen on or to connect to: `HOST` for all ports, `HOST:PORT`, or `*` for all. */
  readonly net: readonly string[];
  /** Environment variables. */
  readonly env: readonly string[];
  /** Programs to start. */
  readonly run: readonly string[];
  /** What to ask the system about. */
  readonly sys: readonly string[];
}

/** What the permissions depend on beside the settings. */
export interface ProgramPlace {
  /** The directory of the program, from which workers start. */
  readonly program: string;
  /** The directory of the built-in site. */
  readonly builtInSite: string;
  /** Gets an environment variable. */
  readonly variables: Variables;
  /** Returns what a path leads to, if it is a symbolic link. */
  readonly linkTarget: (path: string) => string | undefined;
  /** The system, as `Deno.build.os` names it. */
  readonly os: string;
  /** Whether a path leads to a file. */
  readonly isFile: (path: string) => boolean;
}

/** The flags for a program whose options are not known yet. */
export const UNLIMITED_FLAGS: readonly string[] = [
  "--allow-net",
  "--allow-read",
];

/** Where a server connects to itself, to give each connection its turn. */
export const LOOPBACK = "127.0.0.1";

/** The value of a permission that is not limited. */
const ANYWHERE = "*";

/** Returns the permissions that a command with these settings needs, and no others. */
export function permissionsFor(
  settings: ResolvedSettings,
  place: ProgramPlace,
): Permissions {
  const { command, options } = settings;
  const row = commandNamed(command);
  const takesOptions = row?.takesOptions !== false;
  if (options.help !== undefined || options.version || !takesOptions) {
    return { read: [], write: [], net: [], env: [], run: [], sys: [] };
  }
  const isServer = isServing(command);
  const variables = [...VARIABLES, ...isServer ? TERMINAL_VARIABLES : []];
  return {
    read: unique(readPaths(settings, isServer, place)),
    write: isServer && options.https ? [resolve(options.https)] : [],
    net: isServer
      ? unique(listenAddresses(options))
      : connects(settings)
      ? [ANYWHERE]
      : [],
    env: variables.filter((name) => place.variables(name)),
    run: isServer && options.open ? [browserCommand(place.os)[0]] : [],
    sys: isServer && listensToAll(options.host) ? ["networkInterfaces"] : [],
  };
}

/** Whether a flag of a command makes skiff connect to other servers. */
function connects({ command, flags }: ResolvedSettings): boolean {
  const own = commandNamed(command)?.flags ?? [];
  return flags.some(([name]) =>
    own.find((flag) => flag.name === name)?.connects === true
  );
}

/** The paths that a command reads: what options and flags name, and what belongs to skiff. */
function readPaths(
  { command, options, flags, configPath }: ResolvedSettings,
  isServer: boolean,
  { program, builtInSite, linkTarget, isFile }: ProgramPlace,
): string[] {
  const own = commandNamed(command)?.flags ?? [];
  const named = [
    ...OPTION_TABLE.filter((row) => row.type === "text" && row.isPath)
      .map((row) => valueOf(row, options))
      // A path that can be left out may be just true.
      .filter((path) => typeof path === "string"),
    ...flags.filter(([name]) => own.find((flag) => flag.name === name)?.isPath)
      .map(([, path]) => path),
    // One that names the root is not beside it.
    configPath ?? configPathFor(options),
  ].filter((path) => path !== undefined).map((path) => resolve(path));
  // A link may be made to lead elsewhere while skiff runs: to the next release, or to a renewed certificate.
  const besideTargets = named.map(linkTarget)
    .filter((target) => target !== undefined).map(dirname);
  const root = options.root && resolve(options.root);
  return [
    ...named,
    ...besideTargets,
    // A single file is opened through its directory.
    ...root !== undefined && isFile(root) ? [dirname(root)] : [],
    ...servesOwnSite(options) ? [builtInSite] : [],
    ...isServer && options.workers !== 1 ? [program] : [],
  ];
}

/** Whether a server on an address listens to every network of its machine. */
export function listensToAll(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The program of a system that opens a URL, with its arguments before the URL. No shell reads the URL. */
export function browserCommand(
  os: string,
): readonly [program: string, ...args: string[]] {
  if (os === "darwin") return ["open"];
  if (os === "windows") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}

/** The addresses that a server listens on, and the one where it connects to itself. */
function listenAddresses({ host, port, httpsRedirect, admin }: Options) {
  // Without a port of the operator's choice it is known only when it is open.
  const address = (host: string, port: number | undefined) =>
    port ? `${uriHost(host)}:${port}` : uriHost(host);
  return [
    address(host, port),
    ...httpsRedirect === undefined ? [] : [address(host, httpsRedirect)],
    ...admin === undefined ? [] : [address(admin.host, admin.port)],
    LOOPBACK,
  ];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Permissions as arguments of `deno run`. */
export function permissionArguments(permissions: Permissions): string[] {
  return Object.entries(permissions)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) =>
      values.includes(ANYWHERE)
        ? `--allow-${name}`
        : `--allow-${name}=${listOf(values)}`
    );
}

/** A permission flag of Deno with its values, as one word for a shell. */
export function permissionFlag(flag: string, names: readonly string[]): string {
  return `${flag}=${shellWord(listOf(names))}`;
}

function listOf(names: readonly string[]): string {
  return unique(names.map(listable)).join();
}

/**
 * The nearest path that can stand in a list. A comma ends a value there: Deno 2.9 has no way to write one within a value,
 * so that the directory above has to be granted.
 */
function listable(path: string): string {
  const comma = path.indexOf(",");
  if (comma === -1) return path;
  const slash = Math.max(
    path.lastIndexOf("/", comma),
    path.lastIndexOf("\\", comma),
  );
  return path.slice(0, slash + 1);
}
