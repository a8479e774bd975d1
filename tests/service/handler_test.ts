import { assertEquals, assertThrows } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import { openHandler, partsOf } from "../../lib/service/handler.ts";
import { prepareRoot } from "../../lib/service/open_site.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { PreviewHandler } from "../../lib/service/previews.ts";
import { SiteHandler } from "../../lib/service/site_handler.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { planFor, releaseAt, setOf } from "./plans.ts";

const OBSERVER = { onRefusal: () => {}, onWarning: () => {} };

Deno.test("partsOf() loads what a plan asks for, and previews for a later reload", async () => {
  const names = async (...[root, parts, ...rest]: Parameters<typeof planFor>) =>
    Object.entries(
      await partsOf({
        ...planFor(root, parts, ...rest),
        releases: root === "/r" ? setOf([releaseAt(root)]) : undefined,
      }),
    ).filter(([, part]) => part !== undefined).map(([name]) => name);
  assertEquals(await names("/"), []);
  assertEquals(await names("/", { options: { live: true } }), ["Live"]);
  assertEquals(await names("/r"), ["PreviewHandler", "ReleaseGap"]);
  const told = await names("/r", { options: { releaseInfo: true } });
  assertEquals(told, ["releaseEvents", "PreviewHandler", "ReleaseGap"]);
});

testWith(
  HAS_FILES,
  "openHandler() chooses among releases only if there are previews",
  async () => {
    using directory = new TemporaryDirectory({ "index.html": "home" });
    const kindWith = async (...previews: string[]) => {
      const preview = previews.map(parsePreview);
      const plan = {
        ...planFor(directory.path, { options: { preview } }),
        releases: setOf([releaseAt(directory.path)]),
      };
      await prepareRoot(plan);
      const handler = openHandler(plan, OBSERVER, await partsOf(plan));
      handler.close();
      return handler.constructor;
    };
    assertEquals(await kindWith(), SiteHandler);
    assertEquals(await kindWith("v1=a.example"), PreviewHandler);
    const twice = ["v1=a.example", "v2=a.example"].map(parsePreview);
    const plan = planFor(directory.path, { options: { preview: twice } });
    const parts = await partsOf({
      ...plan,
      releases: setOf([releaseAt(directory.path)]),
    });
    assertThrows(() => openHandler(plan, OBSERVER, parts), PlanError);
  },
);
