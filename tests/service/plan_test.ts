import { assertEquals, assertThrows } from "@std/assert";
import { SAMPLES } from "../cli/samples.ts";
import { defaultOptions, type Options } from "../../lib/cli/options.ts";
import {
  PlanError,
  refuseNewProblems,
  reloadableOptions,
} from "../../lib/service/plan.ts";

/** What only a restart changes. */
const LATE: Partial<Options> = {
  host: "0.0.0.0",
  port: 1,
  workers: "auto",
  admin: { host: "127.0.0.1", port: 2 },
  proxyProtocol: true,
  httpsRedirect: 3,
  log: "json",
  requestId: true,
  connectionsPerAddress: 4,
  http2: false,
  h2c: true,
  https: "/keys",
  open: true,
  qr: true,
  keys: false,
  releases: "/releases",
  releaseInfo: true,
  live: true,
};

for (const [key, value] of Object.entries(LATE)) {
  Deno.test(`reloadableOptions() names ${key}, which stays as it was`, () => {
    const before = defaultOptions();
    const requested = { ...before, [key]: value, index: "other.html" };
    const { options, restartOnly } = reloadableOptions(before, requested);
    assertEquals<readonly string[]>(restartOnly, [key]);
    assertEquals(options, { ...before, index: "other.html" });
    // The next time it is still not so.
    const again = reloadableOptions(options, requested);
    assertEquals<readonly string[]>(again.restartOnly, [key]);
    assertEquals(reloadableOptions(options, before).restartOnly, []);
  });
}

/** What can change at any time. */
const PROMPT: Partial<Options> = {
  root: "/elsewhere",
  keepReleases: 3,
  releaseMarker: ".done",
  index: "other.html",
  spa: "/app.html",
  listing: false,
  zip: true,
  compression: false,
  watch: false,
  cacheControl: "no-store",
  header: [["A", "1"]],
  cors: true,
  coi: true,
  earlyHints: true,
  drain: 7,
  trustedProxy: ["10.0.0.0/8"],
  forwardedField: "forwarded",
  authFile: "/who",
  authPaths: ["/private/*"],
  allow: ["10.0.0.0/8"],
  deny: ["10.0.0.0/8"],
  allowedHosts: ["a.example"],
  requestsPerSecond: 5,
  preview: [{ release: "v1", by: "host", key: "a.example" }],
  rules: {
    headers: [],
    redirects: [],
    errorPages: [{ status: 404, path: "/x", where: "" }],
  },
};

for (const [key, value] of Object.entries(PROMPT)) {
  Deno.test(`reloadableOptions() goes on with another ${key}`, () => {
    const before = defaultOptions();
    const requested = { ...before, [key]: value };
    assertEquals(reloadableOptions(before, requested), {
      options: requested,
      restartOnly: [],
    });
    assertEquals(reloadableOptions(requested, before).restartOnly, []);
  });
}

Deno.test("reloadableOptions() is told of every option that can be configured", () => {
  const ofTls = ["tlsCert", "tlsKey", "hsts"];
  const once = ["config", "help", "version", "printConfig"];
  const known = [
    ...Object.keys(LATE),
    ...Object.keys(PROMPT),
    ...ofTls,
    ...once,
  ];
  const all = [...Object.keys(SAMPLES), "rules"];
  assertEquals(known.sort(), all.sort());
});

Deno.test("reloadableOptions() lets TLS change, but neither come nor go", () => {
  const plain = defaultOptions();
  const tls = { ...plain, tlsCert: "a.pem", tlsKey: "a.key", hsts: 1 };
  const other = { ...plain, tlsCert: "b.pem", tlsKey: "b.key", hsts: 2 };
  assertEquals(reloadableOptions(tls, other), {
    options: other,
    restartOnly: [],
  });
  for (const [before, requested] of [[plain, tls], [tls, plain]] as const) {
    const { options, restartOnly } = reloadableOptions(before, requested);
    assertEquals(options, before);
    assertEquals(restartOnly, ["tlsCert", "tlsKey", "hsts"]);
  }
});

/** Problems of the rules that are served. */
const KNOWN = ["_redirects:3: wrong", "skiff.json: odd"];

Deno.test("refuseNewProblems() takes what was there before, on whatever line", () => {
  refuseNewProblems(KNOWN, []);
  refuseNewProblems(KNOWN, ["_redirects:7: wrong"]);
});

Deno.test("refuseNewProblems() names the first new one, and counts the others", () => {
  assertThrows(
    () => refuseNewProblems(KNOWN, [...KNOWN, "a: b", "c: d", "e: f"]),
    PlanError,
    "a: b (and 2 more)",
  );
});
