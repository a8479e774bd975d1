/**
 * Places: the admitted connections by client, and which of them to evict when
 * there is no place for another.
 *
 * The client with the most places loses one, so no client can lock others out
 * by holding all places.
 *
 * @module
 */

import { Roster, type RosterMember } from "./roster.ts";

/** What holds a place. */
export interface PlaceHolder {
  /** When its current phase began, in ms since the epoch. */
  readonly since: number;
  /** Whether the server waits for the client, with no request to answer. */
  readonly awaitsClient: boolean;
}

/** A place, until it is freed. */
export interface ConnectionPlace<Holder> extends RosterMember {
  /** What holds it. */
  readonly holder: Holder;
  /** The places of the same client. */
  readonly group: Group<Holder>;
}

/** How many holders one search of a group finds: the next ones to leave. */
const CANDIDATES_MAX = 256;

/** How long a search that found no candidate is not repeated, in ms. */
const SEARCH_PAUSE_MS = 100;

/** A place whose holder may leave, as the holder was when the search found it. */
interface Candidate<Holder> {
  readonly place: ConnectionPlace<Holder>;
  readonly since: number;
  readonly awaitsClient: boolean;
}

/** The places of one client. */
interface Group<Holder> extends RosterMember {
  /** The client; undefined for a group of one place that no other joins. */
  readonly subject: string | undefined;
  readonly places: Roster<ConnectionPlace<Holder>>;
  /** The next ones to leave, in reverse order. All other holders have waited less long. */
  candidates: Candidate<Holder>[];
  /** When the group was last searched, in ms since the epoch. */
  lookedAt: number;
}

/** Keeps the holders of places. Adding and removing take constant time. */
export class Places<Holder extends PlaceHolder> {
  readonly #groups = new Roster<Group<Holder>>();
  readonly #bySubject = new Map<string, Group<Holder>>();
  #size = 0;
  /** Groups by number of holders. Exists only while evictions are likely: it costs each connection four lookups. */
  #bySize: Set<Group<Holder>>[] | undefined;
  /** How many places were taken when `#bySize` was last needed. */
  #sizeThen = 0;
  /** Size of the largest group. */
  #most = 0;
  /** Groups of this size and above have no candidate until then. */
  #searched = { until: -Infinity, size: 0 };

  /** How many places are taken. */
  get size(): number {
    return this.#size;
  }

  /** How many places the client with the most of them has. */
  get most(): number {
    this.#groupsBySize();
    return this.#most;
  }

  /** How many places a client has. */
  sizeOf(subject: string | undefined): number {
    return this.#groupOf(subject)?.places.size ?? 0;
  }

  /** Returns a place for a holder. Without a subject the holder is a client of its own. */
  add(holder: Holder, subject: string | undefined): ConnectionPlace<Holder> {
    const group = this.#groupOf(subject) ?? this.#addGroup(subject);
    const place = { holder, group, index: -1 };
    group.places.add(place);
    this.#size++;
    this.#resized(group, group.places.size - 1);
    return place;
  }

  /** Frees a place. */
  remove(place: ConnectionPlace<Holder>): void {
    const { group } = place;
    group.places.remove(place);
    this.#size--;
    this.#resized(group, group.places.size + 1);
    if (group.places.size > 0) return;
    this.#groups.remove(group);
    if (group.subject !== undefined) this.#bySubject.delete(group.subject);
  }

  #groupOf(subject: string | undefined): Group<Holder> | undefined {
    return subject === undefined ? undefined : this.#bySubject.get(subject);
  }

  #addGroup(subject: string | undefined): Group<Holder> {
    const group = {
      subject,
      places: new Roster<ConnectionPlace<Holder>>(),
      candidates: [],
      lookedAt: -Infinity,
      index: -1,
    };
    this.#groups.add(group);
    if (subject !== undefined) this.#bySubject.set(subject, group);
    return group;
  }

  #resized(group: Group<Holder>, before: number): void {
    const bySize = this.#bySize;
    if (bySize === undefined) return;
    if (this.#size < this.#sizeThen / 2) {
      this.#bySize = undefined;
      return;
    }
    const { size } = group.places;
    bySize[before]?.delete(group);
    if (size > 0) (bySize[size] ??= new Set()).add(group);
    // Groups change by one holder at a time, so the maximum does too.
    if (size > this.#most) this.#most = size;
    else if (bySize[this.#most]?.size === 0) this.#most--;
  }

  /** Returns the groups by number of holders, and sorts them first if needed. */
  #groupsBySize(): readonly Set<Group<Holder>>[] {
    this.#sizeThen = this.#size;
    if (this.#bySize !== undefined) return this.#bySize;
    const bySize: Set<Group<Holder>>[] = [];
    for (const group of this.#groups.all()) {
      (bySize[group.places.size] ??= new Set()).add(group);
    }
    this.#most = Math.max(0, bySize.length - 1);
    return this.#bySize = bySize;
  }

  /**
   * Chooses the holder to evict for a new one of `subject`; undefined if none has to leave. Searches from the client
   * with the most places down to those with as many as the newcomer's, and takes the holder that has waited for its
   * client longest. Holders that do not wait leave only if their client has at least two more than the newcomer's.
   * `now` is in ms since the epoch.
   */
  leaver(subject: string | undefined, now: number): Holder | undefined {
    const own = this.sizeOf(subject);
    const { until, size: searched } = this.#searched;
    if (now < until && own >= searched) return undefined;
    const bySize = this.#groupsBySize();
    for (let size = this.#most; size >= Math.max(1, own); size--) {
      for (const group of bySize[size] ?? []) {
        const first = firstOf(group, now);
        if (first === undefined) continue;
        if (first.awaitsClient || size > own + 1) return first.place.holder;
      }
    }
    this.#searched = { until: now + SEARCH_PAUSE_MS, size: own };
    return undefined;
  }
}

/** The candidate of a group that leaves first. */
function firstOf<Holder extends PlaceHolder>(
  group: Group<Holder>,
  now: number,
): Candidate<Holder> | undefined {
  const first = firstLeft(group);
  const isRecent = now - group.lookedAt < SEARCH_PAUSE_MS;
  if (first !== undefined && (first.awaitsClient || isRecent)) return first;
  group.lookedAt = now;
  group.candidates = group.places.all().map((place) => {
    const { since, awaitsClient } = place.holder;
    return { place, since, awaitsClient };
  }).sort(byTurn).slice(0, CANDIDATES_MAX).reverse();
  return group.candidates.at(-1);
}

/** The first candidate whose state has not changed; drops those before it. */
function firstLeft<Holder extends PlaceHolder>(
  { candidates }: Group<Holder>,
): Candidate<Holder> | undefined {
  for (;;) {
    const last = candidates.at(-1);
    if (last === undefined) return undefined;
    const { holder, index } = last.place;
    const isSame = index >= 0 && holder.since === last.since &&
      holder.awaitsClient === last.awaitsClient;
    if (isSame) return last;
    candidates.pop();
  }
}

/** Puts holders that wait for their client first, and among equals those that have waited longest. */
function byTurn(
  a: Candidate<unknown>,
  b: Candidate<unknown>,
): number {
  return Number(b.awaitsClient) - Number(a.awaitsClient) || a.since - b.since;
}
