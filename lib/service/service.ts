/**
 * Service: everything that serves in one isolate, from the listener to the log.
 *
 * @module
 */

import { ConnectionLimit } from "../access/limits.ts";
import { subjectOf } from "../access/networks.ts";
import type { Options } from "../cli/options.ts";
import { AccessLog, type LineFormat } from "../observe/access_log.ts";
import type { Listener } from "../server/listener.ts";
import { CONNECTIONS_MAX, OPENING_MAX } from "../server/admission.ts";
import type { Handler } from "../server/context.ts";
import { ALL_STREAMS_MAX } from "../server/stream_quota.ts";
import type { Exchange } from "../observe/exchange.ts";
import { Server } from "../server/server.ts";
import { LOG_FORMATS, type LogFormatter } from "../observe/log_format.ts";
import { Metrics, watchLag } from "../observe/metrics.ts";
import type { ByteSink } from "../observe/line_writer.ts";
import { type Loopback, Rounds } from "../server/rounds.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import {
  addStatistics,
  closedStatistics,
  NO_STATISTICS,
  type SiteStatistics,
} from "../site/site.ts";
import { isSameKeyPair } from "./certificates.ts";
import { type HandlerParts, openHandler } from "./handler.ts";
import type { Plan } from "./plan.ts";
import type { ReleaseGap } from "./release_gap.ts";
import type { PlanHandler } from "./site_handler.ts";

/** How often to update the metrics of the cache, in ms. */
const CACHE_METRICS_MS = 1000;

/** Where the connections of a site come from. */
export interface SiteListener extends Listener {
  /** Shows another certificate to clients that connect from now on; only with TLS. Throws if it cannot. */
  setKeyPair?(keyPair: KeyPair): void;
}

/** What a {@linkcode Service} needs. */
export interface ServiceDeps extends HandlerParts {
  /** Where connections come from; the service closes it. */
  readonly listener: SiteListener;
  /** A connection of the process to itself, which the service closes; undefined if there is none. */
  readonly loopback: Loopback | undefined;
  /** Where the access log goes. */
  readonly logSink: ByteSink;
  /** Makes the lines of an access log for people; undefined if programs read it. */
  readonly logFormat?: LineFormat | undefined;
  /** Receives warnings as texts, and errors. */
  readonly report: (error: unknown) => void;
  /** The number of the worker, from 0; undefined if there are no workers. */
  readonly worker: number | undefined;
}

/** Adds the totals of handlers to the statistics of the one that followed them. */
function sum(current: SiteStatistics, totals: SiteStatistics): SiteStatistics {
  return {
    ...addStatistics(current, totals),
    ...current.olderHits && {
      olderHits: current.olderHits.map((count, age) =>
        count + (totals.olderHits?.[age] ?? 0)
      ),
    },
  };
}

/** Serves a plan in one isolate. */
export class Service {
  /** Resolves when the last connection has ended and the log is written. */
  readonly ended: Promise<void>;
  /** Resolves when the service accepts connections: at once. */
  readonly ready: Promise<void> = Promise.resolve();
  readonly #listener: SiteListener;
  readonly #server: Server;
  readonly #metrics: Metrics;
  readonly #log: AccessLog | undefined;
  readonly #report: (error: unknown) => void;
  readonly #parts: HandlerParts;
  #gap: ReleaseGap | undefined;
  #handler: PlanHandler;
  #keyPair: KeyPair | undefined;
  /** Statistics of the handlers before this one. */
  #totals = NO_STATISTICS;

