/**
 * Stopping: tells the operator what skiff waits for while it stops, and what a
 * second signal costs.
 *
 * @module
 */

import { counted } from "../http/counts.ts";
import type { Phase } from "../observe/metric_layout.ts";
import { readConnections } from "../observe/metrics.ts";

/** How long a stop may take before skiff says what it waits for, in ms. */
const SILENT_MS = 200;

/** The exit code of a program that was interrupted: 128 plus the number of SIGINT. */
export const INTERRUPTED = 130;

const HINT = "press Ctrl-C again to stop at once";

/** The number of connections in each phase. */
export type PhaseCounts = Readonly<Record<Phase, number>>;

/** Describes what connections wait for while skiff stops. */
export function waitedFor(counts: PhaseCounts): string {
  const { head, body, waiting, reply, linger } = counts;
  const parts = [
    [waiting + reply, "reply", "replies"],
    [head + body, "request", "requests"],
    [linger, "client to close", "clients to close"],
  ] as const;
  const texts = parts.filter(([count]) => count > 0)
    .map(([count, one, many]) => counted(count, one, many));
  return texts.length === 0 ? "the log to be written" : texts.join(", ");
}

/** Tells the operator what a stop waits for. */
export class Stopping {
  readonly #metrics: SharedArrayBuffer;
  readonly #say: (text: string) => void;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  /** `metrics` are those of all isolates; `say` prints whole lines. */
  constructor(metrics: SharedArrayBuffer, say: (text: string) => void) {
    this.#metrics = metrics;
    this.#say = say;
  }

  /** Keeps accepting connections for `drain` seconds, then calls `stop`, which gives replies `graceMs` milliseconds. */
  begin(
    drain: number,
    graceMs: number,
    stop: (graceMs: number) => void,
  ): void {
    setTimeout(() => stop(graceMs), 1000 * drain);
    if (drain > 0) {
      this.#later(SILENT_MS, () => {
        return `Draining for ${drain} s; skiff still accepts connections`;
      });
    }
    this.#later(1000 * drain + SILENT_MS, () => {
      const what = waitedFor(readConnections(this.#metrics));
      return `Waiting for ${what}, at most ${graceMs / 1000} s`;
    });
  }

  /** Returns the exit code of a second signal now: 0 if it loses no request and no reply, else 130. */
  exitCode(): number {
    const { head, body, waiting, reply } = readConnections(this.#metrics);
    return head + body + waiting + reply === 0 ? 0 : INTERRUPTED;
  }

  /** Ends the announcements: everything has stopped. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #later(ms: number, text: () => string): void {
    const say = () => this.#say(`${text()} (${HINT})\n`);
    this.#timers.push(setTimeout(say, ms));
  }
}
