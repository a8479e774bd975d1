/**
 * Admission: decides which connections a server keeps, right after it accepts them and before it reads a byte.
 *
 * @module
 */

import type { Client } from "./client.ts";
import type { RefusalCause } from "../observe/metric_layout.ts";
import { type ConnectionPlace, type PlaceHolder, Places } from "./places.ts";

/** Most connections at once. Beyond that, the client with the most connections loses one, or the new one gets 503. */
export const CONNECTIONS_MAX = 10_000;

/** Most of them that are not open yet. Beyond that, the client with the most of these loses one. */
export const OPENING_MAX = 2_500;

/** Most connections beyond those that get 503 at once. Further ones are closed without a response. */
const TURNED_AWAY_MAX = 256;

/** Connections beyond the limit of a client that get 429 at once. Further ones are closed without a response. */
const REFUSED_PER_ADDRESS_MAX = 8;

/** When descriptors run out, a client with this many connections loses one in {@linkcode HOARD_PARTS} of them. */
const HOARD_MIN = 128;
const HOARD_PARTS = 4;

/**
 * How long after that the server accepts no more connections than it had left, in ms. One too many costs its client an
 * older one at once; otherwise all clients would wait for descriptors again.
 */
const SCARCE_MS = 60_000;

/** What {@linkcode Admission} returns for a connection to close without a response. */
export const CLOSED: -1 = -1;

/** How to treat client addresses. */
export interface AddressRules {
  /** Whether an address belongs to a trusted proxy, whose connections serve many clients. */
  readonly isTrusted: (address: string) => boolean;
  /** The client that connections from an address count for. */
  readonly subjectOf: (address: string) => string;
  /** Limits the connections of each client until they are closed; undefined for no limit of its own. */
  readonly limit?: ConnectionBound | undefined;
}

/** Counts the connections of clients. */
export interface ConnectionBound {
  /** Counts a connection. Returns by how many the client exceeds its limit; 0 within it. */
  open(subject: string): number;
  /** Undoes one {@linkcode ConnectionBound.open}. */
  close(subject: string): void;
}

/** How many connections a server takes. */
export interface AdmissionBounds {
  /** Most connections at once. */
  readonly connectionsMax: number;
  /** Most of them that are not open yet. */
  readonly openingMax: number;
}

/** The part of a connection that admission needs. */
export interface Entrant extends PlaceHolder {
  readonly client: Client;
  /** Its place among all that were admitted. Only the admission sets this and the fields below. */
  place?: ConnectionPlace<Entrant> | undefined;
  /** Its place among those that are not open yet. */
  openingPlace?: ConnectionPlace<Entrant> | undefined;
  /** The client that it counts for. */
  countedFor?: string | undefined;
  close(): void;
}

/** Without rules each address counts for itself. */
const NO_RULES: AddressRules = {
  isTrusted: () => false,
  subjectOf: (address) => address,
};

