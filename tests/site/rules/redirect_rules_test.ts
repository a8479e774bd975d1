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

Deno.test("RedirectTable.decide() obeys the first rule, with force only if that has it", () => {
  const kinds: [string[], string | undefined, string | undefined][] = [
    [[], undefined, undefined],
    [["/a /b"], undefined, "f:1"],
    [["/a /b 301!"], "f:1", "f:1"],
    [["/a /b", "/* /c 301!"], undefined, "f:1"],
    [["/a /a", "/* /c 301!"], "f:2", "f:2"],
    [["/c /d 301!"], undefined, undefined],
  ];
  for (const [lines, forced, any] of kinds) {
    const table = tableOf(lines);
    const placeOf = (forcedOnly: boolean) =>
      table.decide("/a", undefined, forcedOnly)?.where;
    assertEquals([placeOf(true), placeOf(false)], [forced, any], `${lines}`);
  }
});
