import { assertEquals } from "@std/assert";
import { defaultOptions } from "../../lib/cli/options.ts";
import { openKeySource } from "../../lib/service/key_source.ts";
import { Reloader } from "../../lib/service/reload.ts";
import { HAS_FILES, TemporaryDirectory, testWith, until } from "../helpers.ts";
import { planFor } from "./plans.ts";

Deno.test("openKeySource() has nothing without TLS", async () => {
  const { keyPair, fingerprint, warnings, notes } = await openKeySource(
    defaultOptions(),
    () => {},
  );
  assertEquals([keyPair, fingerprint, warnings, notes], [
    undefined,
    undefined,
    [],
    [],
  ]);
});

testWith(
  HAS_FILES,
  "openKeySource() makes a pair, and Reloader shows the next one",
  async () => {
    using directory = new TemporaryDirectory();
    const options = { ...defaultOptions(), https: "" };
    const source = await openKeySource(options, () => {});
    const plan = planFor(directory.path, { keyPair: source.keyPair });
    const shown: string[] = [];
    const said: string[] = [];
    const reloader = new Reloader(plan, {
      source: { args: [], home: directory.path },
      service: {
        reload: () => {},
        renew: ({ cert }) => void shown.push(cert),
        warnings: [],
      },
      onPlan: () => {},
      say: (text) => void said.push(text),
    });
    const next = await openKeySource(options, () => {});
    await reloader.show(() => Promise.resolve(next.keyPair!));
    assertEquals(shown, [next.keyPair!.cert]);
    assertEquals(reloader.plan.keyPair, next.keyPair);
    assertEquals(said, ["The certificate was renewed\n"]);
    await reloader.show(() => Promise.reject(new Error("no")));
    await until(() => said.length > 1, "the failure");
    assertEquals(said[1], "skiff: The certificate was not renewed: no\n");
    const watch = await source.watch(reloader);
    watch?.close();
  },
);
