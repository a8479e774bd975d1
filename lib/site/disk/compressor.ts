/**
 * Compressing off the main thread. The runtime's own compression, asynchronous
 * in form, does its work on the thread that asks (measured: the event loop
 * stood still for all of it), so it is done in workers.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { parseZstdFrame } from "../content/zstd_frame.ts";

/** Most compressions at a time, unless said otherwise. */
export const WORKERS_MAX = 2;

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
        // Without it zstd prepares for endless input: 230 ms instead of 1.5 ms for 5 KB.
        pledgedSrcSize: bytes.length,
        // Room for the whole output: in several pieces it ends with an empty frame, and takes twice the time.
        chunkSize: bytes.length + (bytes.length >> 7) + 1024,
      });
    case "gzip":
      return zlib.gzipSync(bytes, { level: 9 });
  }
}

// Content that is cut, or has something behind it, is an error, which some decoders do not see themselves.
function decompress(bytes, token, bytesMax) {
  const options = { maxOutputLength: bytesMax };
  switch (token) {
    case "br": {
      // One byte more: all but that byte is used if the data ends where it should, and in no other case.
      const input = new Uint8Array(bytes.length + 1);
      input.set(bytes);
      const { buffer, engine } =
        zlib.brotliDecompressSync(input, { ...options, info: true });
      if (engine.bytesWritten !== bytes.length) throw new Error("not whole");
      return buffer;
    }
    case "zstd":
      return zlib.zstdDecompressSync(bytes, options);
    case "gzip":
      return zlib.gunzipSync(bytes, options);
  }
}

self.onmessage = ({ data: { bytes, token, isSmall, bytesMax } }) => {
  try {
    const output = new Uint8Array(
      bytesMax === undefined || bytesMax === null
        ? compress(bytes, token, isSmall)
        : decompress(bytes, token, bytesMax),
    );
    self.postMessage(output, [output.buffer]);
  } catch {
    self.postMessage(undefined);
  }
};
`;

/** Where a worker finds it. In an executable a worker cannot be made from a blob. */
const WORKER_ADDRESS = `data:text/javascript,${
  encodeURIComponent(WORKER_SOURCE)
}`;

interface Job {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly coding: Coding;
  /** Most bytes of the decoded content; undefined when it is to be compressed. */
  readonly bytesMax: number | undefined;
  readonly onBegin: () => void;
  readonly resolve: (output: Uint8Array<ArrayBuffer> | undefined) => void;
}

/** How a compressor works, where not as a server wants it. */
export interface CompressorOptions {
  /** Most compressions at a time. */
  readonly workers?: number;
  /** Content up to this many bytes is compressed as strongly as can be. */
  readonly strongestBytesMax?: number;
}

/** Compresses in the background, in the order of asking. */
export class Compressor {
  readonly #workersMax: number;
  readonly #strongestBytesMax: number;
  readonly #queue: Job[] = [];
  readonly #workers = new Set<CompressionWorker>();
  readonly #idle: CompressionWorker[] = [];
  #isClosed = false;

  /** A compressor that has nothing to do yet. */
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
   * The content with the coding; undefined when it cannot be made. The bytes are taken away from the
   * caller. `onBegin` is called when a worker takes it up. Never rejects, and makes nothing any more once it is closed.
   */
  compress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
    onBegin: () => void = () => {},
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#do(bytes, coding, undefined, onBegin);
  }

  /**
   * The content without its coding; undefined when it has another one, is cut, has something behind it, or has more
   * bytes than `bytesMax`. Everything else as for {@linkcode compress}.
   */
  decompress(
    bytes: Uint8Array<ArrayBuffer>,
    coding: Coding,
    bytesMax: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // The decoder of the runtime takes an end that is missing for an end.
    const isWhole = coding.token !== "zstd" ||
      parseZstdFrame(bytes)?.length === bytes.length;
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

  /** Ends the workers; what is under way or waits is given up. */
  close(): void {
    this.#isClosed = true;
    for (const { resolve } of this.#queue.splice(0)) resolve(undefined);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
    this.#idle.length = 0;
  }

  #work(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#takeIdle() ?? this.#hire();
    if (worker === undefined) return;
    const job = this.#queue.shift()!;
    const { onBegin, resolve } = job;
    onBegin();
    worker.do(job).then((output) => {
      resolve(output);
      this.#rest(worker);
      this.#work();
    });
  }

  /** A worker that has nothing to do. One that broke while it rested would never answer. */
  #takeIdle(): CompressionWorker | undefined {
    for (;;) {
      const worker = this.#idle.pop();
      if (worker === undefined || !worker.isBroken) return worker;
      this.#dismiss(worker);
    }
  }

  #hire(): CompressionWorker | undefined {
    if (this.#workers.size >= this.#workersMax) return undefined;
    const worker = new CompressionWorker(this.#strongestBytesMax);
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
  readonly #strongestBytesMax: number;
  readonly #worker: Worker;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: Job["resolve"] = () => {};

  constructor(strongestBytesMax: number) {
    this.#strongestBytesMax = strongestBytesMax;
    this.#worker = new Worker(WORKER_ADDRESS, { type: "module" });
    // Some versions of the runtime make null of undefined on its way here.
    this.#worker.onmessage = ({ data }) => this.#resolve(data ?? undefined);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.isBroken = true;
      this.#resolve(undefined);
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
