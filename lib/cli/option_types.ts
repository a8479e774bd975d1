/**
 * The shapes that the rest of the room shares: the options with their defaults,
 * and a setting with the place it comes from.
 *
 * @module
 */

import type { ForwardedField } from "../http/fields.ts";
import type { Address } from "./addresses.ts";
import { UsageError } from "./values.ts";

/** In which form the access log is written. */
export type LogFormat = "common" | "combined" | "json" | "off";

/** What the help is asked about: everyday options, a group of them, or all. */
export type HelpTopic = "everyday" | "all" | Group;

/** The groups of the help. */
export type Group =
  | "files"
  | "listen"
  | "answers"
  | "tls"
  | "log"
  | "access"
  | "process";

/** The values of all options, and the arguments that are not options. */
export interface Options {
  /** The directory to serve; undefined for the built-in site. */
  root: string | undefined;
  /** The configuration file that was named; undefined when none was. */
  config: string | undefined;
  /** The address to listen on. */
  host: string;
  /** undefined: 8000, or the next port that is free. */
  port: number | undefined;
  /** How many isolates serve; "auto": one for each core. */
  workers: number | "auto";
  /** For how many seconds connections are accepted after a signal to stop. */
  drain: number;
  /** Where metrics and health are told; undefined for nowhere. */
  admin: Address | undefined;
  /** Addresses and networks whose word about the client's address is believed. */
  trustedProxy: string[];
  /** The field in which proxies say where a request comes from. */
  forwardedField: ForwardedField;
  /** Whether the proxies begin each connection with the PROXY protocol. */
  proxyProtocol: boolean;
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
  /** Further fields of every reply: names and values. */
  headers: [name: string, value: string][];
  /** Whether other origins may read everything. */
  cors: boolean;
  /** Whether pages are isolated from other origins. */
  coi: boolean;
  /** The certificate chain, in PEM; undefined for no TLS. */
  tlsCert: string | undefined;
  /** Its private key, in PEM; there if the certificate is. */
  tlsKey: string | undefined;
  /** The port that redirects to HTTPS; undefined for none. */
  httpsRedirect: number | undefined;
  /** max-age of Strict-Transport-Security (RFC 6797 §6.1.1), in s; undefined for no such field. */
  hsts: number | undefined;
  /** The form of the access log. */
  log: LogFormat;
  /** Whether X-Request-Id is sent and logged. */
  requestId: boolean;
  /** The file with names and hashed passwords; undefined for no authentication. */
  authFile: string | undefined;
  /** Patterns of the paths that need authentication. */
  authPaths: string[];
  /** Networks that alone are served; empty: all. */
  allow: string[];
  /** Networks that are not served. */
  deny: string[];
  /** Names that Host may have; undefined to let the address that is listened on tell. */
  allowedHosts: string[] | undefined;
  /** How many connections an address may have; undefined for no bound. */
  connectionsPerAddress: number | undefined;
  /** How many requests in a second an address may make, perhaps with a fraction; undefined for no bound. */
  requestsPerSecond: number | undefined;
  /** Whether the effective values are asked for. */
  printConfig: boolean;
  /** What the help is asked about; undefined when it is not asked for. */
  help: HelpTopic | undefined;
  /** Whether the version is asked for. */
  version: boolean;
  /** The rules of the configuration file. */
  rules: RuleTexts;
}

/** Rules as they are written: their shapes are right, what they mean is not looked at. `where` is like `skiff.json:12`. */
export interface RuleTexts {
  /** Fields for the paths that a pattern matches. */
  headers: {
    for: string;
    values: [name: string, value: string][];
    where: string;
  }[];
  /** Redirects and rewrites. */
  redirects: {
    from: string;
    to: string | undefined;
    status: number;
    force: boolean;
    where: string;
  }[];
  /** Pages of the site for statuses. */
  errorPages: { status: number; path: string; where: string }[];
}

/** What holds when nobody says anything: a new object with each call. */
export function defaultOptions(): Options {
  return {
    root: undefined,
    config: undefined,
    host: "127.0.0.1",
    port: undefined,
    workers: 1,
    drain: 0,
    admin: undefined,
    trustedProxy: [],
    forwardedField: "x-forwarded-for",
    proxyProtocol: false,
    index: "index.html",
    spa: undefined,
    listing: true,
    compression: true,
    cacheControl: undefined,
    headers: [],
    cors: false,
    coi: false,
    tlsCert: undefined,
    tlsKey: undefined,
    httpsRedirect: undefined,
    hsts: undefined,
    log: "common",
    requestId: false,
    authFile: undefined,
    authPaths: ["/*"],
    allow: [],
    deny: [],
    allowedHosts: undefined,
    connectionsPerAddress: undefined,
    requestsPerSecond: undefined,
    printConfig: false,
    help: undefined,
    version: false,
    rules: { headers: [], redirects: [], errorPages: [] },
  };
}

/** Where values come from, from the lowest to the highest. */
export type Source = "default" | "file" | "environment" | "flag";

/** The place where a value was given. */
export interface Origin {
  /** Which of the layers it is. */
  readonly source: Source;
  /** What it is called there: `--port`, `SKIFF_PORT`, `"port"`. */
  readonly name: string;
  /** Where in the file, `skiff.json:4:11`; empty elsewhere. */
  readonly where: string;
}

/** The place in words, for one who reads the effective values. */
export function originText({ source, name, where }: Origin): string {
  return source === "file" ? where.replace(/:\d+$/, "") : name;
}

/** A message with the place it is about, where the message itself does not name it. */
export function atOrigin(message: string, origin: Origin): string {
  if (origin.source === "file") return `${origin.where}: ${message}`;
  return origin.source === "environment" && !message.includes(origin.name)
    ? `${message} (${origin.name})`
    : message;
}

/** Does something with a value; what is wrong with that is told with the place it comes from. */
export function withOrigin<T>(origin: Origin, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(atOrigin(error.message, origin));
  }
}
