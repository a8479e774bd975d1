/**
 * Stopping: what an operator who stops the program is told while that takes
 * longer than a moment, and what a second signal costs.
 *
 * @module
 */

import type { Phase } from "../observe/metric_layout.ts";
import { readConnections } from "../observe/metrics.ts";

/** How long something may take without a word, in ms. */
const SILENT_MS = 200;

/** The exit code of a program that was ended in the middle of something: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

const HINT = "a second Ctrl-C ends at once";

/** How many connections are in each phase. */
export type PhaseCounts = Readonly<Record<Phase, number>>;

/** What connections wait for when the program is to end, in words. */
export function waitedFor(counts: PhaseCounts): string {
  const { head, body, waiting, reply, linger } = counts;
  const parts = [
    counted(waiting + reply, "reply", "replies"),
    counted(head + body, "request", "requests"),
    counted(linger, "client to close", "clients to close"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "the log to be written" : parts.join(", ");
}

function counted(count: number, one: string, many: string): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

/** Tells what the end of the program waits for. */
export class Stopping {
  readonly #figures: SharedArrayBuffer;
  readonly #say: (text: string) => void;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  /** `figures` are those of all isolates; `say` gets whole lines. */
  constructor(figures: SharedArrayBuffer, say: (text: string) => void) {
    this.#figures = figures;
    this.#say = say;
  }

  /** A signal has come. Connections are accepted for `drain` s; then `stop` is called, and replies may take `graceMs`. */
  begin(
    drain: number,
    graceMs: number,
    stop: (graceMs: number) => void,
  ): void {
    setTimeout(() => stop(graceMs), 1000 * drain);
    if (drain > 0) {
      this.#later(SILENT_MS, () => {
        return `Draining for ${drain} s, connections are still accepted`;
      });
    }
    this.#later(1000 * drain + SILENT_MS, () => {
      const what = waitedFor(readConnections(this.#figures));
      return `Waiting for ${what}, at most ${graceMs / 1000} s`;
    });
  }

  /** The exit code where a second signal ends the program now: 0 when no reply and no request is lost with it, else 130. */
  exitCode(): number {
    const { head, body, waiting, reply } = readConnections(this.#figures);
    return head + body + waiting + reply === 0 ? 0 : INTERRUPTED;
  }

  /** Everything has ended: nothing more is said. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #later(ms: number, text: () => string): void {
    const say = () => this.#say(`${text()} (${HINT})\n`);
    this.#timers.push(setTimeout(say, ms));
  }
}
