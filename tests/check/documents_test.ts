import { assertEquals } from "@std/assert";
import { Anchors } from "../../lib/check/anchors.ts";
import {
  DOCUMENT_BYTES_MAX,
  DocumentJudge,
  MANIFESTS_MAX,
} from "../../lib/check/documents.ts";
import { FindingCollector } from "../../lib/check/findings.ts";
import { LinkJudge } from "../../lib/check/links.ts";
import { SiteNames } from "../../lib/check/names.ts";
import { utf8 } from "../helpers.ts";
import { answerOf } from "./answers.ts";
import { PAGE } from "./stage.ts";

/** Judges a document of a type in a site without anything else. */
async function judge(
  path: string,
  type: string,
  text: string,
  length?: number,
) {
  const findings = new FindingCollector();
  const anchors = new Anchors(findings);
  const answer = answerOf({ status: 404 });
  const links = new LinkJudge({
    ask: () => answer,
    names: new SiteNames([], "index.html"),
    isOutside: () => false,
    anchors,
    findings,
    onExternal: () => {},
  });
  const documents = new DocumentJudge({ findings, anchors, judge: links });
  const bytes = utf8(text);
  await documents.judge(path, path, {
    ...answer,
    status: 200,
    type,
    length: length ?? bytes.length,
    read: (bytesMax) => bytes.subarray(0, bytesMax),
  });
  return { documents, rules: findings.result().groups.map(({ rule }) => rule) };
}

/** Documents, and what is found in them. */
const DOCUMENTS: readonly (readonly [
  path: string,
  type: string,
  text: string,
  rules: readonly string[],
])[] = [
  ["/a.html", "text/html; charset=UTF-8", `${PAGE}<a href=/x>`, [
    "dead-link",
  ]],
  ["/a", "application/xhtml+xml", `${PAGE}<a href="/x"/>`, ["dead-link"]],
  ["/a.html", "text/plain", `${PAGE}<a href=/x>`, []],
  ["/a.css", "text/css", "a{b:url(/x)}", ["dead-resource"]],
  ["/a.webmanifest", "application/octet-stream", "{", ["invalid-manifest"]],
  ["/a.json", "application/json", "{", []],
  ["/a.xml", "application/xml", "<urlset><loc>/x</loc></urlset>", [
    "sitemap-elsewhere",
  ]],
  ["/a.xml", "application/xml", "<other><loc>/x</loc></other>", []],
  ["/a.html", "text/html", "", []],
];

for (const [path, type, text, rules] of DOCUMENTS) {
  Deno.test(`DocumentJudge: ${path} as ${type}: ${rules}`, async () => {
    assertEquals((await judge(path, type, text)).rules, [...rules] as never);
  });
}

Deno.test("DocumentJudge reads only the beginning of a large page, and says so", async () => {
  const text = `${PAGE}<a href=/x>`;
  const { rules, documents } = await judge(
    "/a.html",
    "text/html",
    text,
    DOCUMENT_BYTES_MAX + 1,
  );
  assertEquals(rules, ["dead-link", "document-cut"]);
  assertEquals([documents.documents, documents.references], [1, 1]);
});

Deno.test("DocumentJudge reads no more manifests than it may", async () => {
  const links = Array.from(
    { length: MANIFESTS_MAX + 1 },
    (_, index) => `<link rel=manifest href="/${index}.json">`,
  );
  const { documents } = await judge("/a.html", "text/html", links.join(""));
  let asked = 0;
  await documents.judgeManifests((target) => {
    asked++;
    return {
      ...answerOf({ status: 404, file: target }),
      read: () => new Uint8Array(),
    };
  });
  assertEquals(asked, MANIFESTS_MAX);
});
