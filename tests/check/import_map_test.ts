import { assertEquals } from "@std/assert";
import { parseImportMap } from "../../lib/check/import_map.ts";
import { DEPTH_MAX } from "../../lib/check/json_depth.ts";

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