/** Decides which connections stay. */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #rules: AddressRules;
  readonly #onRefusal: (cause: RefusalCause) => void;
  /** All connections that were admitted. */
  readonly #places = new Places<Entrant>();
  /** Those that are not open yet. */
  readonly #opening = new Places<Entrant>();
  /** How many connections the descriptors suffice for, and until when that counts, in ms since the epoch. */
  #enough = 0;
  #scarceUntil = 0;
  /** How many more may be turned away then: half of those that became free. */
  #spare = 0;

  /** An admission within bounds. Calls `onRefusal` for each connection that is refused or evicted. */
  constructor(
    bounds: AdmissionBounds,
    rules: AddressRules | undefined,
    onRefusal: (cause: RefusalCause) => void,
  ) {
    this.#bounds = bounds;
    this.#rules = rules ?? NO_RULES;
    this.#onRefusal = onRefusal;
  }

  /**
   * Takes an accepted connection, under the address of its peer. Returns 0, the status to refuse it with, or
   * {@linkcode CLOSED}. In each case the caller calls {@linkcode Admission.leave} at the end of the connection.
   * `connections` is how many others have not ended. `isOpening` says that a handshake or a PROXY header comes first;
   * the caller then calls {@linkcode Admission.markOpen} behind it.
   */
  enter(
    entrant: Entrant,
    isOpening: boolean,
    connections: number,
    now: number,
  ): number {
    const { openingMax } = this.#bounds;
    const isScarce = now < this.#scarceUntil;
    const connectionsMax = isScarce
      ? this.#enough
      : this.#bounds.connectionsMax;
    const turnedAwayMax = isScarce ? this.#spare : TURNED_AWAY_MAX;
    const subject = this.subjectOf(entrant.client.peer);
    const refusal = this.#countFor(entrant, subject);
    if (refusal === CLOSED) return CLOSED;
    const hasPlace = this.#makeRoom(this.#places, connectionsMax, subject, now);
    const excess = connections - connectionsMax;
    if (!hasPlace) this.#onRefusal("too_many_connections");
    // A runtime that cannot interrupt a write (Deno 2.5) may still hold some that were evicted.
    if (excess >= (hasPlace ? 2 * TURNED_AWAY_MAX : turnedAwayMax)) {
      return CLOSED;
    }
    if (hasPlace) entrant.place = this.#places.add(entrant, subject);
    if (isOpening) {
      this.#makeRoom(this.#opening, openingMax, subject, now);
      entrant.openingPlace = this.#opening.add(entrant, subject);
    }
    return refusal === 0 && !hasPlace ? 503 : refusal;
  }

  /** Counts a connection for the client that its PROXY header names. Returns the same as {@linkcode enter}. */
  identify(entrant: Entrant): number {
    const subject = this.subjectOf(entrant.client.peer);
    if (entrant.place !== undefined) {
      this.#places.remove(entrant.place);
      entrant.place = this.#places.add(entrant, subject);
    }
    this.#uncount(entrant);
    return this.#countFor(entrant, subject);
  }

  /** Records that a connection is open. */
  markOpen(entrant: Entrant): void {
    if (entrant.openingPlace === undefined) return;
    this.#opening.remove(entrant.openingPlace);
    entrant.openingPlace = undefined;
  }

  /** Records that a connection has ended. */
  leave(entrant: Entrant): void {
    this.#freePlaces(entrant);
    this.#uncount(entrant);
  }

  #freePlaces(entrant: Entrant): void {
    this.markOpen(entrant);
    if (entrant.place === undefined) return;
    this.#places.remove(entrant.place);
    entrant.place = undefined;
  }

  /** Frees descriptors: a client that holds many connections loses those that have waited longest. */
  makeRoom(now: number): void {
    const { most } = this.#places;
    if (most < HOARD_MIN) return;
    const before = this.#places.size;
    for (let left = most / HOARD_PARTS; left > 0; left--) {
      const leaver = this.#places.leaver(undefined, now);
      if (leaver !== undefined) this.#evict(leaver);
    }
    const { size } = this.#places;
    this.#enough = Math.min(this.#bounds.connectionsMax, size);
    this.#spare = Math.min(TURNED_AWAY_MAX, Math.floor((before - size) / 2));
    this.#scarceUntil = now + SCARCE_MS;
  }

  /** The client that an address counts for; undefined for a proxy, because each connection may be another client's. */
  subjectOf(address: string): string | undefined {
    const { isTrusted, subjectOf } = this.#rules;
    return isTrusted(address) ? undefined : subjectOf(address);
  }

  #countFor(entrant: Entrant, subject: string | undefined): number {
    const { limit } = this.#rules;
    if (limit === undefined || subject === undefined) return 0;
    const excess = limit.open(subject);
    if (excess > 0) this.#onRefusal("connections_per_address");
    if (excess > REFUSED_PER_ADDRESS_MAX) {
      limit.close(subject);
      return CLOSED;
    }
    entrant.countedFor = subject;
    return excess === 0 ? 0 : 429;
  }

  #uncount(entrant: Entrant): void {
    if (entrant.countedFor === undefined) return;
    this.#rules.limit?.close(entrant.countedFor);
    entrant.countedFor = undefined;
  }

  /** Makes sure that `places` has room for another connection of a client. Returns whether it has. */
  #makeRoom(
    places: Places<Entrant>,
    max: number,
    subject: string | undefined,
    now: number,
  ): boolean {
    if (places.size < max) return true;
    const leaver = places.leaver(subject, now);
    if (leaver === undefined) return false;
    this.#evict(leaver);
    return true;
  }

  #evict(entrant: Entrant): void {
    this.#onRefusal("evicted");
    // Its place is free now, but it counts for its client until it has ended.
    this.#freePlaces(entrant);
    entrant.close();
  }
}
