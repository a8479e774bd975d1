import { assert, assertEquals } from "@std/assert";
import { type QueuePlace, Turns } from "../../lib/site/turns.ts";

/** Enters for clients in this order, and returns in which order their turns come; those without one are left out. */
async function orderOf(max: number, clients: string): Promise<string> {
  const turns = new Turns(max);
  const order: string[] = [];
  const counts = new Map<string, number>();
  const ends = [...clients].map((client) => {
    const count = counts.get(client) ?? 0;
    counts.set(client, count + 1);
    return turns.enter(client)?.begun.then((isTurn) => {
      if (!isTurn) return;
      order.push(`${client}${count}`);
      turns.leave();
    });
  });
  await Promise.all(ends);
  return order.join(" ");
}

const ORDERS: readonly (readonly [
  clients: string,
  order: string,
  max?: number,
])[] = [
  ["", ""],
  ["abc", "a0 b0 c0"],
  // The first begins at once, and is no longer in the queue.
  ["aaab", "a0 a1 b0 a2"],
  ["aaaabb", "a0 a1 b0 a2 b1 a3"],
  ["abbbac", "a0 b0 a1 c0 b1 b2"],
  // Too many.
  ["aaaaa", "a0 a1 a2", 2],
  ["abcd", "a0 b0 c0", 2],
  // Another one's last place yields.
  ["aaab", "a0 a1 b0", 2],
  ["aaaabc", "a0 a1 b0 c0", 3],
];

for (const [clients, want, max = 99] of ORDERS) {
  Deno.test(`Turns of ${clients || "nobody"} with ${max} places: ${want}`, async () => {
    assertEquals(await orderOf(max, clients), want);
  });
}

Deno.test("Turns.advance() moves a place forward that another client waits for", async () => {
  const turns = new Turns(9);
  const places = Array.from("aaaa", (client) => turns.enter(client)!);
  const order: number[] = [];
  const ends = places.map(async ({ begun }, index) => {
    assert(await begun);
    order.push(index);
    turns.leave();
  });
  turns.advance(places[3]!, "b");
  // No client is before its own earlier places.
  turns.advance(places[2]!, "a");
  // This one has begun.
  turns.advance(places[0]!, "b");
  await Promise.all(ends);
  assertEquals(order, [0, 1, 3, 2]);
});

Deno.test("Turns gives no turn and no room to a place that is not wanted", async () => {
  const turns = new Turns(2);
  let isHere = true;
  const enter = (isWanted?: () => boolean) => turns.enter("a", isWanted)!;
  assert(await enter().begun);
  const left = enter(() => isHere);
  const other = enter();
  isHere = false;
  const last = turns.enter("a");
  assertEquals(await left.begun, false);
  turns.leave();
  assert(await other.begun);
  isHere = true;
  const late = enter(() => isHere);
  isHere = false;
  turns.leave();
  assertEquals([await last?.begun, await late.begun], [true, false]);
});

Deno.test("Turns begins at once after all have left", async () => {
  const turns = new Turns(1);
  const enter = (): QueuePlace | undefined => turns.enter("a");
  assert(await enter()!.begun);
  const waiting = enter()!;
  assertEquals(enter(), undefined);
  turns.leave();
  assert(await waiting.begun);
  turns.leave();
  assert(await enter()!.begun);
});
