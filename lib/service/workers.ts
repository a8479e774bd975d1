/**
 * One process, several isolates on one port: the main isolate's side. Each
 * worker listens for itself and the system spreads the connections over them;
 * this side starts the workers, replaces those that die, and stops them.
 *
 * @module
 */

import { AccessLog } from "../observe/access_log.ts";
import type { ByteSink } from "../observe/line_writer.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import type { Plan } from "./plan.ts";
import type { TerminalLook } from "./terminal.ts";
import type { ListenAddress, WorkerCommand, WorkerMessage } from "./worker.ts";

/** First pause before a dead worker is replaced, in ms; doubles with every death in a row. */
const RESTART_MS_MIN = 100;

/** Longest such pause, in ms. */
const RESTART_MS_MAX = 10_000;

/** A worker that ran for this long restarts without back-off, in ms. */
const HEALTHY_MS = 60_000;

/** How long a worker may take to stop beyond the time for its replies, in ms. Then it is terminated. */
const STOP_MS = 1_000;

/** What {@linkcode Workers} need. */
export interface WorkersDeps {
  /** Where the workers listen. */
  readonly address: ListenAddress;
  /** Problems of the site's rules: the main isolate reports them, and the workers do not repeat them. */
  readonly warnings: readonly string[];
  /** Starts an isolate that calls {@linkcode runWorker}. */
  readonly spawn: () => Worker;
  /** Where the access logs of all workers go. */
  readonly logSink: ByteSink;
  /** The terminal that shows them; undefined if programs read them. */
  readonly logLook?: TerminalLook | undefined;
  /** Receives warnings as texts, and errors. */
  readonly report: (error: unknown) => void;
  /** Called with the number of a worker that has died. */
  readonly onDeath?: ((index: number) => void) | undefined;
}

/** A numbered slot for a worker, which another takes over when it dies. */
interface WorkerSlot {
  readonly index: number;
  worker: Worker | undefined;
  startedAt: number;
  pause: number;
  wasReady: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Serves a plan in several isolates. Used like a {@linkcode Service}, which serves in one. */
export class Workers {
  /** Problems of the site's rules, one sentence each. */
  readonly warnings: readonly string[];
  /** Resolves when every worker has accepted connections once, or when all have ended. */
  readonly ready: Promise<void>;
  /** Resolves when all workers have ended after {@linkcode Workers.stop} and the log is written. */
  readonly ended: Promise<void>;
  readonly #deps: WorkersDeps;
  readonly #log: AccessLog;
  readonly #decoder = new TextDecoder();
  readonly #slots: WorkerSlot[];
  readonly #allReady = Promise.withResolvers<void>();
  readonly #allEnded = Promise.withResolvers<void>();
  #plan: Plan;
  #isDraining = false;
  #isStopping = false;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  /** Starts as many workers as the plan has isolates. */
  constructor(plan: Plan, deps: WorkersDeps) {
    this.#plan = plan;
    this.#deps = deps;
    this.#log = new AccessLog(
      deps.logSink,
      { format: () => "" },
      deps.report,
    );
    this.warnings = deps.warnings;
    const allEnded = this.#allEnded.promise;
    this.ready = Promise.race([this.#allReady.promise, allEnded]);
    this.ended = allEnded.then(() => this.#log.close());
    this.#slots = Array.from({ length: plan.isolates }, (_, index) => ({
      index,
      worker: undefined,
      startedAt: 0,
      pause: RESTART_MS_MIN,
      wasReady: false,
      timer: undefined,
    }));
    for (const slot of this.#slots) this.#start(slot);
  }

  /** Makes all workers, and those that replace them, serve another plan. */
  reload(plan: Plan): void {
    this.#plan = plan;
    this.#post({ kind: "reload", plan });
  }

  /** Makes all workers, and those that replace them, use another key pair. */
  renew(keyPair: KeyPair): void {
    this.#plan = { ...this.#plan, keyPair };
    this.#post({ kind: "renew", keyPair });
  }

  /** Turns the access log off, or on again. Returns whether it is on now. */
  toggleLog(): boolean {
    if (this.#plan.options.log === "off") return false;
    return this.#log.isOn = !this.#log.isOn;
  }

  /** Reloads all live pages. */
  reloadAll(): void {
    this.#post({ kind: "reloadAll" });
  }

  /** Makes every reply the last of its connection, in all workers. */
  drain(): void {
    this.#isDraining = true;
    this.#post({ kind: "drain" });
  }

  /**
   * Stops accepting in all workers, and gives the replies in progress `graceMs` milliseconds.
   * Terminates a worker that does not report in time that it has stopped.
   */
  stop(graceMs: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const slot of this.#slots) clearTimeout(slot.timer);
    this.#post({ kind: "stop", graceMs });
    this.#stopTimer = setTimeout(() => {
      for (const slot of this.#slots) this.#terminate(slot);
      this.#endIfDone();
    }, graceMs + STOP_MS);
    this.#endIfDone();
  }

  #post(command: WorkerCommand): void {
    for (const { worker } of this.#slots) worker?.postMessage(command);
  }

  #start(slot: WorkerSlot): void {
    const worker = this.#deps.spawn();
    slot.worker = worker;
    slot.startedAt = Date.now();
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      this.#receive(slot, data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#replace(slot, worker, event.message);
    };
    const command: WorkerCommand = {
      kind: "start",
      index: slot.index,
      address: this.#deps.address,
      logLook: this.#deps.logLook,
      plan: this.#plan,
    };
    worker.postMessage(command);
    if (this.#isDraining) worker.postMessage({ kind: "drain" });
  }

  #receive(slot: WorkerSlot, message: WorkerMessage): void {
    switch (message.kind) {
      case "ready":
        slot.wasReady = true;
        if (this.#slots.every(({ wasReady }) => wasReady)) {
          this.#allReady.resolve();
        }
        return;
      case "log":
        return this.#log.append(this.#decoder.decode(message.bytes));
      case "report":
        return this.#deps.report(`Worker ${slot.index}: ${message.text}`);
      case "stopped":
        this.#terminate(slot);
        return this.#endIfDone();
    }
  }

  #terminate(slot: WorkerSlot): void {
    slot.worker?.terminate();
    slot.worker = undefined;
  }

  /** Replaces a worker that has died, after a pause. The others keep serving. */
  #replace(slot: WorkerSlot, worker: Worker, reason: string): void {
    if (slot.worker !== worker) return;
    this.#terminate(slot);
    this.#deps.onDeath?.(slot.index);
    if (this.#isStopping) return this.#endIfDone();
    if (Date.now() - slot.startedAt > HEALTHY_MS) slot.pause = RESTART_MS_MIN;
    this.#deps.report(
      `Worker ${slot.index} died, and will be replaced in ${slot.pause} ms: ${reason}`,
    );
    slot.timer = setTimeout(() => this.#start(slot), slot.pause);
    slot.pause = Math.min(2 * slot.pause, RESTART_MS_MAX);
  }

  #endIfDone(): void {
    if (!this.#isStopping) return;
    if (this.#slots.every(({ worker }) => worker === undefined)) {
      clearTimeout(this.#stopTimer);
      this.#allEnded.resolve();
    }
  }
}
