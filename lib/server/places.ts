/**
 * Places: which connections there are, by client, and which one has to leave
 * when there is no place for another.
 *
 * The client that has most gives one up, so no client can keep others out by
 * holding every place.
 *
 * @module
 */

/** What holds a place. */
export interface PlaceHolder {
  /** When it began what it is doing now, in ms since the epoch. */
  readonly since: number;
  /** Whether it waits for its client, and neither answers nor reads what will be answered. */
  readonly awaitsClient: boolean;
}

/** How many holders one look through a group finds: the next ones to leave it. */
const CANDIDATES_MAX = 256;

/** For how long a search that found nobody who waits is not repeated, in ms. */
const SEARCH_PAUSE_MS = 100;

/** A holder that may leave, as it was when it was found. */
interface Candidate<Holder> {
  readonly holder: Holder;
  readonly since: number;
  readonly awaitsClient: boolean;
}

/** The holders of one client. */
interface Group<Holder> {
  /** undefined: the group of a single holder, which no other joins. */
  readonly subject: string | undefined;
  readonly holders: Set<Holder>;
  /** Those to leave next, the first one last. All others have waited less long. */
  candidates: Candidate<Holder>[];
  /** When it was looked through, in ms since the epoch. */
  lookedAt: number;
}

/** Keeps the holders of places. Adding and removing take the same time however many there are. */
export class Places<Holder extends PlaceHolder> {
  readonly #groups = new Map<string, Group<Holder>>();
  readonly #groupOf = new Map<Holder, Group<Holder>>();
  /** Groups by how many holders they have. Kept only while somebody has to leave now and then: it costs each connection four look-ups. */
  #bySize: Set<Group<Holder>>[] | undefined;
  /** How many places were taken when that was last needed. */
  #sizeThen = 0;
  /** How many the largest group has; only while that is kept. */
  #most = 0;
  /** Until when groups of this size and above are known to have nobody who could leave. */
  #searched = { until: -Infinity, size: 0 };

  /** How many places are taken. */
  get size(): number {
    return this.#groupOf.size;
  }

  /** How many places the client has that has most. */
  get most(): number {
    this.#sorted();
    return this.#most;
  }

  /** How many places a client has. */
  sizeOf(subject: string | undefined): number {
    const group = subject === undefined ? undefined : this.#groups.get(subject);
    return group?.holders.size ?? 0;
  }

  /** Gives a place to a holder that has none. Without a subject it is a client of its own. */
  add(holder: Holder, subject: string | undefined): void {
    let group = subject === undefined ? undefined : this.#groups.get(subject);
    if (group === undefined) {
      group = {
        subject,
        holders: new Set(),
        candidates: [],
        lookedAt: -Infinity,
      };
      if (subject !== undefined) this.#groups.set(subject, group);
    }
    this.#groupOf.set(holder, group);
    group.holders.add(holder);
    this.#resized(group, group.holders.size - 1);
  }

  /** Takes a holder's place back. Returns whether it had one. */
  remove(holder: Holder): boolean {
    const group = this.#groupOf.get(holder);
    if (group === undefined) return false;
    this.#groupOf.delete(holder);
    group.holders.delete(holder);
    this.#resized(group, group.holders.size + 1);
    if (group.holders.size === 0 && group.subject !== undefined) {
      this.#groups.delete(group.subject);
    }
    return true;
  }

  #resized(group: Group<Holder>, before: number): void {
    const bySize = this.#bySize;
    if (bySize === undefined) return;
    if (this.size < this.#sizeThen / 2) {
      this.#bySize = undefined;
      return;
    }
    const { size } = group.holders;
    bySize[before]?.delete(group);
    if (size > 0) (bySize[size] ??= new Set()).add(group);
    // The largest group has grown or shrunk by one, or it is not this one.
    if (size > this.#most) this.#most = size;
    else if (bySize[this.#most]?.size === 0) this.#most--;
  }

  /** Groups by how many holders they have. */
  #sorted(): readonly Set<Group<Holder>>[] {
    this.#sizeThen = this.size;
    if (this.#bySize !== undefined) return this.#bySize;
    const bySize: Set<Group<Holder>>[] = [];
    for (const group of new Set(this.#groupOf.values())) {
      (bySize[group.holders.size] ??= new Set()).add(group);
    }
    this.#most = Math.max(0, bySize.length - 1);
    return this.#bySize = bySize;
  }

  /**
   * The holder that makes room for another one of a client: the longest waiting one of the client that has most. A
   * client that has at least two more than the newcomer's gives up one that does not wait, if none does. Clients that
   * have fewer than the newcomer's give up nothing. undefined when nobody has to leave. `now` is in ms since the epoch.
   */
  leaver(subject: string | undefined, now: number): Holder | undefined {
    const own = this.sizeOf(subject);
    const { until, size: searched } = this.#searched;
    if (now < until && own >= searched) return undefined;
    const bySize = this.#sorted();
    for (let size = this.#most; size >= Math.max(1, own); size--) {
      for (const group of bySize[size] ?? []) {
        const first = firstOf(group, now);
        if (first === undefined) continue;
        if (first.awaitsClient || size > own + 1) return first.holder;
      }
    }
    this.#searched = { until: now + SEARCH_PAUSE_MS, size: own };
    return undefined;
  }
}

/** Who leaves a group first. */
function firstOf<Holder extends PlaceHolder>(
  group: Group<Holder>,
  now: number,
): Candidate<Holder> | undefined {
  const first = firstLeft(group);
  const isRecent = now - group.lookedAt < SEARCH_PAUSE_MS;
  if (first !== undefined && (first.awaitsClient || isRecent)) return first;
  group.lookedAt = now;
  group.candidates = Array.from(group.holders, (holder) => {
    return { holder, since: holder.since, awaitsClient: holder.awaitsClient };
  }).sort(byTurn).slice(0, CANDIDATES_MAX).reverse();
  return group.candidates.at(-1);
}

/** The first of the candidates that is still what it was; those before it are forgotten. */
function firstLeft<Holder extends PlaceHolder>(
  { holders, candidates }: Group<Holder>,
): Candidate<Holder> | undefined {
  for (;;) {
    const last = candidates.at(-1);
    if (last === undefined) return undefined;
    const { holder, since, awaitsClient } = last;
    const isSame = holders.has(holder) && holder.since === since &&
      holder.awaitsClient === awaitsClient;
    if (isSame) return last;
    candidates.pop();
  }
}

/** Those that wait come first, and of them and of the others those that have done so for longest. */
function byTurn(
  a: Candidate<unknown>,
  b: Candidate<unknown>,
): number {
  return Number(b.awaitsClient) - Number(a.awaitsClient) || a.since - b.since;
}
