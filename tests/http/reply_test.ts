import {
  assert,
  assertEquals,
  assertNotMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { escape } from "@std/html";
import { type FieldLine, FieldSection } from "../../lib/http/field_section.ts";
import {
  ALLOW,
  closing,
  errorReply,
  OPTIONS_REPLY,
  redirectReply,
  reply,
  withFields,
  withoutBody,
} from "../../lib/http/reply.ts";
import { EXPLANATIONS, REASON_PHRASES } from "../../lib/http/status.ts";
import { textOf, utf8 } from "../helpers.ts";

const STATUSES = Object.keys(REASON_PHRASES).map(Number);
const ERRORS = STATUSES.filter((status) => status >= 400);

Deno.test("reply() makes a reply that does not end its connection", () => {
  const fields = new FieldSection([["A", "1"]]);
  const body = [utf8("hello")];
  assertEquals(reply(200, fields, body), {
    status: 200,
    fields,
    body,
    events: undefined,
    close: false,
    coding: undefined,
  });
  assertEquals(reply(204, fields).body, []);
});

Deno.test("withFields() adds header lines, and leaves the reply as it is", () => {
  const made = reply(200, [["A", "1"]]);
  assertEquals(withFields(made, [["B", "2"]]).fields.lines, [
    ["A", "1"],
    ["B", "2"],
  ]);
  assertEquals(made.fields.lines, [["A", "1"]]);
  assertStrictEquals(withFields(made, []), made);
});

Deno.test("closing() makes the same reply the last, and leaves the first as it is", () => {
  const made = reply(200, [["A", "1"]], [utf8("hello")]);
  const last = closing(made);
  assertEquals(last, { ...made, close: true });
  assertStrictEquals(made.close, false);
  assertStrictEquals(closing(last), last);
});

Deno.test("withoutBody() keeps all but the body, and leaves the reply as it is", () => {
  const made = reply(200, [["Content-Length", "5"]], [utf8("hello")]);
  const bare = withoutBody(made);
  assertEquals(bare, { ...made, body: [] });
  assertEquals(made.body.length, 1);
  assertStrictEquals(withoutBody(bare), bare);
});

const LOCATIONS: readonly [name: string, location: string][] = [
  ["a path", "/a/"],
  ["a path and a query", "/a/?b=c%20d"],
  ["an encoded line break", "/a%0D%0AX:%20y/"],
];

for (const [name, location] of LOCATIONS) {
  Deno.test(`redirectReply() names ${name}`, () => {
    const made = redirectReply(location);
    assertStrictEquals(made.status, 308);
    assertEquals(made.fields.lines, [
      ["Location", location],
      ["Cache-Control", "no-cache"],
      ["Content-Length", "0"],
    ]);
    assertEquals(made.body, []);
    assertStrictEquals(made.close, false);
  });
}

Deno.test("redirectReply() refuses a line break that nobody has encoded", () => {
  assertThrows(() => redirectReply("/a\r\nX: y"), Error, "control character");
});

Deno.test("OPTIONS_REPLY lists the methods and has no body", () => {
  assertStrictEquals(ALLOW, "GET, HEAD, OPTIONS");
  assertStrictEquals(OPTIONS_REPLY.status, 204);
  // No Content-Length in a 204 (RFC 9110 §8.6).
  assertEquals(OPTIONS_REPLY.fields.lines, [["Allow", ALLOW]]);
  assertEquals(OPTIONS_REPLY.body, []);
});

/** Fields of one error beyond those of all. */
const MORE_FIELDS: Readonly<Record<number, readonly FieldLine[]>> = {
  405: [["Allow", "GET, HEAD, OPTIONS"]],
  503: [["Retry-After", "1"]],
};

for (const status of ERRORS) {
  Deno.test(`errorReply() makes a page for ${status}`, () => {
    const made = errorReply(status);
    assertStrictEquals(made.status, status);
    assertStrictEquals(made.close, false);
    assertStrictEquals(made.body.length, 1);
    const page = made.body[0]!;
    assert(page instanceof Uint8Array);
    assertEquals(made.fields.lines, [
      ["Content-Type", "text/html; charset=UTF-8"],
      ["Content-Length", String(page.length)],
      ["Cache-Control", "no-store"],
      [
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      ],
      ...MORE_FIELDS[status] ?? [],
    ]);
    assertStrictEquals(errorReply(status), made);
  });

  Deno.test(`errorReply() says what ${status} means, and nothing of the machine`, () => {
    const page = textOf(errorReply(status).body[0] as Uint8Array);
    const title = escape(`${status} ${REASON_PHRASES[status]}`);
    assert(page.startsWith("<!doctype html>\n"));
    assert(page.endsWith("</html>\n"));
    assertStringIncludes(page, `<title>${title}</title>`);
    assertStringIncludes(page, `<h1>${title}</h1>`);
    assertStringIncludes(page, `<p>${escape(EXPLANATIONS[status]!)}</p>`);
    assertNotMatch(page, /undefined|deno|skiff|linux|windows|\.ts\b|file:/i);
    // No paths, and nothing that the page's own policy would forbid.
    assertNotMatch(
      page,
      /[\s"'(][/\\]\w|<script|<link|<img|url\((?!#)|\son\w+=/i,
    );
  });
}
