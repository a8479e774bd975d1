/**
 * The table of options, one row for each. The command line, the environment,
 * the configuration file, its schema, the help and the documentation all follow
 * from it.
 *
 * @module
 */

import { uriHost } from "../http/host.ts";
import {
  parseAllowedHost,
  parseHostAndPort,
  parseListenHost,
  parseNetwork,
  PORT_RANGE,
} from "./addresses.ts";
import type { ConfigRules } from "./file_rules.ts";
import { RELEASE_ROWS } from "./release_options.ts";
import {
  choiceOption,
  type Group,
  GROUPS,
  listOption,
  numberOption,
  type Option,
  pathOption,
  switchOption,
  textOption,
} from "./option_kinds.ts";
import {
  parseChoice,
  parseFieldValue,
  parseHeader,
  parseName,
  parsePath,
  parsePathPattern,
} from "./values.ts";

export { UsageError } from "./values.ts";

/** The longest HSTS time, in seconds: what browsers keep in 31 bits. */
const HSTS_MAX = 2 ** 31 - 1;

/** All options by their keys in the file, in the order of the help. */
const ROWS = {
  root: pathOption({
    group: "files",
    value: "ROOT",
    help: "Directory, file or ZIP file to serve",
    defaultText: "the built-in site",
    sources: ["environment", "file"],
  }),
  index: textOption({
    group: "files",
    value: "NAME",
    help: "File to serve for a directory",
    default: "index.html",
    parse: parseName,
  }),
  spa: textOption({
    group: "files",
    short: "s",
    value: "[=FILE]",
    help: "Serve FILE (index.html) for pages that do not exist",
    parse: (text, name) => {
      if (text === "false") return undefined;
      const file = text === "" || text === "true" ? "index.html" : text;
      return `/${parseName(file, name)}`;
    },
  }),
  listing: switchOption({
    group: "files",
    help: "Respond 404 for directories without an index file",
    default: true,
  }),
  zip: switchOption({
    group: "files",
    help: "Do not offer folders as ZIP archives",
    default: true,
  }),
  compression: switchOption({
    group: "files",
    help: "Do not compress; .br, .zst and .gz siblings are still served",
    default: true,
  }),
  watch: switchOption({
    group: "files",
    help: "Look for changed files ten times a second instead of watching",
    default: true,
  }),
  ...RELEASE_ROWS,
  host: textOption({
    group: "listen",
    value: "ADDRESS",
    help: "Listen address; 0.0.0.0 or :: for all networks",
    default: "127.0.0.1",
    restart: "always",
    parse: parseListenHost,
  }),
  port: numberOption("a port", PORT_RANGE, {
    group: "listen",
    short: "p",
    value: "PORT",
    help: "Port to listen on; 0 for any free one",
    defaultText: "8000, or the next free",
    restart: "always",
  }),
  trustedProxy: listOption({
    group: "listen",
    value: "CIDR",
    help: "Proxies whose forwarded client address is trusted",
    parse: parseNetwork,
  }),
  forwardedField: choiceOption(
    "the header of proxies",
    ["x-forwarded-for", "forwarded"],
    {
      group: "listen",
      value: "NAME",
      help: "Header with the client address: x-forwarded-for or forwarded",
      needs: "trustedProxy",
      default: "x-forwarded-for",
    },
  ),
  proxyProtocol: switchOption({
    group: "listen",
    help: "Expect the PROXY protocol from trusted proxies",
    needs: "trustedProxy",
    restart: "always",
  }),
  cacheControl: textOption({
    group: "headers",
    value: "VALUE",
    help: "Cache-Control header of every file",
    defaultText: "by file name",
    parse: parseFieldValue,
  }),
  header: listOption({
    group: "headers",
    value: "'NAME: VALUE'",
    help: "Header to add to every response",
    parse: parseHeader,
    print: ([name, value]) => `${name}: ${value}`,
  }),
  cors: switchOption({
    group: "headers",
    help: "Let pages of any origin read every response (CORS)",
  }),
  coi: switchOption({
    group: "headers",
    help: "Isolate pages from other origins, for SharedArrayBuffer",
  }),
  earlyHints: switchOption({
    group: "headers",
    help: "Tell browsers early what a page loads (Link, 103)",
  }),
  tlsCert: pathOption({
    group: "tls",
    help: "Certificate chain (PEM); turns HTTPS on",
    needs: "tlsKey",
    restart: "tls",
  }),
  tlsKey: pathOption({
    group: "tls",
    help: "Private key of the certificate (PEM)",
    needs: "tlsCert",
    restart: "tls",
  }),
  https: textOption({
    group: "tls",
    value: "[=DIR]",
    help: "HTTPS with a certificate made for this machine; kept in DIR",
    restart: "always",
    isPath: true,
    parse: (text, name) => {
      if (text === "false") return undefined;
      // An empty path is no folder: the certificate stays in memory.
      return text === "true" ? "" : parsePath(text, name);
    },
    print: (folder) => folder === "" ? true : folder,
  }),
  http2: switchOption({
    group: "tls",
    help: "Offer only HTTP/1.1 over TLS",
    default: true,
    restart: "always",
  }),
  h2c: switchOption({
    group: "tls",
    help: "Accept HTTP/2 without TLS, from clients that start with it",
    restart: "always",
  }),
  httpsRedirect: numberOption("a port", PORT_RANGE, {
    group: "tls",
    value: "PORT",
    help: "HTTP port that redirects to HTTPS",
    needs: ["tlsCert", "https"],
    restart: "always",
  }),
  hsts: numberOption("a time in seconds", [0, HSTS_MAX], {
    group: "tls",
    value: "SECONDS",
    help: "How long browsers must use HTTPS only (HSTS)",
    needs: "tlsCert",
    restart: "tls",
  }),
  log: choiceOption(
    "a log format",
    ["auto", "terminal", "common", "combined", "json", "off"],
    {
      group: "log",
      value: "FORMAT",
      help: "Access log: terminal, common, combined, json or off",
      default: "auto",
      restart: "always",
    },
  ),
  requestId: switchOption({
    group: "log",
    help: "Send an X-Request-Id with every response, and log it",
    restart: "always",
  }),
  authFile: pathOption({
    group: "access",
    help: "User names and hashed passwords",
  }),
  authPaths: listOption({
    group: "access",
    value: "PATTERN",
    help: "Paths that require a password",
    needs: "authFile",
    default: ["/*"],
    parse: parsePathPattern,
  }),
  allow: listOption({
    group: "access",
    value: "CIDR",
    help: "Serve only clients with these addresses",
    defaultText: "all",
    parse: parseNetwork,
  }),
  deny: listOption({
    group: "access",
    value: "CIDR",
    help: "Refuse clients with these addresses",
    parse: parseNetwork,
  }),
  allowedHosts: listOption({
    group: "access",
    value: "NAME",
    help: "Host names to respond to; * for any",
    default: undefined,
    defaultText: "by --host",
    parse: parseAllowedHost,
  }),
  connectionsPerAddress: numberOption(
    "a number of connections",
    [1, 1_000_000],
    {
      group: "access",
      value: "N",
      help: "Limit on the connections of one client address",
      restart: "always",
    },
  ),
  requestsPerSecond: numberOption("a rate", [0.001, 1_000_000], {
    group: "access",
    value: "N",
    help: "Limit on the request rate of one client address",
    isFractional: true,
  }),
  open: switchOption({
    group: "process",
    short: "o",
    help: "Open the site in a browser",
    restart: "always",
  }),
  qr: switchOption({
    group: "process",
    help: "Show a QR code of the network address",
    restart: "always",
  }),
  keys: switchOption({
    group: "process",
    help: "Do not read keys at the terminal",
    default: true,
    restart: "always",
  }),
  live: switchOption({
    group: "process",
    help: "Reload pages in browsers when files change; nothing is cached",
    restart: "always",
  }),
  config: pathOption({
    group: "process",
    short: "c",
    help: "Configuration file",
    defaultText: "skiff.json beside ROOT",
    sources: ["flag", "environment"],
  }),
  printConfig: switchOption({
    group: "process",
    help: "Print the effective configuration and where it comes from",
    sources: ["flag"],
  }),
  workers: numberOption("a number of workers", [1, 64], {
    group: "process",
    value: "N|auto",
    choices: ["auto"],
    help: "Workers that serve in parallel; auto for one per core",
    default: 1,
    restart: "always",
  }),
  admin: textOption({
    group: "process",
    value: "HOST:PORT",
    help: "Serve metrics and health checks on this address",
    restart: "always",
    parse: parseHostAndPort,
    print: ({ host, port }) => `${uriHost(host)}:${port}`,
  }),
  drain: numberOption("a time in seconds", [0, 300], {
    group: "process",
    value: "SECONDS",
    help: "How long to accept connections after a stop signal",
    default: 0,
  }),
  help: textOption({
    group: "process",
    short: "h",
    value: "[=GROUP]",
    help: "Print help: common options, a GROUP, or all",
    sources: ["flag"],
    parse: (text): HelpTopic =>
      text === "" || text === "true"
        ? "everyday"
        : parseChoice(text, "a group", [...GROUPS, "all" as const]),
  }),
  version: switchOption({
    group: "process",
    short: "V",
    help: "Print the version",
    sources: ["flag"],
  }),
};

/** The options that the help lists: everyday ones, one group, or all. */
export type HelpTopic = "everyday" | "all" | Group;

/** The name of an option in the file, from which its flag and environment variable follow. */
export type OptionKey = keyof typeof ROWS;

/** One row of the table. */
export type OptionRow = Option & { readonly key: OptionKey };

/** All options, in the order of the help. */
export const OPTION_TABLE: readonly OptionRow[] = Object.entries(ROWS)
  .map(([key, row]) => ({ ...row as Option, key: key as OptionKey }));

type OptionValues = { [K in OptionKey]: (typeof ROWS)[K]["default"] };

/** The values of all options, and the rules of the configuration file. Plain data that can be sent to a worker. */
export interface Options extends OptionValues {
  /** The rules of the configuration file. */
  rules: ConfigRules;
}

/** The default of every option, as a new object that the caller may change. */
export function defaultOptions(): Options {
  const values = OPTION_TABLE.map((row) => [row.key, row.default]);
  return structuredClone({
    ...Object.fromEntries(values) as OptionValues,
    rules: { headers: [], redirects: [], errorPages: [] },
  });
}
