/**
 * SiteHandler: a site, its rules and its gate, built from one plan. A reload
 * replaces it; connections do not notice.
 *
 * @module
 */

import type { Refusal } from "../access/gate.ts";
import { authorityOf } from "../access/hosts.ts";
import type { RequestHead } from "../http/head.ts";
import { type Reply, withFields } from "../http/reply.ts";
import { parseTarget } from "../http/target.ts";
import type { RefusalCause } from "../observe/metric_layout.ts";
import { Responder } from "../respond.ts";
import type { Client } from "../server/client.ts";
import { BundleSite } from "../site/bundle/bundle.ts";
import { DECODED_KEPT_BYTES_MAX, Decoder } from "../site/disk/decoder.ts";
import { findDeadEnds } from "../site/dead_ends.ts";
import { DIRECTORY_DEFAULTS, DirectorySite } from "../site/disk/directory.ts";
import type { Located } from "../site/find.ts";
import { Policy } from "../site/policy.ts";
import { readRuleFiles } from "../site/rules/files.ts";
import { compileRules, type RuleSource } from "../site/rules/rules.ts";
import type { SiteStatistics } from "../site/site.ts";
import { Access, type IsProtected } from "./access.ts";
import type { Plan } from "./plan.ts";
import { type Step, traceRules, traceSite } from "./trace.ts";

const SLASH = 0x2f;

/** The path of a request to a site without passwords, which the gate does not ask for. */
const NO_PATH = () => undefined;

/** What metrics count a refused request as. */
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
  /** Receives warnings for the operator. */
  readonly onWarning: (text: string) => void;
  /** Receives every step on the way to a reply. Without it, no step is recorded. */
  readonly onStep?: ((step: Step) => void) | undefined;
}

/** What a request was judged by, for the responder to go on with. */
interface Judged extends Located {
  /** The decoded path that decides whether a password is needed. */
  readonly path: string;
}

/** Responds to requests for one site. */
export class SiteHandler {
  /** Rules that are invalid and not used, and rules that lead nowhere: a sentence each. */
  readonly warnings: readonly string[];
  /** Identifies clients and decides what they may have. */
  readonly access: Access;
  readonly #site: DirectorySite | BundleSite;
  readonly #responder: Responder;
  readonly #observer: SiteObserver;
  #hasWarned = false;

  /** Opens the site. Throws a PlanError for a plan that is invalid, a BundleError for an archive that is damaged. */
  constructor(plan: Plan, observer: SiteObserver) {
    this.#observer = observer;
    this.access = new Access(plan);
    const { isProtected } = this.access;
    const site = this.#site = openSite(plan, isProtected);
    const { rules, problems } = readRules(plan, site);
    const policy = policyOf(plan, rules, isProtected);
    const deadEnds = findDeadEnds(site, policy, rules, Date.now());
    this.warnings = [...problems, ...deadEnds]
      .map(({ where, text }) => `${where}: ${text}`);
    const { onStep } = observer;
    this.#responder = onStep === undefined
      ? new Responder(site, policy)
      : new Responder(
        traceSite(site, onStep),
        policyOf(plan, traceRules(rules, onStep), isProtected),
      );
  }

  /** How often the site has read the disk so far. */
  get misses(): number {
    return this.#site.misses;
  }

  /** Statistics of the site's cache. */
  statistics(): SiteStatistics {
    return this.#site.figures();
  }

  /** Resolves when no variant is being made. */
  async idle(): Promise<void> {
    if (this.#site instanceof DirectorySite) await this.#site.idle();
  }

  /** Closes files that are open only for speed. */
  closeSpareFiles(): void {
    this.#site.closeSpareFiles();
  }

  /** Closes the site. Replies under way are sent to their end. */
  close(): void {
    this.#site.close();
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
    const { gate, isProtected } = this.access;
    this.access.identify(head, client);
    if (isForTls(head) && !this.#maySpeakTls(client)) {
      return this.#responder.error(421);
    }
    if (gate === undefined) return this.#responder.respond(head, now);
    let judged: Judged | undefined;
    const path = isProtected === undefined ? NO_PATH : () => {
      judged = this.#judge(head, now, isProtected);
      return judged?.path;
    };
    const refusal = gate.check(head, client.address, path, now);
    // Sends what was judged, not what a second look might find.
    if (refusal === undefined) {
      return this.#responder.respond(head, now, judged);
    }
    if (!(refusal instanceof Promise)) return this.#refuse(refusal, head);
    return refusal.then((refusal) => {
      if (refusal !== undefined) return this.#refuse(refusal, head);
      // The client may have anything now, and a file may have changed while the password was checked: find it again.
      const located = judged && { target: judged.target };
      return this.#responder.respond(head, now, located);
    });
  }

  /** Whether a client may ask for https resources: over TLS, or as a proxy that has ended it (RFC 9110 §7.4). */
  #maySpeakTls({ isTls, isSender, peer }: Client): boolean {
    return isTls || isSender && this.access.trusts(peer);
  }

  /**
   * Finds the path that decides whether a request needs a password: its own, or a protected one that it leads to by an
   * index, a clean URL, a rewrite or a link. Returns undefined for a malformed target.
   */
  #judge(
    head: RequestHead,
    now: number,
    isProtected: IsProtected,
  ): Judged | undefined {
    const target = parseTarget(head.method, head.target);
    if (target === undefined) return undefined;
    const { path } = target;
    if (isProtected(path)) return { path, target };
    const finding = this.#responder.find(head, target, now);
    const paths = this.#responder.pathsBehind(target, finding, now);
    return { path: paths.find(isProtected) ?? path, target, finding };
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

/** Whether a request names an https resource, which it can only in absolute form. */
function isForTls({ target }: RequestHead): boolean {
  return target.charCodeAt(0) !== SLASH && /^https:/i.test(target);
}

/** Opens the directory or archive to serve. */
function openSite(
  { root, isArchive, options, isolates }: Plan,
  isProtected: IsProtected | undefined,
): DirectorySite | BundleSite {
  // The bounds are the process's: isolates share them.
  const decodedBytesMax = DECODED_KEPT_BYTES_MAX / isolates;
  if (isArchive) {
    const archive = Deno.readFileSync(root);
    return new BundleSite(archive, isProtected, new Decoder(decodedBytesMax));
  }
  const { cache } = DIRECTORY_DEFAULTS;
  return new DirectorySite(root, {
    ...DIRECTORY_DEFAULTS,
    compress: options.compression,
    isProtected,
    decodedBytesMax,
    cache: {
      entries: Math.ceil(cache.entries / isolates),
      bytes: cache.bytes / isolates,
    },
  });
}

/** Reads the rules of the configuration, followed by those that the site brings with it. */
function readRules({ options }: Plan, site: DirectorySite | BundleSite) {
  const files = readRuleFiles(site, Date.now());
  const own = options.rules;
  const { rules, problems } = compileRules({
    headers: [...own.headers, ...files.texts.headers],
    redirects: [...own.redirects, ...files.texts.redirects],
    errorPages: own.errorPages,
  });
  return { rules, problems: [...files.problems, ...problems] };
}

function policyOf(
  { options }: Plan,
  rules: RuleSource,
  isProtected: IsProtected = () => false,
): Policy {
  const { index, spa, listing, cacheControl, cors, coi, hsts } = options;
  const fields: [string, string][] = hsts === undefined
    ? []
    : [["Strict-Transport-Security", `max-age=${hsts}`]];
  return new Policy({
    index,
    spa,
    listing,
    cacheControl,
    cors,
    coi,
    fields: [...fields, ...options.header],
    rules,
    isProtected,
  });
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
