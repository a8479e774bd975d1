/**
 * SiteHandler: a site, its rules, and who may ask for it, put together as a plan
 * says. A changed plan makes other answers; connections do not notice.
 *
 * @module
 */

import { Credentials, CredentialsError } from "../access/credentials.ts";
import { forwardedAddress } from "../access/forwarded.ts";
import { Gate, type Refusal } from "../access/gate.ts";
import {
  AllowedHosts,
  authorityOf,
  HostError,
  loopbackHosts,
} from "../access/hosts.ts";
import { RateLimit } from "../access/limits.ts";
import { LoginLimits } from "../access/login_limits.ts";
import { NetworkError, Networks } from "../access/networks.ts";
import { CODINGS } from "../http/coding.ts";
import { type Reply, withFields } from "../http/reply.ts";
import type { RequestHead } from "../http/head.ts";
import { parseTarget } from "../http/target.ts";
import { Responder } from "../respond.ts";
import type { Client } from "../server/client.ts";
import type { RefusalCause } from "../observe/metric_layout.ts";
import { BundleSite } from "../site/bundle/bundle.ts";
import { DIRECTORY_DEFAULTS, DirectorySite } from "../site/disk/directory.ts";
import { findDeadEnds } from "../site/dead_ends.ts";
import type { Located } from "../site/find.ts";
import { compilePattern, type Pattern } from "../site/rules/pattern.ts";
import { Policy } from "../site/policy.ts";
import { readRuleFiles } from "../site/rules/files.ts";
import type { RuleDefinitions } from "../site/rules/texts.ts";
import { compileRules, type RuleSource } from "../site/rules/rules.ts";
import type { SiteStatistics } from "../site/site.ts";
import { isLoopback, type Plan, PlanError } from "./plan.ts";
import { type Step, traceRules, traceSite } from "./trace.ts";

const SLASH = 0x2f;

/** Nothing is protected, so nobody asks for the path. */
const NO_PATH = () => undefined;

/** What a refused request is counted as. */
const COUNTED: Readonly<Record<Refusal["cause"], RefusalCause>> = {
  host: "host",
  denied: "denied",
  rate: "rate",
  unauthenticated: "unauthenticated",
  paused: "unauthenticated",
  busy: "unauthenticated",
};

/** Who is told of what the answers come across. */
export interface SiteObserver {
  /** Is told that a request was refused. */
  readonly onRefusal: (cause: RefusalCause) => void;
  /** Is told what somebody ought to know. */
  readonly onWarning: (text: string) => void;
  /** Is told of every step on the way to an answer; undefined when nobody wants to know. */
  readonly onStep?: ((step: Step) => void) | undefined;
}

/** Answers requests as a plan says. */
export class SiteHandler {
  /** What is wrong with rules, which are not used then, and what leads to nothing: a sentence each. */
  readonly warnings: readonly string[];
  readonly #site: DirectorySite | BundleSite;
  readonly #responder: Responder;
  readonly #gate: Gate | undefined;
  readonly #guard: Guard | undefined;
  readonly #trusted: Networks | undefined;
  readonly #plan: Plan;
  readonly #observer: SiteObserver;
  #hasWarned = false;

