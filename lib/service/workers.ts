/**
 * One process, several isolates on one port: the supervisor's side. Each worker
 * listens for itself and the system spreads the connections; here they are
 * started, started again when they die, and stopped together.
 *
 * @module
 */

/** First pause before a dead worker is replaced, in ms; it doubles with every death in a row. */
const RESTART_MS_MIN = 100;

/** Longest such pause, in ms. */
const RESTART_MS_MAX = 10_000;

/** A worker that lived for so many ms has died of something new. */
const HEALTHY_MS = 60_000;

/** How much longer than for its replies a worker may take to stop, in ms; then it is ended. */
const STOP_MS = 1_000;

/** What the supervisor tells a worker. */
export type WorkerCommand<Task> =
  | { readonly kind: "serve"; readonly index: number; readonly task: Task }
  | { readonly kind: "update"; readonly task: Task }
  | { readonly kind: "drain" }
  | { readonly kind: "stop"; readonly graceMs: number };

/** What a worker tells the supervisor. */
export type WorkerMessage =
  /** It accepts connections. */
  | { readonly kind: "ready" }
  /** Bytes for the access log: whole lines. */
  | { readonly kind: "log"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Something for the error log. */
  | { readonly kind: "report"; readonly text: string }
  /** It has stopped as it was told to. */
  | { readonly kind: "stopped" };

/** How workers are supervised. */
export interface WorkersOptions<Task> {
  /** How many there are to be. */
  readonly count: number;
  /** Starts an isolate that waits for orders. */
  readonly spawn: () => Worker;
  /** What each is to do. */
  readonly task: Task;
  /** Is given what workers write to the access log. */
  readonly log: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Is told of what goes wrong. */
  readonly report: (text: string) => void;
  /** Is told that the worker of a number has died. */
  readonly onDeath?: ((index: number) => void) | undefined;
}

/** One place in the row of workers, and whoever holds it now. */
interface WorkerSlot {
  readonly index: number;
  worker: Worker | undefined;
  startedAt: number;
  pause: number;
  wasReady: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Starts, replaces and stops workers. */
export class Workers<Task> {
  readonly #options: WorkersOptions<Task>;
  #task: Task;
  #isDraining = false;
  readonly #places: WorkerSlot[];
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isStopping = false;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the workers. */
  constructor(options: WorkersOptions<Task>) {
    this.#options = options;
    this.#task = options.task;
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      index,
      worker: undefined,
      startedAt: 0,
      pause: RESTART_MS_MIN,
      wasReady: false,
      timer: undefined,
    }));
    for (const place of this.#places) this.#start(place);
  }

  /** Is fulfilled when every worker has become ready once. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Is fulfilled when all workers have ended after {@linkcode Workers.stop}. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Gives all workers another task in place of theirs, and those to come. */
  update(task: Task): void {
    this.#task = task;
    this.#tell({ kind: "update", task });
  }

  /** Tells all workers to make each reply the last of its connection. */
  drain(): void {
    this.#isDraining = true;
    this.#tell({ kind: "drain" });
  }

  #tell(order: WorkerCommand<Task>): void {
    for (const { worker } of this.#places) worker?.postMessage(order);
  }

  /**
   * Tells all workers to stop: no new connections, and so many ms for replies that are being made.
   * A worker that does not say in time that it has stopped is ended.
   */
  stop(graceMs: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const place of this.#places) clearTimeout(place.timer);
    this.#tell({ kind: "stop", graceMs });
    this.#stopTimer = setTimeout(() => {
      for (const place of this.#places) this.#end(place);
      this.#endIfDone();
    }, graceMs + STOP_MS);
    this.#endIfDone();
  }

  #start(place: WorkerSlot): void {
    const worker = this.#options.spawn();
    place.worker = worker;
    place.startedAt = Date.now();
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      this.#hear(place, data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#replace(place, worker, event.message);
    };
    const { index } = place;
    const order: WorkerCommand<Task> = {
      kind: "serve",
      index,
      task: this.#task,
    };
    worker.postMessage(order);
    if (this.#isDraining) worker.postMessage({ kind: "drain" });
  }

  #hear(place: WorkerSlot, news: WorkerMessage): void {
    switch (news.kind) {
      case "ready":
        place.wasReady = true;
        if (this.#places.every(({ wasReady }) => wasReady)) {
          this.#ready.resolve();
        }
        return;
      case "log":
        return this.#options.log(news.bytes);
      case "report":
        return this.#options.report(`Worker ${place.index}: ${news.text}`);
      case "stopped":
        this.#end(place);
        return this.#endIfDone();
    }
  }

  #end(place: WorkerSlot): void {
    place.worker?.terminate();
    place.worker = undefined;
  }

  /** A worker has died; the others go on, and another takes its place after a pause. */
  #replace(place: WorkerSlot, worker: Worker, reason: string): void {
    if (place.worker !== worker) return;
    this.#end(place);
    this.#options.onDeath?.(place.index);
    if (this.#isStopping) return this.#endIfDone();
    if (Date.now() - place.startedAt > HEALTHY_MS) place.pause = RESTART_MS_MIN;
    this.#options.report(
      `Worker ${place.index} has died and is replaced in ${place.pause} ms: ${reason}`,
    );
    place.timer = setTimeout(() => this.#start(place), place.pause);
    place.pause = Math.min(2 * place.pause, RESTART_MS_MAX);
  }

  #endIfDone(): void {
    if (!this.#isStopping) return;
    if (this.#places.every(({ worker }) => worker === undefined)) {
      clearTimeout(this.#stopTimer);
      this.#ended.resolve();
    }
  }
}
