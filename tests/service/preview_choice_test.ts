import { assertEquals } from "@std/assert";
import { parsePreview } from "../../lib/cli/preview.ts";
import {
  type ChosenPreview,
  cookieIn,
  labelOf,
  PreviewChoice,
} from "../../lib/service/preview_choice.ts";
import { headOf } from "../access/head.ts";

const OPTIONS = [
  "v9=old.example",
  "v8=münchen.example",
  "*=*.pre.example",
  "v9=cookie:nine",
  "v8=cookie:a!b",
].map(parsePreview);

const NAMES = ["v10", "v9", "v1.2", "V1_2", "PR #7"];

function choose(lines: string, target = "/") {
  const choice = new PreviewChoice(OPTIONS, NAMES);
  return choice.of(headOf(`GET ${target} HTTP/1.1\r\n${lines}\r\n`));
}

const byHost = (release: string | undefined): ChosenPreview => ({
  release,
  by: "host",
});
const NINE: ChosenPreview = { release: "v9", by: "cookie" };

/** Values of Host, and what they choose. */
const HOSTS: Readonly<Record<string, ChosenPreview | undefined>> = {
  "old.example": byHost("v9"),
  "OLD.Example": byHost("v9"),
  "old.example:8443": byHost("v9"),
  "old.example.": byHost("v9"),
  "old.example.:80": byHost("v9"),
  "old.example..": undefined,
  "xn--mnchen-3ya.example": byHost("v8"),
  "v9.pre.example": byHost("v9"),
  "v1-2.pre.example": byHost("v1.2"),
  "pr-7.pre.example": byHost("PR #7"),
  "PR-7.PRE.example": byHost("PR #7"),
  "v99.pre.example": byHost(undefined),
  "a.v9.pre.example": byHost(undefined),
  ".pre.example": undefined,
  "pre.example": undefined,
  "xpre.example": undefined,
  "old.example.evil.example": undefined,
  "other.example": undefined,
  "[::1]": undefined,
};

for (const [host, chosen] of Object.entries(HOSTS)) {
  Deno.test(`PreviewChoice: host ${host}`, () => {
    assertEquals(choose(`Host: ${host}\r\n`), chosen);
  });
}

/** Cookie fields of a host that names no preview, and what they choose. */
const COOKIES: Readonly<Record<string, ChosenPreview | undefined>> = {
  "skiff-preview=nine": NINE,
  'skiff-preview="nine"': NINE,
  "a=b; skiff-preview=nine; c=d": NINE,
  "a=b;skiff-preview=nine": NINE,
  " skiff-preview = nine ": NINE,
  "a=b, skiff-preview=nine": NINE,
  "skiff-preview=other; skiff-preview=nine": undefined,
  "skiff-preview=NINE": undefined,
  "Skiff-Preview=nine": undefined,
  "xskiff-preview=nine": undefined,
  "a=skiff-preview=nine": undefined,
  "skiff-preview": undefined,
  "skiff-preview=": undefined,
  "skiff-preview=nine\x80": undefined,
  "\xff\xfe=\x80; skiff-preview=nine": NINE,
  "skiff-preview=__proto__": undefined,
  "skiff-preview=../v9": undefined,
  "skiff-preview=v9": undefined,
  "skiff-preview=a!b": { release: "v8", by: "cookie" },
  ";;;=;=,,": undefined,
  "": undefined,
};

for (const [cookie, chosen] of Object.entries(COOKIES)) {
  Deno.test(`PreviewChoice: cookie ${JSON.stringify(cookie)}`, () => {
    const lines = `Host: other.example\r\nCookie: ${cookie}\r\n`;
    assertEquals(choose(lines), chosen);
  });
}

Deno.test("PreviewChoice finds its cookie among as many as a request can have", () => {
  const many = "c=1; ".repeat(3_000);
  const lines = `Host: a.example\r\nCookie: ${many}skiff-preview=nine\r\n`;
  assertEquals(choose(lines), NINE);
});

Deno.test("PreviewChoice: a host decides before a cookie, and a target before Host", () => {
  const cookie = "Cookie: skiff-preview=a!b\r\n";
  assertEquals(choose(`Host: old.example\r\n${cookie}`), byHost("v9"));
  const lines = "Host: other.example\r\n";
  assertEquals(choose(lines, "http://old.example/"), byHost("v9"));
  assertEquals(
    choose("Host: old.example\r\n", "http://other.example/"),
    undefined,
  );
});

Deno.test("PreviewChoice judges each request by its own host", () => {
  const choice = new PreviewChoice(OPTIONS, NAMES);
  const ask = (host: string) =>
    choice.of(headOf(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  for (let i = 0; i < 3; i++) {
    assertEquals(ask("other.example"), undefined);
    assertEquals(ask("other.example"), undefined);
    assertEquals(ask("old.example"), byHost("v9"));
  }
});

Deno.test("labelOf() is in lower case, with dashes for what no host has", () => {
  assertEquals(labelOf("Release_1.2.zip"), "release-1-2-zip");
  assertEquals(labelOf("-../x/-"), "x");
});

Deno.test("cookieIn() is quick on a long field", () => {
  assertEquals(cookieIn("=;,".repeat(100_000), "a"), undefined);
});
