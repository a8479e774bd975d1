/**
 * How the sites of servers in tests are watched: `WATCH=on`, `nothing`,
 * `everything` or `late` runs the same tests over another system than
 * `WATCH=off`, the default.
 *
 * @module
 */

import type { Handler } from "../lib/server/context.ts";
import { LOOK_MS } from "../lib/site/disk/changes.ts";
import { RuntimeWatch } from "../lib/site/disk/runtime_watch.ts";
import { Watcher } from "../lib/site/disk/watcher.ts";
import { below, type Lie, LIES, LyingSource } from "./lying_source.ts";

/** Who tells of changes: no one, the system, or one that lies. */
export type WatchMode = "off" | "on" | Lie;

/** A pause of this many ms shows that the system has told all of a change. */
const QUIET_MS = 30;

/** How long the system may take to tell of a change, in ms; a look finds it later. */
const TOLD_MS = 1000;

/** All of them. */
export const WATCH_MODES: readonly WatchMode[] = ["off", "on", ...LIES];

/** How all sites are watched, unless a test has its own way. */
export const WATCH: WatchMode = watchModeOf(environmentValue("WATCH") ?? "off");

function environmentValue(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** The mode with a name. Throws if there is none. */
export function watchModeOf(name: string): WatchMode {
  const mode = WATCH_MODES.find((mode) => mode === name);
  if (mode === undefined) {
    throw new Error(`Not one of ${WATCH_MODES.join(", ")}: ${name}`);
  }
  return mode;
}

/** What a system says of each path below a directory: equal as long as nothing has changed. */
type Snapshot = ReadonlyMap<string, string | undefined>;

/**
 * Watches the site of a test. Its server replies no sooner than a change must show: once the system has told of it; or,
 * where that does not tell in time, as if it was {@linkcode LOOK_MS} later.
 */
export class TestWatch {
  /** What tells the site about changes; undefined if no one does. */
  readonly changes: Watcher | undefined;
  readonly #path: string;
  readonly #mode: WatchMode;
  readonly #sources: LyingSource[] = [];
  /** What each path was when the system told of it last; undefined for one that was gone. */
  readonly #told = new Map<string, string | undefined>();
  #seen: Snapshot | undefined;
  #heardAt = -Infinity;
  /** Of which paths the system has just told. */
  readonly #heard = new Set<string>();
  /** What has changed and is told of later. */
  #untold: readonly string[] = [];
  #ahead = 0;

  /** Begins to watch a directory. */
  constructor(path: string, mode: WatchMode = WATCH) {
    this.#path = path;
    this.#mode = mode;
    if (mode === "off") return;
    const onLoss = () => {};
    if (mode === "on") {
      this.changes = new Watcher(path, { onLoss });
      return;
    }
    const open = (path: string) => {
      const truth = () => new RuntimeWatch({ trees: [path], branches: [] });
      const source = new LyingSource(mode, path, truth);
      this.#sources.push(source);
      return source;
    };
    this.changes = new Watcher(path, { onLoss, open });
  }

  /** Returns a handler that replies as soon as the last change must show. Call it when the site is there. */
  following(handler: Handler): Handler {
    const { changes } = this;
    if (changes === undefined) return handler;
    const { onChange } = changes;
    changes.onChange = (path, kind) => {
      onChange(path, kind);
      this.#hear(path ?? "");
    };
    return async (head, now, client) => {
      await this.#catchUp(changes);
      return handler(head, now + this.#ahead, client);
    };
  }

  /** Ends what the watcher may have left open. Call it after the site is closed. */
  async close(): Promise<void> {
    await this.changes?.started;
    for (const source of this.#sources) source.close();
  }

  async #catchUp(changes: Watcher): Promise<void> {
    await changes.started;
    const before = this.#seen;
    const after = this.#seen = this.#look();
    const changed = before === undefined ? [] : differences(before, after);
    if (this.#mode === "late") {
      // The first request after a change comes before the system tells of it, the others after that.
      if (changed.length === 0) await this.#hearOf(changes, this.#untold);
      this.#untold = changed;
    }
    if (changed.length === 0) return;
    const isTelling = this.#mode === "on" || this.#mode === "everything";
    if (isTelling && await this.#hearOf(changes, changed)) return;
    this.#ahead += LOOK_MS;
  }

  /** Waits until the system has told of paths as they are now; resolves with whether it has. */
  async #hearOf(changes: Watcher, paths: readonly string[]): Promise<boolean> {
    const isTold = (path: string) =>
      this.#told.has(path) && this.#told.get(path) === this.#seen!.get(path);
    const end = performance.now() + TOLD_MS;
    while (changes.isWatching && performance.now() < end) {
      if (paths.length === 0) return true;
      const isQuiet = performance.now() - this.#heardAt >= QUIET_MS;
      if (isQuiet && paths.every(isTold)) return true;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return false;
  }

  /** Notes that the system tells of a path. One event may tell of thousands: they are looked at together. */
  #hear(path: string): void {
    this.#heardAt = performance.now();
    if (this.#heard.size === 0) queueMicrotask(() => this.#noteHeard());
    this.#heard.add(path);
  }

  /** Notes the state of the paths that the system told of, and of everything below them. */
  #noteHeard(): void {
    const now = this.#look();
    for (const each of new Set([...this.#told.keys(), ...now.keys()])) {
      if (isBelow(each, this.#heard)) this.#told.set(each, now.get(each));
    }
    for (const path of this.#heard) this.#told.set(path, now.get(path));
    this.#heard.clear();
  }

  #look(): Snapshot {
    return new Map(
      below(this.#path).map((inside) => {
        const path = inside.slice(this.#path.length);
        return [path, this.#stateOf(path)];
      }),
    );
  }

  #stateOf(path: string): string | undefined {
    try {
      const { ino, mode, size, mtime, ctime, isDirectory } = Deno.lstatSync(
        this.#path + path,
      );
      // Names that come and go in a directory are seen themselves.
      const content = isDirectory
        ? ""
        : `${size} ${mtime?.getTime()} ${ctime?.getTime()}`;
      return `${ino} ${mode} ${content}`;
    } catch {
      return undefined;
    }
  }
}

function differences(before: Snapshot, after: Snapshot): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path));
}

/** Whether a path is one of some, or below one of them. */
function isBelow(path: string, paths: ReadonlySet<string>): boolean {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (paths.has(at)) return true;
  }
  return paths.has("");
}
