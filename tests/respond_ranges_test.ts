import { assertEquals, assertMatch } from "@std/assert";
import { formatHttpDate } from "../lib/http/date.ts";
import { ask, DATE, type Fields, LATER, NOW, SITE, TAG } from "./ask.ts";
import { MemorySite } from "./memory_site.ts";

/** Rows that differ: HEAD is answered as if there were no Range (RFC 9110 §14.2). */
const RANGES: readonly (readonly [
  name: string,
  fields: Fields,
  status: number,
  contentRange: string | undefined,
  body: string | undefined,
])[] = [
  ["the first bytes", { Range: "bytes=0-2" }, 206, "bytes 0-2/10", "012"],
  ["the last bytes", { Range: "bytes=-2" }, 206, "bytes 8-9/10", "89"],
  ["more than there is", { Range: "bytes=8-99" }, 206, "bytes 8-9/10", "89"],
  ["all bytes", { Range: "bytes=0-" }, 206, "bytes 0-9/10", "0123456789"],
  [
    "nothing that is there",
    { Range: "bytes=10-" },
    416,
    "bytes */10",
    undefined,
  ],
  ["another unit", { Range: "lines=1-2" }, 200, undefined, "0123456789"],
  ["a broken range", { Range: "bytes=a" }, 200, undefined, "0123456789"],
  [
    "If-Range with the tag",
    { "Range": "bytes=0-0", "If-Range": TAG },
    206,
    "bytes 0-0/10",
    "0",
  ],
  [
    "If-Range with another tag",
    { "Range": "bytes=0-0", "If-Range": '"1"' },
    200,
    undefined,
    "0123456789",
  ],
  [
    "If-Range with another tag, and nothing that is there",
    { "Range": "bytes=10-", "If-Range": '"1"' },
    200,
    undefined,
    "0123456789",
  ],
  [
    "If-Range with the date",
    { "Range": "bytes=0-0", "If-Range": DATE },
    206,
    "bytes 0-0/10",
    "0",
  ],
  [
    "If-Range with a later date",
    { "Range": "bytes=0-0", "If-Range": LATER },
    200,
    undefined,
    "0123456789",
  ],
  [
    "a condition that is not met",
    { "Range": "bytes=10-", "If-Match": '"1"' },
    412,
    undefined,
    undefined,
  ],
  [
    "a copy that is still good",
    { "Range": "bytes=0-0", "If-None-Match": TAG },
    304,
    undefined,
    "",
  ],
];

for (const [name, fields, status, contentRange, body] of RANGES) {
  Deno.test(`respond() to GET with a range: ${name}`, async () => {
    const answer = await ask("GET", "/a.txt", fields);
    assertEquals(answer.status, status);
    assertEquals(answer.fields.get("content-range"), contentRange);
    if (body !== undefined) assertEquals(answer.body, body);
    if (status === 206) {
      assertEquals(answer.fields.get("content-length"), String(body!.length));
      assertEquals(answer.fields.get("etag"), TAG);
      assertEquals(
        answer.fields.get("content-type"),
        "text/plain; charset=UTF-8",
      );
    }
  });

  Deno.test(`respond() to HEAD with a range: ${name}`, async () => {
    const answer = await ask("HEAD", "/a.txt", fields);
    const expected = status === 206 || status === 416 ? 200 : status;
    assertEquals(answer.status, expected);
    assertEquals(answer.fields.get("content-range"), undefined);
    if (expected === 200) {
      assertEquals(answer.fields.get("content-length"), "10");
    }
  });
}

Deno.test("respond() to a range of a file that changed this second does not believe its date", async () => {
  const fields = {
    "Range": "bytes=0-0",
    "If-Range": formatHttpDate(NOW - 500),
  };
  assertEquals((await ask("GET", "/new.txt", fields)).status, 200);
});

