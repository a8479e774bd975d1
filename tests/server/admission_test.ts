import { assertEquals } from "@std/assert";
import {
  Admission,
  CLOSED,
  type ConnectionBound,
  type Entrant,
} from "../../lib/server/admission.ts";
import type { Client } from "../../lib/server/client.ts";

const NOW = 1_700_000_000_000;
const PROXY = "192.0.2.99";

/** A connection that tells when it is closed. */
class FakeEntrant implements Entrant {
  readonly client: Client;
  readonly since: number;
  awaitsClient = true;
  isClosed = false;

  constructor(address: string, since: number) {
    this.client = { peer: address, address, isTls: true, isSender: true };
    this.since = since;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A limit that can be looked into. */
class FakeLimit implements ConnectionBound {
  readonly counts = new Map<string, number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  open(subject: string): number {
    const count = (this.counts.get(subject) ?? 0) + 1;
    this.counts.set(subject, count);
    return Math.max(0, count - this.#max);
  }

  close(subject: string): void {
    this.counts.set(subject, this.counts.get(subject)! - 1);
  }
}

/** An admission, who came, and what was counted. */
class Stage {
  readonly limit = new FakeLimit(2);
  readonly causes: string[] = [];
  readonly entrants: FakeEntrant[] = [];
  readonly admission: Admission;

  constructor(connectionsMax: number, openingMax: number, isLimited: boolean) {
    const addresses = {
      isTrusted: (address: string) => address === PROXY,
      subjectOf: (address: string) => address.replace(/\.\d+$/, ""),
      limit: isLimited ? this.limit : undefined,
    };
    this.admission = new Admission(
      { connectionsMax, openingMax },
      addresses,
      (cause) => this.causes.push(cause),
    );
  }

  /** What a connection from an address is told. */
  enter(address: string, isOpening: boolean = false, now = NOW): number {
    const entrant = new FakeEntrant(address, NOW + this.entrants.length);
    const others = this.entrants.filter(({ isClosed }) => !isClosed).length;
    const answer = this.admission.enter(entrant, isOpening, others, now);
    if (answer === CLOSED) this.admission.leave(entrant);
    else this.entrants.push(entrant);
    return answer;
  }
}

Deno.test("Admission counts by peer, those it refuses too, and tells eight of them why", () => {
  const stage = new Stage(1000, 1000, true);
  const answers = Array.from({ length: 15 }, (_, i) => {
    return stage.enter(`10.0.0.${i}`, true);
  });
  assertEquals(answers, [
    ...[0, 0, 429, 429, 429, 429, 429, 429, 429, 429],
    ...[CLOSED, CLOSED, CLOSED, CLOSED, CLOSED],
  ]);
  assertEquals(stage.limit.counts.get("10.0.0"), 10);
  assertEquals(stage.causes, Array(13).fill("connections_per_address"));
  assertEquals(stage.enter("10.0.1.1"), 0);
  // One that was served has left, but those that were refused are still there.
  stage.admission.leave(stage.entrants[0]!);
  assertEquals(stage.enter("10.0.0.1"), 429);
  for (const entrant of stage.entrants) stage.admission.leave(entrant);
  for (const entrant of stage.entrants) stage.admission.leave(entrant);
  assertEquals([...stage.limit.counts.values()], [0, 0]);
  assertEquals(stage.enter("10.0.0.1"), 0);
});

Deno.test("Admission counts a proxy's connections for the clients that it names", () => {
  const stage = new Stage(1000, 1000, true);
  const answers = Array.from({ length: 20 }, () => stage.enter(PROXY, true));
  assertEquals(new Set(answers), new Set([0]));
  assertEquals(stage.limit.counts.size, 0);
  const named = stage.entrants.map((entrant) => {
    entrant.client.peer = "10.0.0.7";
    return stage.admission.identify(entrant);
  });
  assertEquals(named.slice(0, 4), [0, 0, 429, 429]);
  assertEquals(named.filter((answer) => answer === CLOSED).length, 10);
  assertEquals(stage.limit.counts.get("10.0.0"), 10);
  for (const entrant of stage.entrants) stage.admission.leave(entrant);
  assertEquals(stage.limit.counts.get("10.0.0"), 0);
});

Deno.test("Admission lets a stranger in when one client holds every place", () => {
  const stage = new Stage(4, 4, false);
  for (let i = 0; i < 6; i++) assertEquals(stage.enter("10.0.0.1"), 0);
  assertEquals(stage.enter("10.0.1.1"), 0);
  assertEquals(
    stage.entrants.map(({ isClosed }) => isClosed),
    [true, true, true, false, false, false, false],
  );
  assertEquals(stage.causes, ["evicted", "evicted", "evicted"]);
  // What is busy may stay where nobody has many.
  for (const entrant of stage.entrants) entrant.awaitsClient = false;
  assertEquals(stage.enter("10.0.0.1"), 503);
  assertEquals(stage.enter("10.0.2.1"), 0);
  assertEquals(stage.entrants[3]!.isClosed, true);
  assertEquals(stage.causes.slice(3), ["too_many_connections", "evicted"]);
});

Deno.test("Admission bounds those that are not open yet, and no others by that", () => {
  const stage = new Stage(100, 3, false);
  for (let i = 0; i < 5; i++) assertEquals(stage.enter("10.0.0.1", true), 0);
  assertEquals(stage.entrants.map(({ isClosed }) => isClosed), [
    ...[true, true, false, false, false],
  ]);
  for (const entrant of stage.entrants) stage.admission.markOpen(entrant);
  for (let i = 0; i < 3; i++) assertEquals(stage.enter("10.0.1.1", true), 0);
  assertEquals(stage.entrants.filter(({ isClosed }) => isClosed).length, 2);
});

Deno.test("Admission: without descriptors, who holds many gives up a quarter, and nobody else anything", () => {
  const stage = new Stage(1000, 1000, false);
  for (let i = 0; i < 127; i++) stage.enter("10.0.0.1");
  stage.admission.makeRoom(NOW);
  assertEquals(stage.causes, []);
  stage.enter("10.0.1.1");
  stage.enter("10.0.0.1");
  stage.admission.makeRoom(NOW);
  const closed = stage.entrants.map(({ isClosed }) => isClosed);
  assertEquals(closed.filter(Boolean).length, 32);
  assertEquals(closed.lastIndexOf(true), 31);
});

Deno.test("Admission: for a minute it takes no more than descriptors were enough for, at the cost of who holds many", () => {
  const stage = new Stage(1000, 1000, false);
  for (let i = 0; i < 200; i++) stage.enter("10.0.0.1");
  stage.admission.makeRoom(NOW);
  assertEquals(stage.causes, Array(50).fill("evicted"));
  assertEquals(stage.enter("10.0.1.1", false, NOW + 59_999), 0);
  assertEquals(stage.causes, Array(51).fill("evicted"));
  assertEquals(stage.entrants.findIndex(({ isClosed }) => !isClosed), 51);
  assertEquals(stage.enter("10.0.1.1", false, NOW + 60_000), 0);
  assertEquals(stage.causes, Array(51).fill("evicted"));
});

Deno.test("Admission: while descriptors are scarce, few are turned away, and no stranger", () => {
  const stage = new Stage(1000, 1000, false);
  for (let i = 0; i < 200; i++) stage.enter("10.0.0.1");
  stage.admission.makeRoom(NOW);
  assertEquals(stage.causes, Array(50).fill("evicted"));
  const left = stage.entrants.filter(({ isClosed }) => !isClosed);
  for (const entrant of left) entrant.awaitsClient = false;
  const answers = Array.from({ length: 30 }, () => stage.enter("10.0.0.1"));
  const expected = [...Array(25).fill(503), ...Array(5).fill(CLOSED)];
  assertEquals(answers, expected);
  // A stranger gets a place, however many are ending.
  assertEquals(stage.enter("10.0.1.1"), 0);
});
