import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Responder } from "../lib/respond.ts";
import { Policy } from "../lib/site/policy.ts";
import { compileRules } from "../lib/site/rules/rules.ts";
import {
  ask,
  BEFORE,
  DATE,
  type Fields,
  LATER,
  NOW,
  SITE,
  TAG,
} from "./ask.ts";
import { headOf, MemorySite } from "./memory_site.ts";

/** Rows under GET and HEAD: status, and some fields ("" for one that is not to be there) and the body of GET. */
const ROWS: readonly (readonly [
  name: string,
  target: string,
  fields: Fields,
  status: number,
  expected?: Fields,
  body?: string,
])[] = [
  [
    "a file",
    "/a.txt",
    {},
    200,
    {
      "content-type": "text/plain; charset=UTF-8",
      "content-length": "10",
      "etag": TAG,
      "last-modified": DATE,
      "accept-ranges": "bytes",
      "vary": "",
      "content-encoding": "",
      "content-range": "",
    },
    "0123456789",
  ],
  ["an empty file", "/empty.txt", {}, 200, { "content-length": "0" }, ""],
  ["a directory with an index", "/docs/", {}, 200, { etag: '"4"' }, "docs"],
  [
    "a directory without its slash",
    "/docs?q",
    {},
    308,
    { "location": "/docs/?q", "content-length": "0", "etag": "" },
    "",
  ],
  [
    "something that is not there",
    "/gone.txt",
    {},
    404,
    { "cache-control": "no-store", "etag": "", "last-modified": "" },
  ],
  ["something that is refused", "/closed.txt", {}, 403, { etag: "" }],
  ["a target that cannot be read", "/%zz", {}, 400],
  ["an asterisk", "*", {}, 400],
  ["a target of another scheme", "ftp://a/a.txt", {}, 400],
  ["an absolute target", "http://b/a.txt", {}, 200, {}, "0123456789"],

  // Expectations.
  ["100-continue", "/a.txt", { Expect: "100-Continue" }, 200],
  [
    "100-continue twice",
    "/a.txt",
    { Expect: "100-continue,100-continue" },
    200,
  ],
  ["no expectation", "/a.txt", { Expect: "" }, 200],
  ["an expectation in quotes", "/a.txt", { Expect: '"100-continue"' }, 417],
  ["another expectation", "/a.txt", { Expect: "miracles" }, 417],
  ["a list of expectations", "/a.txt", { Expect: "100-continue, x" }, 417],
  ["an expectation and a target that cannot be read", "/%", {
    Expect: "miracles",
  }, 417],

  // Preconditions (RFC 9110 §13.2.2).
  ["If-None-Match with the tag", "/a.txt", { "If-None-Match": TAG }, 304, {
    "etag": TAG,
    "content-length": "",
    "content-type": "",
    "last-modified": "",
  }, ""],
  ["If-None-Match, weak", "/a.txt", { "If-None-Match": `W/${TAG}` }, 304],
  ["If-None-Match, any", "/a.txt", { "If-None-Match": "*" }, 304],
  ["If-None-Match, another", "/a.txt", { "If-None-Match": '"1"' }, 200],
  ["If-None-Match, broken", "/a.txt", { "If-None-Match": "10" }, 200],
  ["If-Modified-Since, the date", "/a.txt", { "If-Modified-Since": DATE }, 304],
  ["If-Modified-Since, later", "/a.txt", { "If-Modified-Since": LATER }, 304],
  ["If-Modified-Since, before", "/a.txt", { "If-Modified-Since": BEFORE }, 200],
  ["If-Modified-Since, broken", "/a.txt", { "If-Modified-Since": "x" }, 200],
  [
    "If-None-Match before If-Modified-Since",
    "/a.txt",
    { "If-None-Match": '"1"', "If-Modified-Since": DATE },
    200,
  ],
  ["If-Match with the tag", "/a.txt", { "If-Match": TAG }, 200],
  ["If-Match, any", "/a.txt", { "If-Match": "*" }, 200],
  ["If-Match, weak", "/a.txt", { "If-Match": `W/${TAG}` }, 412, { etag: "" }],
  ["If-Match, another", "/a.txt", { "If-Match": '"1"' }, 412],
  [
    "If-Unmodified-Since, before",
    "/a.txt",
    { "If-Unmodified-Since": BEFORE },
    412,
  ],
  [
    "If-Unmodified-Since, the date",
    "/a.txt",
    { "If-Unmodified-Since": DATE },
    200,
  ],
  [
    "If-Match before If-Unmodified-Since",
    "/a.txt",
    { "If-Match": TAG, "If-Unmodified-Since": BEFORE },
    200,
  ],
  [
    "If-Match before If-None-Match",
    "/a.txt",
    { "If-Match": '"1"', "If-None-Match": TAG },
    412,
  ],
  ["a condition on what is not there", "/gone", { "If-Match": "*" }, 404],
  ["a condition on a redirect", "/docs", { "If-None-Match": "*" }, 308],
  ["a condition on what is refused", "/closed.txt", { "If-Match": "x" }, 403],

  // Codings.
  [
    "a coding that is there",
    "/coded.txt",
    { "Accept-Encoding": "gzip, br" },
    200,
    {
      "content-encoding": "br",
      "content-length": "4",
      "etag": '"4-br"',
      "vary": "Accept-Encoding",
      "content-type": "text/plain; charset=UTF-8",
    },
    "brbr",
  ],
  [
    "the client's choice of coding",
    "/coded.txt",
    {
      "Accept-Encoding": "br;q=0.5, gzip",
    },
    200,
    { "content-encoding": "gzip" },
    "gzipgz",
  ],
  ["no coding", "/coded.txt", {}, 200, {
    "content-encoding": "",
    "vary": "Accept-Encoding",
    "etag": TAG,
  }, "0123456789"],
  [
    "a coding that nobody has",
    "/coded.txt",
    { "Accept-Encoding": "zstd" },
    200,
    {
      "content-encoding": "",
    },
  ],
  [
    "a coding that is still to be made",
    "/codable.txt",
    {
      "Accept-Encoding": "br",
    },
    200,
    { "content-encoding": "", "vary": "Accept-Encoding" },
  ],
  [
    "the second best coding while the best is made",
    "/half.txt",
    {
      "Accept-Encoding": "br, gzip",
    },
    200,
    { "content-encoding": "gzip" },
    "gzipgz",
  ],
  [
    "identity before the second best, if it is worth more",
    "/half.txt",
    {
      "Accept-Encoding": "br, gzip;q=0.3, identity;q=0.5",
    },
    200,
    { "content-encoding": "" },
  ],
  [
    "the tag of one coding for another",
    "/coded.txt",
    {
      "Accept-Encoding": "br",
      "If-None-Match": '"6-gzip"',
    },
    200,
    { etag: '"4-br"' },
  ],
  [
    "the tag of the file as it is, which is as good",
    "/coded.txt",
    {
      "Accept-Encoding": "br",
      "If-None-Match": TAG,
    },
    304,
    { "etag": TAG, "vary": "Accept-Encoding" },
  ],
  [
    "the tag of the coding",
    "/coded.txt",
    {
      "Accept-Encoding": "br",
      "If-None-Match": '"4-br"',
    },
    304,
    { "etag": '"4-br"', "vary": "Accept-Encoding" },
  ],
];

