/**
 * Hints for options of other servers and of earlier versions: what does the same
 * here, where the spelling alone would suggest another option or none.
 *
 * @module
 */

import { COMMAND_TABLE } from "./commands.ts";
import { nearest } from "./values.ts";

/** The hints, each with the flags that it is for. */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  "use --host": ["-a", "-b", "--address", "--bind"],
  "use --cors": ["-C"],
  "name the directory without an option": [
    "-d",
    "--dir",
    "--directory",
    "--root",
  ],
  "use --host and --port": ["-l", "--listen"],
  "use --log off": ["-L", "-q", "--no-request-logging", "--quiet", "--silent"],
  "use -V for the version": ["-v"],
  "use --auth-file": ["--auth", "--password", "--user", "--username"],
  "use --cache-control": ["--cache"],
  "use --tls-cert with --tls-key, or --https": [
    "--cert",
    "--key",
    "--ssl-cert",
    "--ssl-key",
  ],
  "skiff cannot write files; fetch them from the running server: wget -r URL": [
    "--extract",
  ],
  "use --spa": ["--fallback", "--single"],
  "skiff compresses by default": ["--gzip", "--brotli"],
  "use --https-redirect, or a rule in _redirects": ["--redirect"],
  "use --https, or --tls-cert with --tls-key": ["--ssl", "--tls"],
  "use --workers": ["--threads"],
};

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
  return Object.entries(HINTS).find(([, flags]) => flags.includes(flag))?.[0];
}
