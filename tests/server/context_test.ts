import { assert, assertEquals } from "@std/assert";
import { DEADLINES, parseCause } from "../../lib/server/context.ts";
import { PHASES, REFUSAL_CAUSES } from "../../lib/observe/metric_layout.ts";

for (const phase of PHASES) {
  Deno.test(`DEADLINES has one for ${phase}, of a minute at most`, () => {
    assert(DEADLINES[phase] > 0 && DEADLINES[phase] <= 60_000);
  });
}

const CAUSES: readonly (readonly [status: number, cause: string])[] = [
  [400, "parse_400"],
  [413, "parse_413"],
  [414, "parse_414"],
  [431, "parse_431"],
  [501, "parse_501"],
  [505, "parse_505"],
  // What there is no figure for is malformed in some way.
  [408, "parse_400"],
  [0, "parse_400"],
  [NaN, "parse_400"],
  [-400, "parse_400"],
];

for (const [status, cause] of CAUSES) {
  Deno.test(`parseCause() counts ${status} as ${cause}`, () => {
    assertEquals(parseCause(status), cause);
  });
}

Deno.test("parseCause() comes to every cause there is of its kind", () => {
  const all = REFUSAL_CAUSES.filter((cause) => cause.startsWith("parse_"));
  const found = all.map((cause) => parseCause(Number(cause.slice(6))));
  assertEquals(found, all);
});
