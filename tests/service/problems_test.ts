import { assertThrows } from "@std/assert";
import { PlanError } from "../../lib/service/plan.ts";
import { refuseNewProblems } from "../../lib/service/problems.ts";

const KNOWN = ["_redirects:3: wrong", "skiff.json: odd"];

Deno.test("refuseNewProblems() takes what was there before, on whatever line", () => {
  refuseNewProblems(KNOWN, []);
  refuseNewProblems(KNOWN, ["_redirects:7: wrong"]);
});

Deno.test("refuseNewProblems() names the first new one, and counts the others", () => {
  assertThrows(
    () => refuseNewProblems(KNOWN, [...KNOWN, "a: b", "c: d", "e: f"]),
    PlanError,
    "a: b (and 2 more)",
  );
});
