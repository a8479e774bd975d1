import { assertEquals } from "@std/assert";
import { DEPTH_MAX } from "../../lib/check/json_depth.ts";
import { parseManifest } from "../../lib/check/manifest.ts";
import { REFERENCES_MAX } from "../../lib/check/reference.ts";

/** Manifests, and what they refer to. */
const MANIFESTS:
  readonly (readonly [text: string, found: readonly string[]])[] = [
    ["{}", []],
    ['{"start_url": "/a"}', ["link /a 1"]],
    ['{\n"icons": [\n{"src": "a.png", "sizes": "1x1"}]}', ["image a.png 3"]],
    ['{"shortcuts": [{"url": "/b", "icons": [{"src": "c.png"}]}]}', [
      "link /b 1",
      "image c.png 1",
    ]],
    [
      '{"start_url": 1, "icons": "a.png", "src": "b.png", "x": {"start_url": "/c"}}',
      [],
    ],
    ['{"constructor": "/a"}', []],
    ["[]", []],
    ["null", []],
    ['{"icons": [[{"src": "a.png"}]]}', []],
  ];

for (const [text, found] of MANIFESTS) {
  Deno.test(`parseManifest() of ${text}`, () => {
    const { references, defects } = parseManifest(text);
    assertEquals(
      references.map(({ kind, address, line }) => `${kind} ${address} ${line}`),
      [...found],
    );
    assertEquals(defects, []);
  });
}

for (
  const text of ["", "{", '{"a": 1,}', "// x\n{}", "\ufffd", "[".repeat(50)]
) {
  Deno.test(`parseManifest() finds ${JSON.stringify(text.slice(0, 10))} invalid`, () => {
    assertEquals(parseManifest(text).defects[0]?.rule, "invalid-manifest");
  });
}

Deno.test("parseManifest() reads no deeper than it may", () => {
  for (const open of ["[", '{"a":']) {
    const { isCut, defects } = parseManifest(open.repeat(1_000_000));
    assertEquals([isCut, defects.length], [true, 0]);
  }
  const nested = "[".repeat(DEPTH_MAX) + "]".repeat(DEPTH_MAX);
  assertEquals(parseManifest(nested).isCut, false);
});

Deno.test("parseManifest() keeps no more than it may", () => {
  const text = `{"icons":[${
    '{"src":"a"},'.repeat(REFERENCES_MAX)
  }{"src":"a"}]}`;
  assertEquals(parseManifest(text).references.length, REFERENCES_MAX);
});
