/**
 * A watch in a thread of its own: to begin it may take long, and if the runtime
 * waits for a FIFO there, no one else does.
 *
 * @module
 */

import type { EventSource, WatchedPaths, WatchEvent } from "./runtime_watch.ts";
import { startSourceWorker } from "./source_worker.ts";
import workerSource from "./watch_worker.js" with { type: "text" };

/** Most events that wait to be taken; of more, only that anything may have changed. */
const EVENTS_MAX = 1024;

/** What the worker tells: events, none of them as soon as it watches, or why it cannot. */
type WatchMessage =
  | { readonly events: readonly WatchEvent[] }
  | {
    readonly failure: string;
    /** Whether the directory, or one in it, was gone. */
    readonly isMissing?: boolean;
  };

/** A watch of directories in a worker. */
export class WorkerWatch implements EventSource {
  readonly #worker = startSourceWorker(workerSource);
  #message = Promise.withResolvers<WatchMessage>();

  private constructor({ trees, branches }: WatchedPaths) {
    this.#worker.onmessage = ({ data }: MessageEvent<WatchMessage>) =>
      this.#message.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#message.resolve({ failure: event.message });
    };
    this.#worker.postMessage({ trees, branches, eventsMax: EVENTS_MAX });
  }

  /** Resolves once all are watched. Rejects if the runtime cannot; with NotFound if a directory is gone. */
  static async open(paths: WatchedPaths): Promise<WorkerWatch> {
    const watch = new WorkerWatch(paths);
    try {
      await watch.#receive();
      return watch;
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    for (;;) {
      // The worker posts nothing more until this asks for it.
      this.#worker.postMessage("more");
      yield* await this.#receive();
    }
  }

  /** Ends the watch, and its thread. Never waits for it. */
  close(): void {
    this.#worker.terminate();
  }

  /** Ends a watch that has missed a change. */
  abandon(): void {
    this.close();
  }

  async #receive(): Promise<readonly WatchEvent[]> {
    const message = await this.#message.promise;
    this.#message = Promise.withResolvers();
    if ("failure" in message) throw errorOf(message);
    return message.events;
  }
}

function errorOf(
  { failure, isMissing }: Extract<WatchMessage, { failure: string }>,
): Error {
  return isMissing ? new Deno.errors.NotFound(failure) : new Error(failure);
}
