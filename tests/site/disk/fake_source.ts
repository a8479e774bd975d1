/**
 * What takes the place of the system that tells of changes.
 *
 * @module
 */

import type {
  EventSource,
  WatchEvent,
} from "../../../lib/site/disk/runtime_watch.ts";

/** A system that tells what a test has it tell. */
export class FakeSource implements EventSource {
  readonly #events: WatchEvent[] = [];
  #wake = Promise.withResolvers<void>();
  isClosed = false;

  tell(kind: WatchEvent["kind"], ...paths: string[]): void {
    this.push({ kind, paths });
  }

  push(event: WatchEvent): void {
    this.#events.push(event);
    this.#wake.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wake.resolve();
  }

  /** Leaves it open, as the runtime's may have to be. */
  abandon(): void {}

  async *[Symbol.asyncIterator]() {
    while (!this.isClosed) {
      yield* this.#events.splice(0);
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
