import { assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { MUTANTS } from "../../tools/mutant_table.ts";
import { broken, failuresIn } from "../../tools/mutants.ts";
import { HAS_FILES, testWith } from "../helpers.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

testWith(HAS_FILES, "each rule for mutants is still in its file, once", () => {
  for (const mutant of MUTANTS) {
    const text = Deno.readTextFileSync(join(ROOT, mutant.file));
    assertEquals(broken(mutant, text) === text, false, mutant.rule);
    for (const test of mutant.tests) Deno.statSync(join(ROOT, test));
  }
});

Deno.test("broken() refuses code that is missing or there twice", () => {
  const mutant = {
    rule: "a rule",
    file: "a.ts",
    find: "one",
    replace: "two",
    tests: [],
  };
  assertEquals(broken(mutant, "this one here"), "this two here");
  assertThrows(() => broken(mutant, "nothing"), Error, "found 0 times in a.ts");
  assertThrows(() => broken(mutant, "one one"), Error, "found 2 times");
});

Deno.test("failuresIn() leaves out tests that pass", () => {
  const failures = "ERRORS \n\nb => ./a_test.ts:2:6\nerror: Error: x";
  assertEquals(
    failuresIn(`a ... ok\nb ... FAILED\n\n ${failures}\n`),
    failures,
  );
});

Deno.test("failuresIn() returns everything if no test has run", () => {
  const output = 'error: Module not found "file:///a.ts".';
  assertEquals(failuresIn(`${output}\n`), output);
});
