/**
 * How often a client may try to log in, and who goes first when many try. All
 * isolates of the process share these limits, also across a reload.
 *
 * @module
 */

import {
  type LimitMemory,
  type Rate,
  RateLimit,
  rateMemory,
} from "./limits.ts";

/** Failed logins of each address: this many at once, and so many a second. */
export const FAILURES = { rate: 0.5, burst: 5 } as const;

/** How many failed logins of a network decide its turn; further ones make no difference. */
export const NETWORK_FAILURES_MAX = 1_000;

/** How long one failed login of a network decides its turn, in ms. */
export const NETWORK_FAILURE_MS = 600_000;

/** How long a right login gives its name the first turn from that address, in ms: 30 days. */
export const PROOF_MS = 2_592_000_000;

/** How many times {@linkcode PROOF_MS} several right logins last. */
const PROOFS: Rate = { rate: 1000 / PROOF_MS, burst: 2 };

const NETWORK_FAILURES: Rate = {
  rate: 1000 / NETWORK_FAILURE_MS,
  burst: NETWORK_FAILURES_MAX,
};

/** What the limits of logins keep. It may be sent to other isolates, whose limits then are the same. */
export interface LoginMemory {
  /** For logins of each address that have failed or are being checked. */
  readonly attempts: LimitMemory;
  /** For failed logins of each address. */
  readonly failures: LimitMemory;
  /** For failed logins of each network. */
  readonly networks: LimitMemory;
  /** For right logins of each address and name. */
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

/** One try of a client to log in. */
export interface Login {
  /** Whom the address counts for: see `subjectOf()`. */
  readonly subject: string;
  /** The network of the address: see `networkOf()`. */
  readonly network: string;
  /** The name, as the client has sent it. */
  readonly name: string;
}

/** The turn of whoever has logged in before: in front of everybody else. */
const FIRST = -1;

/**
 * Limits of logins. Times are in ms since the epoch.
 *
 * An address takes a place before its password is hashed, so that all isolates together never check more
 * passwords for it than may fail, and gets it back when the password was right.
 */
export class LoginLimits {
  readonly #attempts: RateLimit;
  readonly #failures: RateLimit;
  readonly #networks: RateLimit;
  readonly #proofs: RateLimit;

  /** Limits in memory of their own, or in that of another isolate's limits. */
  constructor(memory: LoginMemory = loginMemory()) {
    this.#attempts = new RateLimit(FAILURES, memory.attempts);
    this.#failures = new RateLimit(FAILURES, memory.failures);
    this.#networks = new RateLimit(NETWORK_FAILURES, memory.networks);
    this.#proofs = new RateLimit(PROOFS, memory.proofs);
  }

  /** Seconds until an address that has failed too often may log in, also with what was right before; 0 when it may now. */
  pause(subject: string, now: number): number {
    return this.#failures.peek(subject, now);
  }

  /** Takes a place for a password that is to be hashed: 0, or else the seconds to wait. */
  begin({ subject }: Login, now: number): number {
    return this.#attempts.take(subject, now);
  }

  /** Gives the place back when the password could not be checked. */
  cancel({ subject }: Login, now: number): void {
    this.#attempts.giveBack(subject, now);
  }

  /** Gives the place back because the password was right, and remembers that. */
  succeed(login: Login, now: number): void {
    this.#attempts.giveBack(login.subject, now);
    this.#proofs.take(proofOf(login), now);
  }

  /** Counts a wrong password. The place stays taken. */
  fail({ subject, network }: Login, now: number): void {
    this.#failures.take(subject, now);
    this.#networks.take(network, now);
  }

  /**
   * When it is the turn of a login among those that wait, the lowest first: below 0 for a name that has logged in
   * from this address before, otherwise the number of recent failures of the network.
   */
  turn(login: Login, now: number): number {
    if (this.#proofs.ahead(proofOf(login), now) > 0) return FIRST;
    return Math.ceil(this.#networks.ahead(login.network, now));
  }
}

function proofOf({ subject, name }: Login): string {
  return `${subject} ${name.normalize("NFC")}`;
}
