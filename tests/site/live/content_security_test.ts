import { assertEquals } from "@std/assert";
import type { FieldLine } from "../../../lib/http/field_section.ts";
import {
  amendLines,
  amendPolicy,
} from "../../../lib/site/live/content_security.ts";

const SCRIPT = "'nonce-N'";
const WORKER = "*:*/.skiff/live.js";
const EVENTS = "*:*/.skiff/live";

const POLICIES: readonly (readonly [before: string, after: string])[] = [
  // What forbids nothing that matters stays.
  ["", ""],
  ["img-src 'none'", "img-src 'none'"],
  [
    "frame-ancestors 'self'; sandbox allow-scripts",
    "frame-ancestors 'self'; sandbox allow-scripts",
  ],
  [
    "default-src 'none'",
    `default-src 'none'; script-src-elem ${SCRIPT}; worker-src ${WORKER}; connect-src ${EVENTS}`,
  ],
  [
    "default-src 'self' https://a.example",
    `default-src 'self' https://a.example; script-src-elem 'self' https://a.example ${SCRIPT}; ` +
    `worker-src 'self' https://a.example ${WORKER}; connect-src 'self' https://a.example ${EVENTS}`,
  ],
  // The inline scripts of a page stay what they were.
  [
    "script-src 'unsafe-inline'",
    `script-src 'unsafe-inline'; script-src-elem 'unsafe-inline' ${WORKER}; worker-src 'unsafe-inline' ${WORKER}`,
  ],
  [
    "script-src-elem 'NONE'; worker-src 'self'; connect-src 'self'",
    `script-src-elem ${SCRIPT}; worker-src 'self' ${WORKER}; connect-src 'self' ${EVENTS}`,
  ],
  ["child-src 'none'", `child-src 'none'; worker-src ${WORKER}`],
  [
    "script-src 'nonce-x' 'Strict-Dynamic'",
    "script-src 'nonce-x' 'Strict-Dynamic'; script-src-elem 'nonce-x' 'Strict-Dynamic' 'nonce-N'; " +
    `worker-src 'nonce-x' 'Strict-Dynamic' ${WORKER}`,
  ],
  [
    "script-src 'unsafe-inline' 'sha256-AA='",
    `script-src 'unsafe-inline' 'sha256-AA='; script-src-elem 'unsafe-inline' 'sha256-AA=' ${SCRIPT}; ` +
    `worker-src 'unsafe-inline' 'sha256-AA=' ${WORKER}`,
  ],
  // The first of two directives counts; names are the same in capitals.
  ["CONNECT-SRC a; connect-src b", `connect-src a ${EVENTS}`],
  [" ;; connect-src  a\tb ; ", `connect-src a b ${EVENTS}`],
  // Each of several policies must allow it.
  [
    "connect-src a, connect-src 'none', img-src b",
    `connect-src a ${EVENTS},connect-src ${EVENTS}, img-src b`,
  ],
];

for (const [before, after] of POLICIES) {
  Deno.test(`amendPolicy() of "${before}"`, () => {
    assertEquals(amendPolicy(before, "N"), after);
  });
}

Deno.test("amendLines() amends policies, and leaves other lines alone", () => {
  const lines: FieldLine[] = [
    ["X-A", "default-src 'none'"],
    ["content-security-policy", "connect-src 'none'"],
    ["Content-Security-Policy-Report-Only", "connect-src 'none'"],
  ];
  assertEquals(amendLines(lines, "N"), [
    lines[0]!,
    ["content-security-policy", `connect-src ${EVENTS}`],
    ["Content-Security-Policy-Report-Only", `connect-src ${EVENTS}`],
  ]);
  const others = lines.slice(0, 1);
  assertEquals(amendLines(others, "N"), others);
});
