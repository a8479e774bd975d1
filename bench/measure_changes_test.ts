import { assertThrows } from "@std/assert";
import { WrongAnswer } from "./exchange.ts";
import { Pairs } from "./measure_changes.ts";

for (
  const [name, seen, isRight] of [
    ["a body and its tag again", [['"1"', "a"], ['"1"', "a"]], true],
    ["another body with another tag", [['"1"', "a"], ['"2"', "b"]], true],
    ["a weak tag that becomes strong", [['W/"1"', "a"], ['"1"', "a"]], true],
    ["an old body with a new tag", [['"1"', "a"], ['"2"', "a"]], false],
    ["a new body with an old tag", [['"1"', "a"], ['"1"', "b"]], false],
    ["a new body with a weak old tag", [['"1"', "a"], ['W/"1"', "b"]], false],
  ] as const
) {
  Deno.test(`Pairs ${isRight ? "accept" : "refuse"} ${name}`, () => {
    const pairs = new Pairs();
    const add = () => seen.forEach(([tag, body]) => pairs.add(tag, body));
    if (isRight) add();
    else assertThrows(add, WrongAnswer);
  });
}
