/**
 * One process, several isolates on one port: the worker's side. Runs a service
 * in an isolate of its own, controlled by the main isolate.
 *
 * @module
 */

import { errorDetails } from "../observe/error_text.ts";
import type { Loopback } from "../server/rounds.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { partsOf } from "./handler.ts";
import { prepareRoot } from "./open_site.ts";
import type { Plan } from "./plan.ts";
import { Service, type SiteListener } from "./service.ts";
import { openLogFormat, type TerminalLook } from "./terminal.ts";
import { reportUncaught } from "./uncaught.ts";

/** An IP address and a port to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  /** The port, which is never 0: several listeners share it. */
  readonly port: number;
}

/** What the main isolate posts to a worker. */
export type WorkerCommand =
  /** Starts to serve; always the first command. */
  | {
    readonly kind: "start";
    readonly index: number;
    readonly address: ListenAddress;
    readonly logLook?: TerminalLook | undefined;
    readonly plan: Plan;
  }
  /** Serves another plan. */
  | { readonly kind: "reload"; readonly plan: Plan }
  /** Shows another certificate. */
  | { readonly kind: "renew"; readonly keyPair: KeyPair }
  /** Has all pages reload. */
  | { readonly kind: "reloadAll" }
  | { readonly kind: "drain" }
  | { readonly kind: "stop"; readonly graceMs: number };

/** What a worker posts to the main isolate. */
export type WorkerMessage =
  /** The worker accepts connections. */
  | { readonly kind: "ready" }
  /** Whole lines for the access log. */
  | { readonly kind: "log"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A line for the error log. */
  | { readonly kind: "report"; readonly text: string }
  /** The worker has stopped as commanded. */
  | { readonly kind: "stopped" };

/** Opens sockets for a service: only the program's main file listens. */
export interface Ports {
  /**
   * Opens a listener that shares its port with others of the process; with TLS if there is a key pair, which offers
   * HTTP/2 if `http2`.
   */
  listenShared(
    address: ListenAddress,
    keyPair: KeyPair | undefined,
    http2: boolean,
  ): Promise<SiteListener>;
  /** Connects the process to itself; reports it and returns undefined where that is not allowed. */
  openLoopback(
    report: (text: string) => void,
  ): Promise<Loopback | undefined>;
}

/** The global scope of a worker. The compiler knows that of the main isolate only. */
export interface WorkerScope extends EventTarget {
  readonly name: string;
  onmessage: (event: MessageEvent<WorkerCommand>) => void;
  postMessage(message: WorkerMessage): void;
}

/** Runs a worker: serves and obeys the commands that the scope receives. */
export function runWorker(scope: WorkerScope, ports: Ports): void {
  const post = (message: WorkerMessage) => scope.postMessage(message);
  const report = (error: unknown) =>
    post({ kind: "report", text: errorDetails(error) });
  const logSink = {
    write(bytes: Uint8Array) {
      post({ kind: "log", bytes: bytes.slice() });
      return Promise.resolve(bytes.length);
    },
  };

  const start = async (
    command: WorkerCommand & { kind: "start" },
  ) => {
    const { index: worker, address, plan, logLook } = command;
    const { keyPair, options: { http2 } } = plan;
    await prepareRoot(plan);
    const listener = await ports.listenShared(address, keyPair, http2);
    const loopback = await ports.openLoopback(report);
    return new Service(plan, {
      listener,
      loopback,
      logSink,
      logFormat: await openLogFormat(logLook),
      ...await partsOf(plan),
      report,
      worker,
    });
  };

  const change = async (
    service: Service,
    command: WorkerCommand & { kind: "reload" | "renew" },
  ) => {
    try {
      if (command.kind === "renew") return service.renew(command.keyPair);
      await prepareRoot(command.plan);
      service.reload(command.plan);
    } catch (error) {
      // The main isolate has checked the change, so a file must have changed since. Keep serving.
      report(error);
    }
  };

  let changing = Promise.resolve();
  let starting: ReturnType<typeof start> | undefined;
  scope.onmessage = async ({ data: command }) => {
    if (command.kind === "start") {
      const service = await (starting = start(command));
      using _reports = reportUncaught(scope, report);
      post({ kind: "ready" });
      await service.ended;
      return post({ kind: "stopped" });
    }
    const service = await starting!;
    switch (command.kind) {
      case "reload":
      case "renew":
        // One after the other: a reload that takes longer must not undo a renewal that came later.
        return await (changing = changing.then(() => change(service, command)));
      case "reloadAll":
        return service.reloadAll();
      case "drain":
        return service.drain();
      case "stop":
        return await service.stop(command.graceMs);
    }
  };
}
