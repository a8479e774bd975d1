/**
 * `deno task house`: draws docs/house.svg, the rooms of the code and what they
 * import, from the imports themselves.
 *
 * @module
 */

import { dirname, fromFileUrl, join, relative } from "@std/path";
import { importsOf } from "../tests/source.ts";

/** What each room is for, as the picture says it. */
const PURPOSES: Readonly<Record<string, string>> = {
  "main.ts": "starts everything, opens the ports",
  "lib/service": "settings → plan → what serves",
  "lib/respond.ts": "request → reply",
  "lib/server": "sockets and time",
  "lib/observe": "logs and metrics",
  "lib/site": "files, rules, listings",
  "lib/access": "who may read, how often",
  "lib/cli": "options and messages",
  "lib/http": "the rules and formats of HTTP",
};

/** Rooms, and those that each of them imports. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** A room with its place in the picture. */
export interface Placed {
  /** Its path. */
  readonly name: string;
  /** The floor: 0 imports no other room. */
  readonly floor: number;
  /** The column from the left; undefined for a room that has a floor to itself. */
  readonly column: number | undefined;
}

/** The room of a module: the folder below lib/, or the module itself. */
export function roomOf(path: string): string {
  return /^lib\/\w+(?=\/)/.exec(path)?.[0] ?? path;
}

/** The graph of rooms, from the imports of all modules by their paths. */
export function graphOf(
  imports: ReadonlyMap<string, readonly string[]>,
): Graph {
  const graph = new Map<string, Set<string>>();
  for (const path of imports.keys()) graph.set(roomOf(path), new Set());
  for (const [path, names] of imports) {
    for (const name of names) {
      const room = roomOf(name);
      if (graph.has(room) && room !== roomOf(path)) {
        graph.get(roomOf(path))!.add(room);
      }
    }
  }
  return graph;
}

/** The graph without arrows that a longer way implies. Throws if rooms import each other in a circle. */
export function reduced(graph: Graph): Graph {
  return new Map([...graph].map(([from, rooms]) => {
    const direct = [...rooms].filter((to) =>
      ![...rooms].some((other) => other !== to && below(graph, other).has(to))
    );
    return [from, new Set(direct)];
  }));
}

/** All rooms that a room imports, directly or through others. */
function below(
  graph: Graph,
  room: string,
  way: readonly string[] = [],
): Set<string> {
  if (way.includes(room)) {
    throw new Error(`Rooms import each other: ${[...way, room].join(" → ")}`);
  }
  const rooms = [...graph.get(room) ?? []];
  const further = rooms.map((next) => below(graph, next, [...way, room]));
  return new Set([...rooms, ...further.flatMap((each) => [...each])]);
}

/** The floor and column of each room: every arrow leads down, most of them straight. */
export function place(graph: Graph): Placed[] {
  const floorOf = (room: string): number =>
    Math.max(-1, ...[...graph.get(room)!].map(floorOf)) + 1;
  const floors: string[][] = [];
  for (const room of [...graph.keys()].sort()) {
    (floors[floorOf(room)] ??= []).push(room);
  }
  const columns = new Map<string, number>();
  const arrows = reduced(graph);
  return floors.flatMap((rooms, floor) =>
    rooms.map((name, index) => {
      const isWide = rooms.length === 1;
      // Above what it imports, or in the order of names.
      const under = [...arrows.get(name)!].map((room) => columns.get(room));
      const column = under.find((each) => each !== undefined) ?? index;
      if (!isWide) columns.set(name, column);
      return { name, floor, column: isWide ? undefined : column };
    })
  );
}

const COLUMN_WIDTH = 224;
const BOX_WIDTH = 200;
const BOX_HEIGHT = 88;
const FLOOR_HEIGHT = 128;
const MARGIN = 24;
const HEAD_HEIGHT = 8;

/** Folders on one line of a box. */
const FOLDERS_MAX = 3;

