import { assertEquals } from "@std/assert";
import { parsePage } from "../../lib/check/html.ts";
import { NESTING_MAX, REFERENCES_MAX } from "../../lib/check/reference.ts";

Deno.test("parsePage() gives the line of each attribute", () => {
  const { references } = parsePage(
    '<a\n  class="x"\n  href="1">\r\n<img src=2\n srcset="3, 4 2x"><p>\n\n<a href="5">',
  );
  assertEquals(
    references.map(({ address, line }) => [address, line]),
    [["1", 3], ["2", 4], ["3", 5], ["4", 5], ["5", 7]],
  );
});

Deno.test("parsePage() reads entities in addresses", () => {
  const { references } = parsePage('<a href="/?a=1&amp;b=2&copy=3">');
  assertEquals(references[0]!.address, "/?a=1&b=2&copy=3");
});

Deno.test("parsePage() collects what policies are about", () => {
  const { inlines, policies } = parsePage(
    `<meta http-equiv=Content-Security-Policy content="img-src *">
<script nonce=n>one</script><script src=a.js>two</script><script type="application/json">3</script>
<style>four</style><p style="five" onclick="six">`,
  );
  assertEquals(policies, ["img-src *"]);
  assertEquals(
    inlines.map(({ kind, text, line }) => [kind, text, line]),
    [
      ["script", "one", 2],
      ["style", "four", 3],
      ["style-attribute", "five", 3],
      ["script-attribute", "six", 3],
    ],
  );
  assertEquals(inlines[0]!.nonce, "n");
});

Deno.test("parsePage() reads both attributes of a source", () => {
  const { references } = parsePage('<source src=1 srcset="2, 3 2x"><b src=4>');
  assertEquals(
    references.map(({ kind, address }) => [kind, address]),
    [["media", "1"], ["image", "2"], ["image", "3"]],
  );
});

Deno.test("parsePage() takes no element for one of its own that is named like a member of objects", () => {
  const html =
    "<constructor name=a><toString length=b><link rel=valueOf href=c>";
  assertEquals(parsePage(html).references, []);
});

/** Pages, and the names that they have. */
const NAMES: readonly (readonly [html: string, ids: readonly string[]])[] = [
  ["<p id=a><a name=b></a><p name=c><p id=''>", ["a", "b"]],
  ["<svg id=s><g id=g></g></svg>", ["s", "g"]],
  ["<template><p id=a></template><p id=b>", ["b"]],
  ["<!-- <p id=a> --><script>'<p id=b>'</script>", []],
  ["</template></template><p id=a>", ["a"]],
];

for (const [html, ids] of NAMES) {
  Deno.test(`parsePage() finds the names in ${html}`, () => {
    assertEquals([...parsePage(html).ids], [...ids]);
  });
}

/** Texts that are hard on parsers: nothing is thrown. */
const HOSTILE = [
  "",
  "<",
  "<a href=",
  "<a href='",
  "<!--",
  "<script>",
  "<style>url(",
  "\0\0<a\0href=x>",
  "<a ".repeat(10_000),
  "<div>".repeat(100_000),
  "<svg>".repeat(1000) + "</svg>".repeat(2000),
  "&".repeat(100_000),
  '<meta http-equiv=refresh content="url=">',
  '<img srcset=",,, , (((">',
];

for (const html of HOSTILE) {
  Deno.test(`parsePage() takes ${JSON.stringify(html.slice(0, 20))}`, () => {
    parsePage(html);
  });
}

Deno.test("parsePage() reads no deeper than it may", () => {
  const nested = (depth: number, end = "") => {
    const page = parsePage("<b>".repeat(depth) + end + "<a href=x>");
    return [page.references.length, page.isCut];
  };
  assertEquals(nested(NESTING_MAX - 1), [1, false]);
  const beyond = NESTING_MAX + 1;
  assertEquals(nested(beyond), [0, true]);
  // Nor does it read on to find out whether all of that ends.
  assertEquals(nested(beyond, "</b>".repeat(beyond)), [0, true]);
  assertEquals(nested(1_000_000), [0, true]);
});

Deno.test("parsePage() takes a page of many lines in time", () => {
  const began = performance.now();
  parsePage("<a\n href=#\n id=a><style>\na{}</style>\n".repeat(50_000));
  assertEquals(performance.now() - began < 10_000, true);
});

Deno.test("parsePage() keeps no more than it may", () => {
  const { references, isCut } = parsePage(
    "<a href=x>".repeat(REFERENCES_MAX + 5),
  );
  assertEquals([references.length, isCut], [REFERENCES_MAX, true]);
});

/** Single elements with more addresses than a call takes arguments. */
const CROWDED: readonly (readonly [name: string, html: string])[] = [
  ["srcset", `<img srcset="${"a 1x, ".repeat(300_000)}">`],
  ["style", `<style>${"b{background:url(a)}".repeat(300_000)}</style>`],
  ["style attribute", `<b style="${"background:url(a);".repeat(300_000)}">`],
];

for (const [name, html] of CROWDED) {
  Deno.test(`parsePage() takes any number of addresses in one ${name}`, () => {
    const { references, isCut } = parsePage(html);
    assertEquals(references.length, REFERENCES_MAX);
    assertEquals(isCut, true);
  });
}
