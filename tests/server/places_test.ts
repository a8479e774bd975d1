import { assertEquals, assertLess } from "@std/assert";
import { type ConnectionPlace, Places } from "../../lib/server/places.ts";
import { Random } from "../helpers.ts";

const NOW = 1_700_000_000_000;

/** Somebody who holds a place. */
class Holder {
  since: number;
  awaitsClient: boolean;
  readonly name: string;
  place: ConnectionPlace<Holder> | undefined;

  constructor(name: string, since: number, awaitsClient: boolean = true) {
    this.name = name;
    this.since = since;
    this.awaitsClient = awaitsClient;
  }
}

/** Holders as "client since", with a "!" where they do not wait; "-" is a client of its own. */
function placesOf(texts: readonly string[]): Places<Holder> {
  const places = new Places<Holder>();
  for (const text of texts) {
    const [client = "", since = ""] = text.split(" ");
    const holder = new Holder(text, parseInt(since), !since.endsWith("!"));
    holder.place = places.add(holder, client === "-" ? undefined : client);
  }
  return places;
}

/** Who holds places, who comes, and who has to leave. */
const ROWS: readonly (readonly [
  name: string,
  holders: readonly string[],
  newcomer: string | undefined,
  leaver: string | undefined,
])[] = [
  ["nobody where nobody is", [], "a", undefined],
  [
    "the longest waiting one of who has most",
    [
      ...["a 1", "b 5", "b 3", "b 4"],
    ],
    "c",
    "b 3",
  ],
  [
    "the longest waiting one of all where all have one",
    [
      ...["a 2"],
    ],
    "c",
    "a 2",
  ],
  ["one's own where one has most", ["a 1", "b 3", "b 4"], "b", "b 3"],
  [
    "nobody's who has less than the newcomer's",
    [
      ...["a 1", "b 3!", "b 4!"],
    ],
    "b",
    undefined,
  ],
  [
    "one that waits before one that does not",
    [
      ...["b 1!", "b 9", "b 2!", "a 1"],
    ],
    "c",
    "b 9",
  ],
  [
    "one that does not wait where none waits of who has much",
    [
      ...["b 3!", "b 2!", "a 1"],
    ],
    "c",
    "b 2!",
  ],
  [
    "no one that does not wait of who has as little",
    [
      ...["b 2!", "a 1!"],
    ],
    "c",
    undefined,
  ],
  [
    "no one that does not wait of who has one more only",
    [
      ...["b 2!", "b 3!", "c 1!"],
    ],
    "c",
    undefined,
  ],
  [
    "that of a client with less, where those with more are busy",
    [
      ...["b 2!", "b 3!", "c 1!", "d 7"],
    ],
    "c",
    "d 7",
  ],
  [
    "a stranger before a proxy's many",
    ["a 5", "a 6", "- 1", "- 2"],
    "c",
    "a 5",
  ],
  ["a proxy's where nobody has more", ["- 1"], undefined, "- 1"],
];

for (const [name, holders, newcomer, leaver] of ROWS) {
  Deno.test(`Places: there leaves ${name}`, () => {
    const places = placesOf(holders);
    assertEquals(places.leaver(newcomer, NOW)?.name, leaver);
    assertEquals(places.size, holders.length);
  });
}

Deno.test("Places: who has done something since the last look is not the one that waited longest", () => {
  const places = new Places<Holder>();
  const holders = [1, 2, 3].map((since) => new Holder(String(since), since));
  for (const holder of holders) holder.place = places.add(holder, "a");
  assertEquals(places.leaver("b", NOW)?.name, "1");
  holders[0]!.since = 9;
  assertEquals(places.leaver("b", NOW)?.name, "2");
  holders[1]!.awaitsClient = false;
  assertEquals(places.leaver("b", NOW)?.name, "3");
  places.remove(holders[2]!.place!);
  assertEquals(places.leaver("b", NOW)?.name, "1");
});

Deno.test("Places: when nobody could leave, others are not asked again at once, but strangers are let in", () => {
  const places = placesOf(["b 2!", "b 3!", "b 4!", "c 1!"]);
  assertEquals(places.leaver("b", NOW), undefined);
  const late = new Holder("late", 9);
  places.add(late, "b");
  assertEquals(places.leaver("b", NOW + 50), undefined);
  assertEquals(places.leaver("d", NOW + 50)?.name, "b 2!");
  assertEquals(places.leaver("b", NOW + 100)?.name, "late");
});

/** How many the client has that has most, by looking at all. */
function mostOf(holders: ReadonlyMap<Holder, string>): number {
  const groups = Map.groupBy(holders.keys(), (each) => holders.get(each)!);
  return Math.max(...[...groups.values()].map(({ length }) => length));
}

Deno.test("Places: at random, it is one of the clients with most, and its longest waiting one", () => {
  const random = new Random(5);
  const places = new Places<Holder>();
  const all = new Map<Holder, string>();
  for (let step = 0; step < 20_000; step++) {
    const client = `c${random.below(random.below(40) + 1)}`;
    if (all.size < 300) {
      const holder = new Holder("", step);
      holder.place = places.add(holder, client);
      all.set(holder, client);
      continue;
    }
    const found = places.leaver(client, step)!;
    const most = mostOf(all);
    const owner = all.get(found)!;
    const group = [...all.keys()].filter((each) => all.get(each) === owner);
    assertEquals(group.length, most);
    assertEquals(found.since, Math.min(...group.map(({ since }) => since)));
    assertEquals(places.most, most);
    places.remove(found.place!);
    all.delete(found);
    // Some have asked for something meanwhile, and some have gone.
    const some = [...all.keys()];
    some[random.below(some.length)]!.since = step;
    const gone = some[random.below(some.length)]!;
    places.remove(gone.place!);
    all.delete(gone);
  }
  for (const holder of all.keys()) places.remove(holder.place!);
  assertEquals([places.size, places.most], [0, 0]);
});

Deno.test("Places: one client with 10,000 gives up as many one after the other, in no time to speak of", () => {
  const places = new Places<Holder>();
  const add = (since: number) => {
    const holder = new Holder("", since);
    holder.place = places.add(holder, "a");
  };
  for (let i = 0; i < 10_000; i++) add(i);
  const start = performance.now();
  for (let i = 0; i < 10_000; i++) {
    const leaver = places.leaver("a", i)!;
    assertEquals(leaver.since, i);
    places.remove(leaver.place!);
    add(10_000 + i);
  }
  // Looking at all of them each time takes 20 s.
  assertLess(performance.now() - start, 5000);
});
