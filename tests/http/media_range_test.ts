import { assertEquals } from "@std/assert";
import {
  namesHtml,
  preferredType,
  takesAnything,
} from "../../lib/http/media_range.ts";
import { assertQuick } from "../quickness.ts";

const TWO_TYPES = ["text/html", "application/json"];
const TYPES = [...TWO_TYPES, "text/plain"];

const JSON_ROWS: Readonly<Record<string, string>> = {
  "the type alone": "application/json",
  "the type in upper case": "APPLICATION/JSON",
  "the type with HTML below it": "application/json, text/html;q=0.9",
  "HTML first, but below it": "text/html;q=0.9, application/json",
  "a difference of a thousandth": "text/html;q=0.998, application/json;q=0.999",
  "everything else below it": "application/json, */*;q=0.5",
  "the type's group": "application/*",
  "the type's group above HTML": "application/*, text/html;q=0.1",
  "no HTML at all": "*/*, text/html;q=0",
  "no text at all": "*/*, text/*;q=0",
  "the smallest weight": "application/json;q=0.001",
  "a parameter in front of the weight":
    "application/json;version=1;q=0.5, text/html;q=0.4",
  "spaces and tabs": " \tapplication/json ; q=0.5\t,\ttext/html ;\tq=0.4 ",
  "the weight's name in upper case": "text/html;Q=0.1, application/json;Q=0.2",
  "empty elements": ",, application/json,,",
  "HTML with a weight that cannot be read": "text/html;q=high, */*;q=0.1",
  "the type beside everything else": "application/json, */*",
  "libraries for requests": "application/json, text/plain, */*",
  "the type beside the group of HTML": "text/*, application/json",
  "fetch in a browser": "application/json, text/plain;q=0.9",
};

const HTML_ROWS: Readonly<Record<string, string | undefined>> = {
  "no field": undefined,
  "an empty field": "",
  "only commas": ",,,",
  "everything": "*/*",
  "a browser":
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "HTML alone": "text/html",
  "equal weights": "application/json, text/html",
  "equal weights, the other way round": "text/html, application/json",
  "equal weights by a group": "application/*, text/*",
  "equal weights of the type and everything, HTML named": "*/*, text/html",
  "the group beside HTML": "application/*, text/html",
  "the type below everything else": "application/json;q=0.5, */*",
  "the type with weight 0": "application/json;q=0",
  "the type refused beside everything": "*/*, application/json;q=0",
  "the group counts less than the type":
    "application/json;q=0.1, application/*, text/html;q=0.5",
  "everything refused": "*/*;q=0",
  "another type of JSON": "application/ld+json, application/problem+json",
  "a type that begins like it": "application/json5, application/json-seq",
  "a type that ends like it": "x-application/json",
  "the type in quotes": '"application/json"',
  "the type in a parameter": 'text/plain;a="application/json"',
  "half the type": "json, application",
  "a star for the group alone": "*/json, *",
  "a weight above 1": "application/json;q=1.1",
  "a weight of 2": "application/json;q=2",
  "four decimals": "application/json;q=0.1234",
  "a weight of no digits": "application/json;q=",
  "a weight that is a word": "application/json;q=high",
  "a negative weight": "application/json;q=-1",
  "an exponent": "application/json;q=1e0",
  "infinity": "application/json;q=Infinity",
  "a semicolon for the comma": "text/plain;application/json",
  "a name of an object's property": "constructor, __proto__",
  "more than anybody sends": "application/json," + " ".repeat(1024),
};

for (const [name, accept] of Object.entries(JSON_ROWS)) {
  Deno.test(`preferredType() is JSON for ${name}`, () => {
    assertEquals(preferredType(accept, TWO_TYPES), "application/json");
  });
}

for (const [name, accept] of Object.entries(HTML_ROWS)) {
  Deno.test(`preferredType() is HTML for ${name}`, () => {
    assertEquals(preferredType(accept, TWO_TYPES), "text/html");
  });
}

const NAMED_ROWS: readonly (readonly [
  accept: string | undefined,
  isNamed: boolean,
])[] = [
  ["text/html", true],
  ["TEXT/HTML;level=1;q=0.1, */*", true],
  ["application/xml, text/html", true],
  ["text/html;q=0", false],
  ["text/html;q=0, */*", false],
  ["text/*", false],
  ["*/*", false],
  ["text/html-sandboxed", false],
  ["application/text/html", false],
  ["application/x;a=text/html", false],
  ["", false],
  [undefined, false],
];

for (const [accept, isNamed] of NAMED_ROWS) {
  Deno.test(`namesHtml() is ${isNamed} for ${accept}`, () => {
    assertEquals(namesHtml(accept), isNamed);
  });
}

const ANYTHING_ROWS: readonly (readonly [
  accept: string | undefined,
  isAnything: boolean,
])[] = [
  [undefined, true],
  ["", true],
  [" ", true],
  ["*/*", true],
  ["*/*;q=0.1", true],
  ["*/*, */*", true],
  ["*/*;q=0", false],
  ["*/*, text/plain", false],
  ["application/json, */*", false],
  ["*", false],
  ["*/html", false],
  [",", false],
  [`${"*/*,".repeat(1000)}*/*`, false],
];

for (const [accept, isAnything] of ANYTHING_ROWS) {
  const shown = accept?.slice(0, 30);
  Deno.test(`takesAnything() is ${isAnything} for ${shown}`, () => {
    assertEquals(takesAnything(accept), isAnything);
  });
}

const HOSTILE_ROWS: Readonly<Record<string, string>> = {
  "a megabyte of commas": ",".repeat(1 << 20),
  "a megabyte of semicolons": ";".repeat(1 << 20),
  "a megabyte of spaces": `application/json;${" ".repeat(1 << 20)}q=1`,
  "a weight of a megabyte": `application/json;q=0.${"0".repeat(1 << 20)}`,
  "bytes that are no text": "\xff\x80;\x7f=\xfe,".repeat(1000),
};

for (const [name, accept] of Object.entries(HOSTILE_ROWS)) {
  Deno.test(`preferredType() is quick to give up on ${name}`, async () => {
    await assertQuick(500, () => {
      for (let round = 0; round < 100; round++) {
        assertEquals(preferredType(accept, TWO_TYPES), "text/html");
      }
    });
  });
}

const TEXT_ROWS: readonly string[] = [
  "text/plain",
  "text/plain, */*;q=0.1",
  "text/plain, */*",
  "text/html;q=0.5, text/plain",
  "application/json;q=0.2, text/plain;q=0.3",
];

for (const accept of TEXT_ROWS) {
  Deno.test(`preferredType() is text for ${accept}`, () => {
    assertEquals(preferredType(accept, TYPES), "text/plain");
  });
}
