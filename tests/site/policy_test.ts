import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { FieldLine } from "../../lib/http/field_section.ts";
import {
  DEFAULT_PATH_POLICY,
  override,
  Policy,
  POLICY_DEFAULTS,
  type PolicyOptions,
} from "../../lib/site/policy.ts";
import type { RuleSource } from "../../lib/site/rules/rules.ts";

const REFERRER: FieldLine = [
  "Referrer-Policy",
  "strict-origin-when-cross-origin",
];
const CORS: readonly FieldLine[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
  ["Timing-Allow-Origin", "*"],
];
const ISOLATION: readonly FieldLine[] = [
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
];

const COMMON_ROWS: readonly [
  name: string,
  options: Partial<PolicyOptions>,
  common: readonly FieldLine[],
][] = [
  ["nothing", {}, [REFERRER]],
  ["CORS", { cors: true }, [REFERRER, ...CORS]],
  ["isolation", { coi: true }, [
    REFERRER,
    ...ISOLATION,
    ["Cross-Origin-Resource-Policy", "same-origin"],
  ]],
  ["both", { cors: true, coi: true }, [
    REFERRER,
    ...CORS,
    ...ISOLATION,
    ["Cross-Origin-Resource-Policy", "cross-origin"],
  ]],
  ["a field", { fields: [["X-Own", "1"]] }, [REFERRER, ["X-Own", "1"]]],
  [
    "one field twice",
    { fields: [["Link", "<a>"], ["Link", "<b>"]] },
    [REFERRER, ["Link", "<a>"], ["Link", "<b>"]],
  ],
  [
    "another value for a field of skiff's",
    { fields: [["referrer-POLICY", "no-referrer"]] },
    [["referrer-POLICY", "no-referrer"]],
  ],
  [
    "an origin that may read",
    {
      cors: true,
      fields: [["access-control-allow-origin", "https://example.org"]],
    },
    [REFERRER, CORS[1]!, CORS[2]!, [
      "access-control-allow-origin",
      "https://example.org",
    ]],
  ],
];

for (const [name, options, common] of COMMON_ROWS) {
  Deno.test(`new Policy() with ${name} has the fields of every reply`, () => {
    const policy = new Policy(options);
    assertEquals(policy.common, common);
    // A preflight is answered only with CORS, and never for requests with credentials.
    assertEquals(policy.preflight.length > 0, options.cors === true);
    const names = [...policy.common, ...policy.preflight].map(([name]) =>
      name.toLowerCase()
    );
    assert(!names.includes("access-control-allow-credentials"));
  });
}

Deno.test("new Policy() keeps what was decided, and else the defaults", () => {
  const decided = { index: "home.html", spa: "/app.html" };
  assertEquals(new Policy(decided).options, { ...POLICY_DEFAULTS, ...decided });
  assertEquals(new Policy().options, POLICY_DEFAULTS);
});

const OVERRIDE_ROWS: readonly [
  name: string,
  lines: readonly FieldLine[],
  others: readonly FieldLine[],
  want: readonly FieldLine[],
][] = [
  ["nothing by nothing", [], [], []],
  ["nothing", [], [["A", "1"]], [["A", "1"]]],
  ["by nothing", [["A", "1"]], [], [["A", "1"]]],
  ["other names", [["A", "1"]], [["B", "2"]], [["A", "1"], ["B", "2"]]],
  ["the same name", [["A", "1"]], [["A", "2"]], [["A", "2"]]],
  ["the same name in another case", [["Ab", "1"]], [["aB", "2"]], [[
    "aB",
    "2",
  ]]],
  ["a name that comes twice", [["A", "1"], ["A", "2"]], [["A", "3"]], [[
    "A",
    "3",
  ]]],
  ["by a name that comes twice", [["A", "1"]], [["A", "2"], ["A", "3"]], [
    ["A", "2"],
    ["A", "3"],
  ]],
  [
    "a name that only begins alike",
    [["A", "1"], ["A-B", "2"]],
    [["A", "3"]],
    [["A-B", "2"], ["A", "3"]],
  ],
];

for (const [name, lines, others, want] of OVERRIDE_ROWS) {
  Deno.test(`override() of ${name}`, () => {
    assertEquals(override(lines, others), want);
  });
}

Deno.test("Policy.pathPolicy() gives equal lines the same object, public and private ones apart", () => {
  const lines: readonly FieldLine[] = [["X-A", "1"]];
  const rules: RuleSource = {
    decide: () => undefined,
    linesFor: (path) => path.startsWith("/a") ? lines : [],
    errorPage: () => undefined,
  };
  const isProtected = (path: string) => path.endsWith("/secret");
  const policy = new Policy({ rules, isProtected });
  assertStrictEquals(policy.pathPolicy("/b"), DEFAULT_PATH_POLICY);
  assertStrictEquals(policy.pathPolicy("/a"), policy.pathPolicy("/a/b"));
  assertEquals(policy.pathPolicy("/a").isPrivate, false);
  const secret = policy.pathPolicy("/a/secret");
  assertEquals([secret.lines, secret.isPrivate], [lines, true]);
  const link = { path: "/a/link", realPath: "/a/secret" };
  assertStrictEquals(policy.pathPolicy("/a/link", link), secret);
});
