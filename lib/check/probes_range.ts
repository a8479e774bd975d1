/**
 * Probes of range requests (RFC 9110 §14). A server need not support them:
 * without ranges they do not apply.
 *
 * @module
 */

import {
  expectField,
  expectRefusal,
  expectStatus,
  first,
  laterDate,
  type Lines,
  OLD_DATE,
  OTHER_TAG,
  type Probe,
  probe,
  type ProbeFile,
  type ProbeVerdict,
  REPEATED_FIELDS,
  request,
  skip,
  weakTag,
} from "./probe.ts";
import type { ProbeExchange } from "./responses.ts";

const group = "range";

/** Most bytes of a response to many overlapping ranges, in files: more would let few clients take all bandwidth. */
const AMPLIFICATION_MAX = 4;

type Judge = (exchange: ProbeExchange, file: ProbeFile) => ProbeVerdict;

function ranged(
  section: string,
  title: string,
  lines: (file: ProbeFile) => Lines | string,
  judge: Judge,
  parts: Partial<Probe> = {},
): Probe {
  const method = parts.methods?.[0] ?? "GET";
  return probe({
    group,
    section: `RFC 9110 §${section}`,
    title,
    send: (file) => {
      if (!file.hasRanges) return skip("the server sends no ranges");
      const found = lines(file);
      return typeof found === "string"
        ? skip(found)
        : request(file, { method, lines: found });
    },
    judge,
    ...parts,
  });
}

/** Judges that a part comes, with its bytes. */
function part(
  slice: (length: number) => readonly [start: number, end: number],
): Judge {
  return (exchange, { body }) => {
    const response = first(exchange, 206);
    if (typeof response === "string") return response;
    const [start, end] = slice(body.length);
    const want = `bytes ${start}-${end - 1}/${body.length}`;
    const range = response.fields.get("content-range");
    if (range !== want) {
      return `expected Content-Range: ${want}, got ${range ?? "none"}`;
    }
    return response.body === body.slice(start, end)
      ? undefined
      : "the bytes are others";
  };
}

const whole: Judge = (exchange, { body }) => {
  const response = first(exchange, 200);
  if (typeof response === "string") return response;
  if (response.fields.has("content-range")) return "there is Content-Range";
  return response.body === body ? undefined : "the content is another";
};

/** Judges that the size comes instead, which the standard only recommends (RFC 9110 §15.5.17). */
const unsatisfiable: Judge = (exchange, { body }) => {
  const response = first(exchange, 416);
  if (typeof response === "string") return response;
  const range = response.fields.get("content-range");
  return range === `bytes */${body.length}`
    ? undefined
    : `Content-Range: ${range ?? "none"}`;
};

/** Several parts, one that covers them, or the whole. */
const several: Judge = (exchange, file) => {
  const response = exchange.responses[0];
  if (response?.status !== 206) return expectStatus(200)(exchange);
  const type = response.fields.get("content-type") ?? "";
  if (response.fields.has("content-range")) {
    return /^multipart\/byteranges/i.test(type)
      ? "a multipart response has Content-Range"
      : undefined;
  }
  const boundary = /^multipart\/byteranges;.*boundary="?([^";]+)"?/i.exec(type)
    ?.[1];
  if (boundary === undefined) return `Content-Type: ${type}`;
  const parts = response.body.split(`--${boundary}`).slice(1, -1);
  const isRight = parts.length > 0 && parts.every((text) => {
    const [, start, end] =
      /content-range:\s*bytes (\d+)-(\d+)\/\d+/i.exec(text) ?? [];
    const content = text.slice(text.indexOf("\r\n\r\n") + 4).replace(
      /\r\n$/,
      "",
    );
    return start !== undefined &&
      content === file.body.slice(Number(start), Number(end) + 1);
  });
  return isRight ? undefined : "the parts are not those of the file";
};

const strongTag = ({ etag }: ProbeFile) =>
  etag === undefined || etag.startsWith("W/") ? undefined : etag;

