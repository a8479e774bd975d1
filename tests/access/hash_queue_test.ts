import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  HashQueue,
  NAME_WAITING_MAX,
  NETWORK_WAITING_MAX,
  RUNNING_MAX,
  WAITING_MAX,
} from "../../lib/access/hash_queue.ts";

/** A queue whose order of going in and of being refused is written down. */
class Trial {
  readonly log: string[] = [];
  readonly #queue = new HashQueue();

  /** A queue in which everybody who may hash does so already. */
  constructor() {
    for (let i = 0; i < RUNNING_MAX; i++) {
      this.#queue.enter({ network: "running", name: "running", turn: 0 });
    }
  }

  /** Enters a login that is called `id`. */
  enter(id: string, turn = 0, network = id, name = id): void {
    const answer = this.#queue.enter({ network, name, turn });
    const note = (mayHash: boolean) => this.log.push(mayHash ? id : `no ${id}`);
    if (typeof answer === "boolean") note(answer);
    else answer.then(note);
  }

  /** Ends `count` hashes, one after the other. */
  async leave(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#queue.leave();
      await Promise.resolve();
    }
  }
}

Deno.test("HashQueue lets so many in at once, and the next when one leaves", async () => {
  const queue = new HashQueue();
  const enter = () => queue.enter({ network: "a", name: "a", turn: 0 });
  for (let i = 0; i < RUNNING_MAX; i++) assertStrictEquals(enter(), true);
  const next = enter();
  assertStrictEquals(next instanceof Promise, true);
  queue.leave();
  assertStrictEquals(await next, true);
  for (let i = 0; i < RUNNING_MAX; i++) queue.leave();
  assertStrictEquals(enter(), true);
});

Deno.test("HashQueue goes by turns, and by the time among equal ones", async () => {
  const trial = new Trial();
  for (
    const [id, turn] of [["a", 2], ["b", 0], ["c", 1], ["d", 0], [
      "e",
      -1,
    ]] as const
  ) {
    trial.enter(id, turn);
  }
  await trial.leave(5);
  assertEquals(trial.log, ["e", "b", "d", "c", "a"]);
});

Deno.test("HashQueue alternates between networks", async () => {
  const trial = new Trial();
  for (const id of ["a1", "a2", "a3"]) trial.enter(id, 0, "a");
  for (const id of ["b1", "b2"]) trial.enter(id, 0, "b");
  await trial.leave(5);
  assertEquals(trial.log, ["a1", "b1", "a2", "b2", "a3"]);
});

/** How many of a crowd may wait, by what they have in common. */
const BOUNDS: readonly [
  network: string | undefined,
  name: string | undefined,
  max: number,
][] = [
  [undefined, undefined, WAITING_MAX],
  ["n", undefined, NETWORK_WAITING_MAX],
  [undefined, "n", NAME_WAITING_MAX],
  ["n", "n", NETWORK_WAITING_MAX],
];

for (const [network, name, max] of BOUNDS) {
  const common = `${network ?? "no"} network and ${
    name ?? "no"
  } name in common`;
  Deno.test(`HashQueue lets ${max} with ${common} wait, and an earlier turn in their place`, async () => {
    const trial = new Trial();
    for (let i = 0; i < max + 3; i++) {
      trial.enter(`${i}`, 5, network, name);
    }
    const over = [0, 1, 2].map((i) => `no ${max + i}`);
    assertEquals(trial.log, over);
    trial.enter("late", 99, network, name);
    trial.enter("early", -1, network, name);
    await Promise.resolve();
    // The last one has made room.
    assertEquals(trial.log.slice(3), ["no late", `no ${max - 1}`]);
    await trial.leave(max);
    assertEquals(trial.log.length, 5 + max);
    assertStrictEquals(trial.log[5], "early");
  });
}

Deno.test("HashQueue lets nobody go who would not make enough room", async () => {
  const trial = new Trial();
  for (let i = 0; i < NETWORK_WAITING_MAX; i++) {
    trial.enter(`network ${i}`, 9, "n");
  }
  for (let i = 0; i < NAME_WAITING_MAX; i++) {
    trial.enter(`name ${i}`, 0, undefined, "ann");
  }
  trial.enter("x", 1, "n", "ann");
  await Promise.resolve();
  assertEquals(trial.log, ["no x"]);
});
