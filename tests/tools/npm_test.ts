import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWith } from "../helpers.ts";
import { CAN_RUN, createYard, run } from "./yard.ts";

const BAD: readonly (readonly string[])[] = [
  ["site"],
  ["--output", "package"],
  ["--target", "x86_64-unknown-linux-gnu"],
  ["--with", "skiff"],
  ["--keep-releases", "3"],
];

for (const args of BAD) {
  testWith(CAN_RUN, `npm ends with 2 for [${args.join(" ")}]`, async () => {
    using yard = createYard();
    const { code, err } = await run(yard, "npm", [...args]);
    assertEquals(code, 2);
    assertStringIncludes(err, "Cannot take arguments");
  });
}
