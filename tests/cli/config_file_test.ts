import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readConfig } from "../../lib/cli/config_file.ts";
import { applySetting, isFrom } from "../../lib/cli/option_row.ts";
import {
  defaultOptions,
  OPTION_TABLE,
  type OptionRow,
  type Options,
  UsageError,
} from "../../lib/cli/options.ts";
import { SAMPLES } from "./samples.ts";

function optionsOf(text: string, path = "/etc/skiff.json"): Options {
  const options = defaultOptions();
  const { settings, rules } = readConfig(text, path);
  for (const setting of settings) applySetting(options, setting);
  return { ...options, rules };
}

const GOOD: readonly (readonly [text: string, Partial<Options>])[] = [
  ["{}", {}],
  ['{"$schema": "./skiff.schema.json"}', {}],
  ['{"$schema": 7, "port": 81}', { port: 81 }],
  ['{"port": 8.1e1}', { port: 81 }],
  ['{"root": "site"}', { root: "/etc/site" }],
  ['{"root": "../srv"}', { root: "/srv" }],
  ['{"root": "/srv/www"}', { root: "/srv/www" }],
  ['{"tlsCert": "a.pem", "tlsKey": "tls/b.pem"}', {
    tlsCert: "/etc/a.pem",
    tlsKey: "/etc/tls/b.pem",
  }],
  ['{"authFile": "users"}', { authFile: "/etc/users" }],
  ['{"index": "main.htm"}', { index: "main.htm" }],
  ['{"spa": true}', { spa: "/index.html" }],
  ['{"spa": false}', {}],
  ['{"spa": "a.html"}', { spa: "/a.html" }],
  ['{"listing": false}', { listing: false }],
  ['{"cors": true}', { cors: true }],
  ['{"workers": 2}', { workers: 2 }],
  ['{"workers": "auto"}', { workers: "auto" }],
  ['{"log": "off"}', { log: "off" }],
  ['{"requestsPerSecond": 0.5}', { requestsPerSecond: 0.5 }],
  ['{"allow": "::1"}', { allow: ["::1"] }],
  ['{"allow": ["::1", "10.0.0.0/8"]}', { allow: ["::1", "10.0.0.0/8"] }],
  ['{"allow": []}', {}],
  ['{"authPaths": ["/a,b"]}', { authPaths: ["/a,b"] }],
  ['{"header": ["A: 1, 2"]}', { header: [["A", "1, 2"]] }],
  ['{"errorPages": {"404": "/404.html"}}', {
    rules: {
      headers: [],
      redirects: [],
      errorPages: [{
        status: 404,
        path: "/404.html",
        where: "/etc/skiff.json:1",
      }],
    },
  }],
];

for (const [text, changes] of GOOD) {
  Deno.test(`readConfig() understands ${text}`, () => {
    assertEquals(optionsOf(text), { ...defaultOptions(), ...changes });
  });
}