/** The picture, for light and dark pages. `subrooms` are the folders in each room. */
export function houseSvg(
  graph: Graph,
  subrooms: ReadonlyMap<string, readonly string[]>,
): string {
  const placed = place(graph);
  const columns = Math.max(...placed.map(({ column = 0 }) => column)) + 1;
  const floors = Math.max(...placed.map(({ floor }) => floor)) + 1;
  const width = columns * COLUMN_WIDTH - (COLUMN_WIDTH - BOX_WIDTH) +
    2 * MARGIN;
  const height = floors * FLOOR_HEIGHT - (FLOOR_HEIGHT - BOX_HEIGHT) +
    2 * MARGIN;
  const topOf = ({ floor }: Placed) =>
    MARGIN + (floors - 1 - floor) * FLOOR_HEIGHT;
  const leftOf = ({ column = 0 }: Placed) => MARGIN + column * COLUMN_WIDTH;
  const boxes = placed.map((room) =>
    box(
      room.name,
      subrooms.get(room.name) ?? [],
      leftOf(room),
      topOf(room),
      room.column === undefined ? width - 2 * MARGIN : BOX_WIDTH,
    )
  );
  const arrows = [...reduced(graph)].flatMap(([from, rooms]) =>
    [...rooms].sort().map((to) => {
      const [upper, lower] = [from, to].map((name) =>
        placed.find((room) => room.name === name)!
      ) as [Placed, Placed];
      const middle = width / 2 - BOX_WIDTH / 2;
      const x = (room: Placed, other: Placed) =>
        (room.column === undefined
          ? other.column === undefined ? middle : leftOf(other)
          : leftOf(room)) + BOX_WIDTH / 2;
      const end = topOf(lower) - HEAD_HEIGHT;
      return `<path class="arrow" d="M${x(upper, lower)} ${
        topOf(upper) + BOX_HEIGHT
      }L${x(lower, upper)} ${end}" marker-end="url(#head)"/>`;
    })
  );
  return svg(width, height, [...arrows, ...boxes]);
}

function box(
  name: string,
  subrooms: readonly string[],
  left: number,
  top: number,
  width: number,
): string {
  const x = left + width / 2;
  const title = name.endsWith(".ts") ? name : `${name}/`;
  const lines = [
    [title, "name"],
    [PURPOSES[name] ?? "", "purpose"],
    [folders(subrooms.slice(0, FOLDERS_MAX)), "rooms"],
    [folders(subrooms.slice(FOLDERS_MAX)), "rooms"],
  ].filter(([text]) => text !== "");
  const first = top + BOX_HEIGHT / 2 - (lines.length - 1) * 9 + 5;
  const texts = lines.map(([text, style], at) =>
    `<text class="${style}" x="${x}" y="${first + at * 18}">${text}</text>`
  );
  const rect =
    `<rect class="box" x="${left}" y="${top}" width="${width}" height="${BOX_HEIGHT}" rx="6"/>`;
  return [rect, ...texts].join("\n");
}

function folders(names: readonly string[]): string {
  return names.map((name) => `${name}/`).join(" ");
}

function svg(
  width: number,
  height: number,
  parts: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The rooms of the code. Arrows lead down, from a room to those that it imports.">
<style>
svg { --page: #ffffff; --wall: #f6f8fa; --line: #57606a; --ink: #1f2328; --pale: #57606a }
@media (prefers-color-scheme: dark) {
svg { --page: #0d1117; --wall: #161b22; --line: #8b949e; --ink: #e6edf3; --pale: #9ea7b3 }
}
.page { fill: var(--page) }
.box { fill: var(--wall); stroke: var(--line) }
.arrow { fill: none; stroke: var(--line); stroke-width: 1.5 }
.head { fill: var(--line) }
text { font: 13px system-ui, sans-serif; fill: var(--pale); text-anchor: middle }
.name { font: 600 15px ui-monospace, monospace; fill: var(--ink) }
.rooms { font: 11px ui-monospace, monospace }
</style>
<marker id="head" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" refX="0" refY="5" orient="auto"><path class="head" d="M0 0L8 5L0 10Z"/></marker>
<rect class="page" width="${width}" height="${height}"/>
${parts.join("\n")}
</svg>
`;
}

const ROOT = fromFileUrl(new URL("..", import.meta.url));

function modulesIn(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return modulesIn(path);
    return /(?<!\.d)\.ts$/.test(path) ? [path] : [];
  });
}

/** The picture of the code as it is now. */
export function houseText(): string {
  const paths = ["main.ts", ...modulesIn("lib")].sort();
  const imports = new Map(paths.map((path) => {
    const names = importsOf(Deno.readTextFileSync(join(ROOT, path)))
      .filter((name) => name.startsWith("."))
      .map((name) => relative(ROOT, join(ROOT, dirname(path), name)))
      .map((name) => name.replaceAll("\\", "/"));
    return [path, names] as const;
  }));
  const subrooms = new Map<string, string[]>();
  for (const path of paths) {
    const [, room, name] = /^(lib\/\w+)\/(\w+)\//.exec(path) ?? [];
    if (room === undefined || name === undefined) continue;
    const names = subrooms.get(room) ?? [];
    if (!names.includes(name)) subrooms.set(room, [...names, name]);
  }
  return houseSvg(graphOf(imports), subrooms);
}

if (import.meta.main) {
  Deno.writeTextFileSync(join(ROOT, "docs/house.svg"), houseText());
}
