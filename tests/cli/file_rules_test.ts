import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readConfigText } from "../../lib/cli/config_text.ts";
import { readRules, RULE_KEYS } from "../../lib/cli/file_rules.ts";
import type { ConfigRules } from "../../lib/cli/file_rules.ts";
import { UsageError } from "../../lib/cli/values.ts";

function read(text: string): ConfigRules {
  return readRules(readConfigText(text, "c.json").members);
}

const NONE: ConfigRules = { headers: [], redirects: [], errorPages: [] };

const GOOD: readonly (readonly [text: string, Partial<ConfigRules>])[] = [
  ["{}", {}],
  ['{"port": "not looked at"}', {}],
  ['{"headers": [], "redirects": [], "errorPages": {}}', {}],
  [
    '{"headers": [\n{"for": "/a/*", "values": {"A": "1", "B": ""}},\n{"values": {}, "for": "*"}]}',
    {
      headers: [
        { for: "/a/*", values: [["A", "1"], ["B", ""]], where: "c.json:2" },
        { for: "*", values: [], where: "c.json:3" },
      ],
    },
  ],
  [
    '{"headers": [{"for": "/", "values": {"__proto__": "1", "2": "3"}}]}',
    {
      headers: [{
        for: "/",
        values: [["__proto__", "1"], ["2", "3"]],
        where: "c.json:1",
      }],
    },
  ],
  [
    '{"redirects": [{"from": "/a", "to": "/b", "force": false},\n{"from": "/c", "status": 404, "force": true}]}',
    {
      redirects: [
        {
          from: "/a",
          to: "/b",
          status: 301,
          force: false,
          where: "c.json:1",
        },
        {
          from: "/c",
          to: undefined,
          status: 404,
          force: true,
          where: "c.json:2",
        },
      ],
    },
  ],
  [
    '{"errorPages": {"404": "/404.html",\n"500": "e.html"}}',
    {
      errorPages: [
        { status: 404, path: "/404.html", where: "c.json:1" },
        { status: 500, path: "e.html", where: "c.json:2" },
      ],
    },
  ],
];

for (const [text, rules] of GOOD) {
  Deno.test(`readRules() understands ${text}`, () => {
    assertEquals(read(text), { ...NONE, ...rules });
  });
}

const BAD: readonly (readonly [text: string, message: string])[] = [
  [
    '{"headers": null}',
    'c.json:1:13: Cannot use null for "headers": expected a list of rules',
  ],
  ['{"headers": ["A: 1"]}', 'c.json:1:14: Cannot use "A: 1" for "headers"'],
  ['{"headers": [[]]}', 'Cannot use an array for "headers"'],
  ['{"headers": [{}]}', 'Cannot use a rule in "headers" without "for"'],
  ['{"headers": [{"for": "/"}]}', 'without "values"'],
  [
    '{"headers": [{"for": "/", "value": {}}]}',
    'c.json:1:27: Cannot understand "value": did you mean "values"?',
  ],
  ['{"headers": [{"for": 1, "values": {}}]}', 'Cannot use 1 for "for"'],
  ['{"headers": [{"for": "/", "values": []}]}', 'an array for "values"'],
  [
    '{"headers": [{"for": "/", "values": {"A": 1}}]}',
    'c.json:1:43: Cannot use 1 for "A": expected a string in quotes',
  ],
  ['{"headers": [{"for": "/", "values": {"A": "", "A": ""}}]}', "twice"],
  ['{"redirects": {}}', 'Cannot use an object for "redirects"'],
  [
    '{"redirects": ["/a /b 301"]}',
    'for "redirects": expected a rule in braces',
  ],
  ['{"redirects": [{}]}', 'without "from"'],
  ['{"redirects": [{"to": "/"}]}', 'without "from"'],
  ['{"redirects": [{"form": "/"}]}', 'did you mean "from"?'],
  ['{"redirects": [{"from": "/", "query": {}}]}', "there is no such key"],
  ['{"redirects": [{"from": null}]}', 'Cannot use null for "from"'],
  ['{"redirects": [{"from": "/", "to": 1}]}', 'Cannot use 1 for "to"'],
  ['{"redirects": [{"from": "/", "status": "301"}]}', "without quotes"],
  ['{"redirects": [{"from": "/", "status": 3}]}', 'Cannot use 3 for "status"'],
  ['{"redirects": [{"from": "/", "status": 301.5}]}', 'for "status"'],
  ['{"redirects": [{"from": "/", "status": 600}]}', 'for "status"'],
  ['{"redirects": [{"from": "/", "force": 1}]}', "expected true or false"],
  ['{"redirects": [{"from": "/", "force": "yes"}]}', "expected true or false"],
  ['{"errorPages": []}', 'Cannot use an array for "errorPages"'],
  ['{"errorPages": {"4xx": "/"}}', 'Cannot use "4xx" as the status of a page'],
  ['{"errorPages": {"200": "/"}}', 'Cannot use "200" as the status'],
  ['{"errorPages": {"404 ": "/"}}', 'Cannot use "404 " as the status'],
  ['{"errorPages": {"404": 1}}', 'c.json:1:24: Cannot use 1 for "404"'],
];

for (const [text, message] of BAD) {
  Deno.test(`readRules() refuses ${text}: ${message}`, () => {
    const error = assertThrows(() => read(text), UsageError);
    assertStringIncludes(error.message, message);
  });
}

Deno.test("RULE_KEYS are those that readRules() reads", () => {
  assertEquals([...RULE_KEYS].sort(), Object.keys(NONE).sort());
});
