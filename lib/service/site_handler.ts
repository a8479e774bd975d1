/**
 * SiteHandler: a site, its rules and its gate, built from one plan. A reload
 * replaces it while connections stay open.
 *
 * @module
 */

import type { Gate, Refusal } from "../access/gate.ts";
import { authorityOf } from "../access/hosts.ts";
import type { Preview } from "../cli/preview.ts";
import { after } from "../http/after.ts";
import type { RequestHead } from "../http/head.ts";
import { type Reply, withFields } from "../http/reply.ts";
import { parseTarget } from "../http/target.ts";
import type { RefusalCause } from "../observe/metric_layout.ts";
import { Responder } from "../respond.ts";
import type { Client } from "../server/client.ts";
import { HintedSite } from "../site/hints/hinted_site.ts";
import { findDeadEnds } from "../site/dead_ends.ts";
import type { SitePools } from "../site/disk/pools.ts";
import { Watcher } from "../site/disk/watcher.ts";
import type { LocatedResource } from "../site/find.ts";
import { readRuleFiles } from "../site/rules/files.ts";
import { compileRules, type Rules } from "../site/rules/rules.ts";
import type { Problem } from "../site/rules/texts.ts";
import type { SiteStatistics } from "../site/site.ts";
import { Access } from "./access.ts";
import type { Live } from "./live.ts";
import type { ReleaseEvents } from "./release_events.ts";
import { type OpenedSite, openSite, poolsOf } from "./open_site.ts";
import type { Plan } from "./plan.ts";
import { policyOf } from "./site_policy.ts";
import { type Step, traceRules, traceServices, traceSite } from "./trace.ts";

const SLASH = 0x2f;

/** The cause under which metrics count a refused request. */
const COUNTED: Readonly<Record<Refusal["cause"], RefusalCause>> = {
  host: "host",
  denied: "denied",
  rate: "rate",
  unauthenticated: "unauthenticated",
  paused: "unauthenticated",
  busy: "unauthenticated",
};

/** Receives what a {@linkcode SiteHandler} notices. */
export interface SiteObserver {
  /** Called when a request is refused. */
  readonly onRefusal: (cause: RefusalCause) => void;
  /** Called for each request for a preview, with the part of the request that names it. */
  readonly onPreview?: (by: Preview["by"]) => void;
  /** Receives warnings for the operator. */
  readonly onWarning: (text: string) => void;
  /** Whether to watch the site's directory, if the plan says so: only a long-running server needs that. */
  readonly isLasting?: boolean;
  /** Receives every step on the way to a reply. Without it, no step is recorded. */
  readonly onStep?: ((step: Step) => void) | undefined;
  /** Makes the pages of a site live, if the plan says so. */
  readonly Live?: typeof Live | undefined;
  /** Says which release is served; undefined unless the plan says so. */
  readonly releaseEvents?: ReleaseEvents | undefined;
}

/** Responds to requests until it is closed. */
export type PlanHandler = Pick<
  SiteHandler,
  | "access"
  | "close"
  | "closeSpareFiles"
  | "idle"
  | "misses"
  | "refusal"
  | "reloadAll"
  | "respond"
  | "statistics"
  | "warnings"
>;

/** What handlers that serve at the same time share. */
type SharedParts = Pick<SiteHandler, "access" | "pools">;

/** What the gate looked up for a request; the responder continues with it. */
interface JudgedRequest extends LocatedResource {
  /** The decoded path that decides whether a password is needed. */
  readonly path: string;
}

/** Responds to requests for one site. */
export class SiteHandler {
  /**
   * Problems of the rules: one sentence for each that is invalid and ignored, or leads nowhere; and for each part of a
   * ZIP file that is not served.
   */
  readonly warnings: readonly string[];
  /** The same by their places: rules that cannot be used, and rules that lead to nothing. */
  readonly problems: {
    readonly invalid: readonly Problem[];
    readonly deadEnds: readonly Problem[];
  };
  /** The rules of the configuration and of the site. */
  readonly rules: Rules;
  /** Identifies clients and decides what they may read. */
  readonly access: Access;
  /** The memory budgets of its site. */
  readonly pools: SitePools;
  /** The site, without rules and gate: for callers that look at files as they are. */
  readonly site: OpenedSite;
  readonly #responder: Responder;
  readonly #observer: SiteObserver;
  readonly #live: Live | undefined;
  #hasWarned = false;

