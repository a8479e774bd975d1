/**
 * skiff at a terminal: the box at the start, the QR code, and what keys do.
 *
 * @module
 */

import type { Options } from "../cli/options.ts";
import { listensToAll } from "../cli/permissions.ts";
import {
  keysText,
  type NamedUrl,
  siteUrls,
  startScreen,
} from "../cli/start_screen.ts";
import { browserUrl, failureText, type StartSummary } from "../cli/banner.ts";
import { openBrowser } from "./browser.ts";
import { isForeground } from "./foreground.ts";
import { Keys, type NodeProcess, processTerminal } from "./keys.ts";
import { networkAddresses } from "./network_addresses.ts";
import { isGranted } from "./startup.ts";
import { terminalColumns, type TerminalLook } from "./terminal.ts";

/** What is served, and where. */
export interface ConsoleSite
  extends Omit<StartSummary, "takenPort" | "missingWorkers"> {
  readonly version: string;
  readonly options: Options;
}

/** What keys need. */
export interface ConsoleDeps {
  /** What the terminal of standard error shows. */
  readonly look: TerminalLook;
  /** Prints whole lines to standard error. */
  readonly say: (text: string) => void;
  /** Stops skiff, as a signal does. */
  readonly quit: () => void;
  /** Turns the log off, or on again; returns whether it is on now. */
  readonly toggleLog: () => boolean;
  /** Reloads the pages in all browsers; undefined if they do not follow. */
  readonly reloadPages: (() => void) | undefined;
}

/** The words for what is on. */
export function featuresOf(options: Options): string[] {
  const { listing, spa, live, compression, cors, authFile } = options;
  return [
    listing && "listing",
    spa !== undefined && `spa ${spa}`,
    live && "live",
    compression && !live && "compression",
    cors && "cors",
    authFile !== undefined && "password",
  ].filter((word) => word !== false);
}

/** What a box cannot say because permissions are missing. */
function missingNetwork(
  urls: readonly NamedUrl[],
  hostname: string,
): string[] {
  const isKnown = urls.some(({ name }) => name === "Network") ||
    isGranted({ name: "sys", kind: "networkInterfaces" });
  return listensToAll(hostname) && !isKnown
    ? ["For the addresses in your network, add --allow-sys=networkInterfaces"]
    : [];
}

/** Prints the box, and the QR code with `--qr`; reads keys if it may. Returns a function that ends that. */
export async function openConsole(
  site: ConsoleSite,
  deps: ConsoleDeps,
): Promise<{ close(): void }> {
  const { options, hostname } = site;
  const { say, look } = deps;
  const addresses = listensToAll(hostname) ? await networkAddresses() : [];
  const urls = siteUrls(site, addresses);
  const screen = { ...look, columns: terminalColumns() };
  const readsKeys = options.keys && Deno.stdin.isTerminal();
  say(startScreen({
    ...site,
    features: featuresOf(options),
    urls,
    fingerprint: site.fingerprint,
    notes: [...site.others, ...missingNetwork(urls, hostname)],
    // In the background they begin when it is in the foreground.
    hasKeys: readsKeys && isForeground() !== false,
  }, screen));
  if (options.qr) {
    const { qrText } = await import("../cli/qr_code.ts");
    const url = urls.find(({ name }) => name === "Network")?.url;
    say(
      url === undefined
        ? failureText(
          "Cannot draw a QR code: no other machine reaches this address; add --host 0.0.0.0",
        )
        : qrText(url, screen) ??
          failureText("Cannot draw a QR code: the terminal is too narrow"),
    );
  }
  if (!readsKeys) return { close() {} };
  return await readKeys(deps, browserUrl(site));
}

/** Reads keys until it is closed. */
async function readKeys(deps: ConsoleDeps, url: string): Promise<Keys> {
  const { say, quit, toggleLog, reloadPages } = deps;
  const { default: process } = await import("node:process");
  const terminal = processTerminal(
    process as unknown as NodeProcess,
    isForeground,
  );
  const actions = {
    "\x03": quit,
    q: quit,
    o: async () => {
      const failure = await openBrowser(url);
      say(failure === undefined ? `Opened ${url}\n` : failureText(failure));
    },
    r: reloadPages && (() => {
      reloadPages();
      say("Reloaded all pages\n");
    }),
    l: () => say(`The log is ${toggleLog() ? "on" : "off"}\n`),
    h: () => say(keysText({ reload: reloadPages !== undefined })),
  };
  return new Keys(
    terminal,
    actions,
    () =>
      say(
        "Keys are off, because skiff cannot tell whether it is in the background: add --allow-run=ps to keep them after Ctrl-Z\n",
      ),
  );
}
