/**
 * Exchange → a line of the access log, in the Common Log Format, written in
 * batches so that logging costs little, and never holding up an answer.
 *
 * @module
 */

import type { Exchange } from "./exchange.ts";
import type { ByteSink } from "./output.ts";

/** How long a line waits for others, in ms. */
const BATCH_MS = 100;

/** Most bytes that wait while the reader of the log is slow; further lines are dropped and counted. */
export const BACKLOG_BYTES_MAX: number = 4 * 1024 * 1024;

/** Batches lines into writes. */
export class AccessLog {
  readonly #sink: ByteSink;
  readonly #report: (error: unknown) => void;
  #lines: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;

  /** A log that writes to the sink, and reports when it cannot. */
  constructor(sink: ByteSink, report: (error: unknown) => void) {
    this.#sink = sink;
    this.#report = report;
  }

  /** Adds the line of one exchange. */
  readonly record = (exchange: Exchange): void => {
    this.append(commonLogLine(exchange));
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

  /** Writes what waits; is fulfilled when it is written, or when that has failed. */
  async close(): Promise<void> {
    await this.#writing;
    this.#flushSoon();
    await this.#writing;
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
    const bytes = new TextEncoder().encode(this.#lines.join(""));
    this.#lines = [];
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#sink.write(bytes.subarray(at));
      }
      if (this.#dropped > 0) {
        this.#report(`${this.#dropped} lines of the access log were dropped`);
        this.#dropped = 0;
      }
    } catch (error) {
      // A log that cannot be written to must not end the server.
      this.#report(error);
    } finally {
      this.#waitingBytes = 0;
      for (const line of this.#lines) this.#waitingBytes += line.length;
    }
  }
}

/** One line: host ident authuser [date] "request-line" status bytes. */
export function commonLogLine(exchange: Exchange): string {
  const { remote, time, requestLine, status, bodyBytes } = exchange;
  const request = requestLine === undefined ? "-" : escaped(requestLine);
  const bytes = bodyBytes === 0 ? "-" : bodyBytes;
  return `${remote} - - [${logDate(time)}] "${request}" ${status} ${bytes}\n`;
}

// deno-lint-ignore no-control-regex
const UNSAFE = /[\0-\x1f"\\\x7f-\xff]/g;

/** What a client sends must not end the field or the line it stands in, nor reach a terminal as a control sequence. */
function escaped(text: string): string {
  // Nearly every line is safe, and a search that finds nothing is quicker than a replacement.
  if (text.search(UNSAFE) === -1) return text;
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${code}`;
  });
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The date of the last line: lines come in thousands a second. */
let dateSecond = -1;
let dateText = "";

/** 20/Nov/2026:07:12:55 +0000: always UTC, so that lines of several machines sort. */
function logDate(time: number): string {
  const second = Math.floor(time / 1000);
  if (second === dateSecond) return dateText;
  const iso = new Date(time).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1];
  dateSecond = second;
  dateText = `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:` +
    `${iso.slice(11, 19)} +0000`;
  return dateText;
}