/** Which variant of a file with encodings a range is of: "brbr" or "gzipgz" encoded, "0123456789" as it is. */
const CODED: readonly (readonly [
  name: string,
  fields: Fields,
  status: number,
  coding: string | undefined,
  body: string,
])[] = [
  ["no If-Range", {}, 206, undefined, "12"],
  ["If-Range with the file's tag", { "If-Range": TAG }, 206, undefined, "12"],
  [
    "If-Range with the tag of the wanted coding",
    { "If-Range": '"4-br"' },
    206,
    "br",
    "rb",
  ],
  [
    "If-Range with the tag of another coding",
    { "If-Range": '"6-gzip"' },
    206,
    "gzip",
    "zi",
  ],
  [
    "If-Range with an old tag",
    { "If-Range": '"3-br"' },
    200,
    "br",
    "brbr",
  ],
  [
    "If-Range with a weak tag",
    { "If-Range": 'W/"4-br"' },
    200,
    "br",
    "brbr",
  ],
  [
    "If-Range with a list of tags",
    { "If-Range": '"4-br", "10"' },
    200,
    "br",
    "brbr",
  ],
  // The date is that of several encodings: the first part may have been of any.
  ["If-Range with the date", { "If-Range": DATE }, 200, "br", "brbr"],
  [
    "If-Match with the tag of a coding",
    { "If-Match": '"4-br"' },
    206,
    "br",
    "rb",
  ],
  ["If-Match with any tag", { "If-Match": "*" }, 206, undefined, "12"],
  [
    "If-Range and If-Match with different tags",
    { "If-Range": TAG, "If-Match": '"4-br"' },
    412,
    undefined,
    "",
  ],
  ["a Range that is none", { "Range": "bytes=2-1" }, 200, "br", "brbr"],
  [
    "a Range beyond the encoding",
    { "Range": "bytes=7-8" },
    206,
    undefined,
    "78",
  ],
  [
    "a Range beyond the encoding that is named",
    { "Range": "bytes=7-8", "If-Range": '"4-br"' },
    416,
    undefined,
    "",
  ],
  [
    "If-None-Match with the tag of a coding",
    { "If-None-Match": '"4-br"' },
    304,
    undefined,
    "",
  ],
  [
    "If-None-Match with the file's tag",
    { "If-None-Match": TAG },
    304,
    undefined,
    "",
  ],
];

for (const [name, fields, status, coding, body] of CODED) {
  Deno.test(`respond() to a range of a file with encodings: ${name}`, async () => {
    const answer = await ask("GET", "/coded.txt", {
      "Range": "bytes=1-2",
      "Accept-Encoding": "gzip, br",
      ...fields,
    });
    assertEquals(answer.status, status);
    assertEquals(answer.fields.get("content-encoding"), coding);
    if (status < 300) assertEquals(answer.body, body);
    if (status === 206) {
      const length = coding === undefined ? 10 : coding === "br" ? 4 : 6;
      const range = answer.fields.get("content-range")!;
      assertEquals(range.slice(range.indexOf("/")), `/${length}`);
      assertEquals(answer.fields.get("vary"), "Accept-Encoding");
    }
  });
}

Deno.test("respond() to HEAD with a range chooses the coding as if there were none", async () => {
  const answer = await ask("HEAD", "/coded.txt", {
    "Range": "bytes=1-2",
    "Accept-Encoding": "br",
  });
  assertEquals(answer.status, 200);
  assertEquals(answer.fields.get("content-encoding"), "br");
});

Deno.test("respond() to a range has nothing compressed for it", async () => {
  const site = new MemorySite(SITE);
  const fields = { "Range": "bytes=1-2", "Accept-Encoding": "br" };
  const answer = await ask("GET", "/codable.txt", fields, {}, site);
  assertEquals(answer.status, 206);
  assertEquals(site.encodings, []);
});

Deno.test("respond() to several ranges sends parts", async () => {
  const answer = await ask("GET", "/a.txt", { Range: "bytes=0-1,-1" });
  assertEquals(answer.status, 206);
  const type = answer.fields.get("content-type")!;
  assertMatch(type, /^multipart\/byteranges; boundary=[\w-]+$/);
  const boundary = type.slice(type.indexOf("=") + 1);
  const part = (range: string, body: string) =>
    `\r\n--${boundary}\r\nContent-Type: text/plain; charset=UTF-8\r\n` +
    `Content-Range: bytes ${range}/10\r\n\r\n${body}`;
  const expected = part("0-1", "01") + part("9-9", "9") +
    `\r\n--${boundary}--\r\n`;
  assertEquals(answer.body, expected);
  assertEquals(answer.fields.get("content-length"), String(expected.length));
  assertEquals(answer.fields.get("content-range"), undefined);
});

Deno.test("respond() goes on with the file as it is for who has a part of that", async () => {
  const answer = await ask("GET", "/coded.txt", {
    "Range": "bytes=8-",
    "If-Range": TAG,
    "Accept-Encoding": "br",
  });
  assertEquals(answer.status, 206);
  assertEquals(answer.fields.get("content-encoding"), undefined);
  assertEquals(answer.body, "89");
});
