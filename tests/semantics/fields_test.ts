import { assert, assertEquals } from "@std/assert";
import type { PolicyOptions } from "../../lib/site/policy.ts";
import {
  exchange,
  type Files,
  parseResponses,
  type Response,
} from "../helpers.ts";
import {
  encode,
  type Fields,
  PAST_DATES,
  Stage,
  testRows,
  testStage,
  textOfLength,
} from "./stage.ts";

const TEXT = textOfLength(2000);

const SITE: Files = {
  "index.html": "home",
  "app.js": TEXT,
  "app.js.br": encode("br", TEXT),
  "large.bin": new Uint8Array(1_100_000),
  "folder/a.txt": "a",
  "site/404.html": "missing",
};

/** One request for each kind of answer there is. */
const ANSWERS: Readonly<
  Record<
    string,
    readonly [method: string, target: string, fields: Fields, status: number]
  >
> = {
  "a file": ["GET", "/app.js", {}, 200],
  "a file's head": ["HEAD", "/app.js", {}, 200],
  "a large file": ["GET", "/large.bin", {}, 200],
  "an index": ["GET", "/", {}, 200],
  "an encoded variant": ["GET", "/app.js", { "Accept-Encoding": "br" }, 200],
  "a range": ["GET", "/app.js", { Range: "bytes=0-3" }, 206],
  "several ranges": ["GET", "/app.js", { Range: "bytes=0-3,9-9" }, 206],
  "a range of a large file": ["GET", "/large.bin", { Range: "bytes=-1" }, 206],
  "what has not changed": ["GET", "/app.js", { "If-None-Match": "*" }, 304],
  "what has not changed since": [
    "GET",
    "/app.js",
    { "If-Modified-Since": PAST_DATES[0]! },
    304,
  ],
  "a listing": ["GET", "/folder/", {}, 200],
  "a listing in JSON": ["GET", "/folder/", { Accept: "application/json" }, 200],
  "a listing that has not changed": [
    "GET",
    "/folder/",
    { "If-None-Match": "*" },
    304,
  ],
  "the listing's style": ["GET", "/.skiff/listing.css", {}, 200],
  "the listing's script": ["GET", "/.skiff/listing.js", {}, 200],
  "a redirect": ["GET", "/folder", {}, 308],
  "a mistake": ["GET", "/%00", {}, 400],
  "what is missing": ["GET", "/missing.txt", {}, 404],
  "what is missing, with a page": ["GET", "/site/missing.txt", {}, 404],
  "what is missing, for HEAD": ["HEAD", "/missing.txt", {}, 404],
  "a method that is refused": ["POST", "/app.js", {}, 405],
  "a condition that fails": ["GET", "/app.js", { "If-Match": '"a"' }, 412],
  "a range that is not there": [
    "GET",
    "/app.js",
    { Range: "bytes=9999-" },
    416,
  ],
  "an expectation": ["GET", "/app.js", { Expect: "200-maybe" }, 417],
  "a method that is not known": ["BREW", "/app.js", {}, 501],
  "what there is": ["OPTIONS", "/app.js", {}, 204],
  "what there is at all": ["OPTIONS", "*", {}, 204],
};

const REFERRER = { "referrer-policy": "strict-origin-when-cross-origin" };
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
  "timing-allow-origin": "*",
};
const PREFLIGHT = {
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
  "access-control-allow-headers": "*",
  "access-control-max-age": "86400",
};
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Policies, and what every answer has under them. */
const POLICY_ROWS: Readonly<
  Record<string, [policy: Partial<PolicyOptions>, common: Fields]>
