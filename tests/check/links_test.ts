import { assertEquals } from "@std/assert";
import { Anchors } from "../../lib/check/anchors.ts";
import { baseOf } from "../../lib/check/address.ts";
import type { Answer, Asker } from "../../lib/check/answer.ts";
import { PolicySet } from "../../lib/check/csp.ts";
import type { Severity } from "../../lib/check/finding_rules.ts";
import { FindingCollector } from "../../lib/check/findings.ts";
import { ANSWERS_MAX, LinkJudge, wantedType } from "../../lib/check/links.ts";
import { SiteNames } from "../../lib/check/names.ts";
import type { ReferenceKind } from "../../lib/check/reference.ts";
import { answerOf } from "./answers.ts";

/** Types for kinds of references, and whether browsers take them. */
const TYPES:
  readonly (readonly [kind: ReferenceKind, type: string, isTaken: boolean])[] =
    [
      ["script", "text/javascript; charset=UTF-8", true],
      ["script", "application/javascript", true],
      ["script", "text/plain", false],
      ["script", "application/json", false],
      ["script", "", false],
      ["module", "text/javascript", true],
      ["module", "module", false],
      ["module", "application/octet-stream", false],
      ["style", "Text/CSS", true],
      ["style", "text/plain", false],
      ["image", "image/svg+xml", true],
      ["image", "application/octet-stream", true],
      ["image", "text/html", false],
      ["image", "text/plain", false],
      ["font", "font/woff2", true],
      ["font", "application/octet-stream", true],
      ["font", "text/html; charset=UTF-8", false],
      ["media", "text/vtt", true],
      ["media", "text/html", false],
      ["manifest", "application/json", true],
      ["manifest", "text/html", false],
      ["frame", "text/html", true],
      ["link", "anything", true],
    ];

for (const [kind, type, isTaken] of TYPES) {
  Deno.test(`wantedType() of ${kind} and ${type}: ${isTaken ? "taken" : "refused"}`, () => {
    assertEquals(wantedType(kind, type) === undefined, isTaken);
  });
}

/** A judge of a site that has everything, or answers otherwise; `asked` has the targets, `askers` what asked for them. */
function judgeOf(
  onExternal: (url: URL) => void = () => {},
  answer: Partial<Answer> = {},
) {
  const findings = new FindingCollector();
  const asked: string[] = [];
  const askers: Asker[] = [];
  const judge = new LinkJudge({
    ask: (target, asker) => {
      asked.push(target);
      askers.push(asker);
      return answerOf(answer);
    },
    names: new SiteNames([], "index.html"),
    isOutside: () => false,
    anchors: new Anchors(findings),
    findings,
    onExternal,
  });
  const source = {
    path: "/a.html",
    base: baseOf("/"),
    policies: new PolicySet([]),
  };
  const go = (address: string, kind: ReferenceKind = "link") =>
    judge.judge({ kind, address, line: 1 }, source);
  return { go, asked, askers, findings };
}

Deno.test("LinkJudge asks for each target once, until it remembers too many", async () => {
  const { go, asked } = judgeOf();
  await go("/x");
  await go("/x#y");
  await go("x");
  assertEquals(asked, ["/x"]);
  for (let i = 0; i < ANSWERS_MAX; i++) await go(`/${i}`);
  await go("/x");
  assertEquals(asked.filter((target) => target === "/x").length, 2);
});

Deno.test("LinkJudge tells of other servers", async () => {
  const urls: string[] = [];
  const { go, asked } = judgeOf((url) => urls.push(url.href));
  assertEquals(await go("https://a.example/x"), "elsewhere");
  assertEquals([urls, asked], [["https://a.example/x"], []]);
});

Deno.test("LinkJudge tells of no server that only programs go to", async () => {
  const urls: string[] = [];
  const { go } = judgeOf((url) => urls.push(url.href));
  await go("https://a.example/x", "hint");
  assertEquals(urls, []);
});

/** What asks for addresses, by what they are for. */
const ASKERS: Readonly<
  Record<Exclude<ReferenceKind, "post">, Asker>
> = {
  link: "document",
  hint: "document",
  form: "document",
  frame: "document",
  script: "asset",
  module: "asset",
  style: "asset",
  image: "asset",
  font: "asset",
  media: "asset",
  object: "asset",
  manifest: "asset",
};

Deno.test("LinkJudge asks as browsers do for what they show, and what they load", async () => {
  for (const [kind, asker] of Object.entries(ASKERS)) {
    const { go, askers } = judgeOf();
    await go("/x", kind as ReferenceKind);
    assertEquals(askers, [asker], kind);
  }
});

/** Addresses by what they are for, and how much it matters that they are dead or loaded over plain HTTP. */
const SEVERITIES: readonly (readonly [
  kind: ReferenceKind,
  address: string,
  severity: Severity,
])[] = [
  ["link", "/gone", "error"],
  ["hint", "/gone", "warning"],
  ["image", "/gone", "error"],
  ["script", "http://a.example/", "error"],
  ["image", "http://a.example/", "warning"],
  ["media", "http://a.example/", "warning"],
];

for (const [kind, address, severity] of SEVERITIES) {
  Deno.test(`LinkJudge: ${address} as ${kind} is of severity ${severity}`, async () => {
    const { go, findings } = judgeOf(undefined, { status: 404 });
    await go(address, kind);
    const { groups } = findings.result();
    assertEquals(groups.map((group) => group.severity), [severity]);
  });
}
