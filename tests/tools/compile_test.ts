import { assertEquals, assertStringIncludes } from "@std/assert";
import { readBundle } from "../../lib/site/bundle/reader.ts";
import { testWith } from "../helpers.ts";
import { archiveIn, CAN_RUN, createYard, ROOT, run } from "./yard.ts";

testWith(
  CAN_RUN,
  "compile puts the built-in site into the executable",
  async () => {
    using yard = createYard();
    const { code, out } = await run(yard, "compile", ["--output", "skiff"]);
    assertEquals(code, 0);
    assertStringIncludes(out, `Wrote ${yard.join("skiff")}, `);
    const paths = readBundle(archiveIn(yard.join("skiff"))).files
      .map(({ path }) => path);
    const names = [...Deno.readDirSync(`${ROOT}/static`)]
      .map(({ name }) => `/${name}`);
    assertEquals(paths, names.sort());
  },
);

const BAD: readonly [args: string[], message: string][] = [
  [["./site"], 'Cannot compile "./site"'],
  [["--target", "amiga"], '"amiga"'],
  [["--nonsense"], "--nonsense"],
  [["--with", "skiff"], "Cannot compile with files of older builds"],
];

for (const [args, message] of BAD) {
  testWith(CAN_RUN, `compile ends with 2 for [${args.join(" ")}]`, async () => {
    using yard = createYard();
    const { code, err } = await run(yard, "compile", args);
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  });
}

testWith(CAN_RUN, "compile helps", async () => {
  using yard = createYard();
  const { code, out } = await run(yard, "compile", ["--help"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "Usage: deno task compile");
});
