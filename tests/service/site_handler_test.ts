import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { checkPlan } from "../../lib/service/site_handler.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { answeredOf, planFor, type Question, Stage } from "./plans.ts";

const FILES = { "index.html": "home", "a.txt": "a" };

const PROXY = "10.0.0.1";
const CLIENT = "192.0.2.1";

/** Who is taken for the client. The proxies are 10.0.0.0/8. */
const CLIENTS: readonly (readonly [
  name: string,
  options: Partial<Options>,
  peer: string,
  fields: Readonly<Record<string, string>>,
  address: string,
])[] = [
  ["nobody is believed unless named", { trustedProxy: [] }, PROXY, {
    "X-Forwarded-For": CLIENT,
    Forwarded: `for=${CLIENT}`,
  }, PROXY],
  ["a proxy is believed", {}, PROXY, { "X-Forwarded-For": CLIENT }, CLIENT],
  [
    "somebody else is not",
    {},
    "192.0.2.9",
    { "X-Forwarded-For": CLIENT },
    "192.0.2.9",
  ],
  ["Forwarded is not read unless asked for", {}, PROXY, {
    Forwarded: `for=${CLIENT}`,
  }, PROXY],
  [
    "Forwarded is read alone where asked for",
    { forwardedField: "forwarded" },
    PROXY,
    {
      Forwarded: `for=${CLIENT}`,
      "X-Forwarded-For": "192.0.2.66",
    },
    CLIENT,
  ],
  ["X-Forwarded-For is not read then", { forwardedField: "forwarded" }, PROXY, {
    "X-Forwarded-For": CLIENT,
  }, PROXY],
  ["what a client has written in front does not count", {}, PROXY, {
    "X-Forwarded-For": `127.0.0.1, ${CLIENT}, 10.9.9.9`,
  }, CLIENT],
  ["garbage leaves the proxy", {}, PROXY, {
    "X-Forwarded-For": "'; DROP TABLE",
  }, PROXY],
  ["a mapped address is the one in it", {}, `::ffff:${PROXY}`, {
    "X-Forwarded-For": CLIENT,
  }, CLIENT],
  [
    "an empty field leaves the proxy",
    {},
    PROXY,
    { "X-Forwarded-For": "" },
    PROXY,
  ],
];

for (const [name, options, peer, fields, address] of CLIENTS) {
  testWith(HAS_FILES, `SiteHandler finds the client: ${name}`, async () => {
    using stage = new Stage(FILES, {
      options: { trustedProxy: ["10.0.0.0/8"], ...options },
    });
    assertEquals((await stage.ask({ peer, fields })).address, address);
    // Whatever a request says, the next on the connection speaks for itself.
    assertEquals((await stage.ask({ peer })).address, peer);
  });
}

/** Where an https resource is answered for (RFC 9110 §7.4). */
const SECURED: readonly (readonly [
  name: string,
  question: Question,
  status: number,
])[] = [
  ["over TLS", { isTls: true }, 200],
  ["by a proxy", { peer: PROXY }, 200],
  ["over a plain connection", {}, 421],
  ["over a plain connection, in capitals", { target: "HTTPS://a/a.txt" }, 421],
  ["over a plain connection, an http one", { target: "http://a/a.txt" }, 200],
  ["over TLS, an http one", { isTls: true, target: "http://a/a.txt" }, 200],
];

for (const [name, question, status] of SECURED) {
  testWith(HAS_FILES, `SiteHandler for an https resource ${name}`, async () => {
    using stage = new Stage(FILES, {
      options: { trustedProxy: ["10.0.0.0/8"], host: "0.0.0.0" },
    });
    const asked = { target: "https://a/a.txt", ...question };
    assertEquals((await stage.ask(asked)).status, status);
  });
}

/** Which requests are let in. */
const LISTS: readonly (readonly [
  options: Partial<Options>,
  question: Question,
  status: number,
])[] = [
  [{ deny: ["192.0.2.0/24"] }, { peer: CLIENT }, 403],
  [{ deny: ["192.0.2.0/24"] }, { peer: `::ffff:${CLIENT}` }, 403],
  [{ deny: ["192.0.2.0/24"] }, { peer: "192.0.3.1" }, 200],
  [{ deny: ["192.0.2.0/24"] }, { peer: CLIENT, method: "OPTIONS" }, 403],
  [{ deny: ["192.0.2.0/24"] }, { peer: CLIENT, target: "/%zz" }, 403],
  [{ allow: ["192.0.2.0/24"] }, { peer: CLIENT }, 200],
  [{ allow: ["192.0.2.0/24"] }, { peer: "192.0.3.1" }, 403],
  [{ allow: ["192.0.2.0/24"] }, { peer: "-" }, 403],
  [{ allow: ["192.0.2.0/24"], deny: [CLIENT] }, { peer: CLIENT }, 403],
  [{ allow: ["2001:db8::/32"] }, { peer: "2001:db8::1" }, 200],
  [
    { deny: [CLIENT], trustedProxy: [PROXY] },
    { peer: PROXY, fields: { "X-Forwarded-For": CLIENT } },
    403,
  ],
  [
    { deny: [PROXY], trustedProxy: [PROXY] },
    { peer: PROXY, fields: { "X-Forwarded-For": CLIENT } },
    200,
  ],
  [
    { allow: ["127.0.0.1"] },
    { peer: CLIENT, fields: { "X-Forwarded-For": "127.0.0.1" } },
    403,
  ],
];

