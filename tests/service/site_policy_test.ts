import { assertEquals } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { parsePreview } from "../../lib/cli/preview.ts";
import type { Plan } from "../../lib/service/plan.ts";
import { policyOf } from "../../lib/service/site_policy.ts";
import { NO_RULES } from "../../lib/site/rules/rules.ts";
import { planFor } from "./plans.ts";

const BY_COOKIE = { preview: [parsePreview("v1=cookie:a")] };
const BY_HOST = { preview: [parsePreview("v1=a.example")] };
const LINES: Options["header"] = [["Expires", "0"], ["X-Robots-Tag", "all"]];

/** What shows a release, and what its files vary by, how they are stored, and the lines that are added. */
const POLICIES: readonly (readonly [
  shown: Plan["preview"],
  options: Partial<Options>,
  varies: readonly string[],
  cacheControl: string | undefined,
  lines: readonly (readonly [string, string])[],
])[] = [
  [undefined, {}, [], undefined, []],
  [undefined, { hsts: 1, header: LINES }, [], undefined, [
    ["Strict-Transport-Security", "max-age=1"],
    ...LINES,
  ]],
  [undefined, BY_HOST, [], undefined, []],
  [undefined, BY_COOKIE, ["Cookie"], undefined, []],
  ["host", BY_COOKIE, [], undefined, [["X-Robots-Tag", "noindex"]]],
  ["cookie", BY_COOKIE, ["Cookie"], "no-store", [["X-Robots-Tag", "noindex"]]],
  ["host", { ...BY_HOST, header: LINES }, [], undefined, LINES],
  [
    "cookie",
    { ...BY_COOKIE, cacheControl: "public", header: LINES },
    [
      "Cookie",
    ],
    "no-store",
    [LINES[1]!],
  ],
];

for (const [preview, options, varies, control, lines] of POLICIES) {
  const name = JSON.stringify([preview, options]);
  Deno.test(`policyOf() knows what may be stored: ${name}`, () => {
    const plan = { ...planFor("/", { options }), preview };
    const { options: made } = policyOf(plan, NO_RULES);
    assertEquals(made.varies, varies);
    assertEquals(made.cacheControl, control);
    assertEquals(made.fields, lines);
  });
}

Deno.test("policyOf() offers a ZIP file of all but a ZIP file", () => {
  const offers = (kind: Plan["kind"], zip: boolean) =>
    policyOf({ ...planFor("/", { options: { zip } }), kind }, NO_RULES)
      .options.zip;
  assertEquals(offers("directory", true), true);
  assertEquals(offers("archive", true), true);
  assertEquals(offers("zip", true), false);
  assertEquals(offers("directory", false), false);
});
