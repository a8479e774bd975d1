/**
 * Whether a request may be answered: all that `access/` knows, in one order.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import type { FieldLine } from "../http/field_section.ts";
import type { RequestHead } from "../http/head.ts";
import { parseBasic } from "./basic.ts";
import type { Credentials, Verdict } from "./credentials.ts";
import type { AllowedHosts } from "./hosts.ts";
import type { RateLimit } from "./limits.ts";
import { type Login, LoginLimits } from "./login_limits.ts";
import { networkOf, type Networks, subjectOf } from "./networks.ts";
import { hasControls } from "./password.ts";

/** What a request that may not be answered gets. */
export interface Refusal {
  /** The status. */
  readonly status: 401 | 403 | 421 | 429 | 503;
  /** What the reply has beyond the fields that all errors of this status have. */
  readonly fields: readonly FieldLine[];
  /**
   * Why, for logs and metrics: the Host is not allowed, the address is not allowed, the address sends too many
   * requests, no valid name and password, too many failed logins, or too many logins being checked right now.
   */
  readonly cause:
    | "host"
    | "denied"
    | "rate"
    | "unauthenticated"
    | "paused"
    | "busy";
}

/** The rules of a gate. What is undefined holds nobody up. */
export interface GateOptions {
  /** The hosts that are answered for. */
  readonly hosts?: AllowedHosts | undefined;
  /** The networks that are not let in. */
  readonly denied?: Networks | undefined;
  /** The networks that alone are let in, if there are any; `denied` is stronger. */
  readonly allowed?: Networks | undefined;
  /** Requests of each address. */
  readonly requests?: RateLimit | undefined;
  /** Who is let in to what is protected. */
  readonly credentials?: Credentials | undefined;
  /** What is protected, by decoded path; everything unless said otherwise. */
  readonly isProtected?: ((path: string) => boolean) | undefined;
  /** What the browser calls that when it asks for a name and a password. */
  readonly realm?: string | undefined;
  /** The limits of logins, which other isolates share; limits of its own unless given. */
  readonly logins?: LoginLimits | undefined;
}

const MISDIRECTED: Refusal = { status: 421, fields: [], cause: "host" };
const DENIED: Refusal = { status: 403, fields: [], cause: "denied" };
// Every 503 has its Retry-After already.
const BUSY: Refusal = { status: 503, fields: [], cause: "busy" };

/** Decides which requests are answered. */
export class Gate {
  readonly #options: GateOptions;
  readonly #logins: LoginLimits;
  readonly #unauthenticated: Refusal;

  /** A gate with these rules. Throws for a realm with control characters. */
  constructor(options: GateOptions) {
    const { realm = "skiff" } = options;
    if (hasControls(realm)) {
      throw new Error("Cannot use a realm with control characters in it");
    }
    this.#options = options;
    this.#logins = options.logins ?? new LoginLimits();
    const quoted = realm.replaceAll(/["\\]/g, "\\$&");
    this.#unauthenticated = {
      status: 401,
      fields: [[
        "WWW-Authenticate",
        `Basic realm="${quoted}", charset="UTF-8"`,
      ]],
      cause: "unauthenticated",
    };
  }

  /** Whether a path is answered only to those who have proved who they are. undefined: a path that could not be read. */
  isProtected(path: string | undefined): boolean {
    const { credentials, isProtected } = this.#options;
    if (credentials === undefined) return false;
    return path === undefined || isProtected === undefined || isProtected(path);
  }

  /**
   * Returns what a request is refused with, or undefined when it may be answered. A promise only when a
   * password has to be hashed for that. In this order:
   *
   * 1. The host is answered for, else 421.
   * 2. The address is let in, else 403.
   * 3. The address does not ask too often, else 429.
   * 4. What is protected: there is a name and a password, else 401; the address has not failed too often,
   *    else 429; they are right, else 401, or 503 when too many are being checked.
   *
   * OPTIONS is answered without authentication, because browsers ask in a preflight, which never has
   * credentials, whether they may send them (Fetch §3.3.5); its answer says nothing of any file.
   *
   * `address` is the client's; `path` gives the decoded path that the target leads to, undefined when it could not
   * be read, and is only asked when all else is in order; `now` in ms since the epoch.
   */
  check(
    head: RequestHead,
    address: string,
    path: () => string | undefined,
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { hosts, denied, allowed, requests, credentials } = this.#options;
    if (hosts !== undefined && !hosts.allows(head)) return MISDIRECTED;
    if (denied?.has(address)) return DENIED;
    if (allowed !== undefined && !allowed.isEmpty && !allowed.has(address)) {
      return DENIED;
    }
    const wait = requests?.take(subjectOf(address), now) ?? 0;
    if (wait > 0) return tooMany(wait, "rate");
    if (credentials === undefined || head.method === "OPTIONS") {
      return undefined;
    }
    if (!this.isProtected(path())) return undefined;
    return this.#authenticate(head, address, now);
  }

  #authenticate(
    head: RequestHead,
    address: string,
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { credentials } = this.#options;
    const field = head.field(Field.Authorization);
    const given = field === undefined ? undefined : parseBasic(field);
    if (credentials === undefined || given === undefined) {
      return this.#unauthenticated;
    }
    const subject = subjectOf(address);
    // Before anything else: a remembered password is quick to find by guessing, if it is let in during a pause.
    const pause = this.#logins.pause(subject, now);
    if (pause > 0) return tooMany(pause, "paused");
    const { name, password } = given;
    const known = credentials.recall(name, password);
    if (known === true) return undefined;
    if (known !== undefined) {
      return known.then((verdict) => this.#refusalFor(verdict));
    }
    const login = { subject, network: networkOf(address), name };
    const wait = this.#logins.begin(login, now);
    if (wait > 0) return tooMany(wait, "paused");
    const turn = this.#logins.turn(login, now);
    const { network } = login;
    return this.#count(
      login,
      credentials.verify(name, password, { network, turn }),
      now,
    );
  }

  /** Waits for a check that has taken a place, and counts what it comes to. */
  async #count(
    login: Login,
    answer: Promise<Verdict>,
    now: number,
  ): Promise<Refusal | undefined> {
    let verdict: Verdict = "busy";
    try {
      verdict = await answer;
      return this.#refusalFor(verdict);
    } finally {
      if (verdict === "right") this.#logins.succeed(login, now);
      else if (verdict === "wrong") this.#logins.fail(login, now);
      else this.#logins.cancel(login, now);
    }
  }

  #refusalFor(verdict: Verdict): Refusal | undefined {
    if (verdict === "right") return undefined;
    return verdict === "busy" ? BUSY : this.#unauthenticated;
  }
}

function tooMany(seconds: number, cause: "rate" | "paused"): Refusal {
  return { status: 429, fields: [["Retry-After", String(seconds)]], cause };
}
