import { assertEquals, assertThrows } from "@std/assert";
import type { Options } from "../../lib/cli/options.ts";
import { parsePreview } from "../../lib/cli/preview.ts";
import { Access, hostsOf } from "../../lib/service/access.ts";
import { PlanError } from "../../lib/service/plan.ts";
import { ANN_LINE } from "../access/auth_file.ts";
import { headOf } from "../access/head.ts";
import { planFor } from "./plans.ts";

function accessOf(options: Partial<Options>, credentials?: string): Access {
  return new Access(planFor("/", { options, credentials }));
}

Deno.test("hostsOf() returns nothing where every host is allowed", () => {
  const hosts = (options: Partial<Options>) =>
    hostsOf(planFor("/", { options }));
  assertEquals(hosts({ host: "0.0.0.0" }), undefined);
  assertEquals(hosts({ allowedHosts: ["*"] }), undefined);
  assertEquals(hosts({})?.has("localhost"), true);
  assertEquals(hosts({ allowedHosts: [] })?.has("localhost"), false);
});

Deno.test("hostsOf() allows the hosts of previews", () => {
  const preview = ["v1=a.example", "*=*.b.example"].map(parsePreview);
  const rows: readonly (readonly [Partial<Options>, host: string, boolean])[] =
    [
      [{}, "a.example", true],
      [{}, "localhost", true],
      [{}, "x.b.example", true],
      [{}, "b.example", false],
      [{ allowedHosts: ["c.example"] }, "a.example", true],
      [{ allowedHosts: ["c.example"] }, "c.example", true],
      [{ allowedHosts: ["c.example"] }, "localhost", false],
    ];
  for (const [options, host, isAllowed] of rows) {
    const hosts = hostsOf(planFor("/", { options: { ...options, preview } }));
    assertEquals(hosts?.has(host), isAllowed, host);
  }
});

Deno.test("Access has no gate where nothing is kept out", () => {
  const open = { host: "0.0.0.0" };
  assertEquals(accessOf(open).gate, undefined);
  const rows: readonly Partial<Options>[] = [
    { allowedHosts: ["a.example"] },
    { deny: ["192.0.2.1"] },
    { allow: ["192.0.2.1"] },
    { requestsPerSecond: 1 },
  ];
  for (const options of rows) {
    assertEquals(accessOf({ ...open, ...options }).gate !== undefined, true);
  }
  assertEquals(accessOf(open, ANN_LINE).gate !== undefined, true);
});

Deno.test("Access protects what a pattern matches, and what is precompressed beside it", () => {
  const { isProtected } = accessOf(
    { authFile: "who", authPaths: ["/a.js", "/private/*"] },
    ANN_LINE,
  );
  const rows: readonly (readonly [path: string, expected: boolean])[] = [
    ["/a.js", true],
    ["/a.js.br", true],
    ["/a.js.gz", true],
    ["/a.js.zst", true],
    ["/a.js.gz.gz", false],
    ["/a.js.txt", false],
    ["/b.js", false],
    ["/.gz", false],
    ["/private", true],
    ["/private/b", true],
    ["/private.gz", true],
  ];
  for (const [path, expected] of rows) {
    assertEquals(isProtected!(path), expected, path);
  }
  assertEquals(accessOf({ authPaths: ["/*"] }).isProtected, undefined);
});

Deno.test("Access names the option that is invalid", () => {
  const rows:
    readonly (readonly [Partial<Options>, string | undefined, string])[] = [
      [{ trustedProxy: ["x"] }, undefined, "--trusted-proxy: "],
      [{ deny: ["x"] }, undefined, "--deny: "],
      [{ allow: ["x"] }, undefined, "--allow: "],
      [{ allowedHosts: ["a b"] }, undefined, "--allowed-hosts: "],
      [{ authPaths: ["x"] }, ANN_LINE, "--auth-paths: "],
      [{ authFile: "who" }, "ann:secret", "who: "],
    ];
  for (const [options, credentials, message] of rows) {
    assertThrows(() => accessOf(options, credentials), PlanError, message);
  }
});

Deno.test("Access identifies the client, by a proxy only where that is trusted", () => {
  const access = accessOf({ trustedProxy: ["10.0.0.0/8"] });
  const head = headOf(
    "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n",
  );
  const rows: readonly (readonly [string, boolean, string, boolean])[] = [
    ["10.0.0.1", true, "192.0.2.1", true],
    ["10.0.0.1", false, "10.0.0.1", true],
    ["192.0.2.9", true, "192.0.2.9", false],
  ];
  for (const [peer, isSender, expected, isTrusted] of rows) {
    const client = { peer, address: "-", isTls: false, isSender };
    access.identify(head, client);
    assertEquals([client.address, access.trusts(peer)], [expected, isTrusted]);
  }
});
