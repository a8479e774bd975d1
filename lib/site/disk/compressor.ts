/**
 * Compresses off the main thread. The runtime's asynchronous compression blocks
 * the event loop (measured), so this uses workers.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { zstdFrameLength } from "../content/zstd_frame.ts";
import { startSourceWorker } from "./source_worker.ts";
import workerSource from "./compressor_worker.js" with { type: "text" };

/** Most compressions at a time. */
export const WORKERS_MAX = 2;

/** An idle worker ends after this many milliseconds, which frees its memory. */
const IDLE_MS = 5_000;

/** Content up to this many bytes gets the strongest compression; for more it would take too long. */
const STRONGEST_BYTES_MAX = 128 * 1024;

interface Job {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly coding: Coding;
  /** Most bytes of the decoded content; undefined to compress. */
  readonly bytesMax: number | undefined;
  readonly onBegin: () => void;
  readonly resolve: (output: Uint8Array<ArrayBuffer> | undefined) => void;
}

/** Options of a compressor. */
export interface CompressorOptions {
  readonly workers?: number;
  /** Content up to this many bytes gets the strongest compression. */
  readonly strongestBytesMax?: number;
}

/** Compresses in the background, first come, first served. */
export class Compressor {
  readonly #workersMax: number;
  readonly #strongestBytesMax: number;
  readonly #queue: Job[] = [];
  readonly #workers = new Set<CompressionWorker>();
  readonly #idle: CompressionWorker[] = [];
  #isClosed = false;

  constructor(
    {
      workers = WORKERS_MAX,
      strongestBytesMax = STRONGEST_BYTES_MAX,
    }: CompressorOptions = {},
  ) {
    this.#workersMax = workers;
    this.#strongestBytesMax = strongestBytesMax;
  }

  /**
   * Compresses content; undefined if that fails. Takes the bytes away from the caller. Calls `onBegin` when a worker
   * starts. Never rejects; does nothing after {@linkcode close}.
   */
  compress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
    onBegin: () => void = () => {},
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#do(bytes, coding, undefined, onBegin);
  }

  /**
   * Decodes content; undefined if it has another coding, is cut, has other bytes after it, or exceeds `bytesMax`
   * bytes. Otherwise like {@linkcode compress}.
   */
  decompress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
    bytesMax: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // The runtime's decoder accepts data without its end.
    const isWhole = coding.token !== "zstd" ||
      zstdFrameLength(bytes) === bytes.length;
    if (!isWhole) return Promise.resolve(undefined);
    return this.#do(bytes, coding, bytesMax, () => {});
  }

  #do(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
    bytesMax: number | undefined,
    onBegin: () => void,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#queue.push({ bytes, coding, bytesMax, onBegin, resolve });
      this.#work();
    });
  }

  /** Ends the workers and abandons all work. */
  close(): void {
    this.#isClosed = true;
    for (const { resolve } of this.#queue.splice(0)) resolve(undefined);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
    this.#idle.length = 0;
  }

  #work(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? this.#startWorker();
    if (worker === undefined) return;
    const job = this.#queue.shift()!;
    const { onBegin, resolve } = job;
    onBegin();
    worker.do(job).then((output) => {
      resolve(output);
      this.#release(worker);
      this.#work();
    });
  }

  #startWorker(): CompressionWorker | undefined {
    if (this.#workers.size >= this.#workersMax) return undefined;
    const worker: CompressionWorker = new CompressionWorker(
      this.#strongestBytesMax,
      () => this.#endWorker(worker),
    );
    this.#workers.add(worker);
    return worker;
  }

  #release(worker: CompressionWorker): void {
    if (!this.#workers.has(worker)) return;
    this.#idle.push(worker);
    worker.onIdle(() => this.#endWorker(worker));
  }

  #endWorker(worker: CompressionWorker): void {
    this.#workers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index !== -1) this.#idle.splice(index, 1);
    worker.end();
  }
}

/** Does one compression at a time. */
class CompressionWorker {
  readonly #strongestBytesMax: number;
  readonly #worker: Worker;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: Job["resolve"] = () => {};

  /** Calls `onBroken` when it has failed and must not be used again. */
  constructor(strongestBytesMax: number, onBroken: () => void) {
    this.#strongestBytesMax = strongestBytesMax;
    this.#worker = startSourceWorker(workerSource);
    // Some versions of the runtime turn undefined into null on the way here.
    this.#worker.onmessage = ({ data }) => this.#resolve(data ?? undefined);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      onBroken();
    };
  }

  do(
    { bytes, coding, bytesMax }: Job,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    clearTimeout(this.#timer);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const isSmall = bytes.length <= this.#strongestBytesMax;
      const message = { bytes, token: coding.token, isSmall, bytesMax };
      this.#worker.postMessage(message, [bytes.buffer]);
    });
  }

  /** Calls back after {@linkcode IDLE_MS}, unless there is work before. */
  onIdle(callback: () => void): void {
    this.#timer = setTimeout(callback, IDLE_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    this.#resolve(undefined);
  }
}
