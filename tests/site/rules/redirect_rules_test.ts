import { assertEquals } from "@std/assert";
import {
  compileRedirect,
  RedirectTable,
} from "../../../lib/site/rules/redirect_rules.ts";
import { parseRedirectsFile } from "../../../lib/site/rules/redirects_file.ts";
import type { Problem } from "../../../lib/site/rules/texts.ts";

/** A table of lines of `_redirects`, all of which can be used. */
function tableOf(lines: readonly string[]): RedirectTable {
  const { redirects, problems } = parseRedirectsFile(lines.join("\n"), "f");
  const compileProblems: Problem[] = [];
  const rules = redirects.map((text) =>
    compileRedirect(text, compileProblems)!
  );
  assertEquals([...problems, ...compileProblems], []);
  return new RedirectTable(rules);
}

Deno.test("RedirectTable.fixedDestinations() leaves out redirects and placeholders", () => {
  const table = tableOf([
    "/a /page.html 404",
    "/b /c/%41 200",
    "/d /elsewhere",
    "/e 410",
    "/f/* /:splat 404",
    "/g/:x /:x/y 200",
  ]);
  assertEquals([...table.fixedDestinations()], [
    { path: "/page.html", isPage: true, where: "f:1" },
    { path: "/c/A", isPage: false, where: "f:2" },
  ]);
});

Deno.test("RedirectTable knows whether it is empty, and whether anything has force", () => {
  const kinds: [string[], boolean, boolean][] = [
    [[], true, false],
    [["/a /b"], false, false],
    [["/a /b", "/c /d 301!"], false, true],
  ];
  for (const [lines, isEmpty, hasForced] of kinds) {
    const table = tableOf(lines);
    assertEquals([table.isEmpty, table.hasForced], [isEmpty, hasForced]);
  }
});
