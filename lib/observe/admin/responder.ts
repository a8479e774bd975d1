/**
 * The admin port: metrics for Prometheus, health for load balancers, and a page
 * that shows the metrics live. It only makes replies; the same connections send
 * them as for the site.
 *
 * @module
 */

import type { FieldLine } from "../../http/field_section.ts";
import { type Reply, reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/head.ts";
import { parseTarget } from "../../http/target.ts";
import {
  METHODS,
  PHASES,
  REFUSAL_CAUSES,
  STATUS_CLASSES,
} from "../metric_layout.ts";
import type { MetricsSnapshot } from "../metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../prometheus.ts";
import page from "./page.html" with { type: "text" };
import script from "./page.js" with { type: "text" };
import stylesheet from "./page.css" with { type: "text" };

/** What the admin port needs to know. */
export interface AdminSources {
  /** Returns the current metrics. Called once for each answer that shows any. */
  readonly getMetrics: () => MetricsSnapshot;
  /**
   * Whether a request names this port by a host that no other site can control. A page of another origin could
   * otherwise point its own name here (DNS rebinding) and read everything as its own.
   */
  readonly isOwnHost: (head: RequestHead) => boolean;
}

/** The page may run only its own script and load nothing from elsewhere, and no other page may frame it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of every answer. */
const COMMON: readonly FieldLine[] = [
  ["Cache-Control", "no-store"],
  ["Content-Security-Policy", POLICY],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Referrer-Policy", "no-referrer"],
  ["X-Frame-Options", "DENY"],
];

const TEXT = "text/plain; charset=utf-8";

const ENCODER = new TextEncoder();

function answer(
  status: number,
  type: string,
  text: string,
  more: readonly FieldLine[] = [],
): Reply {
  const body = ENCODER.encode(text);
  const lines: FieldLine[] = [
    ["Content-Type", type],
    ["Content-Length", String(body.length)],
    ...COMMON,
    ...more,
  ];
  return reply(status, lines, [body]);
}

const HEALTHY = answer(200, TEXT, "ok\n");
const READY = answer(200, TEXT, "ready\n");
const STOPPING = answer(503, TEXT, "stopping\n");
const BAD_REQUEST = answer(
  400,
  TEXT,
  "The address of the request is malformed.\n",
);
const NOT_FOUND = answer(404, TEXT, "There is nothing at this address.\n");
const READ_ONLY = answer(405, TEXT, "This address is read-only.\n", [
  ["Allow", "GET, HEAD"],
]);
const OTHER_HOST = answer(
  421,
  TEXT,
  "This port only accepts IP addresses, localhost, and the host it is bound to.\n",
);

/** Replies that never change, by path. */
const ASSETS: ReadonlyMap<string, Reply> = new Map([
  ["/", answer(200, "text/html; charset=utf-8", page)],
  ["/page.css", answer(200, "text/css; charset=utf-8", stylesheet)],
  ["/page.js", answer(200, "text/javascript; charset=utf-8", script)],
  ["/healthz", HEALTHY],
]);

/** Returns the handler of the admin port. `now` is in ms since the epoch. No request makes it throw. */
export function adminHandler(
  sources: AdminSources,
): (head: RequestHead, now: number) => Reply {
  return (head, now) => {
    if (!sources.isOwnHost(head)) return OTHER_HOST;
    if (head.method !== "GET" && head.method !== "HEAD") return READ_ONLY;
    const target = parseTarget(head.method, head.target);
    if (target === undefined) return BAD_REQUEST;
    switch (target.path) {
      case "/metrics":
        return answer(
          200,
          PROMETHEUS_TYPE,
          prometheusText(sources.getMetrics()),
        );
      case "/figures.json":
        return answer(
          200,
          "application/json",
          metricsJson(sources.getMetrics(), now),
        );
      case "/readyz":
        return sources.getMetrics().isReady ? READY : STOPPING;
      default:
        return ASSETS.get(target.path) ?? NOT_FOUND;
    }
  };
}

/**
 * The metrics with the names for their lists, and the time in ms since the epoch, from which the page computes rates.
 */
function metricsJson(snapshot: MetricsSnapshot, now: number): string {
  const names = {
    methods: METHODS,
    statuses: STATUS_CLASSES,
    phases: PHASES,
    causes: REFUSAL_CAUSES,
  };
  return `${JSON.stringify({ time: now, names, ...snapshot })}\n`;
}
