/**
 * What skiff prints when it starts, and its version and errors.
 *
 * @module
 */

import { bold, cyan, dim, setColorEnabled, yellow } from "@std/fmt/colors";
import { uriHost } from "../http/host.ts";
import { printable } from "../http/printable.ts";

/** Where the site is. */
export interface SiteAddress {
  /** The address that skiff listens on. */
  readonly hostname: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Whether the site is served over TLS. */
  readonly isTls: boolean;
}

/** What skiff says about itself when it starts. */
export interface StartSummary extends SiteAddress {
  /** The absolute path of the directory; undefined for the built-in site. */
  readonly root: string | undefined;
  /** The requested port, if it was taken. */
  readonly takenPort: number | undefined;
  /** Lines about other ports: "Metrics and health on http://127.0.0.1:9000/". */
  readonly others: readonly string[];
  /** The fingerprint of a certificate that skiff has made; undefined for none. */
  readonly fingerprint?: string | undefined;
  /** Whether several workers were requested on a system without support for them. */
  readonly missingWorkers: boolean;
}

/** What precedes the fingerprint of a certificate. */
export const FINGERPRINT_LABEL = "Certificate (SHA-256 fingerprint):";

/** The URL of a site, for a browser. */
export function siteUrl(
  hostname: string,
  port: number,
  isTls: boolean = false,
): string {
  const scheme = isTls ? "https" : "http";
  return `${scheme}://${uriHost(hostname)}:${port}/`;
}

/** The URL of a site for a browser on this machine. */
export function browserUrl({ hostname, port, isTls }: SiteAddress): string {
  const isLocalhost = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(hostname);
  return siteUrl(isLocalhost ? "localhost" : hostname, port, isTls);
}

/**
 * The lines to print once skiff accepts connections. The last is always `Listening on URL`, which programs may wait
 * for.
 */
export function startText(start: StartSummary, isColored: boolean): string {
  setColorEnabled(isColored);
  const lines = [];
  const what = start.root === undefined ? "the built-in site" : start.root;
  lines.push(dim(`Serving ${printable(what)} (Ctrl-C to stop)`));
  if (start.fingerprint !== undefined) {
    lines.push(dim(`${FINGERPRINT_LABEL} ${start.fingerprint}`));
  }
  lines.push(...start.others.map((other) => dim(other)));
  const url = siteUrl(start.hostname, start.port, start.isTls);
  lines.push(`${bold("Listening on")} ${cyan(url)}`);
  return troublesText(start, isColored) + lines.join("\n") + "\n";
}

/** The lines about settings that could not take effect; empty if all did. */
export function troublesText(
  { takenPort, port, missingWorkers }: Pick<
    StartSummary,
    "takenPort" | "port" | "missingWorkers"
  >,
  isColored: boolean,
): string {
  setColorEnabled(isColored);
  const lines = [];
  if (takenPort !== undefined) {
    lines.push(yellow(`Port ${takenPort} is taken, using ${port} instead`));
  }
  if (missingWorkers) {
    lines.push(
      yellow("This system cannot share a port between workers: using one"),
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The versions of skiff and its runtime, one per line. */
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

/** A failure as one line for stderr. */
export function failureText(message: string): string {
  return `skiff: ${printable(message)}\n`;
}
