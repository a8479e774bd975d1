import { assert, assertEquals, assertMatch } from "@std/assert";
import { EXPLANATIONS, REASON_PHRASES } from "../../lib/http/status.ts";

/** RFC 9110 §15; RFC 6585 §4 and §5 for 429 and 431; RFC 7725 for 451. */
const REGISTERED: readonly [status: number, phrase: string][] = [
  [200, "OK"],
  [204, "No Content"],
  [206, "Partial Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [410, "Gone"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [421, "Misdirected Request"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [503, "Service Unavailable"],
  [505, "HTTP Version Not Supported"],
];

Deno.test("REASON_PHRASES are the registered ones", () => {
  assertEquals(
    Object.entries(REASON_PHRASES),
    REGISTERED.map(([status, phrase]) => [String(status), phrase]),
  );
});

Deno.test("REASON_PHRASES can stand in a status line", () => {
  for (const phrase of Object.values(REASON_PHRASES)) {
    assertMatch(phrase, /^[A-Za-z]+(?: [A-Za-z]+)*$/);
  }
});

Deno.test("EXPLANATIONS has one for every error and nothing else", () => {
  const errors = Object.keys(REASON_PHRASES).filter((code) => +code >= 400);
  assertEquals(Object.keys(EXPLANATIONS), errors);
});

Deno.test("EXPLANATIONS are sentences that need no escaping in a page", () => {
  const texts = Object.values(EXPLANATIONS);
  for (const text of texts) {
    assertMatch(text, /^[A-Z][A-Za-z0-9 ,./]+\.$/);
  }
  assert(new Set(texts).size === texts.length);
});
