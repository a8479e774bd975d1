/**
 * Writes lines to a stream that may be slow, full or closed: in batches,
 * without blocking the caller, and in bounded memory.
 *
 * @module
 */

import { LF } from "../http/ascii.ts";
import { errorMessage } from "./error_text.ts";

/** A stream of bytes. */
export interface ByteSink {
  /** Writes some of the bytes and resolves with their number. They must not change until then. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How long {@linkcode LineWriter.close} waits for a slow reader, in ms. */
const CLOSE_MS = 2_000;

/** How a {@linkcode LineWriter} writes, and what it calls when it cannot. */
export interface LineWriterOptions {
  /** Takes the bytes. */
  readonly sink: ByteSink;
  /** How long a line waits for others, in ms. */
  readonly batchMs: number;
  /** Most characters that wait while the sink takes nothing. Further lines are dropped and counted. */
  readonly backlogMax: number;
  /** Called each time the sink fails, with the reason; undefined if there is no other place to report it to. */
  readonly onFailure?: (reason: string) => void;
  /** Called when the sink takes lines again, and at the end, with the number of lines dropped since the last call. */
  readonly onDropped: (count: number) => void;
}

/** Says how many lines were dropped: "1 line of the log was dropped" with " of the log" as `what`. */
export function droppedText(count: number, what: string = ""): string {
  return count === 1
    ? `1 line${what} was dropped`
    : `${count} lines${what} were dropped`;
}

/** Batches lines into writes. One write is in progress at a time, and no caller waits for it. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #lines: string[] = [];
  #waiting = 0;
  /** Lines that found no room or that the sink did not take, and that were not reported yet. */
  #dropped = 0;
  /** Whether the sink has taken only a part of the last line. */
  #isTorn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  /** A writer that has nothing to write yet. */
  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Adds whole lines, or drops and counts them if too many wait already. Never throws, never blocks. */
  append(lines: string): void {
    if (this.#waiting + lines.length > this.#options.backlogMax) {
      this.#dropped += lines.split("\n").length - 1;
      return;
    }
    this.#lines.push(lines);
    this.#waiting += lines.length;
    this.#flushLater();
  }

  /** Writes what waits. Resolves with true when that is written or has failed, with false after two seconds. */
  async close(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), CLOSE_MS);
    });
    const isInTime = await Promise.race([this.#writeLast(), late]);
    clearTimeout(timer);
    return isInTime;
  }

  /** Reports the number of dropped lines, unless it is 0 or was reported already. */
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
      // A successful write may report dropped lines through this same writer.
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
    // Ends a line that was cut off, or it would run into the next one.
    const start = this.#isTorn ? "\n" : "";
    const bytes = new TextEncoder().encode(start + this.#lines.join(""));
    this.#lines = [];
    let at = 0;
    try {
      while (at < bytes.length) {
        const count = await this.#options.sink.write(bytes.subarray(at));
        // Retrying at once would block everything else.
        if (count === 0) throw new Error("nothing was taken");
        at += count;
      }
      this.reportDropped();
    } catch (error) {
      // A failing stream must not end the server, and later there may be room on the disk again.
      const from = Math.max(at, start.length);
      for (let i = from; i < bytes.length; i++) {
        if (bytes[i] === LF) this.#dropped++;
      }
      this.#options.onFailure?.(errorMessage(error));
    } finally {
      if (at > 0) this.#isTorn = bytes[at - 1] !== LF;
      this.#waiting = 0;
      for (const line of this.#lines) this.#waiting += line.length;
    }
  }
}
