import { assertEquals, assertStrictEquals } from "@std/assert";
import { CODINGS } from "../../lib/http/coding.ts";
import { type Step, traceRules, traceSite } from "../../lib/service/trace.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import type { FileResource, Site } from "../../lib/site/site.ts";
import { MemorySite } from "../memory_site.ts";

Deno.test("traceSite() passes every question on, and tells of lookups and variants", async () => {
  const asked: string[] = [];
  const files = new MemorySite({ "/a.txt": "a" });
  const site: Site = {
    lookup: (path, now) => {
      asked.push(`lookup ${path} ${now}`);
      return files.lookup(path);
    },
    encode: (_, coding) => void asked.push(`encode ${coding.token}`),
    decode: (file) => {
      asked.push(`decode ${file.path}`);
      return 503;
    },
    isReadable: (path, now) => {
      asked.push(`isReadable ${path} ${now}`);
      return true;
    },
    list: (path) => {
      asked.push(`list ${path}`);
      return files.list(path);
    },
  };
  const steps: Step[] = [];
  const traced = traceSite(site, (step) => steps.push(step));
  const resource = traced.lookup("/a.txt", 7);
  assertEquals(steps, [{
    kind: "lookup",
    path: "/a.txt",
    resource,
    origin: undefined,
  }]);
  assertStrictEquals((steps[0] as { resource: unknown }).resource, resource);
  const [coding] = CODINGS;
  traced.encode(resource as FileResource, coding!);
  assertEquals(steps.slice(1), [{ kind: "encode", token: coding!.token }]);
  assertEquals(traced.lookup("/b.txt", 8).kind, "absent");
  assertEquals(await traced.list("/"), await files.list("/"));
  assertEquals(steps.length, 3);
  assertEquals(asked, [
    "lookup /a.txt 7",
    `encode ${coding!.token}`,
    "lookup /b.txt 8",
    "list /",
  ]);
});

Deno.test("traceRules() passes every question on, and tells what the rules say", () => {
  const { rules, problems } = compileRules({
    headers: [
      { for: "/a*", values: [["A", "1"]], where: "f:1" },
      { for: "/ab", values: [["B", "2"]], where: "f:2" },
    ],
    redirects: [
      { from: "/old", to: "/new", status: 301, force: true, where: "f:3" },
      { from: "/x", to: "/y", status: 200, force: false, where: "f:4" },
    ],
    errorPages: [{ status: 404, path: "/lost.html", where: "f:5" }],
  });
  assertEquals(problems, []);
  const steps: Step[] = [];
  const traced = traceRules(rules, (step) => steps.push(step));
  const told = () => steps.splice(0);

  for (const path of ["/old", "/x", "/nothing"]) {
    for (const forcedOnly of [true, false]) {
      const outcome = traced.decide(path, "q", forcedOnly);
      assertEquals(outcome, rules.decide(path, "q", forcedOnly));
      assertEquals(told(), [{ kind: "rules", forcedOnly, outcome }]);
    }
  }
  // Kept replies are found by the very array.
  assertStrictEquals(traced.linesFor("/ab"), rules.linesFor("/ab"));
  assertEquals(told(), [{ kind: "fields", where: ["f:1", "f:2"] }]);
  assertStrictEquals(traced.linesFor("/none"), rules.linesFor("/none"));
  assertEquals(told(), []);
  assertEquals(traced.errorPage(404), "/lost.html");
  assertEquals(traced.errorPage(500), undefined);
});
