import { assertEquals } from "@std/assert";
import {
  findInsertion,
  PROLOG_BYTES_MAX,
} from "../../../lib/site/live/insertion.ts";
import { textOf, utf8 } from "../../helpers.ts";
import { assertQuick } from "../../quickness.ts";

const ELEMENT =
  `<script src="/.skiff/live.js" data-path="/a.html" nonce="a-nonce"></script>`;

const LONG = " ".repeat(PROLOG_BYTES_MAX);

/** Pages, with "|" where the element belongs; without one there is no place for it. */
const PAGES: readonly string[] = [
  "",
  "|text",
  "|<p>text",
  "<!doctype html>|",
  "<!DOCTYPE html>|\n<p>text",
  "<!doctype html>\n<html>|\n<p>",
  '<!doctype html>\n<html lang="en">\n<head>|\n<title>t</title>',
  "<html><head>|",
  "<head>|<title>",
  "<!doctype html><head >|",
  "<!doctype html><head/>|",
  "<!doctype html>|<header>",
  "<!doctype html>|<htmlx><head>",
  "<!doctype html>|<body>",
  "<!doctype html>|</head>",
  // Values of attributes may contain anything.
  `<!doctype html><html data-a="<head>" data-b='>"'>|<p>`,
  `<!doctype html><html a=b c = ">" d>|`,
  `<!doctype html><html a = >|`,
  '<!doctype html>|<html a=">',
  "<!doctype html>|<html",
  "<html>|<head",
  // Comments, and what counts as one.
  "<!-- <head> --><!doctype html>|<p>",
  "<!-- a --!><!doctype html>|",
  "<!--><!doctype html>|-->",
  "<!---><!doctype html>|-->",
  "<!----><!doctype html>|",
  "<!-- a > <!-- b --><!doctype html>|",
  '<?xml version="1.0"?><!doctype html>|',
  "<!foo><!doctype html>|",
  "<!doctype html><!-- <head> --><html><!-- x --><head>|",
  "|<!-- a --><p>",
  "<!doctype html>|<!-- a --><title>",
  // Nobody knows what comes behind a comment that does not end.
  "<!-- a",
  "<!-- <!doctype html><head>",
  "<!",
  "<?php",
  "   ",
  "<!doctype html>|<!-- <head>",
  // What is far behind says nothing of the beginning.
  "<!doctype html>|<script>'<head>'</script><textarea></body></textarea>",
  "<!doctype html>|<title><head></title>",
  `<!doctype html><head>|${LONG}`,
  `<!doctype html>|<html ${LONG}><head>`,
  // In ISO-2022-JP an escape changes what ">" is.
  "<!-- \x1b$B-->\x1b(B --><!doctype html>",
  "<!doctype html>|<!-- \x1b$B-->\x1b(B --><head>",
];

for (const page of PAGES) {
  const shown = page.replace(LONG, "…");
  Deno.test(`findInsertion() of ${JSON.stringify(shown)}`, () => {
    const [before, after] = page.split("|");
    const place = findInsertion(utf8(page.replace("|", "")), ELEMENT);
    if (page === "") return assertEquals(place?.at, 0);
    assertEquals(place?.at, after === undefined ? undefined : before!.length);
  });
}

Deno.test("findInsertion() does not look behind its bound for what is missing", () => {
  assertEquals(
    findInsertion(utf8(`<!--${LONG}--><!doctype html>`), ELEMENT),
    undefined,
  );
});

/** Pages in other encodings: a mark, whether two bytes make a unit, and which comes first. */
const ENCODINGS: readonly (readonly [
  name: string,
  mark: readonly number[],
  encode: (text: string) => number[],
])[] = [
  ["UTF-8", [], (text) => [...utf8(text)]],
  ["UTF-8 with a mark", [0xef, 0xbb, 0xbf], (text) => [...utf8(text)]],
  ["UTF-16LE with a mark", [0xff, 0xfe], (text) => units(text, false)],
  ["UTF-16BE with a mark", [0xfe, 0xff], (text) => units(text, true)],
  ["UTF-16LE", [], (text) => units(text, false)],
  ["UTF-16BE", [], (text) => units(text, true)],
  // In Shift-JIS the second byte of a character may be one of ASCII, but not one that matters here.
  [
    "Shift-JIS",
    [],
    (text) =>
      [...utf8(text)].flatMap((byte) => byte === 0x78 ? [0x83, 0x5c] : [byte]),
  ],
];

function units(text: string, isBigEndian: boolean): number[] {
  return [...text].flatMap((letter) => {
    const code = letter.charCodeAt(0);
    return isBigEndian ? [code >> 8, code & 0xff] : [code & 0xff, code >> 8];
  });
}

for (const [name, mark, encode] of ENCODINGS) {
  Deno.test(`findInsertion() of a page in ${name}`, () => {
    const before = [
      ...mark,
      ...encode("<!doctype html><!-- xĀ > --><html><head>"),
    ];
    const page = Uint8Array.from([...before, ...encode("<title>x")]);
    const { at, bytes } = findInsertion(page, "<a>")!;
    assertEquals(at, before.length);
    assertEquals([...bytes], encode("<a>"));
  });
}

Deno.test("findInsertion() keeps the declaration of an encoding in sight", () => {
  const meta = '<meta charset="shift_jis">';
  const fillers = [[100, false], [880, false], [900, true]] as const;
  for (const [filler, isMoved] of fillers) {
    const page = `<!doctype html><head><!--${"x".repeat(filler)}-->${meta}<p>`;
    const { at } = findInsertion(utf8(page), ELEMENT)!;
    const end = isMoved ? page.indexOf("<p>") : page.indexOf("<!--x");
    assertEquals(at, end, `${filler}`);
  }
});

Deno.test("findInsertion() takes no long time for a tag that does not end", async () => {
  const page = utf8(`<html ${"a= ".repeat(PROLOG_BYTES_MAX / 3)}`);
  await assertQuick(
    1000,
    () => assertEquals(findInsertion(page, ELEMENT)?.at, 0),
  );
  assertEquals(textOf(page.subarray(0, 6)), "<html ");
});
