/**
 * The table of options: one row for each. Command line, environment, file,
 * schema and help are made from it.
 *
 * @module
 */

import {
  parseAllowedHost,
  parseHost,
  parseHostAndPort,
  parseNetwork,
} from "./addresses.ts";
import { GROUPS, type OptionRow, switchRow } from "./option_row.ts";
import type { LogFormat } from "./option_types.ts";
import {
  parseChoice,
  parseDecimal,
  parseFieldValue,
  parseHeader,
  parseInteger,
  parseName,
  parsePath,
  parsePathPattern,
  parsePort,
  parseWorkers,
  PORT_RANGE,
  WORKERS_RANGE,
} from "./values.ts";

export type { Options, RuleTexts } from "./option_types.ts";
export { UsageError } from "./values.ts";

const LOG_FORMATS: readonly LogFormat[] = ["common", "combined", "json", "off"];

const FORWARDED_FIELDS = ["x-forwarded-for", "forwarded"] as const;

const DRAIN_RANGE = [0, 300] as const;
const HSTS_RANGE = [0, 2 ** 31 - 1] as const;
const CONNECTIONS_RANGE = [1, 1_000_000] as const;
const RATE_RANGE = [0.001, 1_000_000] as const;

/** All options, in the order of the help. */
export const OPTION_TABLE: readonly OptionRow[] = [
  {
    key: "root",
    group: "files",
    type: "text",
    value: "ROOT",
    fallback: "the built-in site",
    help: "Directory to serve",
    sources: ["environment", "file"],
    isPath: true,
    apply: (options, value, name) => options.root = parsePath(value, name),
  },
  {
    key: "index",
    group: "files",
    type: "text",
    value: "NAME",
    fallback: "index.html",
    help: "File that stands for its directory",
    apply: (options, value, name) => options.index = parseName(value, name),
  },
  {
    key: "spa",
    group: "files",
    short: "s",
    type: "text",
    value: "[=FILE]",
    fallback: "off",
    help: "Answer missing pages with FILE (index.html)",
    apply: (options, value, name) => {
      const file = value === "" || value === "true" ? "index.html" : value;
      options.spa = file === "false" ? undefined : `/${parseName(file, name)}`;
    },
  },
  switchRow("listing", "files", "Answer 404 for directories without an index"),
  switchRow(
    "compression",
    "files",
    "Compress nothing; .br, .zst and .gz files still serve",
  ),
  {
    key: "host",
    group: "listen",
    type: "text",
    value: "ADDRESS",
    fallback: "127.0.0.1",
    help: "Address; 0.0.0.0 or :: for all networks",
    apply: (options, value) => options.host = parseHost(value),
  },
  {
    key: "port",
    group: "listen",
    short: "p",
    type: "number",
    value: "PORT",
    fallback: "8000, or the next free",
    help: "Port; 0 for any free one",
    range: PORT_RANGE,
    apply: (options, value) => options.port = parsePort(value),
  },
  {
    key: "trustedProxy",
    group: "listen",
    type: "list",
    value: "CIDR",
    fallback: "none",
    help: "Believe what these say of the client",
    apply: (options, value) => options.trustedProxy = value.map(parseNetwork),
  },
  {
    key: "forwardedField",
    group: "listen",
    type: "text",
    value: "FIELD",
    fallback: "x-forwarded-for",
    help: "The field they write, or forwarded",
    choices: FORWARDED_FIELDS,
    apply: (options, value) => {
      options.forwardedField = parseChoice(
        value,
        "the field of proxies",
        FORWARDED_FIELDS,
      );
    },
  },
  switchRow(
    "proxyProtocol",
    "listen",
    "The proxies speak the PROXY protocol first",
  ),
  {
    key: "cacheControl",
    group: "answers",
    type: "text",
    value: "VALUE",
    fallback: "by file name",
    help: "Cache-Control for every file",
    apply: (options, value, name) =>
      options.cacheControl = parseFieldValue(value, name),
  },
  {
    key: "header",
    group: "answers",
    type: "list",
    value: "'NAME: VALUE'",
    fallback: "none",
    help: "Send this field with every reply",
    apply: (options, value, name) =>
      options.headers = value.map((each) => parseHeader(each, name)),
  },
  switchRow("cors", "answers", "Let pages of other origins read everything"),
  switchRow(
    "coi",
    "answers",
    "Isolate pages from other origins (SharedArrayBuffer)",
  ),
  {
    key: "tlsCert",
    group: "tls",
    type: "text",
    value: "FILE",
    fallback: "no TLS",
    help: "Certificate chain, in PEM",
    isPath: true,
    apply: (options, value, name) => options.tlsCert = parsePath(value, name),
  },
  {
    key: "tlsKey",
    group: "tls",
    type: "text",
    value: "FILE",
    fallback: "no TLS",
    help: "Its private key, in PEM",
    isPath: true,
    apply: (options, value, name) => options.tlsKey = parsePath(value, name),
  },
  {
    key: "httpsRedirect",
    group: "tls",
    type: "number",
    value: "PORT",
    fallback: "off",
    help: "Redirect from this plain port to TLS",
    range: PORT_RANGE,
    apply: (options, value) => options.httpsRedirect = parsePort(value),
  },
  {
    key: "hsts",
    group: "tls",
    type: "number",
    value: "SECONDS",
    fallback: "off",
    help: "Tell browsers to use TLS only, so long",
    range: HSTS_RANGE,
    apply: (options, value) =>
      options.hsts = parseInteger(value, "a time in seconds", HSTS_RANGE),
  },
  {
    key: "log",
    group: "log",
    type: "text",
    value: "FORMAT",
    fallback: "common",
    help: "Access log: common, combined, json or off",
    choices: LOG_FORMATS,
    apply: (options, value) => {
      options.log = parseChoice(value, "a log format", LOG_FORMATS);
    },
  },
  switchRow(
    "requestId",
    "log",
    "Send X-Request-Id with every reply, and log it",
  ),
  {
    key: "authFile",
    group: "access",
    type: "text",
    value: "FILE",
    fallback: "none",
    help: "Names and hashed passwords",
    isPath: true,
    apply: (options, value, name) => options.authFile = parsePath(value, name),
  },
  {
    key: "authPaths",
    group: "access",
    type: "list",
    value: "PATTERN",
    fallback: "/*",
    help: "Paths that need a password",
    apply: (options, value, name) =>
      options.authPaths = value.map((each) => parsePathPattern(each, name)),
  },
  {
    key: "allow",
    group: "access",
    type: "list",
    value: "CIDR",
    fallback: "all",
    help: "Serve these addresses alone",
    apply: (options, value) => options.allow = value.map(parseNetwork),
  },
  {
    key: "deny",
    group: "access",
    type: "list",
    value: "CIDR",
    fallback: "none",
    help: "Do not serve these addresses",
    apply: (options, value) => options.deny = value.map(parseNetwork),
  },
  {
    key: "allowedHosts",
    group: "access",
    type: "list",
    value: "NAME",
    fallback: "by --host",
    help: "Names Host may have; * for any",
    apply: (options, value) =>
      options.allowedHosts = value.map(parseAllowedHost),
  },
  {
    key: "connectionsPerAddress",
    group: "access",
    type: "number",
    value: "N",
    fallback: "no bound",
    help: "Connections one client may have",
    range: CONNECTIONS_RANGE,
    apply: (options, value) =>
      options.connectionsPerAddress = parseInteger(
        value,
        "a number of connections",
        CONNECTIONS_RANGE,
      ),
  },
  {
    key: "requestsPerSecond",
    group: "access",
    type: "number",
    value: "N",
    fallback: "no bound",
    help: "Requests one client may make",
    range: RATE_RANGE,
    isFractional: true,
    apply: (options, value) =>
      options.requestsPerSecond = parseDecimal(value, "a rate", RATE_RANGE),
  },
  {
    key: "config",
    group: "process",
    short: "c",
    type: "text",
    value: "FILE",
    fallback: "beside ROOT",
    help: "Configuration (skiff.json)",
    sources: ["flag", "environment"],
    isPath: true,
    apply: (options, value, name) => options.config = parsePath(value, name),
  },
  switchRow("printConfig", "process", "Show what holds, and why", {
    sources: ["flag"],
  }),
  {
    key: "workers",
    group: "process",
    type: "number",
    value: "N|auto",
    fallback: "1",
    help: "Isolates that serve side by side, one a core",
    range: WORKERS_RANGE,
    choices: ["auto"],
    apply: (options, value) => options.workers = parseWorkers(value),
  },
  {
    key: "admin",
    group: "process",
    type: "text",
    value: "HOST:PORT",
    fallback: "off",
    help: "Tell metrics and health here",
    apply: (options, value) => options.admin = parseHostAndPort(value),
  },
  {
    key: "drain",
    group: "process",
    type: "number",
    value: "SECONDS",
    fallback: "0",
    help: "Accept for so long after a signal to stop",
    range: DRAIN_RANGE,
    apply: (options, value) =>
      options.drain = parseInteger(value, "a time in seconds", DRAIN_RANGE),
  },
  {
    key: "help",
    group: "process",
    short: "h",
    type: "text",
    value: "[=GROUP]",
    fallback: "off",
    help: "Show the help: everyday options, a GROUP, or all",
    sources: ["flag"],
    apply: (options, value) => {
      const isPlain = value === "" || value === "true";
      options.help = isPlain
        ? "everyday"
        : parseChoice(value, "a group", [...GROUPS, "all" as const]);
    },
  },
  switchRow("version", "process", "Show the version", {
    short: "V",
    sources: ["flag"],
  }),
];