  /** Starts to serve. Throws a PlanError or BundleError for a plan that is invalid. */
  constructor(plan: Plan, deps: ServiceDeps) {
    const { listener, loopback, report, worker } = deps;
    const { options, memory } = plan;
    this.#listener = listener;
    this.#keyPair = plan.keyPair;
    this.#report = report;
    this.#parts = deps;
    const metrics = this.#metrics = new Metrics(memory.metrics, worker ?? 0);
    this.#handler = this.#open(plan);
    const log = this.#log = logOf(options, deps);
    const record = recordOf(options, metrics, log);
    const limit = options.connectionsPerAddress === undefined
      ? undefined
      : new ConnectionLimit(
        options.connectionsPerAddress,
        memory.connections,
        worker ?? 0,
      );
    this.#server = new Server(listener, {
      respond: this.#respond(plan),
      refusal: (status) => this.#handler.refusal(status),
      rounds: loopback && new Rounds(loopback),
      record,
      report,
      closeSpareFiles: () => this.#handler.closeSpareFiles(),
      // The bounds hold for the process, so each isolate gets its share.
      connectionsMax: Math.ceil(CONNECTIONS_MAX / plan.isolates),
      openingMax: Math.ceil(OPENING_MAX / plan.isolates),
      streamsMax: Math.ceil(ALL_STREAMS_MAX / plan.isolates),
      addresses: {
        isTrusted: (address) => this.#handler.access.trusts(address),
        subjectOf,
        limit,
      },
      isProxy: options.proxyProtocol
        ? (peer) => this.#handler.access.trusts(peer)
        : undefined,
      acceptsH2c: options.h2c,
      nextRequestId: options.requestId ? requestIds() : undefined,
      getMisses: record && (() => this.#handler.misses),
      counters: metrics,
    });
    this.ended = this.#run(log, options.admin !== undefined);
  }

  /** Serves another plan from the next request on. Throws like the constructor, and then nothing changes. */
  reload(plan: Plan): void {
    const handler = this.#open(plan);
    try {
      if (plan.keyPair !== undefined) this.renew(plan.keyPair);
    } catch (error) {
      handler.close();
      throw error;
    }
    const before = this.#handler;
    this.#handler = handler;
    this.#totals = closedStatistics(sum(before.statistics(), this.#totals));
    // The rules may have changed even if the files have not.
    before.reloadAll();
    before.close();
    if (plan.releases !== undefined) {
      this.#parts.releaseEvents?.show(plan.releases);
      this.#gap?.show(plan.root);
    }
  }

  /** Shows another certificate to clients that connect from now on. Throws if that cannot be done. */
  renew(keyPair: KeyPair): void {
    if (isSameKeyPair(keyPair, this.#keyPair)) return;
    this.#listener.setKeyPair?.(keyPair);
    this.#keyPair = keyPair;
  }

  /** Turns the access log off, or on again. Returns whether it is on now. */
  toggleLog(): boolean {
    if (this.#log !== undefined) this.#log.isOn = !this.#log.isOn;
    return this.#log?.isOn === true;
  }

  /** Makes all live pages reload. */
  reloadAll(): void {
    this.#handler.reloadAll();
  }

  /** Makes every reply from now on the last of its connection. */
  drain(): void {
    this.#server.drain();
  }

  /** Stops accepting, and gives the replies in progress `graceMs` milliseconds. */
  stop(graceMs: number): Promise<void> {
    return this.#server.stop(graceMs);
  }

  /** Problems of the site's rules, one sentence each. */
  get warnings(): readonly string[] {
    return this.#handler.warnings;
  }

  /** Statistics of the cache. Totals continue across reloads. */
  cacheStatistics(): SiteStatistics {
    return sum(this.#handler.statistics(), this.#totals);
  }

  /** Returns a function that responds with the current handler. */
  #respond({ root }: Plan): Handler {
    const respond: Handler = (head, now, client) =>
      this.#handler.respond(head, now, client);
    const { ReleaseGap } = this.#parts;
    if (ReleaseGap === undefined) return respond;
    const gap = this.#gap = new ReleaseGap(root, respond);
    return (head, now, client) =>
      gap.bridge(respond(head, now, client), head, now, client);
  }

  #open(plan: Plan): PlanHandler {
    return openHandler(plan, {
      onRefusal: (cause) => this.#metrics.countRefusal(cause),
      onPreview: (by) => this.#metrics.countPreview(by),
      onWarning: this.#report,
      isLasting: true,
    }, this.#parts);
  }

  #updateMetrics(): () => void {
    const unwatch = watchLag(this.#metrics);
    const updates = setInterval(
      () => this.#metrics.setCache(this.cacheStatistics()),
      CACHE_METRICS_MS,
    );
    return () => {
      unwatch();
      clearInterval(updates);
    };
  }

  /** Serves until the end. Updates metrics only if they are shown: an idle server sleeps. */
  async #run(log: AccessLog | undefined, areShown: boolean): Promise<void> {
    const stopUpdates = areShown ? this.#updateMetrics() : undefined;
    try {
      await this.#server.serve();
      await log?.close();
    } finally {
      stopUpdates?.();
      this.#parts.releaseEvents?.close();
      this.#gap?.close();
      this.#handler.close();
    }
  }
}

function logOf(
  { log }: Options,
  { logSink, logFormat, worker, report }: ServiceDeps,
): AccessLog | undefined {
  if (log === "off") return undefined;
  const formats: Partial<Record<string, LogFormatter>> = LOG_FORMATS;
  const format = formats[log] ?? LOG_FORMATS.common;
  const forPrograms: LineFormat = {
    format: (exchange) => format(exchange, worker),
  };
  return new AccessLog(logSink, logFormat ?? forPrograms, report);
}

/** Returns the recorder of exchanges; undefined if neither metrics nor log need them. */
function recordOf(
  { admin }: Options,
  metrics: Metrics,
  log: AccessLog | undefined,
): ((exchange: Exchange) => void) | undefined {
  if (admin === undefined) return log?.record;
  if (log === undefined) return (exchange) => metrics.record(exchange);
  return (exchange) => {
    metrics.record(exchange);
    log.record(exchange);
  };
}

/** Generates ids unlike those of any other isolate or process: a random prefix and a count. */
function requestIds(): () => string {
  const prefix = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  let count = 0;
  return () => prefix + (++count).toString(16).padStart(8, "0");
}
