/**
 * Hints for options of other servers and of earlier versions: what does the same
 * here, where the spelling alone would suggest another option or none.
 *
 * @module
 */

import { COMMAND_TABLE } from "./commands.ts";
import { nearest } from "./values.ts";

const SEE_TLS = "use --tls-cert with --tls-key, or --https";
const SEE_HTTPS = "use --https, or --tls-cert with --tls-key";
const SEE_ROOT = "name the directory without an option";
const COMPRESSES = "skiff compresses by default";
const NO_LOG = "use --log off";

const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["-a", "use --host"],
  ["-b", "use --host"],
  ["-C", "use --cors"],
  ["-d", SEE_ROOT],
  ["-l", "use --host and --port"],
  ["-L", NO_LOG],
  ["-q", NO_LOG],
  ["-v", "use -V for the version"],
  ["--address", "use --host"],
  ["--auth", "use --auth-file"],
  ["--bind", "use --host"],
  ["--cache", "use --cache-control"],
  ["--cert", SEE_TLS],
  ["--dir", SEE_ROOT],
  ["--directory", SEE_ROOT],
  [
    "--extract",
    "skiff cannot write files; fetch them from the running server: wget -r URL",
  ],
  ["--fallback", "use --spa"],
  ["--gzip", COMPRESSES],
  ["--brotli", COMPRESSES],
  ["--key", SEE_TLS],
  ["--listen", "use --host and --port"],
  ["--no-request-logging", NO_LOG],
  ["--password", "use --auth-file"],
  ["--quiet", NO_LOG],
  ["--redirect", "use --https-redirect, or a rule in _redirects"],
  ["--root", SEE_ROOT],
  ["--silent", NO_LOG],
  ["--single", "use --spa"],
  ["--ssl", SEE_HTTPS],
  ["--ssl-cert", SEE_TLS],
  ["--ssl-key", SEE_TLS],
  ["--threads", "use --workers"],
  ["--tls", SEE_HTTPS],
  ["--user", "use --auth-file"],
  ["--username", "use --auth-file"],
]);

/** The end of a message about an operand that looks like a port, which other servers take so; else "". */
export function portHint(operand: string): string {
  const port = /^(?:localhost)?:?(\d{1,5})$/.exec(operand)?.[1];
  return port === undefined ? "" : `; to listen on a port, use --port ${port}`;
}

/** What other programs call the command that skiff needs no name for. */
const SERVE_WORDS: readonly string[] = ["serve", "server", "start", "preview"];

/** The end of a message about an operand that is no directory, but close to a command of skiff or of others; else "". */
export function commandHint(operand: string): string {
  if (SERVE_WORDS.includes(operand)) {
    return "; to serve a directory, name it without a command";
  }
  const meant = nearest(operand, COMMAND_TABLE.map(({ name }) => name));
  return meant === undefined ? "" : `; did you mean the command ${meant}?`;
}

/** The hint for an unknown flag; undefined if there is none. */
export function synonymHint(flag: string): string | undefined {
  return SYNONYMS.get(flag);
}
