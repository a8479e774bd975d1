/**
 * Watches a folder of releases, and switches to a new one when it appears.
 *
 * @module
 */

import { failureText } from "../cli/banner.ts";
import { quote } from "../http/printable.ts";
import { errorMessage } from "../observe/error_text.ts";
import { CURRENT_NAME } from "../site/releases/order.ts";
import { Watcher } from "../site/disk/watcher.ts";
import { Looks } from "./looks.ts";
import {
  isSameRelease,
  type Plan,
  type PlanReader,
  type Release,
  releasesIn,
} from "./plan.ts";
import {
  chooseReleases,
  type FoundRelease,
  readReleases,
  RELEASE_NAMES_MAX,
} from "./releases.ts";

/** How long the folder must have been quiet before skiff reads it, in ms: a link may be gone for a moment. */
const RELEASE_QUIET_MS = 50;

/** How often to read the folder if the system does not report its changes, or a marker can appear unseen, in ms. */
const RELEASE_LOOK_MS = 1_000;

/** How often to read it while the system reports changes, because some file systems do not report all, in ms. */
const RELEASE_TRUSTED_MS = 10_000;

/** How much the clocks of file systems may lag behind that of the process, in ms. */
const RELEASE_CLOCK_MS = 50;

/** Most messages that skiff remembers, so that it does not repeat them. */
const RELEASE_TEXTS_MAX = 1_000;

/** What a {@linkcode ReleaseWatch} needs. */
export interface ReleaseWatchDeps {
  readonly reloader: {
    readonly plan: Plan;
    readonly reload: () => Promise<void>;
    readonly changeReleases: (choose: PlanReader) => Promise<void>;
  };
  /** Prints whole lines for the operator. */
  readonly say: (text: string) => void;
}

/** Serves the releases of a folder as they come and go. */
export class ReleaseWatch {
  readonly #deps: ReleaseWatchDeps;
  readonly #watcher: Watcher | undefined;
  readonly #complete: Completeness;
  readonly #said = new Set<string>();
  readonly #looks: Looks;

  /** Starts watching the folder that the plan names. */
  constructor(deps: ReleaseWatchDeps) {
    const { options } = deps.reloader.plan;
    this.#deps = deps;
    this.#complete = new Completeness((text) => this.#sayOnce(text));
    if (options.watch) {
      this.#watcher = new Watcher(options.releases!, {
        namesOnly: true,
        onArrival: (path) => this.#complete.arrive(path.slice(1)),
        onLoss: deps.say,
      });
    }
    this.#looks = new Looks({
      look: () => this.#look(),
      quietMs: RELEASE_QUIET_MS,
      restMs: () => this.#isTold ? RELEASE_TRUSTED_MS : RELEASE_LOOK_MS,
    }, RELEASE_LOOK_MS);
    this.#watcher?.subscribe(() => this.#looks.onChange());
  }

  /**
   * Reads everything again, and takes every release that is there now as complete, because the operator requested the
   * reload.
   */
  readonly reload = (): Promise<void> => {
    this.#complete.force();
    this.#said.clear();
    return this.#deps.reloader.reload();
  };

  /** Resolves when no check is in progress. */
  idle(): Promise<void> {
    return this.#looks.idle();
  }

  close(): void {
    this.#looks.close();
    this.#watcher?.close();
  }

  /** Whether the system reports all changes. */
  get #isTold(): boolean {
    return this.#deps.reloader.plan.options.releaseMarker === undefined &&
      this.#watcher?.trusts(Date.now()) === true;
  }

  #look(): Promise<void> {
    return this.#deps.reloader.changeReleases((plan, problems) =>
      this.#choose(plan, problems)
    );
  }

  /** Returns a plan with the current releases, if they differ. */
  async #choose(
    plan: Plan,
    problems: readonly string[],
  ): ReturnType<PlanReader> {
    const { releases } = plan;
    const known = releasesIn(releases!);
    const isComplete = (release: FoundRelease) =>
      known.some((each) => isSameRelease(each, release)) ||
      this.#complete.isComplete(release);
    const began = Date.now();
    try {
      const { refused } = releases!;
      const read = readReleases(plan.options, isComplete, refused);
      for (const note of read.notes) this.#sayOnce(note);
      const shown = (releases!.previews ?? []).map(({ all }) => all[0]!);
      if (
        isSameList(read.all, releases!.all) && isSameList(read.shown, shown)
      ) return undefined;
      const next = await chooseReleases(plan, problems, isComplete, refused);
      for (const warning of next.warnings) this.#sayOnce(warning);
      return { ...next, warnings: [] };
    } catch (error) {
      this.#sayOnce(`The release was not changed: ${errorMessage(error)}`);
      return undefined;
    } finally {
      this.#complete.looked(began);
    }
  }

  #sayOnce(text: string): void {
    if (this.#said.has(text)) return;
    if (this.#said.size >= RELEASE_TEXTS_MAX) this.#said.clear();
    this.#said.add(text);
    this.#deps.say(failureText(text));
  }
}

function isSameList(a: readonly Release[], b: readonly Release[]): boolean {
  return a.length === b.length &&
    a.every((release, index) => isSameRelease(release, b[index]!));
}

/**
 * Tells folders that were renamed into their place from those that were made there, and may still be filled. The system
 * reports a renamed one as such, or it existed before it was first seen.
 */
export class Completeness {
  readonly #say: (text: string) => void;
  /** When something was renamed to a name, in ms since the epoch. */
  readonly #arrived = new Map<string, number>();
  /** Folders that were made in place, by name, with their identity. */
  readonly #madeHere = new Map<string, string>();
  #lookedAt = Date.now();

  /** What is there now counts as complete. */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Notes that something was renamed to a name. */
  arrive(name: string): void {
    if (name === CURRENT_NAME) return;
    if (this.#arrived.size >= RELEASE_TEXTS_MAX) this.#arrived.clear();
    this.#arrived.set(name, Date.now());
    this.#madeHere.delete(name);
  }

  /** Notes a check of the folder that began at a time, in ms since the epoch. */
  looked(at: number): void {
    this.#lookedAt = at;
    for (const [name, time] of this.#arrived) {
      if (time < at) this.#arrived.delete(name);
    }
  }

  /** Takes everything that is there as complete. */
  force(): void {
    this.#lookedAt = Date.now() + RELEASE_CLOCK_MS;
    this.#madeHere.clear();
  }

  isComplete({ name, identity, born }: FoundRelease): boolean {
    if (this.#arrived.has(name)) return true;
    if (this.#madeHere.get(name) === identity) return false;
    if (born !== undefined && born < this.#lookedAt - RELEASE_CLOCK_MS) {
      return true;
    }
    this.#madeHere.set(name, identity);
    // The folder has no more names that count: the oldest note is of one that is gone.
    if (this.#madeHere.size > RELEASE_NAMES_MAX) {
      this.#madeHere.delete(this.#madeHere.keys().next().value!);
    }
    this.#say(
      `Release ${
        quote(name)
      } does not count yet: it was not renamed into its place, so it may be incomplete; rename it, name a file that only complete releases have with --release-marker, or send SIGHUP`,
    );
    return false;
  }
}