for (const [name, target, fields, status, expected = {}, body] of ROWS) {
  for (const method of ["GET", "HEAD"]) {
    Deno.test(`respond() to ${method} for ${name}`, async () => {
      const answer = await ask(method, target, fields);
      assertEquals(answer.status, status);
      for (const [field, value] of Object.entries(expected)) {
        assertEquals(answer.fields.get(field) ?? "", value, field);
      }
      // For HEAD the connection leaves the body out.
      if (body !== undefined) assertEquals(answer.body, body);
    });
  }
}

/** Methods in any state of the target: the method is looked at first. */
const METHODS: readonly (readonly [method: string, status: number])[] = [
  ["POST", 405],
  ["PUT", 405],
  ["DELETE", 405],
  ["PATCH", 405],
  ["TRACE", 405],
  ["CONNECT", 405],
  ["PROPFIND", 501],
  ["get", 501],
  ["Head", 501],
  ["GETX", 501],
];

for (const [method, status] of METHODS) {
  for (const target of ["/a.txt", "/gone.txt", "/%zz", "*"]) {
    Deno.test(`respond() to ${method} ${target}`, async () => {
      const site = new MemorySite(SITE);
      const answer = await ask(method, target, { Expect: "x" }, {}, site);
      assertEquals(answer.status, status);
      const allow = status === 405 ? "GET, HEAD, OPTIONS" : undefined;
      assertEquals(answer.fields.get("allow"), allow);
      assertEquals(site.lookups, []);
    });
  }
}

const OPTIONS: readonly (readonly [target: string, status: number])[] = [
  ["*", 204],
  ["/a.txt", 204],
  ["/gone.txt", 204],
  ["/%zz", 400],
];

