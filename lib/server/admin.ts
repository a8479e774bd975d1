/**
 * What the admin port answers: metrics for Prometheus, health for balancers,
 * and a page that shows the figures live. It makes replies and nothing else;
 * they are sent by the same connections as those of the site.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import {
  fieldBlock,
  type FieldLine,
  type Reply,
  reply,
} from "../http/reply.ts";
import type { RequestHead } from "../http/request.ts";
import { parseTarget } from "../http/target.ts";
import {
  PAGE,
  SCRIPT_PATH,
  STYLESHEET,
  STYLESHEET_PATH,
} from "./admin_page.ts";
import { SCRIPT } from "./admin_script.ts";
import {
  METHODS,
  PHASES,
  REFUSAL_CAUSES,
  STATUS_CLASSES,
} from "./metric_layout.ts";
import type { Figures } from "./metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "./prometheus.ts";

/** Where the admin port has its answers from. */
export interface AdminSources {
  /** The figures as they are now. Asked once for every answer that shows any. */
  readonly figures: () => Figures;
  /**
   * Hosts that may be asked for beside IP addresses and localhost: the one that the port is bound to.
   * Without port and brackets, whatever their case.
   */
  readonly hosts: readonly string[];
}

/** The page may run its own script and nothing else, load nothing from elsewhere, and be shown in no other page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Fields of every answer. */
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
  const fields = fieldBlock([
    ["Content-Type", type],
    ["Content-Length", String(body.length)],
    ...COMMON,
    ...more,
  ]);
  return reply(status, fields, [body]);
}

const HEALTHY = answer(200, TEXT, "ok\n");
const READY = answer(200, TEXT, "ready\n");
const STOPPING = answer(503, TEXT, "stopping\n");
const BAD_REQUEST = answer(400, TEXT, "The request's address is malformed.\n");
const NOT_FOUND = answer(404, TEXT, "There is nothing at this address.\n");
const READ_ONLY = answer(405, TEXT, "This address can only be read.\n", [
  ["Allow", "GET, HEAD"],
]);
const OTHER_HOST = answer(
  421,
  TEXT,
  "This port answers to IP addresses, localhost, and the host it is bound to.\n",
);

/** What is the same each time, by path. */
const ASSETS: ReadonlyMap<string, Reply> = new Map([
  ["/", answer(200, "text/html; charset=utf-8", PAGE)],
  [STYLESHEET_PATH, answer(200, "text/css; charset=utf-8", STYLESHEET)],
  [SCRIPT_PATH, answer(200, "text/javascript; charset=utf-8", SCRIPT)],
  ["/healthz", HEALTHY],
]);

/** What answers the requests of the admin port. `now` is the time in ms since the epoch. Never throws because of what a client sent. */
export function adminResponder(
  sources: AdminSources,
): (head: RequestHead, now: number) => Reply {
  const hosts = new Set(sources.hosts.map((host) => host.toLowerCase()));
  return (head, now) => {
    if (!isOwnHost(hostOf(head), hosts)) return OTHER_HOST;
    if (head.method !== "GET" && head.method !== "HEAD") return READ_ONLY;
    const target = parseTarget(head.method, head.target);
    if (target === undefined) return BAD_REQUEST;
    switch (target.path) {
      case "/metrics":
        return answer(200, PROMETHEUS_TYPE, prometheusText(sources.figures()));
      case "/figures.json":
        return answer(
          200,
          "application/json",
          figuresJson(sources.figures(), now),
        );
      case "/readyz":
        return sources.figures().isReady ? READY : STOPPING;
      default:
        return ASSETS.get(target.path) ?? NOT_FOUND;
    }
  };
}

/** The figures with the names of what stands in their lists, and the time in ms since the epoch that rates are worked out from. */
function figuresJson(figures: Figures, now: number): string {
  const names = {
    methods: METHODS,
    statuses: STATUS_CLASSES,
    phases: PHASES,
    causes: REFUSAL_CAUSES,
  };
  return `${JSON.stringify({ time: now, names, ...figures })}\n`;
}

/** The host and port that are asked for; a target in absolute form counts more than the field (RFC 9112 §3.2.2). */
function hostOf(head: RequestHead): string | undefined {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(head.target);
  return absolute?.[1] ?? head.field(Field.Host);
}

/**
 * Whether a request is for this port under a name that nobody else can give it. A page of another origin
 * can have its own name lead here (DNS rebinding) and would then read everything as its own; an IP
 * address and localhost are not asked of the DNS. Without a host the client is no browser.
 */
function isOwnHost(
  authority: string | undefined,
  hosts: ReadonlySet<string>,
): boolean {
  if (authority === undefined) return true;
  const name = authority.toLowerCase();
  // In brackets the grammar has nothing but an IPv6 address.
  if (name.startsWith("[")) return true;
  const host = name.replace(/:\d*$/, "").replace(/\.$/, "");
  return isIPv4(host) || host === "localhost" || host.endsWith(".localhost") ||
    hosts.has(host);
}

/** Four numbers up to 255: how browsers write an IPv4 address, however it was typed. */
function isIPv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
