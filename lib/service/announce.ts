/**
 * Says where skiff listens, to programs or to people, once it accepts
 * connections.
 *
 * @module
 */

import {
  browserUrl,
  failureText,
  startText,
  troublesText,
} from "../cli/banner.ts";
import { servesOwnSite } from "../cli/settings.ts";
import type { ConsoleDeps } from "./console.ts";
import type { Plan } from "./plan.ts";
import { lookAt } from "./terminal.ts";
import type { ListenAddress } from "./worker.ts";

/** What an announcement needs beside the plan. */
export interface AnnouncementDeps extends Omit<ConsoleDeps, "look"> {
  readonly version: string;
  /** The port without --port. */
  readonly defaultPort: number;
  /** Sentences about other ports. */
  readonly others: readonly string[];
  /** The fingerprint of a certificate that skiff has made. */
  readonly fingerprint?: string | undefined;
}

/**
 * Prints where skiff listens: at a terminal in a box, with keys to type; elsewhere in lines. Opens the browser with
 * `--open`. Returns a function that stops reading keys.
 */
export async function announce(
  { options, root, keyPair }: Plan,
  { hostname, port }: ListenAddress,
  deps: AnnouncementDeps,
): Promise<{ close(): void } | undefined> {
  const { say, version, others, fingerprint, defaultPort } = deps;
  const requested = options.port ?? defaultPort;
  const start = {
    version,
    root: servesOwnSite(options) ? undefined : root,
    options,
    hostname,
    port,
    isTls: keyPair !== undefined,
    others,
    fingerprint,
    takenPort: requested === 0 || requested === port ? undefined : requested,
    missingWorkers: Deno.build.os !== "linux" && options.workers !== 1,
  };
  const look = lookAt(Deno.stderr);
  if (options.open) {
    const { openBrowser } = await import("./browser.ts");
    openBrowser(browserUrl(start)).then((failure) => {
      if (failure !== undefined) say(failureText(failure));
    });
  }
  if (!look.isScreen) {
    say(startText(start, look.isColored));
    return undefined;
  }
  say(troublesText(start, look.isColored));
  const { openConsole } = await import("./console.ts");
  return await openConsole(start, { ...deps, look });
}
