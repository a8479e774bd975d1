/**
 * Lines of the access log, written in batches so that logging costs little,
 * never holding up an answer, and never ending the server.
 *
 * @module
 */

import { LF } from "../http/ascii.ts";
import type { Exchange } from "./exchange.ts";
import type { ByteSink } from "./output.ts";

/** How long a line waits for others, in ms. */
const BATCH_MS = 100;

/** Most bytes that wait while the reader of the log is slow; further lines are dropped and counted. */
export const BACKLOG_BYTES_MAX: number = 4 * 1024 * 1024;

/** How long the end waits for a reader that is slow or stands still, in ms. */
const CLOSE_MS = 2_000;

/** Batches lines into writes. */
export class AccessLog {
  readonly #sink: ByteSink;
  readonly #format: (exchange: Exchange) => string;
  readonly #report: (error: unknown) => void;
  #lines: string[] = [];
  #waitingBytes = 0;
  /** Lines that found no room, or that the sink has not taken, and that nobody was told of yet. */
  #dropped = 0;
  /** Whether the last thing that the sink took was a part of a line. */
  #isTorn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  /**
   * A log that writes to the sink. What the sink fails with is reported each time; how many lines
   * were dropped, as a text, when the sink takes lines again or the log is closed.
   */
  constructor(
    sink: ByteSink,
    format: (exchange: Exchange) => string,
    report: (error: unknown) => void,
  ) {
    this.#sink = sink;
    this.#format = format;
    this.#report = report;
  }

  /** Adds the line of one exchange. */
  readonly record = (exchange: Exchange): void => {
    this.append(this.#format(exchange));
  };

  /** Adds whole lines. */
  append(lines: string): void {
    if (this.#waitingBytes + lines.length > BACKLOG_BYTES_MAX) {
      this.#dropped += lines.split("\n").length - 1;
      return;
    }
    this.#lines.push(lines);
    this.#waitingBytes += lines.length;
    this.#timer ??= setTimeout(() => this.#flushSoon(), BATCH_MS);
  }

  /** Writes what waits; is fulfilled when it is written, when that has failed, or when it takes too long. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), CLOSE_MS);
    });
    const isLate = await Promise.race([this.#writeLast(), late]);
    clearTimeout(timer);
    if (isLate) {
      this.#report("The access log is not read: its last lines are lost");
    }
    this.#reportDropped();
  }

  async #writeLast(): Promise<boolean> {
    await this.#writing;
    this.#flushSoon();
    await this.#writing;
    return false;
  }

  #flushSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    this.#writing = this.#flush().finally(() => {
      this.#writing = undefined;
      if (this.#lines.length > 0) {
        this.#timer ??= setTimeout(() => this.#flushSoon(), BATCH_MS);
      }
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
        const count = await this.#sink.write(bytes.subarray(at));
        // Trying again at once would keep everything else waiting.
        if (count === 0) throw new Deno.errors.WriteZero("nothing was taken");
        at += count;
      }
      this.#reportDropped();
    } catch (error) {
      // A log that cannot be written to must not end the server; the next lines may find a disk with room.
      const from = Math.max(at, start.length);
      for (let i = from; i < bytes.length; i++) {
        if (bytes[i] === LF) this.#dropped++;
      }
      const reason = error instanceof Error ? error.message : String(error);
      this.#report(`The access log cannot be written: ${reason}`);
    } finally {
      if (at > 0) this.#isTorn = bytes[at - 1] !== LF;
      this.#waitingBytes = 0;
      for (const line of this.#lines) this.#waitingBytes += line.length;
    }
  }

  #reportDropped(): void {
    const count = this.#dropped;
    if (count === 0) return;
    this.#dropped = 0;
    const lines = count === 1 ? "1 line" : `${count} lines`;
    const were = count === 1 ? "was" : "were";
    this.#report(`${lines} of the access log ${were} dropped`);
  }
}
