/**
 * Live pages: waits until changes to a site's files pause, and sends all open pages what has changed.
 *
 * @module
 */

import { EventHub, formatEvent, READERS_MAX } from "../http/event_stream.ts";
import type { Reply } from "../http/reply.ts";
import { createLiveAssets, LIVE_EVENTS_PATH } from "../site/live/assets.ts";
import { amendLines } from "../site/live/content_security.ts";
import { LiveSite } from "../site/live/live_site.ts";
import {
  changedPaths,
  type Snapshot,
  snapshotName,
  takeSnapshot,
} from "../site/live/snapshot.ts";
import type { Watcher } from "../site/disk/watcher.ts";
import {
  type LinesAmender,
  withoutStorage,
} from "../site/rules/amended_rules.ts";
import type { FileResource, Site } from "../site/site.ts";
import type { ProtectionTest } from "./access.ts";
import { Looks } from "./looks.ts";

/** How long files must have been quiet before pages get an event, in ms: a build writes many files. */
const QUIET_MS = 120;

/** How often to look for changes if the system does not report all of them, in ms. */
const LOOK_MS = 1_000;

/** How often to look while the system reports changes, because some file systems do not report all, in ms. */
const TRUSTED_LOOK_MS = 10_000;

/** Most paths in an event; with more, any page may depend on one of them. */
const PATHS_MAX = 100;

/** How soon clients reconnect when the connection ends, in ms. */
const RETRY_MS = 500;

/** What {@linkcode Live} needs. */
export interface LiveDeps {
  readonly site: Site;
  /** Reports changes; undefined if nothing does. */
  readonly changes: Pick<Watcher, "subscribe" | "trusts"> | undefined;
  /** Whether a decoded path requires a password: then events do not name it. */
  readonly isProtected?: ProtectionTest | undefined;
  /** How many isolates have live pages. */
  readonly isolates: number;
  /** Receives warnings for the operator. */
  readonly onWarning: (text: string) => void;
}

/** Makes the pages of a site live. */
export class Live {
  /** The site with the script in its pages. */
  readonly site: LiveSite;
  /** The script, by its path. */
  readonly assets: ReadonlyMap<string, FileResource> = createLiveAssets();
  /** The handler of the events, by its path. */
  readonly services: ReadonlyMap<string, () => Reply>;
  readonly #nonce: string = crypto.randomUUID();
  readonly #deps: LiveDeps;
  readonly #hub: EventHub;
  readonly #unsubscribe: (() => void) | undefined;
  #snapshot: Snapshot | undefined;
  /** The name of the snapshot; "" before there is one. */
  #state = "";
  readonly #looks: Looks;

  /** Starts looking at the site. */
  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.site = new LiveSite(deps.site, this.#nonce);
    this.#hub = new EventHub({
      readersMax: Math.ceil(READERS_MAX / deps.isolates),
      greeting: () => this.#event("hello", { state: this.#state }, RETRY_MS),
    });
    this.services = new Map([[LIVE_EVENTS_PATH, () => this.#hub.respond()]]);
    this.#looks = new Looks({
      look: () => this.#compare(),
      quietMs: QUIET_MS,
      restMs: () =>
        deps.changes?.trusts(Date.now()) === true ? TRUSTED_LOOK_MS : LOOK_MS,
    }, 0);
    this.#unsubscribe = deps.changes?.subscribe(() => this.#looks.onChange());
  }

  /** Changes header lines so that replies are not stored, and policies allow the script. */
  readonly amend: LinesAmender = (lines) =>
    amendLines(withoutStorage(lines), this.#nonce);

  /** Makes all pages reload, whatever has changed. */
  reloadAll(): void {
    this.#tell(undefined);
  }

  /** Resolves when no check is in progress. */
  idle(): Promise<void> {
    return this.#looks.idle();
  }

  /** Ends all event streams. Their clients reconnect, and get the events of its successor. */
  close(): void {
    this.#looks.close();
    this.#unsubscribe?.();
    this.#hub.end();
  }

  #event(name: string, data: unknown, retry?: number): Uint8Array {
    return formatEvent({ name, data: JSON.stringify(data), retry });
  }

  #tell(paths: readonly string[] | undefined): void {
    this.site.version++;
    const data = { state: this.#state, paths: paths ?? null };
    this.#hub.tell(this.#event("change", data));
  }

  /** Compares the site with the last snapshot. Never rejects. */
  async #compare(): Promise<void> {
    try {
      const before = this.#snapshot;
      const after = await takeSnapshot(this.#deps.site);
      if (this.#looks.isClosed) return;
      this.#snapshot = after;
      const state = snapshotName(after);
      if (state === this.#state) return;
      this.#state = state;
      if (before !== undefined) {
        const paths = changedPaths(before, after, PATHS_MAX);
        const { isProtected } = this.#deps;
        const isSecret = isProtected && paths?.some(isProtected);
        return this.#tell(isSecret ? undefined : paths);
      }
      this.#hub.tell(this.#event("hello", { state }));
      if (!after.isCut) return;
      this.#deps.onWarning(
        `Pages reload only for changes of the first ${after.entries.size} files`,
      );
    } catch (error) {
      this.#deps.onWarning(`Cannot look for changed files: ${error}`);
    }
  }
}
