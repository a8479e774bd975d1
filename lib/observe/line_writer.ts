/**
 * Writes lines to a stream that may be slow, full or gone: in batches, without
 * making the caller wait, and within a bound of memory.
 *
 * @module
 */

import { LF } from "../http/ascii.ts";
import { errorMessage } from "./error_text.ts";

/** A stream that bytes can be written to. */
export interface ByteSink {
  /** Writes some of the bytes and tells how many; they must not change before it does. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How long the end waits for a reader that is slow or stands still, in ms. */
const CLOSE_MS = 2_000;

/** How a {@linkcode LineWriter} writes, and whom it tells of what it could not write. */
export interface LineWriterOptions {
  /** Takes the bytes. */
  readonly sink: ByteSink;
  /** How long a line waits for others, in ms. */
  readonly batchMs: number;
  /** Most characters that wait while the sink takes nothing; further lines are dropped and counted. */
  readonly backlogMax: number;
  /** Called each time the sink fails, receives the reason. */
  readonly onFailure: (reason: string) => void;
  /** Called when the sink takes lines again, and at the end, with the number of lines that were dropped since the last call. */
  readonly onDropped: (count: number) => void;
}

/** Batches lines into writes. One write is under way at a time, and no caller waits for it. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #lines: string[] = [];
  #waiting = 0;
  /** Lines that found no room, or that the sink has not taken, and that were not reported yet. */
  #dropped = 0;
  /** Whether the last thing that the sink took was a part of a line. */
  #isTorn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  /** A writer that has nothing to write yet. */
  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Adds whole lines, or drops and counts them when too many wait already. Never throws, never blocks. */
  append(lines: string): void {
    if (this.#waiting + lines.length > this.#options.backlogMax) {
      this.#dropped += lines.split("\n").length - 1;
      return;
    }
    this.#lines.push(lines);
    this.#waiting += lines.length;
    this.#flushLater();
  }

  /** Writes what waits. Resolves when it is written or has failed: true; or when that takes longer than two seconds: false. */
  async close(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), CLOSE_MS);
    });
    const isInTime = await Promise.race([this.#writeLast(), late]);
    clearTimeout(timer);
    return isInTime;
  }

  /** Reports how many lines were dropped, unless none were or that was reported already. */
  reportDropped(): void {
    const count = this.#dropped;
    if (count === 0) return;
    this.#dropped = 0;
    this.#options.onDropped(count);
  }

  async #writeLast(): Promise<boolean> {
    do {
      await this.#writing;
      this.#flushSoon();
      await this.#writing;
      // A write that succeeds may report what was dropped before, by way of this same writer.
    } while (this.#lines.length > 0);
    return true;
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => this.#flushSoon(), this.#options.batchMs);
  }

  #flushSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    this.#writing = this.#flush().finally(() => {
      this.#writing = undefined;
      if (this.#lines.length > 0) this.#flushLater();
    });
  }

  async #flush(): Promise<void> {
    // A part of a line is ended before the next one, or both would be unreadable.
    const start = this.#isTorn ? "\n" : "";
    const bytes = new TextEncoder().encode(start + this.#lines.join(""));
    this.#lines = [];
    let at = 0;
    try {
      while (at < bytes.length) {
        const count = await this.#options.sink.write(bytes.subarray(at));
        // Trying again at once would keep everything else waiting.
        if (count === 0) throw new Deno.errors.WriteZero("nothing was taken");
        at += count;
      }
      this.reportDropped();
    } catch (error) {
      // A stream that cannot be written to must not end the server; the next lines may find a disk with room.
      const from = Math.max(at, start.length);
      for (let i = from; i < bytes.length; i++) {
        if (bytes[i] === LF) this.#dropped++;
      }
      const reason = errorMessage(error);
      this.#options.onFailure(reason);
    } finally {
      if (at > 0) this.#isTorn = bytes[at - 1] !== LF;
      this.#waiting = 0;
      for (const line of this.#lines) this.#waiting += line.length;
    }
  }
}
