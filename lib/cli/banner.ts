/**
 * What a person at the terminal is told at the start and at the end.
 *
 * @module
 */

import { bold, cyan, dim, setColorEnabled, yellow } from "@std/fmt/colors";
import { uriHost } from "../http/host.ts";
import { printable } from "../http/printable.ts";

/** What there is to tell at the start. */
export interface Start {
  /** The absolute path of the directory; undefined for the built-in site. */
  readonly root: string | undefined;
  /** The address that is listened on. */
  readonly hostname: string;
  /** The port that is listened on. */
  readonly port: number;
  /** The port that was wished for but taken; undefined when nothing was in the way. */
  readonly takenPort: number | undefined;
  /** Whether the site is served over TLS. */
  readonly isTls: boolean;
  /** Addresses beside the site's, each with what is there: "Metrics on http://127.0.0.1:9000/". */
  readonly others: readonly string[];
  /** Whether several workers were wished for that the system cannot give. */
  readonly missingWorkers: boolean;
}

/** The address that a browser is to be given. */
export function siteUrl(
  hostname: string,
  port: number,
  isTls: boolean = false,
): string {
  const scheme = isTls ? "https" : "http";
  return `${scheme}://${uriHost(hostname)}:${port}/`;
}

/**
 * The lines of the start. The last is always `Listening on URL`, which programs may wait for;
 * with colour only when a terminal shows it.
 */
export function startText(start: Start, isColored: boolean): string {
  setColorEnabled(isColored);
  const lines = [];
  if (start.takenPort !== undefined) {
    lines.push(
      yellow(`Port ${start.takenPort} is taken, using ${start.port} instead`),
    );
  }
  if (start.missingWorkers) {
    lines.push(
      yellow("This system cannot share a port, so one isolate serves"),
    );
  }
  const what = start.root === undefined ? "the built-in site" : start.root;
  lines.push(dim(`Serving ${printable(what)} (Ctrl-C stops)`));
  lines.push(...start.others.map((other) => dim(other)));
  const url = siteUrl(start.hostname, start.port, start.isTls);
  lines.push(`${bold("Listening on")} ${cyan(url)}`);
  return lines.join("\n") + "\n";
}

/** Versions of skiff and of what it runs on, a line each. */
export function versionText(
  versions: {
    readonly skiff: string;
    readonly deno: string;
    readonly v8: string;
  },
): string {
  const { skiff, deno, v8 } = versions;
  return `skiff ${skiff}\ndeno ${deno}\nv8 ${v8}\n`;
}

/** The one line of a failure, for stderr. */
export function failureText(message: string): string {
  return `skiff: ${printable(message)}\n`;
}
