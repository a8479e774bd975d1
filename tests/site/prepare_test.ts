import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Coding, CODINGS } from "../../lib/http/coding.ts";
import { writeHead } from "../../lib/http/http1/response.ts";
import type { Reply } from "../../lib/http/reply.ts";
import { type OwnFields, SiteFile } from "../../lib/site/content/file.ts";
import { Policy } from "../../lib/site/policy.ts";
import {
  errorPageReply,
  partialReply,
  prepare,
} from "../../lib/site/prepare.ts";
import type { Variant } from "../../lib/site/site.ts";
import { MemoryVariant } from "../../lib/site/content/variant.ts";
import { parseResponses, type Response, textOf, utf8 } from "../helpers.ts";

const POLICY = new Policy();
const TIME = Date.UTC(2024, 4, 1, 10, 20, 30);
const NOW = Date.UTC(2026, 10, 20, 7, 12, 55);
const BR = CODINGS[0]!;

function fileOf(path: string, own?: OwnFields, content = "0123456789") {
  return new SiteFile(path, new MemoryVariant(utf8(content)), TIME, false, own);
}

/** A reply as a client sees it; the fields that every reply has are left out. */
function read(reply: Reply): Response {
  const out = new Uint8Array(4096);
  const end = writeHead(reply, "persistent", NOW, out, 0);
  const body = reply.body.map((segment) => textOf(segment as Uint8Array));
  const text = textOf(out.subarray(0, end)) + body.join("");
  const [response] = parseResponses(text, ["GET"]);
  const fields = new Map(response!.fields);
  for (const name of ["server", "date", "x-content-type-options"]) {
    assert(fields.delete(name), name);
  }
  return { ...response!, fields };
}

function fieldsOf(reply: Reply): Record<string, string> {
  return Object.fromEntries(read(reply).fields);
}

const REFERRER = { "referrer-policy": "strict-origin-when-cross-origin" };

Deno.test("prepare() makes the 200 of a file", () => {
  const file = fileOf("/a.txt");
  const { whole } = prepare(file, file.identity!, POLICY);
  const { status, body } = read(whole);
  assertEquals([status, body], [200, "0123456789"]);
  assertEquals(fieldsOf(whole), {
    "last-modified": "Wed, 01 May 2024 10:20:30 GMT",
    "accept-ranges": "bytes",
    "etag": file.identity!.etag!,
    "cache-control": "no-cache",
    "vary": "Accept-Encoding",
    "content-type": "text/plain; charset=UTF-8",
    "content-length": "10",
    ...REFERRER,
  });
});

Deno.test("prepare() makes the 304 of a file, with what tells how to keep it and nothing of its content", () => {
  const file = fileOf("/a.txt", { fields: [["Content-Security-Policy", "x"]] });
  const { notModified } = prepare(file, file.identity!, POLICY);
  assertEquals(read(notModified).status, 304);
  assertEquals(notModified.body, []);
  assertEquals(fieldsOf(notModified), {
    "etag": file.identity!.etag!,
    "cache-control": "no-cache",
    "vary": "Accept-Encoding",
    ...REFERRER,
  });
});

Deno.test("prepare() tells the coding of a variant, with the length and tag of that, and the file's type", () => {
  const file = fileOf("/a.txt");
  const variant = new MemoryVariant(utf8("short"), BR);
  const prepared = prepare(file, variant, POLICY);
  const fields = fieldsOf(prepared.whole);
  assertEquals(fields["content-encoding"], "br");
  assertEquals(fields["content-length"], "5");
  assertEquals(fields["etag"], variant.etag);
  assertEquals(fields["content-type"], "text/plain; charset=UTF-8");
  assertEquals(read(prepared.whole).body, "short");
  const kept = fieldsOf(prepared.notModified);
  assertEquals(kept["etag"], variant.etag);
  assertEquals(kept["content-encoding"], undefined);
});

