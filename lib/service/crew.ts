/**
 * Crew: the isolates that serve a task, this one or several others.
 *
 * @module
 */

import type { Listener } from "../server/listener.ts";
import { AccessLog } from "../observe/access_log.ts";
import type { Diagnostics } from "../observe/diagnostics.ts";
import { errorDetails } from "../observe/error_text.ts";
import type { ByteSink } from "../observe/line_writer.ts";
import type { Loopback } from "../server/rounds.ts";
import { type WorkerCommand, type WorkerMessage, Workers } from "./workers.ts";
import { Service, type ServiceDeps } from "./service.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import type { Task } from "./task.ts";

/** Where a task's connections come from. */
export interface TaskListener extends Listener {
  /** Shows another certificate to clients that come from now on; only with TLS. Throws when that is not possible. */
  setKeyPair?(pair: KeyPair): void;
}

/** Opens what a crew needs: only the program's own file listens. */
export interface Ports {
  /** Opens a listener for a task beside others of the process on the same port. */
  readonly listenBeside: (task: Task) => Promise<TaskListener>;
  /** Connects the process with itself; undefined where that is not allowed. */
  readonly openLoopback: () => Promise<Loopback | undefined>;
}

/** The isolates that serve, be it one or many. */
export interface Crew {
  /** What is wrong with rules, a sentence each; of several isolates the first one tells nothing. */
  readonly remarks: readonly string[];
  /** Is fulfilled when all of them accept connections. */
  readonly ready: Promise<void>;
  /** Is fulfilled when all of them have stopped. */
  readonly ended: Promise<void>;
  /** Goes on with another task. Throws when it cannot be followed, and then nothing changes. */
  update(task: Task): void;
  /** Makes every reply from now on the last of its connection. */
  drain(): void;
  /** Accepts no more, and lets replies that are being made finish, for so many ms at most. */
  stop(graceMs: number): void;
}

/** Begins to serve a task in this isolate. Returns the service, and what to do with another task. */
async function serve(
  first: Task,
  listener: TaskListener,
  { openLoopback }: Ports,
  io: Pick<ServiceDeps, "logSink" | "report" | "worker">,
) {
  const loopback = await openLoopback();
  if (loopback === undefined) {
    io.report("Busy connections may hold up others: add --allow-net=127.0.0.1");
  }
  const service = new Service(first.plan, { ...io, listener, loopback });
  let task = first;
  const update = (next: Task) => {
    const isNewPair = next.tlsVersion !== task.tlsVersion;
    if (isNewPair) listener.setKeyPair?.(next.tls!);
    try {
      if (next.planVersion !== task.planVersion) service.reload(next.plan);
    } catch (error) {
      if (isNewPair) listener.setKeyPair?.(task.tls!);
      throw error;
    }
    task = next;
  };
  return { service, update };
}

/** Serves in this isolate, on a listener. */
export async function serveAlone(
  task: Task,
  listener: TaskListener,
  ports: Ports,
  { report }: Pick<Diagnostics, "report">,
): Promise<Crew> {
  const { service, update } = await serve(task, listener, ports, {
    logSink: Deno.stdout,
    report,
    worker: undefined,
  });
  return {
    remarks: service.remarks,
    ready: Promise.resolve(),
    ended: service.ended,
    update,
    drain: () => service.drain(),
    stop: (graceMs) => void service.stop(graceMs),
  };
}

/** What several isolates need. */
export interface WorkersDeps {
  /** Starts an isolate that calls {@linkcode work}. */
  readonly spawn: () => Worker;
  /** Is told of what goes wrong. */
  readonly diagnostics: Pick<Diagnostics, "report">;
  /** Is told that the isolate of a number has died. */
  readonly onDeath: (index: number) => void;
}

/** Serves in several isolates. */
export function serveWithWorkers(
  task: Task,
  { spawn, diagnostics, onDeath }: WorkersDeps,
): Crew {
  const log = new AccessLog(Deno.stdout, () => "", diagnostics.report);
  const decoder = new TextDecoder();
  const workers = new Workers<Task>({
    count: task.plan.isolates,
    task,
    spawn,
    log: (bytes) => log.append(decoder.decode(bytes)),
    report: diagnostics.report,
    onDeath,
  });
  return {
    remarks: [],
    ready: Promise.race([workers.ready, workers.ended]),
    ended: workers.ended.then(() => log.close()),
    update: (next) => workers.update(next),
    drain: () => workers.drain(),
    stop: (graceMs) => workers.stop(graceMs),
  };
}

/** The part of a worker: does what it is told. */
export function work(scope: WorkerScope, ports: Ports): void {
  const tell = (news: WorkerMessage) => scope.postMessage(news);
  const report = (error: unknown) =>
    tell({ kind: "report", text: errorDetails(error) });
  let serving: ReturnType<typeof serve> | undefined;
  scope.onmessage = async (
    { data: order }: MessageEvent<WorkerCommand<Task>>,
  ) => {
    if (order.kind === "serve") {
      const { task, index } = order;
      const logSink: ByteSink = {
        write(bytes) {
          tell({ kind: "log", bytes: bytes.slice() });
          return Promise.resolve(bytes.length);
        },
      };
      serving = ports.listenBeside(task).then((listener) =>
        serve(task, listener, ports, { logSink, report, worker: index })
      );
      const { service } = await serving;
      tell({ kind: "ready" });
      await service.ended;
      return tell({ kind: "stopped" });
    }
    const { service, update } = await serving!;
    if (order.kind === "update") {
      try {
        update(order.task);
      } catch (error) {
        // The first isolate has tried it before: something must have changed since. What was goes on.
        report(error);
      }
    } else if (order.kind === "drain") service.drain();
    else await service.stop(order.graceMs);
  };
}

/** What a worker's isolate has of its own; the compiler is told of the first isolate's only. */
export interface WorkerScope {
  /** The name that it was started with. */
  readonly name: string;
  /** Is called with orders. */
  onmessage: (event: MessageEvent<WorkerCommand<Task>>) => void;
  /** Tells the first isolate something. */
  postMessage(news: WorkerMessage): void;
}
