import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Graph,
  graphOf,
  houseSvg,
  place,
  reduced,
  roomOf,
} from "../../tools/house.ts";

const ROOMS: readonly (readonly [path: string, room: string])[] = [
  ["main.ts", "main.ts"],
  ["lib/respond.ts", "lib/respond.ts"],
  ["lib/http/date.ts", "lib/http"],
  ["lib/http/http1/request.ts", "lib/http"],
];

for (const [path, room] of ROOMS) {
  Deno.test(`roomOf() of ${path}`, () => assertEquals(roomOf(path), room));
}

/** A graph as text: a line for each room, with what it imports. */
function shown(graph: Graph): string[] {
  return [...graph].map(([room, others]) =>
    [room, ...[...others].sort()].join(" ")
  ).sort();
}

Deno.test("graphOf() joins the imports of a room, and leaves out its own", () => {
  const imports = new Map([
    ["main.ts", ["lib/a/x.ts", "deno.json"]],
    ["lib/a/x.ts", ["lib/a/b/y.ts"]],
    ["lib/a/b/y.ts", ["lib/c/z.ts", "lib/c/z.ts"]],
    ["lib/c/z.ts", []],
  ]);
  assertEquals(shown(graphOf(imports)), [
    "lib/a lib/c",
    "lib/c",
    "main.ts lib/a",
  ]);
});

function graph(...lines: readonly string[]): Graph {
  return new Map(lines.map((line) => {
    const [room, ...others] = line.split(" ");
    return [room!, new Set(others)];
  }));
}

Deno.test("reduced() leaves out what a longer way implies", () => {
  const full = graph("main a b c", "a b c", "b c", "c", "d c");
  assertEquals(shown(reduced(full)), ["a b", "b c", "c", "d c", "main a"]);
});

Deno.test("reduced() fails for rooms that import each other", () => {
  const circle = graph("main a", "a b", "b c", "c a", "d a main");
  assertThrows(() => reduced(circle), Error, "a → b → c → a");
});

Deno.test("place() puts each room above all that it imports", () => {
  const house = graph("main s", "s r a b", "r b", "a h", "b h", "h");
  const placed = place(house);
  const floors = placed.map(({ name, floor, column }) =>
    `${floor} ${name} ${column ?? "wide"}`
  );
  assertEquals(floors, [
    "0 h wide",
    "1 a 0",
    "1 b 1",
    "2 r wide",
    "3 s wide",
    "4 main wide",
  ]);
  const floorOf = (name: string) =>
    placed.find((room) => room.name === name)!.floor;
  for (const [from, rooms] of house) {
    for (const to of rooms) {
      assertEquals(floorOf(from) > floorOf(to), true, `${from} → ${to}`);
    }
  }
});

Deno.test("houseSvg() has every room, its folders, and an arrow for each import that is left", () => {
  const house = graph("main.ts lib/http lib/site", "lib/site lib/http");
  const full = new Map([...house, ["lib/http", new Set<string>()]]);
  const text = houseSvg(full, new Map([["lib/site", ["disk", "rules"]]]));
  for (const name of ["main.ts<", "lib/site/<", "lib/http/<", "disk/ rules/"]) {
    assertStringIncludes(text, name);
  }
  assertEquals(text.match(/class="arrow"/g)?.length, 2);
});