  /**
   * Opens the site. Throws a PlanError for an invalid plan, a BundleError for a damaged archive. Handlers that serve at
   * the same time share access control and memory budgets: their limits hold for all of them together.
   */
  constructor(
    plan: Plan,
    observer: SiteObserver,
    { access, pools }: SharedParts = {
      access: new Access(plan),
      pools: poolsOf(plan),
    },
  ) {
    this.#observer = observer;
    this.access = access;
    this.pools = pools;
    const { isProtected } = this.access;
    const changes = observer.isLasting ? watch(plan, observer) : undefined;
    const site = this.site = openSite(plan, {
      isProtected,
      changes,
      pools: this.pools,
      onWarning: observer.onWarning,
    });
    const { rules, problems: invalid } = readRules(plan, site);
    const hinted = plan.options.earlyHints ? new HintedSite(site) : site;
    const live = this.#live = plan.options.live && observer.Live
      ? new observer.Live({
        site: hinted,
        changes,
        isProtected,
        isolates: plan.isolates,
        onWarning: observer.onWarning,
      })
      : undefined;
    const services = live?.services ??
      (plan.releases && observer.releaseEvents?.services(
        plan.releases,
        plan.preview !== undefined,
      ));
    const policy = policyOf(plan, rules, isProtected, live, services);
    const deadEnds = findDeadEnds(site, policy, rules, Date.now());
    this.rules = rules;
    this.problems = { invalid, deadEnds };
    this.warnings = [
      ...site.problems ?? [],
      ...[...invalid, ...deadEnds].map(({ where, text }) =>
        `${where}: ${text}`
      ),
    ];
    const shown = live?.site ?? hinted;
    const { onStep } = observer;
    this.#responder = onStep === undefined
      ? new Responder(shown, policy)
      : new Responder(
        traceSite(shown, onStep, (file) => site.originOf?.(file)),
        policyOf(
          plan,
          traceRules(rules, onStep),
          isProtected,
          live,
          services && traceServices(services, onStep),
        ),
        { site: shown, policy },
      );
  }

  /** How often the site has read the disk so far. */
  get misses(): number {
    return this.site.misses;
  }

  /** Statistics of the site's cache. */
  statistics(): SiteStatistics {
    return this.site.statistics();
  }

  /** Resolves once no variant and no look for changes is in progress. */
  async idle(): Promise<void> {
    await Promise.all([this.site.idle?.(), this.#live?.idle()]);
  }

  /** Closes files that are kept open only for speed. */
  closeSpareFiles(): void {
    this.site.closeSpareFiles();
  }

  /** Has all pages reload, if they are live. */
  reloadAll(): void {
    this.#live?.reloadAll();
  }

  /** Closes the site. Replies in progress continue to their end, except those that have none. */
  close(): void {
    this.#live?.close();
    this.site.close();
  }

  /** Returns the reply for an error that occurs before there is a request to respond to. */
  refusal(status: number): Reply {
    const reply = this.#responder.error(status);
    // Too many connections: skiff cannot know when the client ends one of them.
    return status === 429 ? withFields(reply, [["Retry-After", "1"]]) : reply;
  }

  /** Identifies the client, authorizes the request and responds. See {@linkcode Responder.respond}. */
  respond(
    head: RequestHead,
    now: number,
    client: Client,
  ): Reply | Promise<Reply> {
    const misdirected = this.#identify(head, client);
    if (misdirected !== undefined) return misdirected;
    const { gate } = this.access;
    if (gate?.hasPasswords) return this.#authorize(gate, head, now, client);
    const refusal = gate?.admit(head, client.address, now);
    return refusal === undefined
      ? this.#responder.respond(head, now, client.address)
      : this.#refuse(refusal, head);
  }

  /** Authorizes a request for a site with passwords, and responds. */
  #authorize(
    gate: Gate,
    head: RequestHead,
    now: number,
    { address }: Client,
  ): Reply | Promise<Reply> {
    let judged: JudgedRequest | undefined;
    const path = () => {
      judged = this.#judge(gate, head, now);
      return judged?.path;
    };
    const refusal = gate.check(head, address, path, now);
    const waits = refusal instanceof Promise;
    return after(refusal, (refusal) => {
      if (refusal !== undefined) return this.#refuse(refusal, head);
      // Send what the gate looked up: a second lookup might find another file. But after a password check, the client
      // may read everything, and a file may have changed during the check: find it again.
      const located = waits ? judged && { target: judged.target } : judged;
      return this.#responder.respond(head, now, address, located);
    });
  }

  /** Authorizes a request, and responds with an error whatever the site has. `details` must be safe HTML. */
  respondError(
    status: number,
    details: string,
    head: RequestHead,
    now: number,
    client: Client,
  ): Reply | Promise<Reply> {
    const misdirected = this.#identify(head, client);
    if (misdirected !== undefined) return misdirected;
    const path = () => parseTarget(head.method, head.target)?.path;
    const refusal = this.access.gate?.check(head, client.address, path, now);
    return after(
      refusal,
      (refusal) =>
        refusal === undefined
          ? this.#responder.errorWith(status, details)
          : this.#refuse(refusal, head),
    );
  }

  /** Identifies the client. Returns a reply if it requests https resources and may not. */
  #identify(head: RequestHead, client: Client): Reply | undefined {
    this.access.identify(head, client);
    return isForTls(head) && !this.#maySpeakTls(client)
      ? this.#responder.error(421)
      : undefined;
  }