const VARY_ROWS: readonly [
  name: string,
  file: SiteFile,
  spa: string | undefined,
  vary: string | undefined,
][] = [
  ["a picture", fileOf("/a.png"), undefined, undefined],
  ["text", fileOf("/a.txt"), undefined, "Accept-Encoding"],
  [
    "a listing",
    fileOf("/a/", { varies: ["Accept"], contentType: "text/html" }),
    undefined,
    "Accept, Accept-Encoding",
  ],
  [
    "what varies by something else",
    fileOf("/a.png", { varies: ["Accept"] }),
    undefined,
    "Accept",
  ],
  [
    "a page beside the shell",
    fileOf("/index.html"),
    "/app.html",
    "Accept-Encoding",
  ],
  [
    "the shell",
    fileOf("/app.html"),
    "/app.html",
    "Sec-Fetch-Dest, Accept, Accept-Encoding",
  ],
];

for (const [name, file, spa, vary] of VARY_ROWS) {
  Deno.test(`prepare() says by what ${name} varies`, () => {
    const policy = new Policy({ spa });
    const prepared = prepare(file, file.identity!, policy);
    assertEquals(fieldsOf(prepared.whole)["vary"], vary);
    assertEquals(fieldsOf(prepared.notModified)["vary"], vary);
    const page = errorPageReply(404, file, file.identity!, policy);
    assertEquals(fieldsOf(page)["vary"], vary);
  });
}

Deno.test("prepare() leaves Last-Modified out where it is not known", () => {
  const content = new MemoryVariant(utf8("x"));
  const file = new SiteFile("/a.txt", content, undefined, false);
  const fields = fieldsOf(prepare(file, content, POLICY).whole);
  assertEquals(fields["last-modified"], undefined);
  assert(fields["etag"] !== undefined);
});

Deno.test("prepare() takes the policy's Cache-Control over what the name tells", () => {
  const file = fileOf("/a.txt");
  const policy = new Policy({ cacheControl: "max-age=60" });
  const prepared = prepare(file, file.identity!, policy);
  assertEquals(fieldsOf(prepared.whole)["cache-control"], "max-age=60");
  assertEquals(fieldsOf(prepared.notModified)["cache-control"], "max-age=60");
});

Deno.test("prepare() puts the policy's fields in every reply, in place of the file's", () => {
  const policy = new Policy({
    cors: true,
    fields: [["Content-Security-Policy", "own"], ["X-Own", "1"]],
  });
  const file = fileOf("/a.txt", {
    fields: [["content-security-policy", "x"], ["X-File", "2"]],
  });
  const prepared = prepare(file, file.identity!, policy);
  const slices = [{ start: 0, end: 1 }];
  for (
    const reply of [
      prepared.whole,
      prepared.notModified,
      partialReply(file.identity!, prepared, slices),
      errorPageReply(404, file, file.identity!, policy),
    ]
  ) {
    const fields = fieldsOf(reply);
    assertEquals(fields["x-own"], "1");
    assertEquals(fields["content-security-policy"], "own");
    assertEquals(fields["access-control-allow-origin"], "*");
  }
  assertEquals(fieldsOf(prepared.whole)["x-file"], "2");
});

const ERROR_ROWS: readonly [status: number, more: Record<string, string>][] = [
  [403, {}],
  [404, {}],
  [503, { "retry-after": "1" }],
];

for (const [status, more] of ERROR_ROWS) {
  Deno.test(`errorPageReply() makes content the page of a ${status}, not to be stored or validated`, () => {
    const policy = new Policy({ cacheControl: "max-age=60" });
    const file = fileOf("/404.html");
    const variant = new MemoryVariant(utf8("page"), BR);
    const reply = errorPageReply(status, file, variant, policy);
    assertEquals(read(reply).status, status);
    assertEquals(read(reply).body, "page");
    assertEquals(fieldsOf(reply), {
      "cache-control": "no-store",
      "vary": "Accept-Encoding",
      "content-encoding": "br",
      "content-type": "text/html; charset=UTF-8",
      "content-length": "4",
      ...REFERRER,
      ...more,
    });
  });
}

const VARIANTS: Readonly<Record<string, Coding | undefined>> = {
  "the file as it is": undefined,
  "a variant": BR,
};