const BAD: readonly (readonly [text: string, message: string])[] = [
  [
    "[]",
    "/etc/skiff.json:1:1: Cannot read the configuration: expected an object",
  ],
  ["7", "expected an object in braces"],
  ["null", "expected an object in braces"],
  ["", "value expected"],
  [
    '{\n"prot": 1}',
    '/etc/skiff.json:2:1: Cannot understand "prot": did you mean "port"?',
  ],
  ['{"Port": 1}', 'did you mean "port"?'],
  ['{"tls-cert": ""}', 'did you mean "tlsCert"?'],
  ['{"REQUESTS_PER_SECOND": 1}', 'did you mean "requestsPerSecond"?'],
  ['{"connections-per-address": 1}', 'did you mean "connectionsPerAddress"?'],
  ['{"redirect": []}', 'did you mean "redirects"?'],
  ['{"errorpages": {}}', 'did you mean "errorPages"?'],
  ['{"somethingElse": 1}', "there is no such key"],
  ['{"quiet": true}', "there is no such key"],
  ['{"help": true}', "Cannot understand"],
  ['{"config": "a"}', "there is no such key"],
  ['{"printConfig": true}', "there is no such key"],
  ['{"__proto__": {}}', 'Cannot understand "__proto__"'],
  ['{"constructor": 1}', 'Cannot understand "constructor"'],
  ['{"": 1}', 'Cannot understand ""'],
  [`{"${"x".repeat(1e6)}": 1}`, "…"],
  [
    '{\n  "port": "8080"}',
    '/etc/skiff.json:2:11: Cannot use "8080" for "port": expected a number without quotes',
  ],
  [
    '{\n  "port": 80800}',
    '/etc/skiff.json:2:11: Cannot use "80800" as a port: expected a number from 0 to 65535',
  ],
  ['{"port": -1}', '1:10: Cannot use "-1" as a port'],
  ['{"port": 80.5}', "as a port"],
  ['{"port": 1e999}', "as a port"],
  ['{"workers": "many"}', 'Cannot use "many" for "workers"'],
  ['{"workers": true}', 'Cannot use true for "workers"'],
  ['{"spa": 1}', "expected a string in quotes, true or false"],
  ['{"spa": ".."}', 'for "spa": expected the name of a file'],
  ['{"root": ""}', 'Cannot use "" for "root": expected a string in quotes'],
  ['{"log": "xml"}', "as a log format"],
  ['{"header": ["A"]}', "for \"header\": expected 'Name: value'"],
  ['{"header": [1]}', '1:13: Cannot use 1 for "header"'],
  ['{"allow": ["::1", ["::1"]]}', '1:19: Cannot use an array for "allow"'],
  ['{"allow": ["10.0.0.0/99"]}', "as a network"],
  ['{"allow": {"a": 1}}', 'Cannot use an object for "allow"'],
  ['{"port": 1, "port": 2}', 'Cannot use "port" twice'],
  ['{"headers": {}}', 'Cannot use an object for "headers"'],
];

for (const [text, message] of BAD) {
  Deno.test(`readConfig() refuses ${text.slice(0, 50)}: ${message}`, () => {
    const error = assertThrows(() => optionsOf(text), UsageError);
    assertStringIncludes(error.message, message);
  });
}

/** Values of each type of JSON. */
const TYPES: Readonly<Record<string, readonly OptionRow["type"][]>> = {
  "null": [],
  "true": ["switch"],
  "7": ["number"],
  '"\\u0000"': ["text", "list"],
  "{}": [],
  "[]": ["list"],
  "[null]": [],
  "[[]]": [],
  '[{"a": 1}]': [],
};

for (const row of OPTION_TABLE.filter((each) => isFrom(each, "file"))) {
  Deno.test(`readConfig() refuses what is of no type that ${row.key} has`, () => {
    for (const [json, types] of Object.entries(TYPES)) {
      const isSpa = ["spa", "https"].includes(row.key) && json === "true";
      if (types.includes(row.type) || isSpa) continue;
      const error = assertThrows(
        () => optionsOf(`{"${row.key}": ${json}}`),
        UsageError,
      );
      assertStringIncludes(error.message, "/etc/skiff.json:1:");
      assertStringIncludes(error.message, `for "${row.key}": expected `);
    }
  });

  if (row.type === "number") {
    Deno.test(`readConfig() refuses the number of ${row.key} in quotes`, () => {
      const text = `{"${row.key}": "${SAMPLES[row.key].values[0]}"}`;
      const error = assertThrows(() => optionsOf(text), UsageError);
      assertStringIncludes(error.message, "a number without quotes");
    });
  }
}

Deno.test("readConfig() reads a megabyte of rules in no time", () => {
  const rule = '{"from": "/a/*", "to": "/b/:splat"},\n';
  const count = Math.ceil(2 ** 20 / rule.length);
  const start = performance.now();
  const text = `{"redirects": [\n${rule.repeat(count)}]}`;
  const { redirects } = readConfig(text, "c.json").rules;
  assertEquals(redirects.length, count);
  assertEquals(redirects.at(-1)!.where, `c.json:${count + 1}`);
  assert(performance.now() - start < 3000);
});
