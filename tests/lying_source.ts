/**
 * Systems that do not tell the truth about changes.
 *
 * @module
 */

import type {
  EventSource,
  WatchEvent,
} from "../lib/site/disk/runtime_watch.ts";
import { FakeSource } from "./site/disk/fake_source.ts";

/** What a system tells of a change: nothing, that everything has changed, or the truth, too late. */
export const LIES = ["nothing", "everything", "late"] as const;

/** One of {@linkcode LIES}. */
export type Lie = typeof LIES[number];

/** How late a system tells of a change, in ms. */
const LATE_MS = 300;

/** What knows the truth. */
type Truth = Omit<EventSource, "abandon">;

/** A system that lies about what is below a path. */
export class LyingSource extends FakeSource {
  readonly #lie: Lie;
  readonly #path: string;
  readonly #truth: Truth | undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** Begins to lie. `open` makes what knows the truth. */
  constructor(lie: Lie, path: string, open: () => Truth) {
    super();
    this.#lie = lie;
    this.#path = path;
    if (lie === "nothing") return;
    this.#truth = open();
    void this.#follow(this.#truth);
  }

  /** Ends; more than once, if it must be. */
  override close(): void {
    if (this.isClosed) return;
    super.close();
    this.#truth?.close();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #follow(truth: Truth): Promise<void> {
    for await (const event of truth) {
      // The runtime still tells what has waited when it was closed.
      if (this.isClosed) return;
      if (this.#lie === "late") this.#tellLate(event);
      else this.tell(event.kind, ...event.paths, ...below(this.#path));
    }
  }

  #tellLate(event: WatchEvent): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.push(event);
    }, LATE_MS);
    this.#timers.add(timer);
  }
}

/** The paths of everything in a directory and below it, links not followed. */
export function below(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) => {
      const inside = `${path}/${name}`;
      return isDirectory ? [inside, ...below(inside)] : [inside];
    });
  } catch {
    // Deleted or unreadable.
    return [];
  }
}