  /** Opens the site. Throws a {@linkcode PlanError} for what cannot be, a BundleError for an archive that is not sound. */
  constructor(plan: Plan, observer: SiteObserver) {
    const { options } = plan;
    this.#plan = plan;
    this.#observer = observer;
    const guard = this.#guard = guardOf(plan);
    this.#trusted = networks("trusted-proxy", options.trustedProxy);
    this.#gate = gateOf(plan, guard);
    this.#site = openSite(plan, guard);
    const { rules, problems } = rulesOf(plan, this.#site);
    const policy = policyOf(plan, rules, guard);
    const deadEnds = findDeadEnds(this.#site, policy, rules, Date.now());
    this.warnings = [...problems, ...deadEnds]
      .map(({ where, text }) => `${where}: ${text}`);
    const { onStep } = observer;
    this.#responder = onStep === undefined
      ? new Responder(this.#site, policy)
      : new Responder(
        traceSite(this.#site, onStep),
        policyOf(plan, traceRules(rules, onStep), guard),
      );
  }

  /** Whether the peer with an address is a proxy that is believed what it says of its clients. */
  trusts(peer: string): boolean {
    return this.#trusted?.has(peer) === true;
  }

  /** How often the disk had to be read so far. */
  get misses(): number {
    return this.#site.misses;
  }

  /** How the site's memory does. */
  figures(): SiteStatistics {
    return this.#site.figures();
  }

  /** Is fulfilled when no variant is being made. */
  async idle(): Promise<void> {
    if (this.#site instanceof DirectorySite) await this.#site.idle();
  }

  /** Closes files that are open only for speed. */
  closeSpareFiles(): void {
    this.#site.closeSpareFiles();
  }

  /** Lets go of the site. Replies that are being sent are sent to their end. */
  close(): void {
    this.#site.close();
  }

  /** The answer for an error that is found before there is a request to respond to. */
  refusal(status: number): Reply {
    const reply = this.#responder.error(status);
    // Nobody knows when the client will end one of its connections.
    return status === 429 ? withFields(reply, [["Retry-After", "1"]]) : reply;
  }

  /** Finds out who asks, whether he may, and what the answer is. See {@linkcode Responder.respond}. */
  respond(
    head: RequestHead,
    now: number,
    client: Client,
  ): Reply | Promise<Reply> {
    const { peer, isSender, isTls } = client;
    client.address = this.#trusted === undefined || !isSender
      ? peer
      : this.#clientAddress(head, peer, this.#trusted);
    if (!isTls && isForTls(head) && !(isSender && this.trusts(peer))) {
      return this.#responder.error(421);
    }
    if (this.#gate === undefined) return this.#responder.respond(head, now);
    const guard = this.#guard;
    let judged: Judged | undefined;
    const path = guard === undefined ? NO_PATH : () => {
      judged = guard.judge(head, now, this.#responder);
      return judged?.path;
    };
    const refusal = this.#gate.check(head, client.address, path, now);
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

  #clientAddress(head: RequestHead, peer: string, trusted: Networks): string {
    return forwardedAddress(
      head,
      peer,
      trusted,
      this.#plan.options.forwardedField,
    );
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

/** Whether a request is for an https resource, which no plain connection may answer for but a proxy's (RFC 9110 §7.4). */
function isForTls({ target }: RequestHead): boolean {
  return target.charCodeAt(0) !== SLASH && /^https:/i.test(target);
}

/** What a request was judged by, for the responder to go on with. */
interface Judged extends Located {
  /** The decoded path that decides whether a password is needed. */
  readonly path: string;
}

/** Decides which requests need a password. */
class Guard {
  readonly credentials: Credentials;
  readonly #patterns: readonly Pattern[];

  constructor(credentials: Credentials, patterns: readonly Pattern[]) {
    this.credentials = credentials;
    this.#patterns = patterns;
  }

  /** Whether a decoded path is protected, or a file that is precompressed beside it. */
  readonly isProtected = (path: string): boolean => {
    if (this.#matches(path)) return true;
    const coding = CODINGS.find(({ suffix }) => path.endsWith(suffix));
    return coding !== undefined &&
      this.#matches(path.slice(0, -coding.suffix.length));
  };

  /**
   * Finds the path that decides whether a request needs a password: its own, or a protected one that it leads to by an
   * index, a clean URL, a rewrite or a link. Returns undefined for a malformed target.
   */
  judge(
    head: RequestHead,
    now: number,
    responder: Responder,
  ): Judged | undefined {
    const target = parseTarget(head.method, head.target);
    if (target === undefined) return undefined;
    const { path } = target;
    if (this.isProtected(path)) return { path, target };
    const finding = responder.find(head, target, now);
    const paths = responder.pathsBehind(target, finding, now);
    return { path: paths.find(this.isProtected) ?? path, target, finding };
  }

  #matches(path: string): boolean {
    return this.#patterns.some((pattern) => pattern.matches(path));
  }
}

function guardOf({ credentials, options }: Plan): Guard | undefined {
  if (credentials === undefined) return undefined;
  const patterns = options.authPaths.map((text) => {
    const pattern = compilePattern(text);
    if ("problem" in pattern) {
      throw new PlanError(`--auth-paths: ${pattern.problem}`);
    }
    return pattern;
  });
  const who = followable(
    () => new Credentials(credentials),
    CredentialsError,
    `${options.authFile}: `,
  );
  return new Guard(who, patterns);
}

/** Does what may throw an error of a kind that is the person's. */
function followable<T>(
  make: () => T,
  kind: new (...args: never[]) => Error,
  prefix = "",
): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    throw new PlanError(prefix + error.message);
  }
}

function networks(flag: string, texts: readonly string[]) {
  if (texts.length === 0) return undefined;
  return followable(() => new Networks(texts), NetworkError, `--${flag}: `);
}

/** Who is let in, as far as no password decides. */
export interface Access {
  /** The proxies that are trusted; undefined for none. */
  readonly trusted: Networks | undefined;
  /** What decides whether a request is answered; undefined when everything is. */
  readonly gate: Gate | undefined;
}

/** Who is let in to what a plan serves without a password. Throws a {@linkcode PlanError}. */
export function accessOf(plan: Plan): Access {
  return {
    trusted: networks("trusted-proxy", plan.options.trustedProxy),
    gate: gateOf(plan, undefined),
  };
}

/** The gate, if anything is to be kept out. */
function gateOf(plan: Plan, guard: Guard | undefined): Gate | undefined {
  const { options, memory } = plan;
  const { requestsPerSecond: rate } = options;
  const hosts = hostsOf(plan);
  const denied = networks("deny", options.deny);
  const allowed = networks("allow", options.allow);
  const requests = rate === undefined
    ? undefined
    : new RateLimit({ rate }, memory.requests);
  const isOpen = [hosts, denied, allowed, requests, guard]
    .every((rule) => rule === undefined);
  if (isOpen) return undefined;
  return new Gate({
    hosts,
    denied,
    allowed,
    requests,
    credentials: guard?.credentials,
    isProtected: guard?.isProtected,
    logins: new LoginLimits(memory.logins),
  });
}

/** Who can reach this machine alone is asked for by its own names, unless somebody's page plays tricks (DNS rebinding). */
export function hostsOf({ options }: Plan): AllowedHosts | undefined {
  const { allowedHosts, host } = options;
  if (allowedHosts === undefined) {
    return isLoopback(host) ? loopbackHosts() : undefined;
  }
  if (allowedHosts.includes("*")) return undefined;
  return followable(
    () => new AllowedHosts(allowedHosts),
    HostError,
    "--allowed-hosts: ",
  );
}

/** Makes ready what is to be served. */
function openSite(
  { root, isArchive, options, isolates }: Plan,
  guard: Guard | undefined,
): DirectorySite | BundleSite {
  const isProtected = guard?.isProtected;
  if (isArchive) return new BundleSite(Deno.readFileSync(root), isProtected);
  const { cache } = DIRECTORY_DEFAULTS;
  return new DirectorySite(root, {
    ...DIRECTORY_DEFAULTS,
    compress: options.compression,
    isProtected,
    // All isolates together keep to the same bound.
    cache: {
      entries: Math.ceil(cache.entries / isolates),
      bytes: cache.bytes / isolates,
    },
  });
}

/** Rules of the configuration, and behind them those that the site brings with it. */
function rulesOf({ options }: Plan, site: DirectorySite | BundleSite) {
  const files = readRuleFiles(site, Date.now());
  const own: RuleDefinitions = options.rules;
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
  guard: Guard | undefined,
) {
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
    isProtected: guard?.isProtected ?? (() => false),
  });
}

/** Sees whether a plan can be followed, and throws as SiteHandler does if not; returns what is wrong with rules, a sentence each. */
export function checkPlan(plan: Plan): readonly string[] {
  const answers = new SiteHandler(plan, {
    onRefusal: () => {},
    onWarning: () => {},
  });
  answers.close();
  return answers.warnings;
}
