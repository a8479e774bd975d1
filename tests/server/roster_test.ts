import { assertEquals } from "@std/assert";
import { Roster, type RosterMember } from "../../lib/server/roster.ts";
import { Random } from "../helpers.ts";

Deno.test("Roster: members come and go in any order", () => {
  const random = new Random(3);
  const roster = new Roster<RosterMember>();
  const expected: RosterMember[] = [];
  for (let step = 0; step < 5000; step++) {
    if (expected.length === 0 || random.below(100) < 52) {
      const member = { index: -1 };
      roster.add(member);
      expected.push(member);
    } else {
      const at = random.below(expected.length);
      const [gone] = expected.splice(at, 1);
      roster.remove(gone!);
      assertEquals(gone!.index, -1);
    }
    assertEquals(roster.size, expected.length);
  }
  const all = roster.all();
  assertEquals(new Set(all), new Set(expected));
  assertEquals(all.map(({ index }) => index), [...all.keys()]);
});

Deno.test("Roster: members may leave while all are gone through", () => {
  const roster = new Roster<RosterMember>();
  for (let count = 0; count < 10; count++) roster.add({ index: -1 });
  for (const member of roster.all()) roster.remove(member);
  assertEquals([roster.size, roster.all()], [0, []]);
});
