/**
 * What takes the place of the system that tells of changes.
 *
 * @module
 */

import type {
  EventSource,
  WatchEvent,
} from "../../../lib/site/disk/runtime_watch.ts";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { TemporaryDirectory } from "../../helpers.ts";

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

/** A watcher of an empty directory that hears what a test tells. */
export class FakeWatch implements Disposable {
  readonly watcher: Watcher;
  readonly #source = new FakeSource();
  readonly #directory = new TemporaryDirectory();

  private constructor() {
    this.watcher = new Watcher(this.#directory.path, {
      onLoss: () => {},
      open: () => this.#source,
    });
  }

  /** Resolves once the directory is watched. */
  static async begin(): Promise<FakeWatch> {
    const watch = new FakeWatch();
    await watch.watcher.started;
    return watch;
  }

  /** Tells of a change at paths below the directory, which begin with "/". */
  tell(kind: WatchEvent["kind"], ...paths: string[]): void {
    this.#source.tell(
      kind,
      ...paths.map((path) => this.#directory.path + path),
    );
  }

  [Symbol.dispose](): void {
    this.watcher.close();
    this.#directory[Symbol.dispose]();
  }
}