> = {
  "by default": [{}, REFERRER],
  "with CORS": [{ cors: true }, { ...REFERRER, ...CORS }],
  "with isolation": [{ coi: true }, {
    ...REFERRER,
    ...ISOLATION,
    "cross-origin-resource-policy": "same-origin",
  }],
  "with CORS and isolation": [{ cors: true, coi: true }, {
    ...REFERRER,
    ...CORS,
    ...ISOLATION,
    "cross-origin-resource-policy": "cross-origin",
  }],
  "with fields of one's own": [{
    cors: true,
    fields: [
      ["X-Frame-Options", "DENY"],
      ["Link", "</a>; rel=preload"],
      ["Link", "</b>; rel=preload"],
      ["Referrer-Policy", "no-referrer"],
      ["Timing-Allow-Origin", "https://example.org"],
    ],
  }, {
    ...CORS,
    "x-frame-options": "DENY",
    "link": "</a>; rel=preload, </b>; rel=preload",
    "referrer-policy": "no-referrer",
    "timing-allow-origin": "https://example.org",
  }],
  "with a field of any byte": [
    { fields: [["X-Own", 'tab\tthere, "quotes"; ~']] },
    { ...REFERRER, "x-own": 'tab\tthere, "quotes"; ~' },
  ],
};

/** The fields of an answer that come from the policy. */
function policyFields({ fields }: Response): Fields {
  const known = Object.values(POLICY_ROWS).flatMap(([, common]) =>
    Object.keys(common)
  );
  return Object.fromEntries(
    [...fields].filter(([name]) =>
      known.includes(name) || name.startsWith("access-control")
    ),
  );
}

for (const [name, [policy, common]] of Object.entries(POLICY_ROWS)) {
  testRows(
    `every answer has the policy's fields ${name}`,
    SITE,
    Object.entries(ANSWERS),
    ([kind]) => `${kind} has the policy's fields ${name}`,
    async (stage, [, [method, target, fields, status]]) => {
      const response = await stage.ask(method, target, fields);
      assertEquals(response.status, status);
      const more = method === "OPTIONS" && policy.cors ? PREFLIGHT : {};
      // Repeated fields are joined here, so that each is there once.
      assertEquals(policyFields(response), { ...common, ...more });
      assertEquals(response.fields.get("x-content-type-options"), "nosniff");
      assertEquals(response.fields.get("server"), "skiff");
      assert(response.fields.has("date"));
    },
    { policy },
  );
}

