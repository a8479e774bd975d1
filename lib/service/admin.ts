/**
 * The admin port: metrics, health, and a page that shows them, on a listener of
 * its own.
 *
 * @module
 */

import { AllowedHosts } from "../access/hosts.ts";
import { adminHandler } from "../observe/admin/responder.ts";
import { Server } from "../server/server.ts";
import { clearGauges, readMetrics } from "../observe/metrics.ts";

/** What the admin port tells beside the metrics. */
export interface AdminFacts {
  /** Memory that all isolates write their metrics to. */
  readonly metrics: SharedArrayBuffer;
  /** The host that the port was asked for under. */
  readonly host: string;
  /** Version of skiff. */
  readonly version: string;
  /** Is told of what goes wrong. */
  readonly report: (error: unknown) => void;
}

/** Names under which the admin port answers: what a loopback address is asked for by, all IP addresses, and its own. */
export function adminHosts(host: string): AllowedHosts {
  const names = host.includes(":") ? [] : [host];
  return new AllowedHosts([".localhost", ...names], true);
}

/** Serves the admin port. */
export class Admin {
  readonly #server: Server;
  readonly #ended: Promise<void>;
  readonly #metrics: SharedArrayBuffer;
  #state: "starting" | "ready" | "stopping" = "starting";
  #restarts = 0;

  /** Begins to serve on a listener, which it closes. */
  constructor(listener: Deno.Listener, facts: AdminFacts) {
    const { metrics, host, version, report } = facts;
    this.#metrics = metrics;
    const { deno, v8 } = Deno.version;
    const startedAt = Date.now();
    const hosts = adminHosts(host);
    const respond = adminHandler({
      getMetrics: () =>
        readMetrics(metrics, {
          isReady: this.#state === "ready",
          startedAt,
          restarts: this.#restarts,
          residentBytes: Deno.memoryUsage().rss,
          versions: { version, deno, v8 },
        }),
      isOwnHost: (head) => hosts.allows(head),
    });
    this.#server = new Server(listener, {
      respond: (head, now) => respond(head, now),
      report,
    });
    this.#ended = this.#server.serve();
  }

  /** Says from now on that the server accepts connections. */
  ready(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  /** Says from now on that the server is about to stop. */
  unready(): void {
    this.#state = "stopping";
  }

  /** Counts a worker that has died. */
  countRestart(index: number): void {
    this.#restarts++;
    clearGauges(this.#metrics, index);
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#server.stop(0);
    await this.#ended;
  }
}
