/**
 * The admin port: metrics, health and a live page, on a listener of its own.
 *
 * @module
 */

import { type AllowedHosts, loopbackHosts } from "../access/hosts.ts";
import { adminHandler } from "../observe/admin/responder.ts";
import { Server } from "../server/server.ts";
import { clearGauges, readMetrics } from "../observe/metrics.ts";
import type { Plan } from "./plan.ts";

/** What {@linkcode Admin} needs. */
export interface AdminFacts {
  /** The metrics of all isolates. */
  readonly metrics: SharedArrayBuffer;
  /** The host of the --admin option. */
  readonly host: string;
  readonly version: string;
  readonly report: (error: unknown) => void;
}

/** Returns the hosts that the admin port answers to: loopback names, all IP addresses, and its own name. */
export function adminHosts(host: string): AllowedHosts {
  const names = host.includes(":") ? [] : [host];
  return loopbackHosts(names);
}

/** Serves the admin port. */
export class Admin {
  readonly #server: Server;
  readonly #ended: Promise<void>;
  readonly #metrics: SharedArrayBuffer;
  #state: "starting" | "ready" | "stopping" = "starting";
  #restarts = 0;
  #release: string | undefined;

  /** Starts to serve on a listener, which it closes at the end. */
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
          release: this.#release,
          residentBytes: Deno.memoryUsage().rss,
          versions: { version, deno, v8 },
        }),
      isOwnHost: (head) => hosts.allows(head),
    });
    this.#server = new Server(listener, { respond, report });
    this.#ended = this.#server.serve();
  }

  /** Names the release of a plan from now on. */
  reload({ releases }: Pick<Plan, "releases">): void {
    this.#release = releases?.all[0]?.name;
  }

  /** Reports readiness from now on. */
  ready(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  /** Reports from now on that skiff is about to stop. */
  unready(): void {
    this.#state = "stopping";
  }

  /** Counts a worker that has died, and clears its gauges. */
  countRestart(index: number): void {
    this.#restarts++;
    clearGauges(this.#metrics, index);
  }

  /** Stops serving. */
  async close(): Promise<void> {
    await this.#server.stop(0);
    await this.#ended;
  }
}