/** All probes of ranges. */
export const RANGE_PROBES: readonly Probe[] = [
  ranged(
    "14.1.2",
    "the first byte",
    () => ["Range: bytes=0-0"],
    part(() => [0, 1]),
  ),
  ranged(
    "14.1.2",
    "bytes in the middle",
    () => ["Range: bytes=1-3"],
    part(() => [1, 4]),
  ),
  ranged(
    "14.1.2",
    "everything from a byte on",
    () => ["Range: bytes=1-"],
    part((length) => [1, length]),
  ),
  ranged(
    "14.1.2",
    "the last byte",
    () => ["Range: bytes=-1"],
    part((length) => [length - 1, length]),
  ),
  ranged(
    "14.1.2",
    "a suffix longer than the file is the file",
    ({ body }) => [`Range: bytes=-${body.length + 9}`],
    part((length) => [0, length]),
  ),
  ranged(
    "14.1.2",
    "an end beyond the file is cut",
    ({ body }) => [`Range: bytes=1-${body.length + 9}`],
    part((length) => [1, length]),
  ),
  ranged(
    "14.1.2",
    "an end beyond 64 bits is cut, or the range refused",
    () => ["Range: bytes=1-99999999999999999999999"],
    (exchange, file) =>
      exchange.responses[0]?.status === 206
        ? part((length) => [1, length])(exchange, file)
        : expectStatus(200, 400, 416)(exchange),
  ),
  ranged(
    "14.1.1",
    "units in capitals are the same, or ignored",
    () => ["Range: BYTES=0-0"],
    (exchange, file) =>
      exchange.responses[0]?.status === 206
        ? part(() => [0, 1])(exchange, file)
        : whole(exchange, file),
  ),
  ranged(
    "15.5.17",
    "a start beyond the file gets 416",
    ({ body }) => [`Range: bytes=${body.length}-`],
    unsatisfiable,
    { level: "should" },
  ),
  ranged(
    "15.5.17",
    "a range far beyond the file gets 416",
    ({ body }) => [`Range: bytes=${body.length + 100}-${body.length + 200}`],
    unsatisfiable,
    { level: "should" },
  ),
  ranged(
    "14.1.2",
    "a suffix of no bytes gets 416, or is ignored",
    () => ["Range: bytes=-0"],
    expectStatus(416, 400, 200),
    { level: "should" },
  ),
  ranged(
    "14.1.2",
    "a start beyond 64 bits gets no part",
    () => ["Range: bytes=99999999999999999999999-"],
    expectStatus(416, 400, 200),
    { level: "should" },
  ),
  ...[
    "bytes=3-1",
    "bytes=a-b",
    "bytes=",
    "bytes",
    "bytes=1",
    "bytes=--1",
    "bytes=0x0-1",
    "bytes=0-0-0",
    "=0-0",
  ].map((value) =>
    ranged(
      "14.2",
      `the invalid range "${value}" gets no part`,
      () => [`Range: ${value}`],
      expectStatus(200, 400, 416),
      // The standard allows to ignore or reject them, and demands neither.
      { level: "should" },
    )
  ),
  ranged(
    "14.2",
    "an unknown unit is ignored",
    () => ["Range: lines=0-0"],
    whole,
  ),
  ranged(
    "14.2",
    "Range is ignored with HEAD",
    () => ["Range: bytes=0-0"],
    (exchange) =>
      expectStatus(200)(exchange) ??
        (exchange.responses[0]!.fields.has("content-range")
          ? "there is Content-Range"
          : undefined),
    { methods: ["HEAD"] },
  ),
  ranged("14.6", "two ranges", () => ["Range: bytes=0-0,2-3"], several),
  ranged(
    "14.6",
    "two ranges with spaces",
    () => ["Range: bytes=0-0 , 2-3"],
    several,
  ),
  ranged(
    "14.6",
    "ranges that overlap",
    () => ["Range: bytes=0-4,2-6"],
    several,
  ),
  ranged(
    "14.6",
    "ranges of which one is beyond the file",
    ({ body }) => [`Range: bytes=0-0,${body.length}-`],
    (exchange, file) =>
      exchange.responses[0]?.fields.has("content-range")
        ? part(() => [0, 1])(exchange, file)
        : several(exchange, file),
  ),
  ranged(
    "14.2",
    "many overlapping ranges are not all sent",
    () => [`Range: bytes=${Array.from({ length: 400 }, () => "0-").join()}`],
    (exchange, { body }) => {
      const response = exchange.responses[0];
      if (response === undefined) return expectRefusal(exchange);
      // For a small file it is the heads of the parts that count.
      const most = AMPLIFICATION_MAX * Math.max(body.length, 4096);
      return response.body.length > most
        ? `${response.body.length} bytes for a file of ${body.length}`
        : undefined;
    },
    { level: "should" },
  ),
  ...REPEATED_FIELDS.map((name) =>
    ranged(
      "15.3.7",
      `206 has the ${name} of 200`,
      ({ fields }) =>
        fields.has(name) ? ["Range: bytes=0-0"] : `the file has no ${name}`,
      expectField(206, name),
    )
  ),
  ranged("13.1.5", "If-Range with the ETag sends the part", (file) => {
    const etag = strongTag(file);
    return etag === undefined
      ? "the file has no strong ETag"
      : ["Range: bytes=0-0", `If-Range: ${etag}`];
  }, part(() => [0, 1])),
  ranged(
    "13.1.5",
    "If-Range with another tag sends the file",
    () => ["Range: bytes=0-0", `If-Range: ${OTHER_TAG}`],
    whole,
  ),
  ranged(
    "13.1.5",
    "If-Range with a weak tag sends the file",
    ({ etag }) =>
      etag === undefined
        ? "the file has no ETag"
        : ["Range: bytes=0-0", `If-Range: ${weakTag(etag)}`],
    whole,
  ),
  ranged(
    "13.1.5",
    "If-Range with an old date sends the file",
    () => ["Range: bytes=0-0", `If-Range: ${OLD_DATE}`],
    whole,
  ),
  ranged(
    "13.1.5",
    "If-Range with a later date sends the file",
    ({ modified }) =>
      modified === undefined ? "the file has no Last-Modified" : [
        "Range: bytes=0-0",
        `If-Range: ${laterDate(modified)}`,
      ],
    whole,
  ),
  ranged(
    "13.2.2",
    "If-None-Match decides before Range",
    ({ etag }) =>
      etag === undefined
        ? "the file has no ETag"
        : ["Range: bytes=0-0", `If-None-Match: ${etag}`],
    expectStatus(304),
  ),
  ranged(
    "13.2.2",
    "If-Match decides before Range",
    () => ["Range: bytes=0-0", `If-Match: ${OTHER_TAG}`],
    expectStatus(412),
  ),
  ranged(
    "13.1.5",
    "If-Range without Range is ignored",
    () => [`If-Range: ${OTHER_TAG}`],
    whole,
  ),
];
