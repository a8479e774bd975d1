/**
 * Diagnostics: warnings and errors for the operator, in one format. Repeated
 * ones are held back.
 *
 * @module
 */

import { errorDetails } from "./error_text.ts";
import { printable } from "../http/printable.ts";

/** How many reports of the same cause are written in a row. */
export const BURST = 3;

/** How long the cause is held back after that, in ms; also how long until one more report of the burst is free. */
export const PAUSE_MS = 10_000;

/** Most causes to keep track of. The one reported longest ago is dropped first. */
export const CAUSES_MAX = 100;

/** Longest text of a report, in characters. The rest is cut off. */
const TEXT_MAX = 8192;

/** Longest name of a cause, in characters. */
const CAUSE_MAX = 200;

/** How serious a report is. */
type Level = "warning" | "error";

/** What is known of a cause. */
interface Cause {
  readonly level: Level;
  /** When the whole burst is free again, in ms. */
  freeAt: number;
  /** How many reports were held back since the last one was written. */
  held: number;
  /** The text of the last one. */
  text: string;
}

/** Writes `skiff: warning: …` and `skiff: error: …`, each line of a text with this prefix. */
export class Diagnostics {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  /** By level and name, the one reported longest ago first. */
  readonly #causes = new Map<string, Cause>();

  /** `write` gets whole lines and must not throw. `now` is any clock in ms; it may jump. */
  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** Reports a problem that the operator should know about and that the server survives. */
  warn(cause: string, text: string): void {
    this.#report("warning", cause, text);
  }

  /** Reports a failure. */
  error(cause: string, error: unknown): void {
    this.#report("error", cause, errorDetails(error));
  }

  /** Reports a string as a warning and anything else as an error. Works out the cause. */
  readonly report = (error: unknown): void => {
    if (typeof error === "string") this.warn(causeOf(error), error);
    else this.error(causeOf(error), error);
  };

  /** Writes reports that were held back long enough. Call it regularly, or the last reports of a cause never appear. */
  sweep(): void {
    const now = this.#now();
    for (const cause of this.#causes.values()) {
      if (cause.held > 0 && take(cause, now)) this.#writeHeld(cause);
    }
  }

  /** Writes all reports that were held back. Call it at the end. */
  flush(): void {
    for (const cause of this.#causes.values()) {
      if (cause.held > 0) this.#writeHeld(cause);
    }
  }

  #report(level: Level, name: string, text: string): void {
    const cause = this.#remember(level, `${level} ${name.slice(0, CAUSE_MAX)}`);
    cause.held++;
    cause.text = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
    if (take(cause, this.#now())) this.#writeHeld(cause);
  }

  /** Returns the cause with this key, as the one reported last. */
  #remember(level: Level, key: string): Cause {
    const cause = this.#causes.get(key) ??
      { level, freeAt: -Infinity, held: 0, text: "" };
    this.#causes.delete(key);
    if (this.#causes.size === CAUSES_MAX) {
      const [oldest, forgotten] = this.#causes.entries().next().value!;
      if (forgotten.held > 0) this.#writeHeld(forgotten);
      this.#causes.delete(oldest);
    }
    this.#causes.set(key, cause);
    return cause;
  }

  #writeHeld(cause: Cause): void {
    const { level, held, text } = cause;
    const lines = text.trimEnd().split("\n").map((line) => printable(line));
    if (held > 1) lines[0] += ` (and ${held - 1} more like it)`;
    cause.held = 0;
    cause.text = "";
    this.#write(lines.map((line) => `skiff: ${level}: ${line}\n`).join(""));
  }
}

/** Whether a report of the cause may be written now; if so, uses up one of its burst. */
function take(cause: Cause, now: number): boolean {
  // A clock that was set back must not hold reports until the old time.
  const freeAt = Math.min(cause.freeAt, now + BURST * PAUSE_MS);
  const isFree = freeAt - now <= (BURST - 1) * PAUSE_MS;
  cause.freeAt = isFree ? Math.max(freeAt, now) + PAUSE_MS : freeAt;
  return isFree;
}

/**
 * Names the cause of an error so that few names come from one place: class, code and first stack frame of the
 * program. For a string: the first frame if it has one, otherwise its first line with all numbers alike. The message
 * of an error is no part of the name, because clients may influence it.
 */
export function causeOf(error: unknown): string {
  if (error instanceof Error) {
    const { name, message, stack = "" } = error;
    const code = "code" in error && typeof error.code === "string"
      ? ` ${error.code}`
      : "";
    const frames = stack.slice(stack.indexOf(message) + message.length);
    return `${name}${code} ${frameOf(frames)}`.trim();
  }
  const text = errorDetails(error).slice(0, TEXT_MAX);
  return frameOf(text) || text.split("\n", 1)[0]!.replaceAll(/[0-9]+/g, "0");
}

/**
 * The first frame of a stack that is in the program, otherwise the first one in the runtime; empty without frames.
 * Column and `async` are left out, because they differ between runs of the same line.
 */
function frameOf(stack: string): string {
  let first = "";
  for (const [, frame = ""] of stack.matchAll(/^ +at (?:async )?(.*)$/gm)) {
    const place = frame.replace(/:[0-9]+(?=\)?$)/, "");
    if (!/\b(?:ext|node):/.test(place)) return place;
    first ||= place;
  }
  return first;
}
