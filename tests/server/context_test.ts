import { assert, assertEquals } from "@std/assert";
import {
  countedPhase,
  DEADLINES,
  parseCause,
  type Phase,
} from "../../lib/server/context.ts";
import { PHASES, REFUSAL_CAUSES } from "../../lib/observe/metric_layout.ts";

for (const phase of PHASES) {
  Deno.test(`countedPhase() counts ${phase} as itself, and it has a deadline`, () => {
    assertEquals(countedPhase(phase), phase);
    assert(DEADLINES[phase] > 0 && DEADLINES[phase] <= 60_000);
  });
}

Deno.test("countedPhase() takes opening a connection for a part of its first head", () => {
  const opening: Phase = "opening";
  assertEquals(countedPhase(opening), "head");
});

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
