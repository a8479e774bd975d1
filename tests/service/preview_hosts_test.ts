import { assertEquals, assertThrows } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { previewHost, previewHosts } from "../../lib/service/preview_hosts.ts";

function hostsOf(...texts: readonly string[]): string[] {
  return previewHosts({ preview: texts.map(parsePreview) });
}

Deno.test("previewHosts() returns each host once, in its canonical form", () => {
  assertEquals(
    hostsOf(
      "v1=A.Example.",
      "v1=a.example",
      "*=*.Pre.example",
      "v2=münchen.example",
      "v3=cookie:a",
      "v3=[0:0::1]",
    ),
    ["a.example", "*.pre.example", "xn--mnchen-3ya.example", "::1"],
  );
});

for (const text of ["a b", "a.example:80", "*.", "http://a.example", "a..b"]) {
  Deno.test(`previewHost() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => previewHost(text), PlanError, "--preview: Cannot use");
  });
}

for (const key of ["a.example", "A.example", "cookie:a"]) {
  Deno.test(`previewHosts() refuses ${key} for two releases`, () => {
    const make = () => hostsOf(`v1=${key.toLowerCase()}`, `v2=${key}`);
    assertThrows(make, PlanError, 'that shows "v1"');
  });
}