for (const [options, question, status] of LISTS) {
  const name = `${JSON.stringify(options)} ${JSON.stringify(question)}`;
  testWith(HAS_FILES, `SiteHandler lets in whom it may: ${name}`, async () => {
    using stage = new Stage(FILES, { options });
    const answer = await stage.ask(question);
    assertEquals(answer.status, status);
    assertEquals(stage.refused, status === 403 ? ["denied"] : []);
    if (status === 403) {
      assertEquals(answer.fields.get("cache-control"), "no-store");
    }
  });
}

testWith(
  HAS_FILES,
  "SiteHandler limits the requests of each address, and says when to come again",
  async () => {
    using stage = new Stage(FILES, {
      options: { requestsPerSecond: 0.25, trustedProxy: [PROXY] },
    });
    const now = Date.UTC(2030, 0, 1);
    const statuses = [];
    for (let count = 0; count < 11; count++) {
      statuses.push((await stage.ask({ peer: CLIENT, now })).status);
    }
    assertEquals(statuses, [...new Array(10).fill(200), 429]);
    const limited = await stage.ask({ peer: CLIENT, now, target: "/%zz" });
    assertEquals([limited.status, limited.fields.get("retry-after")], [
      429,
      "4",
    ]);
    assertEquals(stage.refused, ["rate", "rate"]);
    // Others are not meant, and neither is a proxy that speaks for them.
    assertEquals((await stage.ask({ peer: "192.0.2.2", now })).status, 200);
    const behind = { peer: PROXY, now, fields: { "X-Forwarded-For": CLIENT } };
    assertEquals((await stage.ask(behind)).status, 429);
    assertEquals((await stage.ask({ peer: PROXY, now })).status, 200);
    assertEquals(
      (await stage.ask({ peer: CLIENT, now: now + 4000 })).status,
      200,
    );
    assertEquals(
      (await stage.ask({ peer: CLIENT, now: now + 4000 })).status,
      429,
    );
  },
);

/** Which hosts are answered for. undefined: the request names none. */
const HOSTS: readonly (readonly [
  options: Partial<Options>,
  host: string | undefined,
  isAnswered: boolean,
])[] = [
  ...[
    "localhost",
    "LOCALHOST:8000",
    "localhost.",
    "app.localhost",
    "a.b.localhost:1",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]:8000",
    "192.0.2.7",
    "[2001:db8::1]",
    undefined,
  ].map((host) => [{}, host, true] as const),
  ...[
    "evil.example",
    "localhost.evil.example",
    "localhostx",
    "xlocalhost",
    "127.0.0.1.evil.example",
    "127.0.0.1.",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "%6cocalhost",
    "localhost%2eevil.example",
  ].map((host) => [{}, host, false] as const),
  ...["localhost", "127.0.0.5", "::1", "LocalHost", "::ffff:127.0.0.1"].map((
    host,
  ) => [{ host }, "evil.example", false] as const),
  ...["0.0.0.0", "::", "192.0.2.1", "a.example", "127.0.0.1.example"].map((
    host,
  ) => [{ host }, "evil.example", true] as const),
  [{ allowedHosts: ["*"] }, "evil.example", true],
  [{ allowedHosts: ["a.example", "*"] }, "evil.example", true],
  [{ allowedHosts: ["a.example"] }, "a.example", true],
  [{ allowedHosts: ["a.example"] }, "A.Example.:81", true],
  [{ allowedHosts: ["a.example"] }, "b.a.example", false],
  [{ allowedHosts: ["a.example"] }, "localhost", false],
  [{ allowedHosts: ["a.example"] }, "127.0.0.1", false],
  [{ allowedHosts: [".a.example"] }, "b.a.example", true],
  [{ allowedHosts: ["*.a.example"] }, "a.example", false],
  [{ allowedHosts: ["a.example"], host: "0.0.0.0" }, "b.example", false],
];

for (const [options, host, isAnswered] of HOSTS) {
  const name = `${JSON.stringify(options)} ${host}`;
  testWith(HAS_FILES, `SiteHandler is for its hosts: ${name}`, async () => {
    using stage = new Stage(FILES, { options });
    const { status } = await stage.ask({ host });
    assertEquals(status, isAnswered ? 200 : 421);
    assertEquals(stage.refused, isAnswered ? [] : ["host"]);
    assertEquals(stage.warnings.length, isAnswered ? 0 : 1);
  });
}

