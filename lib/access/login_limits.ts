/**
 * Limits how often a client may try to log in, and decides who goes first when
 * many try. All isolates share these limits, and they survive a reload.
 *
 * @module
 */

import {
  type LimitMemory,
  type Rate,
  RateLimit,
  rateMemory,
} from "./limits.ts";

/** Failed logins of each address: at once, and per second. */
export const FAILURES = { rate: 0.5, burst: 5 } as const;

/** The most failed logins of a network that count for its turn. */
export const NETWORK_FAILURES_MAX = 1_000;

/** How long one failed login of a network counts for its turn, in ms. */
export const NETWORK_FAILURE_MS = 600_000;

/** How long a successful login gives its name the first turn from that address, in ms: 30 days. */
export const PROOF_MS = 2_592_000_000;

/** How many times {@linkcode PROOF_MS} repeated logins last. */
const PROOFS: Rate = { rate: 1000 / PROOF_MS, burst: 2 };

const NETWORK_FAILURES: Rate = {
  rate: 1000 / NETWORK_FAILURE_MS,
  burst: NETWORK_FAILURES_MAX,
};

/** The memory of the login limits. Isolates that it is sent to share them. */
export interface LoginMemory {
  /** Logins of each address that failed or are being checked. */
  readonly attempts: LimitMemory;
  /** Failed logins of each address. */
  readonly failures: LimitMemory;
  /** Failed logins of each network. */
  readonly networks: LimitMemory;
  /** Successful logins of each address and name. */
  readonly proofs: LimitMemory;
}

/** Memory for {@linkcode LoginLimits}: 6 MiB. */
export function loginMemory(): LoginMemory {
  return {
    attempts: rateMemory(),
    failures: rateMemory(),
    networks: rateMemory(),
    proofs: rateMemory(),
  };
}

/** An attempt to log in. */
export interface Login {
  /** The subject that the address counts for: see `subjectOf()`. */
  readonly subject: string;
  /** The network of the address: see `networkOf()`. */
  readonly network: string;
  /** The name, as the client sent it. */
  readonly name: string;
}

/** The turn of a name that has logged in before: ahead of all others. */
const FIRST = -1;

/**
 * Limits of logins. Times are in ms since the epoch.
 *
 * An address takes a place before its password is hashed, and gets it back if the password was right. So all
 * isolates together never check more passwords for it than may fail.
 */
export class LoginLimits {
  readonly #attempts: RateLimit;
  readonly #failures: RateLimit;
  readonly #networks: RateLimit;
  readonly #proofs: RateLimit;

  /** Limits in their own memory, or in that of another isolate's limits. */
  constructor(memory: LoginMemory = loginMemory()) {
    this.#attempts = new RateLimit(FAILURES, memory.attempts);
    this.#failures = new RateLimit(FAILURES, memory.failures);
    this.#networks = new RateLimit(NETWORK_FAILURES, memory.networks);
    this.#proofs = new RateLimit(PROOFS, memory.proofs);
  }

  /** Seconds until an address may log in after too many failures, even with a remembered password; 0 if it may now. */
  pause(subject: string, now: number): number {
    return this.#failures.peek(subject, now);
  }

  /** Takes a place for hashing a password. Returns 0, or the seconds to wait. */
  begin({ subject }: Login, now: number): number {
    return this.#attempts.take(subject, now);
  }

  /** Gives the place back: the password could not be checked. */
  cancel({ subject }: Login, now: number): void {
    this.#attempts.giveBack(subject, now);
  }

  /** Gives the place back and remembers the login: the password was right. */
  succeed(login: Login, now: number): void {
    this.#attempts.giveBack(login.subject, now);
    this.#proofs.take(proofOf(login), now);
  }

  /** Counts a wrong password. Keeps the place. */
  fail({ subject, network }: Login, now: number): void {
    this.#failures.take(subject, now);
    this.#networks.take(network, now);
  }

  /**
   * The turn of a login in the queue, lowest first: below 0 for a name that has logged in from this address
   * before, otherwise the number of recent failures of its network.
   */
  turn(login: Login, now: number): number {
    if (this.#proofs.ahead(proofOf(login), now) > 0) return FIRST;
    return Math.ceil(this.#networks.ahead(login.network, now));
  }
}

function proofOf({ subject, name }: Login): string {
  return `${subject} ${name.normalize("NFC")}`;
}
