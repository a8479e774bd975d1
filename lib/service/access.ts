/**
 * Access: which clients may read what, as a plan says. Knows the trusted proxies,
 * the gate, and the paths that need a password.
 *
 * @module
 */

import { Credentials, CredentialsError } from "../access/credentials.ts";
import { forwardedAddress } from "../access/forwarded.ts";
import { Gate } from "../access/gate.ts";
import { AllowedHosts, HostError, loopbackHosts } from "../access/hosts.ts";
import { RateLimit } from "../access/limits.ts";
import { LoginLimits } from "../access/login_limits.ts";
import { NetworkError, Networks } from "../access/networks.ts";
import { CODINGS } from "../http/coding.ts";
import type { RequestHead } from "../http/head.ts";
import { isLoopback } from "../http/host.ts";
import type { Client } from "../server/client.ts";
import { compilePattern } from "../site/rules/pattern.ts";
import { type Plan, PlanError } from "./plan.ts";
import { previewHosts } from "./preview_hosts.ts";

/** Tells whether a decoded path needs a password. */
export type ProtectionTest = (path: string) => boolean;

/** Identifies clients and decides what they may read. */
export class Access {
  /** Decides which requests are answered; undefined if all are. */
  readonly gate: Gate | undefined;
  /** Tells which paths need a password; undefined if none does. */
  readonly isProtected: ProtectionTest | undefined;
  readonly #plan: Plan;
  readonly #trusted: Networks | undefined;

  /** Throws a {@linkcode PlanError} for options or credentials that are invalid. */
  constructor(plan: Plan) {
    const { credentials, options } = plan;
    this.#plan = plan;
    this.#trusted = networks("trusted-proxy", options.trustedProxy);
    this.isProtected = credentials === undefined
      ? undefined
      : protection(options.authPaths);
    this.gate = gateOf(plan, this.isProtected);
  }

  /** Whether the peer at an address is a proxy whose forwarded client address is trusted. */
  trusts(peer: string): boolean {
    return this.#trusted?.has(peer) === true;
  }

  /** Sets the address of the client that a request comes from: the peer's, or what a trusted proxy says. */
  identify(head: RequestHead, client: Client): void {
    const { peer, isSender } = client;
    const { forwardedField } = this.#plan.options;
    client.address = this.#trusted === undefined || !isSender
      ? peer
      : forwardedAddress(head, peer, this.#trusted, forwardedField);
  }
}

/** Calls a function, and turns errors of a kind that the operator can mend into a {@linkcode PlanError}. */
function planned<T>(
  make: () => T,
  kind: new (...args: never[]) => Error,
  prefix: string,
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
  return planned(() => new Networks(texts), NetworkError, `--${flag}: `);
}

/** Protects the paths that match a pattern, and the precompressed files beside them. */
function protection(authPaths: readonly string[]): ProtectionTest {
  const patterns = authPaths.map((text) => {
    const pattern = compilePattern(text);
    if (!("problem" in pattern)) return pattern;
    throw new PlanError(`--auth-paths: ${pattern.problem}`);
  });
  const matches = (path: string) =>
    patterns.some((pattern) => pattern.matches(path));
  return (path) => {
    if (matches(path)) return true;
    const coding = CODINGS.find(({ suffix }) => path.endsWith(suffix));
    return coding !== undefined &&
      matches(path.slice(0, -coding.suffix.length));
  };
}

/** Returns the paths that need a password, but nothing below them does. */
export function shallowPaths(authPaths: readonly string[]): string[] {
  const isProtected = protection(authPaths);
  return authPaths.filter((path) =>
    !path.includes("*") && !isProtected(`${path.replace(/\/$/, "")}/a`)
  );
}

/** Builds the gate, if the plan keeps any request out. */
function gateOf(
  plan: Plan,
  isProtected: ProtectionTest | undefined,
): Gate | undefined {
  const { options, memory, credentials: text } = plan;
  const { requestsPerSecond: rate } = options;
  const hosts = hostsOf(plan);
  const denied = networks("deny", options.deny);
  const allowed = networks("allow", options.allow);
  const requests = rate === undefined
    ? undefined
    : new RateLimit({ rate }, memory.requests);
  const credentials = text === undefined ? undefined : planned(
    () => new Credentials(text),
    CredentialsError,
    `${options.authFile}: `,
  );
  const rules = { hosts, denied, allowed, requests, credentials };
  if (Object.values(rules).every((rule) => rule === undefined)) {
    return undefined;
  }
  const logins = new LoginLimits(memory.logins);
  return new Gate({ ...rules, isProtected, logins });
}

/**
 * Returns the hosts that the site answers to; undefined for all. On a loopback address only loopback names are
 * allowed unless others are named: a web page could otherwise reach us by DNS rebinding.
 */
export function hostsOf({ options }: Plan): AllowedHosts | undefined {
  const { allowedHosts, host } = options;
  const previews = previewHosts(options);
  if (allowedHosts === undefined) {
    return isLoopback(host) ? loopbackHosts(previews) : undefined;
  }
  if (allowedHosts.includes("*")) return undefined;
  return planned(
    () => new AllowedHosts([...allowedHosts, ...previews]),
    HostError,
    "--allowed-hosts: ",
  );
}