testWith(
  HAS_FILES,
  "SiteHandler goes by the host in the target, and tells of the first one only",
  async () => {
    using stage = new Stage(FILES);
    const evil = { target: "http://evil.example/a.txt", host: "localhost" };
    assertEquals((await stage.ask(evil)).status, 421);
    const good = { target: "http://localhost/a.txt", host: "evil.example" };
    assertEquals((await stage.ask(good)).status, 200);
    assertEquals((await stage.ask({ host: "other.example" })).status, 421);
    assertEquals(stage.warnings, [
      'A request for host "evil.example" was refused: if it is a name of this server, add it with --allowed-hosts',
    ]);
  },
);

/** Plans that cannot be followed, and what is said of them. */
const WRONG: readonly (readonly [
  options: Partial<Options>,
  credentials: string | undefined,
  text: string,
])[] = [
  [{ trustedProxy: ["10.0.0.0/33"] }, undefined, "--trusted-proxy: "],
  [{ trustedProxy: ["proxy.example"] }, undefined, "--trusted-proxy: "],
  [{ allow: ["10.0.0.0/-1"] }, undefined, "--allow: "],
  [{ allow: ["fe80::1%eth0"] }, undefined, "--allow: "],
  [{ deny: ["10.0.0.0/"] }, undefined, "--deny: "],
  [{ deny: [""] }, undefined, "--deny: "],
  [{ allowedHosts: ["a.example:80"] }, undefined, "--allowed-hosts: "],
  [{ allowedHosts: ["http://a.example"] }, undefined, "--allowed-hosts: "],
  [{ allowedHosts: ["a b"] }, undefined, "--allowed-hosts: "],
  [{ allowedHosts: [""] }, undefined, "--allowed-hosts: "],
  [{ authFile: "/etc/who" }, "ann:secret", "/etc/who: "],
  [{ authFile: "/etc/who" }, "", "/etc/who: "],
  [{ authFile: "/etc/who" }, `${ANN_LINE}\n${ANN_LINE}`, "/etc/who: "],
  [{ authPaths: ["private"] }, ANN_LINE, "--auth-paths: "],
  [{ authPaths: ["/ok", "/a?b"] }, ANN_LINE, "--auth-paths: "],
];

for (const [options, credentials, text] of WRONG) {
  const kind = credentials === undefined ? "" : ` ${credentials.length}`;
  const name = JSON.stringify(options) + kind;
  testWith(
    HAS_FILES,
    `SiteHandler says which option cannot be followed: ${name}`,
    () => {
      using directory = new TemporaryDirectory(FILES);
      const plan = planFor(directory.path, { options, credentials });
      const error = assertThrows(() => checkPlan(plan), PlanError);
      assert(error.message.startsWith(text), error.message);
      // What somebody has written in place of a hash may be a password.
      assert(!error.message.includes("secret"), error.message);
    },
  );
}

testWith(
  HAS_FILES,
  "checkPlan() tells what is wrong with rules, wherever they stand",
  () => {
    using directory = new TemporaryDirectory({
      ...FILES,
      "_redirects": "nonsense\n",
    });
    const rules = {
      headers: [],
      redirects: [{
        from: "no-slash",
        to: "/",
        status: 301,
        force: false,
        where: "skiff.json:7",
      }],
      errorPages: [],
    };
    const plan = planFor(directory.path, { options: { rules } });
    const warnings = checkPlan(plan);
    assertEquals(warnings.map((warning) => warning.split(": ", 1)[0]), [
      "_redirects:1",
      "skiff.json:7",
    ]);
  },
);

testWith(
  HAS_FILES,
  "SiteHandler serves what the options say, with their fields on every reply",
  async () => {
    using stage = new Stage({
      ...FILES,
      "other.html": "other",
      "plain/b.txt": "b",
    }, {
      options: {
        index: "other.html",
        listing: false,
        hsts: 60,
        header: [["X-Own", "1"], ["Referrer-Policy", "no-referrer"]],
        cacheControl: "max-age=5",
        cors: true,
      },
    });
    for (const target of ["/", "/plain/", "/plain", "/gone", "/%zz"]) {
      const { fields } = await stage.ask({ target });
      assertEquals(
        fields.get("strict-transport-security"),
        "max-age=60",
        target,
      );
      assertEquals(fields.get("x-own"), "1", target);
      assertEquals(fields.get("referrer-policy"), "no-referrer", target);
      assertEquals(fields.get("access-control-allow-origin"), "*", target);
    }
    const home = await stage.ask();
    assertEquals([home.body, home.fields.get("cache-control")], [
      "other",
      "max-age=5",
    ]);
    assertEquals((await stage.ask({ target: "/plain/" })).status, 404);
    const refusal = answeredOf(stage.answers.refusal(431));
    assertEquals([refusal.status, refusal.fields.get("x-own")], [431, "1"]);
  },
);

testWith(
  HAS_FILES,
  "SiteHandler has a Retry-After with every 429, once",
  async () => {
    using stage = new Stage(FILES, { options: { requestsPerSecond: 1 } });
    assertEquals(
      answeredOf(stage.answers.refusal(429)).fields.get("retry-after"),
      "1",
    );
    const now = Date.now();
    for (let count = 0; count < 10; count++) await stage.ask({ now });
    // No field is there twice, or this fails.
    assertEquals((await stage.ask({ now })).fields.get("retry-after"), "1");
  },
);
