/**
 * Warnings and errors for the person who runs the server: one form, and no more
 * of the same than can be read.
 *
 * @module
 */

import { errorDetails } from "./error_text.ts";
import { printable } from "../http/printable.ts";

/** How often the same cause is told in a row. */
export const BURST = 3;

/** How long it is held back after that before it is told again, in ms; and how long until one more of the burst is free. */
export const PAUSE_MS = 10_000;

/** Most causes that are remembered. The one not heard of for longest is forgotten first. */
export const CAUSES_MAX = 100;

/** Longest text of one report, in characters; the rest is left out. */
const TEXT_MAX = 8192;

/** Longest key of a cause, in characters. */
const CAUSE_MAX = 200;

/** How bad it is. */
type Level = "warning" | "error";

/** What is remembered of a cause. */
interface Cause {
  readonly level: Level;
  /** When all of the burst is free again, in ms. */
  freeAt: number;
  /** How many reports were held back since the last one told. */
  held: number;
  /** The last of them. */
  text: string;
}

/** Tells of what goes wrong: `skiff: warning: …`, `skiff: error: …`, each line of a text with its prefix. */
export class Diagnostics {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  /** By level and name, that heard of longest ago first. */
  readonly #causes = new Map<string, Cause>();

  /** Writes whole lines, which must not throw. `now` is any clock in ms; it may jump. */
  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** Something that a person should know of, and that the server copes with. */
  warn(cause: string, text: string): void {
    this.#hear("warning", cause, text);
  }

  /** Something that has failed. */
  error(cause: string, error: unknown): void {
    this.#hear("error", cause, errorDetails(error));
  }

  /** What some part of the server reports: a text is a warning, everything else an error. The cause is found. */
  readonly report = (error: unknown): void => {
    if (typeof error === "string") this.warn(causeOf(error), error);
    else this.error(causeOf(error), error);
  };

  /** Tells what was held back for long enough. To be called now and then: what comes no more is told as well then. */
  sweep(): void {
    const now = this.#now();
    for (const cause of this.#causes.values()) {
      if (cause.held > 0 && take(cause, now)) this.#tellHeld(cause);
    }
  }

  /** Tells everything that was held back. To be called at the end. */
  flush(): void {
    for (const cause of this.#causes.values()) {
      if (cause.held > 0) this.#tellHeld(cause);
    }
  }

  #hear(level: Level, name: string, text: string): void {
    const cause = this.#remember(level, `${level} ${name.slice(0, CAUSE_MAX)}`);
    cause.held++;
    cause.text = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
    if (take(cause, this.#now())) this.#tellHeld(cause);
  }

  /** The cause of a key, which is now that heard of last. */
  #remember(level: Level, key: string): Cause {
    const cause = this.#causes.get(key) ??
      { level, freeAt: -Infinity, held: 0, text: "" };
    this.#causes.delete(key);
    if (this.#causes.size === CAUSES_MAX) {
      const [oldest, forgotten] = this.#causes.entries().next().value!;
      if (forgotten.held > 0) this.#tellHeld(forgotten);
      this.#causes.delete(oldest);
    }
    this.#causes.set(key, cause);
    return cause;
  }

  #tellHeld(cause: Cause): void {
    const { level, held, text } = cause;
    const lines = text.trimEnd().split("\n").map((line) => printable(line));
    if (held > 1) lines[0] += ` (and ${held - 1} more like it)`;
    cause.held = 0;
    cause.text = "";
    this.#write(lines.map((line) => `skiff: ${level}: ${line}\n`).join(""));
  }
}

/** Whether a cause may be told now; then one of its burst is used up. */
function take(cause: Cause, now: number): boolean {
  // When the clock has been set back, nobody is to wait for the old time.
  const freeAt = Math.min(cause.freeAt, now + BURST * PAUSE_MS);
  const isFree = freeAt - now <= (BURST - 1) * PAUSE_MS;
  cause.freeAt = isFree ? Math.max(freeAt, now) + PAUSE_MS : freeAt;
  return isFree;
}

/**
 * A name for where an error comes from, of few that there are for that place: class, code and first
 * stack frame of the program. Of a text, the first frame if there is one, else the first line without regard to
 * numbers. The message of an error has no part in it, because clients may have a part in the message.
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
 * The first place of the program that a stack names, or else of the runtime; empty without one. Without
 * the column, and whether it was waited for: those differ between runs of one and the same line.
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
