import { assertEquals } from "@std/assert";
import {
  readRuleFiles,
  RULE_FILE_BYTES_MAX,
} from "../../lib/site/rule_files.ts";
import { type MemoryFiles, MemorySite } from "../memory_site.ts";

const NOW = Date.UTC(2026, 10, 20);

/** Rules in short, and what is wrong. */
function read(files: MemoryFiles) {
  const { texts, problems } = readRuleFiles(new MemorySite(files), NOW);
  return {
    headers: texts.headers.map((rule) =>
      `${rule.where} ${rule.for} ${rule.values.join()}`
    ),
    redirects: texts.redirects.map((rule) =>
      `${rule.where} ${rule.from} ${rule.to} ${rule.status}`
    ),
    problems: problems.map(({ where }) => where),
  };
}

const ROWS: readonly (readonly [
  name: string,
  files: MemoryFiles,
  want: Partial<ReturnType<typeof read>>,
])[] = [
  ["no rules in a site that brings none", { "/index.html": "page" }, {}],
  ["_headers", { "/_headers": "/a\n  X-A: 1\n" }, {
    headers: ["_headers:1 /a X-A,1"],
  }],
  ["_redirects", { "/_redirects": "\n/a /b 302" }, {
    redirects: ["_redirects:2 /a /b 302"],
  }],
  ["both, and names what is wrong in each", {
    "/_headers": "  X-A: 1\n/a\n  X-B: 2",
    "/_redirects": "/a /b 301 Country=de\n/c /d",
  }, {
    headers: ["_headers:2 /a X-B,2"],
    redirects: ["_redirects:2 /c /d 301"],
    problems: ["_headers:1", "_redirects:1"],
  }],
  ["nothing from a file that cannot be read", { "/_headers": 403 }, {
    problems: ["_headers"],
  }],
  ["nothing from a file that is too large", {
    "/_redirects": "#".repeat(RULE_FILE_BYTES_MAX + 1),
  }, { problems: ["_redirects"] }],
  ["nothing from a directory", { "/_headers/a": "/a\n  X-A: 1" }, {
    problems: ["_headers"],
  }],
  ["nothing from files further down", { "/docs/_redirects": "/a /b" }, {}],
];

for (const [name, files, want] of ROWS) {
  Deno.test(`readRuleFiles() reads ${name}`, () => {
    const none = { headers: [], redirects: [], problems: [] };
    assertEquals(read(files), { ...none, ...want });
  });
}