  /** Whether a client may request https resources: over TLS, or as a proxy that terminates TLS (RFC 9110 §7.4). */
  #maySpeakTls({ isTls, isSender, peer }: Client): boolean {
    return isTls || isSender && this.access.trusts(peer);
  }

  /**
   * Finds the path that decides whether a request needs a password: its own, or a protected one that it leads to
   * through an index, a clean URL, a rewrite or a link. Returns undefined for a malformed target.
   */
  #judge(
    gate: Gate,
    head: RequestHead,
    now: number,
  ): JudgedRequest | undefined {
    const target = parseTarget(head.method, head.target);
    if (target === undefined) return undefined;
    const { path } = target;
    if (gate.isProtected(path)) return { path, target };
    const finding = this.#responder.finder.find(head, target, now);
    const paths = this.#responder.finder.pathsBehind(target, finding, now);
    const behind = paths.find((path) => gate.isProtected(path));
    return { path: behind ?? path, target, finding };
  }

  #refuse({ status, fields, cause }: Refusal, head: RequestHead): Reply {
    this.#observer.onRefusal(COUNTED[cause]);
    this.#observer.onStep?.({ kind: "refusal", cause });
    if (cause === "host" && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#observer.onWarning(
        `A request for host "${authorityOf(head)}" was refused: ` +
          "if it is a name of this server, add it with --allowed-hosts",
      );
    }
    return withFields(this.#responder.error(status), fields);
  }
}

/** Whether the target is an https URI, which only the absolute form can express. */
function isForTls({ target }: RequestHead): boolean {
  return target.charCodeAt(0) !== SLASH && /^https:/i.test(target);
}

/** Starts watching the directory of a plan; undefined if it should not be watched. */
function watch(
  { root, kind, options }: Plan,
  { onWarning }: SiteObserver,
): Watcher | undefined {
  if (kind !== "directory" || !options.watch) return undefined;
  return new Watcher(root, { onLoss: onWarning });
}

/** Reads the rules of the configuration, followed by those of the site's own rule files. */
function readRules({ options }: Plan, site: OpenedSite) {
  const files = readRuleFiles(site, Date.now());
  const own = options.rules;
  const { rules, problems } = compileRules({
    headers: [...own.headers, ...files.texts.headers],
    redirects: [...own.redirects, ...files.texts.redirects],
    errorPages: own.errorPages,
  });
  return { rules, problems: [...files.problems, ...problems] };
}

/** Checks that a plan can be served. Throws like SiteHandler if it cannot; returns its warnings. */
export function checkPlan(plan: Plan): readonly string[] {
  const handler = new SiteHandler(plan, {
    onRefusal: () => {},
    onWarning: () => {},
  });
  handler.close();
  return handler.warnings;
}
