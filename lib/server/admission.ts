/**
 * Admission: which connections a server takes, decided when they are accepted
 * and before a byte is read of them.
 *
 * @module
 */

import type { Client } from "./client.ts";
import type { RefusalCause } from "../observe/metric_layout.ts";
import { type PlaceHolder, Places } from "./places.ts";

/** Most connections at once. Each takes a file descriptor and some KiB; beyond, whoever has most gives one up, or 503. */
export const CONNECTIONS_MAX = 10_000;

/** Most of them whose TLS handshake or PROXY header is not done: beyond, whoever has most of these gives one up. */
export const OPENING_MAX = 2_500;

/** Most connections at once beyond those, each told 503; further ones are closed without a word. */
const TURNED_AWAY_MAX = 256;

/** Connections beyond the limit of an address that are told so, at a time; further ones are closed without a word. */
const REFUSED_PER_ADDRESS_MAX = 8;

/** When descriptors run out, a client with so many connections gives up one in {@linkcode HOARD_PARTS} of them. */
const HOARD_MIN = 128;
const HOARD_PARTS = 8;

/** What {@linkcode Admission} answers for a connection that is closed without a word. */
export const CLOSED: -1 = -1;

/** What is known of addresses. */
export interface AddressRules {
  /** Whether an address is that of a trusted proxy, whose connections are those of many clients. */
  readonly isTrusted: (address: string) => boolean;
  /** The client that an address counts for. */
  readonly subjectOf: (address: string) => string;
  /** Bounds the connections of each client, until they are closed; undefined: no bound but that of all. */
  readonly limit?: ConnectionBound | undefined;
}

/** Counts connections of clients. */
export interface ConnectionBound {
  /** Counts a connection of a client. Returns by how many the client is above its limit; 0 within it. */
  open(subject: string): number;
  /** Takes back what {@linkcode ConnectionBound.open} has counted. */
  close(subject: string): void;
}

/** How many connections there may be. */
export interface AdmissionBounds {
  /** Most connections at once. */
  readonly connectionsMax: number;
  /** Most of them that are not open yet. */
  readonly openingMax: number;
}

/** A connection, as far as it matters here. */
export interface Entrant extends PlaceHolder {
  /** Who is at its other end. */
  readonly client: Client;
  /** Ends it now. */
  close(): void;
}

/** Where nothing is known of addresses, each counts for itself. */
const NO_RULES: AddressRules = {
  isTrusted: () => false,
  subjectOf: (address) => address,
};

/** Decides which connections stay. */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #rules: AddressRules;
  readonly #onRefusal: (cause: RefusalCause) => void;
  /** All connections that were not closed here. */
  readonly #places = new Places<Entrant>();
  /** Those that are not open yet. */
  readonly #opening = new Places<Entrant>();
  /** For whom a connection counts. */
  readonly #counted = new Map<Entrant, string>();

  /** An admission within bounds; `onRefusal` is called for each connection that has to leave. */
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
   * Takes a connection that was accepted, under the address of its peer. Returns 0, the status to refuse it with, or
   * {@linkcode CLOSED}; whatever it is, {@linkcode Admission.leave} is to be called at its end. `connections`: how many
   * others have not ended. `isOpening`: there is something to do before its first request, whose end
   * {@linkcode Admission.markOpen} is to tell.
   */
  enter(
    entrant: Entrant,
    isOpening: boolean,
    connections: number,
    now: number,
  ): number {
    const { connectionsMax, openingMax } = this.#bounds;
    const subject = this.#subjectOf(entrant.client.peer);
    const refusal = this.#countFor(entrant, subject);
    if (refusal === CLOSED) return CLOSED;
    const hasPlace = this.#makeRoom(this.#places, connectionsMax, subject, now);
    const excess = connections - connectionsMax;
    if (!hasPlace) this.#onRefusal("too_many_connections");
    // A runtime that cannot interrupt a write may keep some that had to leave.
    if (excess >= (hasPlace ? 2 : 1) * TURNED_AWAY_MAX) return CLOSED;
    if (hasPlace) this.#places.add(entrant, subject);
    if (isOpening) {
      this.#makeRoom(this.#opening, openingMax, subject, now);
      this.#opening.add(entrant, subject);
    }
    return refusal === 0 && !hasPlace ? 503 : refusal;
  }

  /** The PROXY header of a connection has named its client, for whom it counts from now on. Returns as {@linkcode enter}. */
  identify(entrant: Entrant): number {
    const subject = this.#subjectOf(entrant.client.peer);
    if (this.#places.remove(entrant)) this.#places.add(entrant, subject);
    this.#uncount(entrant);
    return this.#countFor(entrant, subject);
  }

  /** A connection is open. */
  markOpen(entrant: Entrant): void {
    if (this.#opening.size > 0) this.#opening.remove(entrant);
  }

  /** A connection is closed. */
  leave(entrant: Entrant): void {
    if (this.#opening.size > 0) this.#opening.remove(entrant);
    this.#places.remove(entrant);
    this.#uncount(entrant);
  }

  /**
   * There is no descriptor for another connection, nobody knows whose: a client that holds many gives some up, those
   * first that have waited longest.
   */
  makeRoom(now: number): void {
    const { most } = this.#places;
    if (most < HOARD_MIN) return;
    for (let left = most / HOARD_PARTS; left > 0; left--) {
      const leaver = this.#places.leaver(undefined, now);
      if (leaver !== undefined) this.#evict(leaver);
    }
  }

  /** The client that an address counts for; undefined for a proxy's, behind which each may be another. */
  #subjectOf(address: string): string | undefined {
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
    this.#counted.set(entrant, subject);
    return excess === 0 ? 0 : 429;
  }

  #uncount(entrant: Entrant): void {
    if (this.#rules.limit === undefined) return;
    const counted = this.#counted.get(entrant);
    if (counted === undefined) return;
    this.#counted.delete(entrant);
    this.#rules.limit.close(counted);
  }

  /** Sees to it that there is room among so many for another connection of a client. Returns whether there is. */
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
    // Its place is free; for the limit of its client it counts until it has ended.
    this.#opening.remove(entrant);
    this.#places.remove(entrant);
    entrant.close();
  }
}
