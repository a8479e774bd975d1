import { assertEquals } from "@std/assert";
import { FINDING_RULES, isRuleId } from "../../lib/check/finding_rules.ts";
import { HAS_FILES, testWith } from "../helpers.ts";

Deno.test("isRuleId() knows its rules alone", () => {
  const words = ["dead-link", "Dead-Link", "", "toString", "__proto__", "dead"];
  assertEquals(words.map(isRuleId), [true, false, false, false, false, false]);
});

testWith(HAS_FILES, "docs/check.md has every rule as it is", () => {
  const text = Deno.readTextFileSync(
    new URL("../../docs/check.md", import.meta.url),
  );
  const rows = [
    ...text.matchAll(/^\| `([a-z0-9-]+)` +\| (\w+) +\| (.*?) +\| (.*?) +\|$/gm),
  ]
    .map(([, id, severity, title, mend]) => [id, severity, title, mend]);
  const plain = (cell: string) => cell.replaceAll(/[\\`]/g, "");
  assertEquals(
    rows.map((row) => row.map((cell) => plain(cell!))),
    Object.entries(FINDING_RULES).map(([id, { severity, title, mend }]) =>
      [id, severity, title, mend].map(plain)
    ),
  );
});
