import { assert, assertEquals } from "@std/assert";
import type { PolicyOptions } from "../../lib/site/policy.ts";
import type { RuleDefinitions } from "../../lib/site/rules/texts.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import type { Files } from "../helpers.ts";
import { testStage } from "./stage.ts";

const SITE: Files = {
  "index.html": "home",
  "gone.html": "gone",
  "en/index.html": "english",
  "empty/.keep": "",
  "errors/lost.html": "lost",
  "404.html": "the usual page",
  "secret/.htpasswd": "secret",
  "_headers": "/*\n  X-File: never served\n",
};

function policyOf(
  texts: Partial<RuleDefinitions>,
  more: Partial<PolicyOptions> = {},
): Partial<PolicyOptions> {
  const none: RuleDefinitions = { headers: [], redirects: [], errorPages: [] };
  const { rules, problems } = compileRules({ ...none, ...texts });
  assertEquals(problems, []);
  return { rules, ...more };
}

for (const page of ["/gone", "/gone.html", "/errors/lost", "/en/", "/en"]) {
  testStage(
    `the page of an error may be named ${page}`,
    SITE,
    async (stage) => {
      const { status, body } = await stage.get("/nothing");
      assertEquals(status, 404);
      assert(["gone", "lost", "english"].includes(body), body);
    },
    {
      policy: policyOf({
        errorPages: [{ status: 404, path: page, where: "a" }],
      }),
    },
  );
}

for (const page of ["/nothing", "/empty/", "/_headers", "/secret/"]) {
  testStage(`${page} is no page of an error`, SITE, async (stage) => {
    const { status, body } = await stage.get("/nothing");
    assertEquals([status, body], [404, "the usual page"]);
  }, {
    policy: policyOf({ errorPages: [{ status: 404, path: page, where: "a" }] }),
  });
}

/** By what else there is, the page of an error whose rule names one that is missing. */
const FALLBACK_ROWS: readonly (readonly [page: string, body: string])[] = [
  ["/gone", "gone"],
  ["/missing-too", "the usual page"],
  ["/_headers", "the usual page"],
];

for (const [page, body] of FALLBACK_ROWS) {
  testStage(
    `a rule with a missing page sends what stands behind it: ${page}`,
    SITE,
    async (stage) => {
      const reply = await stage.get("/shop/a");
      assertEquals([reply.status, reply.body], [404, body]);
    },
    {
      policy: policyOf({
        redirects: [{
          from: "/shop/*",
          to: "/missing",
          status: 404,
          force: false,
          where: "a",
        }],
        errorPages: [{ status: 404, path: page, where: "b" }],
      }),
    },
  );
}

const CORS_RULES = [
  {
    for: "/fonts/*",
    values: [
      ["Access-Control-Allow-Origin", "https://a.test"],
      ["access-control-allow-headers", "range"],
      ["X-Other", "1"],
      ["Cache-Control", "max-age=60"],
    ],
    where: "a",
  },
  {
    for: "/fonts/private/*",
    values: [["Access-Control-Allow-Origin", "https://b.test"]],
    where: "b",
  },
] as const;

/** What a preflight is answered with, by path, and with or without --cors. */
const PREFLIGHT_ROWS: readonly (readonly [
  target: string,
  cors: boolean,
  origin: string | undefined,
  allowed: string | undefined,
])[] = [
  ["/fonts/a.woff2", false, "https://a.test", "range"],
  ["/fonts/missing/", false, "https://a.test", "range"],
  ["/fonts/private/a.woff2", false, "https://b.test", "range"],
  ["/other/a.woff2", false, undefined, undefined],
  ["*", false, undefined, undefined],
  ["/fonts/a.woff2", true, "https://a.test", "range"],
  ["/other/a.woff2", true, "*", "*"],
  ["*", true, "*", "*"],
];

for (const [target, cors, origin, allowed] of PREFLIGHT_ROWS) {
  testStage(
    `a preflight for ${target} has what rules say${
      cors ? " above --cors" : ""
    }`,
    SITE,
    async (stage) => {
      for (let round = 0; round < 2; round++) {
        const { status, fields } = await stage.ask("OPTIONS", target, {
          "Origin": "https://a.test",
          "Access-Control-Request-Method": "GET",
        });
        assertEquals(status, 204);
        assertEquals(fields.get("access-control-allow-origin"), origin);
        assertEquals(fields.get("access-control-allow-headers"), allowed);
        assertEquals(fields.get("x-other"), undefined);
        assertEquals(fields.get("cache-control"), undefined);
      }
    },
    { policy: policyOf({ headers: CORS_RULES }, { cors }) },
  );
}