/** What cannot be read as a request. */
const MISTAKES: Readonly<Record<string, [text: string, status: number]>> = {
  "no request": ["hello\r\n\r\n", 400],
  "a request without a host": ["GET / HTTP/1.1\r\n\r\n", 400],
  "a request of another version": ["GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505],
  "a target that is too long": [`GET /${"a".repeat(20_000)}`, 414],
};

for (const [name, [policy, common]] of Object.entries(POLICY_ROWS)) {
  testStage(
    `the answer to a mistake has the policy's fields ${name}`,
    SITE,
    async (stage) => {
      for (const [mistake, [text, status]] of Object.entries(MISTAKES)) {
        const answer = await exchange(stage.port, text);
        const response = parseResponses(answer, ["GET"])[0]!;
        assertEquals(response.status, status, mistake);
        assertEquals(policyFields(response), common, mistake);
      }
    },
    { policy },
  );
}

/** What a browser asks before it sends a request to another origin. */
const PREFLIGHT_REQUEST: Fields = {
  "Origin": "https://example.org",
  "Access-Control-Request-Method": "GET",
  "Access-Control-Request-Headers": "range, x-own",
};

for (const target of ["/app.js", "/", "/missing", "/.env", "*"]) {
  testStage(
    `a preflight for ${target} is answered with CORS`,
    SITE,
    async (stage) => {
      const response = await stage.ask("OPTIONS", target, PREFLIGHT_REQUEST);
      assertEquals([response.status, response.body], [204, ""]);
      assertEquals(policyFields(response), {
        ...REFERRER,
        ...CORS,
        ...PREFLIGHT,
      });
      assertEquals(response.fields.get("allow"), "GET, HEAD, OPTIONS");
      assertEquals(response.fields.get("content-length"), undefined);
    },
    { policy: { cors: true } },
  );

  testStage(
    `a preflight for ${target} is not allowed anything without CORS`,
    SITE,
    async (stage) => {
      const response = await stage.ask("OPTIONS", target, PREFLIGHT_REQUEST);
      assertEquals(response.status, 204);
      assertEquals(policyFields(response), REFERRER);
      assertEquals(response.fields.get("allow"), "GET, HEAD, OPTIONS");
    },
  );
}

testStage(
  "one's own answers to a preflight take the place of skiff's",
  SITE,
  async (stage) => {
    const { fields } = await stage.ask("OPTIONS", "/app.js", PREFLIGHT_REQUEST);
    assertEquals(fields.get("access-control-max-age"), "5");
    assertEquals(fields.get("access-control-allow-headers"), "Authorization");
    assertEquals(
      fields.get("access-control-allow-methods"),
      "GET, HEAD, OPTIONS",
    );
  },
  {
    policy: {
      cors: true,
      fields: [
        ["Access-Control-Max-Age", "5"],
        ["access-control-allow-headers", "Authorization"],
      ],
    },
  },
);

testStage(
  "who asks does not show in an answer with CORS",
  SITE,
  async (stage) => {
    const plain = await stage.get("/app.js");
    for (const origin of ["https://example.org", "null", "*", "https://a\tb"]) {
      const { fields } = await stage.get("/app.js", {
        "Origin": origin,
        "Cookie": "a=b",
        "Authorization": "Basic YTpi",
      });
      assertEquals(fields.get("access-control-allow-origin"), "*");
      assertEquals(fields.get("access-control-allow-credentials"), undefined);
      assertEquals(fields.get("vary"), plain.fields.get("vary"));
    }
  },
  { policy: { cors: true } },
);

testStage(
  "a policy shows in the answers of its own server alone",
  SITE,
  async (stage) => {
    await stage.get("/.skiff/listing.css");
    const { fields } = await stage.get("/app.js");
    assertEquals(fields.get("x-first"), "1");
    await otherServer();
  },
  { policy: { fields: [["X-First", "1"]] } },
);

async function otherServer(): Promise<void> {
  await using stage = new Stage(SITE);
  for (const target of ["/.skiff/listing.css", "/app.js", "/missing"]) {
    const { fields } = await stage.get(target);
    assertEquals(fields.get("x-first"), undefined);
  }
}

/** The Cache-Control of each kind of answer when one's own is given. */
const OVERRIDDEN = "public, max-age=60";
const UNSTORED = "no-store";

const CACHE_ROWS: Readonly<Record<string, string | undefined>> = {
  "a file": OVERRIDDEN,
  "a file's head": OVERRIDDEN,
  "a large file": OVERRIDDEN,
  "an index": OVERRIDDEN,
  "an encoded variant": OVERRIDDEN,
  "a range": OVERRIDDEN,
  "several ranges": OVERRIDDEN,
  "what has not changed": OVERRIDDEN,
  "a listing": OVERRIDDEN,
  "a redirect": "no-cache",
  "a mistake": UNSTORED,
  "what is missing": UNSTORED,
  "what is missing, with a page": UNSTORED,
  "a method that is refused": UNSTORED,
  "a condition that fails": UNSTORED,
  "a range that is not there": UNSTORED,
  "a method that is not known": UNSTORED,
  "what there is": undefined,
};

testRows(
  "each answer has its Cache-Control when one's own is given",
  SITE,
  Object.entries(CACHE_ROWS),
  ([kind, value]) => `${kind} has the Cache-Control ${value}`,
  async (stage, [kind, value]) => {
    const [method, target, fields] = ANSWERS[kind]!;
    const response = await stage.ask(method, target, fields);
    assertEquals(response.fields.get("cache-control"), value);
  },
  { policy: { cacheControl: OVERRIDDEN } },
);
