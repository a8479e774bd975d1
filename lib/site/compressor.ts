/**
 * Compressing off the main thread. The runtime's own compression, asynchronous
 * in form, does its work on the thread that asks (measured: the event loop
 * stood still for all of it), so it is done in workers.
 *
 * @module
 */

import type { Coding } from "../http/coding.ts";

/** Most compressions at a time. */
export const WORKERS_MAX = 2;

/** Most compressions that wait; further ones are refused and may be asked for again. */
const QUEUE_MAX = 1000;

/** A worker that has nothing to do for so many ms is ended, and its memory freed. */
const IDLE_MS = 5_000;

/** Content up to this many bytes is compressed as strongly as can be; for more that takes too long. */
const STRONGEST_BYTES_MAX = 128 * 1024;

/**
 * What a worker does. It is text, because a worker's module must otherwise be read from disk, which the
 * process may not be allowed to; the runtime can load it from memory without any permission.
 */
const WORKER_SOURCE = `
import * as zlib from "node:zlib";

function compress(bytes, token, isSmall) {
  switch (token) {
    case "br":
      return zlib.brotliCompressSync(bytes, {
        params: {
          [zlib.constants.BROTLI_PARAM_QUALITY]: isSmall ? 11 : 9,
          [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      });
    case "zstd":
      return zlib.zstdCompressSync(bytes, {
        params: { [zlib.constants.ZSTD_c_compressionLevel]: isSmall ? 19 : 12 },
      });
    case "gzip":
      return zlib.gzipSync(bytes, { level: 9 });
  }
}

self.onmessage = ({ data: { bytes, token, isSmall } }) => {
  try {
    const output = new Uint8Array(compress(bytes, token, isSmall));
    self.postMessage(output, [output.buffer]);
  } catch {
    self.postMessage(undefined);
  }
};
`;

interface Job {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly coding: Coding;
  readonly resolve: (output: Uint8Array<ArrayBuffer> | undefined) => void;
}

/** Compresses in the background, in the order of asking. */
export class Compressor {
  readonly #queue: Job[] = [];
  readonly #workers = new Set<CompressionWorker>();
  readonly #idle: CompressionWorker[] = [];

  /** Whether so much waits already that nothing more should be asked for. */
  get isBusy(): boolean {
    return this.#queue.length >= QUEUE_MAX;
  }

  /**
   * The content with the coding; undefined when it cannot be made. The bytes are taken away from the
   * caller. Never rejects.
   */
  compress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return new Promise((resolve) => {
      this.#queue.push({ bytes, coding, resolve });
      this.#work();
    });
  }

  /** Ends the workers; what is under way or waits is given up. */
  close(): void {
    for (const { resolve } of this.#queue.splice(0)) resolve(undefined);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
    this.#idle.length = 0;
  }

  #work(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? this.#hire();
    if (worker === undefined) return;
    const { bytes, coding, resolve } = this.#queue.shift()!;
    worker.compress(bytes, coding).then((output) => {
      resolve(output);
      this.#rest(worker);
      this.#work();
    });
  }

  #hire(): CompressionWorker | undefined {
    if (this.#workers.size >= WORKERS_MAX) return undefined;
    const worker = new CompressionWorker();
    this.#workers.add(worker);
    return worker;
  }

  #rest(worker: CompressionWorker): void {
    if (!this.#workers.has(worker)) return;
    if (worker.isBroken) return this.#dismiss(worker);
    this.#idle.push(worker);
    worker.atRest(IDLE_MS, () => this.#dismiss(worker));
  }

  #dismiss(worker: CompressionWorker): void {
    this.#workers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index !== -1) this.#idle.splice(index, 1);
    worker.end();
  }
}

/** One worker: one compression after the other. */
class CompressionWorker {
  /** Whether it has failed and must not be used again. */
  isBroken = false;
  readonly #worker: Worker;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: Job["resolve"] = () => {};

  constructor() {
    const source = new Blob([WORKER_SOURCE], { type: "text/javascript" });
    const url = URL.createObjectURL(source);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.isBroken = true;
      this.#resolve(undefined);
    };
  }

  compress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    clearTimeout(this.#timer);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const isSmall = bytes.length <= STRONGEST_BYTES_MAX;
      const message = { bytes, token: coding.token, isSmall };
      this.#worker.postMessage(message, [bytes.buffer]);
    });
  }

  /** Calls back when it has had nothing to do for so many ms. */
  atRest(ms: number, callback: () => void): void {
    this.#timer = setTimeout(callback, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    this.#resolve(undefined);
  }
}
