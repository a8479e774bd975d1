import { assertEquals } from "@std/assert";
import {
  DEPTH_MAX,
  parseImportMap,
  parseManifest,
} from "../../lib/check/json.ts";
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

Deno.test("parseImportMap() keeps no more than it may", () => {
  const entries = Array.from(
    { length: REFERENCES_MAX + 1 },
    (_, index) => `"${index}":"/"`,
  );
  const { references } = parseImportMap(`{"imports":{${entries}}}`, 1);
  assertEquals(references.length, REFERENCES_MAX);
});

Deno.test("parseManifest() names the line of the first error", () => {
  assertEquals(parseManifest('{\n"a":,\n"b":,\n}').defects[0]?.line, 2);
});

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

/** Import maps, the addresses in them, and what is wrong. */
const MAPS: readonly (readonly [
  text: string,
  found: readonly string[],
  wrong?: readonly string[],
])[] = [
  ["{}", []],
  ['{"imports":{"a":"/a.js","b":"./b.js","c":"../c.js"}}', [
    "7 /a.js",
    "7 ./b.js",
    "7 ../c.js",
  ]],
  ['{"imports":{\n"a":"https://cdn.example/a.js"}}', [
    "8 https://cdn.example/a.js",
  ]],
  ['{"scopes":{"/old/":{"a":"/old/a.js"}}}', ["7 /old/a.js"]],
  ['{"imports":{"lib/":"/lib/","off":null}}', []],
  ['{"integrity":{"/a.js":"sha384-x"}}', []],
  ['{"imports":{"a":"a.js"}}', [], [
    '7 "a" is mapped to "a.js", which needs ./ before it',
  ]],
  ['{"imports":{"lib/":"/lib"}}', [], [
    '7 "lib/" is mapped to "/lib", which needs / after it',
  ]],
  ['{"imports":{"a":1}}', [], ['7 "a" is mapped to no address']],
  ['{"imports":{\n"a":"/a.js",}}', [], ["8 the import map is not valid JSON"]],
  ["", [], ["7 the import map is not valid JSON"]],
  ["[".repeat(DEPTH_MAX + 1), [], ["7 the import map is not valid JSON"]],
];

for (const [text, found, wrong = []] of MAPS) {
  Deno.test(`parseImportMap() of ${JSON.stringify(text.slice(0, 60))}`, () => {
    const { references, defects } = parseImportMap(text, 7);
    const lines = references.map(({ line, address }) => `${line} ${address}`);
    const problems = defects.map(({ line, message }) => `${line} ${message}`);
    assertEquals([lines, problems], [[...found], [...wrong]]);
  });
}

/** Texts, and whether a parser that recurses may not read them. */
const TEXTS: readonly (readonly [text: string, isDeep: boolean])[] = [
  ["", false],
  ['{"a":[1]}', false],
  ["[".repeat(DEPTH_MAX), false],
  ["[".repeat(DEPTH_MAX + 1), true],
  ['{"a":'.repeat(1_000_000), true],
  [`"${"[".repeat(DEPTH_MAX + 1)}"`, false],
  ["[],".repeat(DEPTH_MAX + 1), false],
];

for (const [text, isDeep] of TEXTS) {
  Deno.test(`parseManifest() reads ${JSON.stringify(text.slice(0, 20))}, ${text.length} characters: ${!isDeep}`, () => {
    assertEquals(parseManifest(text).isCut, isDeep);
  });
}
