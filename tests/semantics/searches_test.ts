import { assertEquals } from "@std/assert";
import { SEARCH_LENGTH_MAX } from "../../lib/site/listing/search.ts";
import { compileRules } from "../../lib/site/rules/rules.ts";
import { decode } from "./listing_page.ts";
import { type Stage, testRows } from "./stage.ts";

const FILES = {
  "a+b (1).txt": "1",
  "[x].txt": "2",
  "Über Ärger/naïve ﬁle.txt": "3",
  "docs/a.txt": "4",
  ".hidden/a.txt": "hidden",
  "_headers": "",
  "gone/a.txt": "refused by a rule",
  "moved.txt": "moved by a rule",
  "private/a.txt": "protected",
};

const LONG = "x".repeat(SEARCH_LENGTH_MAX);

/** What is asked for, and the names that come, or a status. */
const ROWS: readonly (readonly [query: string, want: string | number])[] = [
  ["txt", "[x].txt a+b (1).txt docs/a.txt Über Ärger/naïve ﬁle.txt"],
  ["uber%20ARGER", "Über Ärger"],
  ["uber+naive", "Über Ärger/naïve ﬁle.txt"],
  ["FILE", "Über Ärger/naïve ﬁle.txt"],
  // No pattern.
  [".*", ""],
  ["(", "a+b (1).txt"],
  ["[", "[x].txt"],
  ["a%2Bb", "a+b (1).txt"],
  ["%5C", ""],
  ["^a", ""],
  // Never named.
  ["hidden", ""],
  ["headers", ""],
  ["gone", ""],
  ["moved", ""],
  ["private", ""],
  ["..%2F", ""],
  // Hostile.
  ["%00", ""],
  ["%ED%A0%80", ""],
  ["%F0%9F", ""],
  ["%FF%ZZ", ""],
  ["%3Cimg%20src%3Dx%3E", ""],
  [`${LONG}txt`, ""],
  ["%20".repeat(SEARCH_LENGTH_MAX) + "docs", "docs"],
  ["x".repeat(9_000), 414],
];

const REDIRECTS = [
  { from: "/gone/*", to: undefined, status: 404 },
  { from: "/moved.txt", to: "/a.txt", status: 301 },
].map((rule) => ({ ...rule, force: true, where: "test" }));

const POLICY = {
  isProtected: (path: string) => path.startsWith("/private/"),
  rules: compileRules({ headers: [], errorPages: [], redirects: REDIRECTS })
    .rules,
};

async function search(stage: Stage, query: string): Promise<string | number> {
  const target = `/?q=${query}`;
  const { status, body } = await stage.get(target, {
    Accept: "application/json",
  });
  if (status !== 200) return status;
  const { entries } = JSON.parse(decode(body));
  return entries.map(({ name }: { name: string }) => name).join(" ");
}

testRows(
  "a search",
  FILES,
  ROWS,
  ([query]) => `for ${query.slice(0, 30)}`,
  async (stage, [query, want]) =>
    assertEquals(await search(stage, query), want),
  { policy: POLICY },
);