for (const [target, status] of OPTIONS) {
  Deno.test(`respond() to OPTIONS ${target}`, async () => {
    const site = new MemorySite(SITE);
    const answer = await ask("OPTIONS", target, {}, {}, site);
    assertEquals(answer.status, status);
    if (status !== 204) return;
    assertEquals(answer.fields.get("allow"), "GET, HEAD, OPTIONS");
    assertEquals(answer.fields.get("content-length"), undefined);
    assertEquals(answer.body, "");
    assertEquals(site.lookups, []);
  });
}

Deno.test("respond() asks for the coding that is wanted, and only when it is wanted", async () => {
  const wanted = new MemorySite(SITE);
  await ask("GET", "/half.txt", { "Accept-Encoding": "br, gzip" }, {}, wanted);
  assertEquals(new Set(wanted.encodings), new Set(["/half.txt br"]));
  const others: readonly Fields[] = [
    {},
    { "Accept-Encoding": "gzip" },
    { "Accept-Encoding": "identity" },
    { "Accept-Encoding": "br;q=0" },
  ];
  for (const fields of others) {
    const site = new MemorySite(SITE);
    await ask("GET", "/half.txt", fields, {}, site);
    assertEquals(site.encodings, []);
  }
});

Deno.test("respond() answers what is in memory at once", () => {
  const responder = new Responder(new MemorySite(SITE), new Policy());
  for (const target of ["/a.txt", "/docs", "/docs/", "/gone.txt", "/%zz"]) {
    const reply = responder.respond(headOf("GET", target), NOW);
    assert(!(reply instanceof Promise), target);
  }
});

Deno.test("respond() makes an error's own page once, for each set of fields that rules add", () => {
  const { rules } = compileRules({
    headers: [{ for: "/b/*", values: [["X-B", "b"]], where: "f:1" }],
    redirects: [],
    errorPages: [],
  });
  const responder = new Responder(
    new MemorySite(SITE),
    new Policy({ rules }),
  );
  const [a, b, otherA, otherB, c] = ["/x", "/b/x", "/y", "/b/y", "/%zz"]
    .map((target) => responder.respond(headOf("GET", target), NOW));
  assertStrictEquals(a, otherA);
  assertStrictEquals(b, otherB);
  assert(a !== b, "with the rule's fields and without");
  assert(a !== c, "404 and 400");
});

Deno.test("respond() lists a directory, as a page or as data", async () => {
  const page = await ask("GET", "/plain/");
  assertEquals(page.status, 200);
  assertEquals(page.fields.get("content-type"), "text/html; charset=UTF-8");
  assertEquals(page.fields.get("last-modified"), undefined);
  assert(page.body.includes("b.txt"));
  const data = await ask("GET", "/plain/", { Accept: "application/json" });
  assertEquals(
    data.fields.get("content-type"),
    "application/json; charset=UTF-8",
  );
  assert(data.body.includes('"b.txt"'));
  const etag = page.fields.get("etag")!;
  const again = await ask("GET", "/plain/", { "If-None-Match": etag });
  assertEquals(again.status, 304);
});

Deno.test("respond() lists no directory when none is to be listed", async () => {
  const answer = await ask("GET", "/plain/", {}, { listing: false });
  assertEquals(answer.status, 404);
});

Deno.test("respond() answers with the site's own page for an error", async () => {
  const site = new MemorySite({
    ...SITE,
    "/404.html": "own page",
    "/412.html": "own failure",
  });
  const absent = await ask("GET", "/gone.txt", {}, {}, site);
  assertEquals(absent.status, 404);
  assertEquals(absent.body, "own page");
  assertEquals(absent.fields.get("cache-control"), "no-store");
  assertEquals(absent.fields.get("etag"), undefined);
  assertEquals(absent.fields.get("accept-ranges"), undefined);
  const failed = await ask("GET", "/a.txt", { "If-Match": "x" }, {}, site);
  assertEquals([failed.status, failed.body], [412, "own failure"]);
  // Asked for by its name it is a page like any other.
  const page = await ask("GET", "/404.html", {}, {}, site);
  assertEquals([page.status, page.body], [200, "own page"]);
});

Deno.test("replies of a variant are kept from its first request on", () => {
  const site = new MemorySite({ "/a.txt": "a" });
  const responder = new Responder(site, new Policy());
  const get = () => responder.respond(headOf("GET", "/a.txt"), NOW);
  const first = get();
  const found = site.lookup("/a.txt");
  assert(found.kind === "file");
  assertStrictEquals(found.identity?.prepared?.whole, first);
  assertStrictEquals(get(), first);
});
