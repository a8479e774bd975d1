/**
 * Decides whether a request may have a response: applies all rules of `access/` in a fixed order.
 *
 * @module
 */

import { Field } from "../http/fields.ts";
import type { FieldLine } from "../http/field_section.ts";
import type { RequestHead } from "../http/head.ts";
import { parseBasic } from "./basic.ts";
import type { Credentials, PasswordVerdict } from "./credentials.ts";
import type { AllowedHosts } from "./hosts.ts";
import type { RateLimit } from "./limits.ts";
import { type Login, LoginLimits } from "./login_limits.ts";
import { networkOf, type Networks, subjectOf } from "./networks.ts";

/** A refusal of a request. */
export interface Refusal {
  /** The status. */
  readonly status: 401 | 403 | 421 | 429 | 503;
  /** Header lines beyond those of every error with this status. */
  readonly fields: readonly FieldLine[];
  /**
   * The reason, for logs and metrics: the host is not allowed, the address is not allowed, the address sends too many
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

/** The rules of a gate. Undefined rules allow everything. */
export interface GateOptions {
  /** The allowed hosts. */
  readonly hosts?: AllowedHosts | undefined;
  /** The denied networks. */
  readonly denied?: Networks | undefined;
  /** Only these networks are allowed; `denied` takes precedence. */
  readonly allowed?: Networks | undefined;
  /** The request rate of each address. */
  readonly requests?: RateLimit | undefined;
  /** The names and passwords for protected paths. */
  readonly credentials?: Credentials | undefined;
  /** Whether a decoded path is protected; by default every path is. */
  readonly isProtected?: ((path: string) => boolean) | undefined;
  /** The login limits, shared with other isolates; by default the gate has its own. */
  readonly logins?: LoginLimits | undefined;
}

const MISDIRECTED: Refusal = { status: 421, fields: [], cause: "host" };
const DENIED: Refusal = { status: 403, fields: [], cause: "denied" };
const UNAUTHENTICATED: Refusal = {
  status: 401,
  fields: [["WWW-Authenticate", 'Basic realm="skiff", charset="UTF-8"']],
  cause: "unauthenticated",
};
// Every 503 has its Retry-After already.
const BUSY: Refusal = { status: 503, fields: [], cause: "busy" };

/** Decides which requests may be answered. */
export class Gate {
  readonly #options: GateOptions;
  readonly #logins: LoginLimits;

  /** Makes a gate with these rules. */
  constructor(options: GateOptions) {
    this.#options = options;
    this.#logins = options.logins ?? new LoginLimits();
  }

  /** Whether a path needs a name and password. So does undefined, a malformed path. */
  isProtected(path: string | undefined): boolean {
    const { credentials, isProtected } = this.#options;
    if (credentials === undefined) return false;
    return path === undefined || isProtected === undefined || isProtected(path);
  }

  /**
   * Returns the refusal of a request, or undefined if it may be answered. A promise only if a password
   * must be hashed first. In this order:
   *
   * 1. The host is allowed, else 421.
   * 2. The address is allowed, else 403.
   * 3. The address is within its request rate, else 429.
   * 4. If the path is protected: there is a name and a password, else 401; the address has not failed too
   *    often, else 429; they are right, else 401, or 503 if too many logins are being checked.
   *
   * OPTIONS needs no authentication: a CORS preflight never carries credentials (Fetch §3.3.5), and the answer
   * reveals nothing about any file.
   *
   * `address` is the client's; `getPath` returns the decoded path that decides about protection, or undefined if
   * the target is malformed; it is called only after all other rules. `now` is in ms since the epoch.
   */
  check(
    head: RequestHead,
    address: string,
    getPath: () => string | undefined,
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const refusal = this.admit(head, address, now);
    const isOver = refusal !== undefined || !this.hasPasswords ||
      head.method === "OPTIONS" || !this.isProtected(getPath());
    return isOver ? refusal : this.#logIn(head, address, now);
  }

  /** Whether some paths need a name and password. */
  get hasPasswords(): boolean {
    return this.#options.credentials !== undefined;
  }

  /** Applies rules 1 to 3 of {@linkcode Gate.check}, which are all that a gate without passwords has. */
  admit(head: RequestHead, address: string, now: number): Refusal | undefined {
    const { hosts, denied, allowed, requests } = this.#options;
    if (hosts?.allows(head) === false) return MISDIRECTED;
    if (denied?.has(address)) return DENIED;
    if (allowed?.has(address) === false) return DENIED;
    const wait = requests?.take(subjectOf(address), now) ?? 0;
    return wait > 0 ? tooMany(wait, "rate") : undefined;
  }

  #logIn(
    head: RequestHead,
    address: string,
    now: number,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { credentials } = this.#options;
    const field = head.field(Field.Authorization);
    const given = field === undefined ? undefined : parseBasic(field);
    if (credentials === undefined || given === undefined) {
      return UNAUTHENTICATED;
    }
    const subject = subjectOf(address);
    // Check the pause first: if a remembered password passed during a pause, guessing it would be fast.
    const pause = this.#logins.pause(subject, now);
    if (pause > 0) return tooMany(pause, "paused");
    const { name, password } = given;
    const known = credentials.recall(name, password);
    if (known === true) return undefined;
    if (known !== undefined) {
      return known.then(refusalFor);
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

  /** Waits for a password check that holds a place, and counts its result. */
  async #count(
    login: Login,
    answer: Promise<PasswordVerdict>,
    now: number,
  ): Promise<Refusal | undefined> {
    let verdict: PasswordVerdict = "busy";
    try {
      verdict = await answer;
      return refusalFor(verdict);
    } finally {
      if (verdict === "right") this.#logins.succeed(login, now);
      else if (verdict === "wrong") this.#logins.fail(login, now);
      else this.#logins.cancel(login, now);
    }
  }
}

function refusalFor(verdict: PasswordVerdict): Refusal | undefined {
  if (verdict === "right") return undefined;
  return verdict === "busy" ? BUSY : UNAUTHENTICATED;
}

function tooMany(seconds: number, cause: "rate" | "paused"): Refusal {
  return { status: 429, fields: [["Retry-After", String(seconds)]], cause };
}
