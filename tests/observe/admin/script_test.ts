import { assert, assertEquals } from "@std/assert";
import { PHASES } from "../../../lib/observe/metric_layout.ts";
import PAGE from "../../../lib/observe/admin/page.html" with { type: "text" };
import SCRIPT from "../../../lib/observe/admin/page.js" with { type: "text" };

Deno.test("SCRIPT is a script", () => {
  // Only parsed: there is no page here that it could run in.
  new Function(SCRIPT);
});

Deno.test("SCRIPT asks for nothing but the figures", () => {
  const asked = [...SCRIPT.matchAll(/fetch\("([^"]*)"/g)].map((call) =>
    call[1]
  );
  assertEquals(asked, ["figures.json"]);
  assert(!/https?:|import|XMLHttpRequest|WebSocket|EventSource/.test(SCRIPT));
});

Deno.test("SCRIPT writes to no element that the page lacks", () => {
  const ids = new Set(
    [...PAGE.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!),
  );
  const named = [...SCRIPT.matchAll(/byId\("([^"]+)"\)/g)].map((match) =>
    match[1]!
  );
  assert(named.length > 5);
  assertEquals(named.filter((id) => !ids.has(id)), []);
  const figures = [...ids].filter((id) => id.startsWith("f-"));
  assert(figures.length > 10);
  for (const id of figures) assert(SCRIPT.includes(`${id.slice(2)}:`), id);
});

Deno.test("SCRIPT draws every chart of the page, and no other", () => {
  const charts = [...PAGE.matchAll(/data-chart="(\w+)"/g)].map((match) =>
    match[1]!
  );
  const table = /CHARTS = {(.*?)\n};/s.exec(SCRIPT)![1]!;
  const drawn = [...table.matchAll(/^ {2}(\w+): { names/gm)].map((match) =>
    match[1]!
  );
  assertEquals(drawn.sort(), charts.sort());
});

Deno.test("SCRIPT makes markup of no text that comes from elsewhere", () => {
  // What is written with innerHTML is made of constants and of numbers with toFixed.
  assertEquals(SCRIPT.split("innerHTML").length - 1, 3);
  assert(!/eval|outerHTML|insertAdjacent|document\.write/.test(SCRIPT));
});

Deno.test("SCRIPT has a label for every phase of a connection", () => {
  const table = /STATES = {(.*?)\n};/s.exec(SCRIPT)![1]!;
  const labelled = [...table.matchAll(/^ {2}(\w+): "/gm)].map((match) =>
    match[1]!
  );
  assertEquals(labelled, [...PHASES]);
});