for (const [name, coding] of Object.entries(VARIANTS)) {
  const variant: Variant = new MemoryVariant(utf8("0123456789"), coding);
  const encoding = coding === undefined
    ? {}
    : { "content-encoding": coding.token };

  Deno.test(`partialReply() sends one slice of ${name}`, () => {
    const file = fileOf("/a.png");
    const prepared = prepare(file, variant, POLICY);
    const reply = partialReply(variant, prepared, [{ start: 2, end: 5 }]);
    assertEquals(read(reply).status, 206);
    assertEquals(read(reply).body, "234");
    assertEquals(fieldsOf(reply), {
      "last-modified": "Wed, 01 May 2024 10:20:30 GMT",
      "accept-ranges": "bytes",
      "etag": variant.etag!,
      "cache-control": "no-cache",
      "content-type": "image/png",
      "content-range": "bytes 2-4/10",
      "content-length": "3",
      ...encoding,
      ...REFERRER,
    });
  });

  Deno.test(`partialReply() sends several slices of ${name}, each as a part`, () => {
    const file = fileOf("/a.png");
    const prepared = prepare(file, variant, POLICY);
    const slices = [{ start: 7, end: 10 }, { start: 0, end: 1 }];
    const response = read(partialReply(variant, prepared, slices));
    const type = response.fields.get("content-type")!;
    assertMatch(type, /^multipart\/byteranges; boundary=[\w-]{20,70}$/);
    const boundary = type.slice(type.indexOf("=") + 1);
    assertEquals(
      response.body,
      `\r\n--${boundary}\r\nContent-Type: image/png\r\nContent-Range: bytes 7-9/10\r\n\r\n789` +
        `\r\n--${boundary}\r\nContent-Type: image/png\r\nContent-Range: bytes 0-0/10\r\n\r\n0` +
        `\r\n--${boundary}--\r\n`,
    );
    assertEquals(response.fields.get("content-range"), undefined);
    assertEquals(response.fields.get("etag"), variant.etag);
    assertEquals(response.fields.get("content-encoding"), coding?.token);
  });
}

Deno.test("prepare() shares the fields that do not depend on the content among files of one kind", () => {
  const bases = (path: string, coding?: Coding, policy = POLICY) => {
    const file = fileOf(path);
    const { whole, notModified, fields } = prepare(
      file,
      new MemoryVariant(utf8(path), coding),
      policy,
    );
    return [whole, notModified, { fields }].map((reply) => reply.fields.base);
  };
  const first = bases("/a.css");
  const isShared = (others: typeof first) =>
    others.map((base, index) => base === first[index]);
  assertEquals(isShared(bases("/b/c.css")), [true, true, true]);
  for (
    const others of [
      bases("/a.png"),
      bases("/a.css", BR),
      bases("/app.3f9d0c71be2a4d8f3f9d.css"),
      bases("/a.css", undefined, new Policy()),
    ]
  ) {
    assertEquals(isShared(others), [false, false, false]);
  }
});

Deno.test("partialReply() takes another boundary each time", () => {
  const file = fileOf("/a.png");
  const prepared = prepare(file, file.identity!, POLICY);
  const slices = [{ start: 0, end: 1 }, { start: 5, end: 6 }];
  const types = Array.from({ length: 20 }, () => {
    const reply = partialReply(file.identity!, prepared, slices);
    return fieldsOf(reply)["content-type"];
  });
  assertEquals(new Set(types).size, 20);
});

for (const [name, coding] of Object.entries(VARIANTS)) {
  Deno.test(`every reply with content of ${name} tells the log its coding`, () => {
    const file = fileOf("/a.txt");
    const variant = new MemoryVariant(utf8("0123456789"), coding);
    const prepared = prepare(file, variant, POLICY);
    const first = { start: 0, end: 1 };
    const replies = {
      whole: prepared.whole,
      slice: partialReply(variant, prepared, [first]),
      slices: partialReply(variant, prepared, [first, { start: 5, end: 6 }]),
      error: errorPageReply(404, file, variant, POLICY),
    };
    for (const [kind, reply] of Object.entries(replies)) {
      assertEquals(reply.coding, coding?.token, kind);
      assertEquals(fieldsOf(reply)["content-encoding"], coding?.token, kind);
    }
    assertEquals(prepared.notModified.coding, undefined);
  });
}
