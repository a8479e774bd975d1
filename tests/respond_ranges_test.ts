import { assertEquals, assertMatch } from "@std/assert";
import { formatHttpDate } from "../lib/http/date.ts";
import { ask, DATE, type Fields, LATER, NOW, TAG } from "./ask.ts";

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

Deno.test("respond() to a range gives the bytes of the coding that is sent", async () => {
  const answer = await ask("GET", "/coded.txt", {
    "Range": "bytes=1-2",
    "Accept-Encoding": "br",
  });
  assertEquals(answer.status, 206);
  assertEquals(answer.fields.get("content-encoding"), "br");
  assertEquals(answer.fields.get("content-range"), "bytes 1-2/4");
  assertEquals(answer.body, "rb");
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
