import { assertEquals } from "@std/assert";
import { RANGE_PROBES } from "../../lib/check/probes_range.ts";
import { EVERYTHING, testVerdicts } from "./probe_verdicts.ts";

testVerdicts(RANGE_PROBES, [
  [
    "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-0/20\r\nContent-Length: 1\r\n\r\n0",
    "the first byte",
    undefined,
  ],
  [
    "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-0/20\r\nContent-Length: 1\r\n\r\n1",
    "the first byte",
    "the bytes are others",
  ],
  [
    "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-1/20\r\nContent-Length: 2\r\n\r\n01",
    "the first byte",
    "expected Content-Range: bytes 0-0/20, got bytes 0-1/20",
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789",
    "an unknown unit is ignored",
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nContent-Range: bytes 0-19/20\r\nContent-Length: 20\r\n\r\n01234567890123456789",
    "an unknown unit is ignored",
    "there is Content-Range",
  ],
  [
    "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n",
    "an unknown unit is ignored",
    "expected 200, got 416",
  ],
  [
    "HTTP/1.1 416 No\r\nContent-Range: bytes */20\r\nContent-Length: 0\r\n\r\n",
    "a start beyond the file gets 416",
    undefined,
  ],
  [
    "HTTP/1.1 206 Part\r\nContent-Type: multipart/byteranges; boundary=b\r\nContent-Length: 62\r\n\r\n--b\r\nContent-Range: bytes 0-1/20\r\n\r\n01\r\n--b--\r\n0123456789012345",
    "ranges that overlap",
    undefined,
  ],
  [
    "HTTP/1.1 206 Part\r\nContent-Type: multipart/byteranges; boundary=b\r\nContent-Length: 46\r\n\r\n--b\r\nContent-Range: bytes 0-1/20\r\n\r\n99\r\n--b--\r\n",
    "ranges that overlap",
    "the parts are not those of the file",
  ],
]);

Deno.test("probes of ranges call no fault what the standard only recommends", () => {
  const titles = RANGE_PROBES
    .filter(({ title, level }) =>
      level === "must" && /invalid range|gets 416|gets no part/.test(title)
    ).map(({ title }) => title);
  assertEquals(titles, []);
});

Deno.test("probes of ranges do not apply to a file without what they need", () => {
  const reasonOf = (title: string, parts: Partial<typeof EVERYTHING>) =>
    RANGE_PROBES.find((each) => each.title === title)!
      .send({ ...EVERYTHING, ...parts });
  assertEquals(reasonOf("the first byte", { hasRanges: false }), {
    skip: "the server sends no ranges",
  });
  assertEquals(reasonOf("206 has the etag of 200", { fields: new Map() }), {
    skip: "the file has no etag",
  });
  assertEquals(
    reasonOf("If-Range with the ETag sends the part", { etag: 'W/"e"' }),
    { skip: "the file has only a weak ETag" },
  );
});
