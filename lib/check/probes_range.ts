/**
 * Probes of range requests (RFC 9110 §14). A server need not support them:
 * without ranges they do not apply.
 *
 * @module
 */

import {
  expectField,
  expectRefusal,
  expectResponse,
  expectStatus,
  faultUnless,
  type Judge,
  OTHER_TAG,
  type Probe,
  type ProbeLevel,
  probesOf,
  REPEATED_FIELDS,
} from "./probe.ts";
import { type Lines, OLD_DATE, type ProbeFile, skip } from "./probe_values.ts";

const probes = probesOf("range");

/** Most bytes of a response to many overlapping ranges, in files: more would let few clients take all bandwidth. */
const AMPLIFICATION_MAX = 4;

function ranged(level: ProbeLevel, method = "GET") {
  return (
    section: string,
    title: string,
    lines: Lines,
    judge: Judge,
    /** Why the probe does not apply to a file. */
    lackOf: (file: ProbeFile) => string | undefined = () => undefined,
  ): Probe => {
    const request = { method, lines };
    const made = probes[level](`RFC 9110 §${section}`, title, request, judge);
    const send: Probe["send"] = (file) => {
      const lack = file.hasRanges ? lackOf(file) : "the server sends no ranges";
      return lack === undefined ? made.send(file) : skip(lack);
    };
    return { ...made, send };
  };
}

const must = ranged("must");
const should = ranged("should");

/** Expects the bytes from `from` to before `to`, or to the end. A negative `from` counts from the end of the file. */
function part(from: number, to?: number): Judge {
  return expectResponse(206, ({ fields, body }, file) => {
    const { length } = file.body;
    const start = from < 0 ? length + from : from;
    const end = to ?? length;
    const want = `bytes ${start}-${end - 1}/${length}`;
    const range = fields.get("content-range");
    if (range !== want) {
      return `expected Content-Range: ${want}, got ${range ?? "none"}`;
    }
    return faultUnless(
      body === file.body.slice(start, end),
      "the bytes are others",
    );
  });
}

const whole = expectResponse(
  200,
  ({ fields, body }, file) =>
    fields.has("content-range")
      ? "there is Content-Range"
      : faultUnless(body === file.body, "the content is another"),
);

/** Judges that the size comes instead, which the standard only recommends (RFC 9110 §15.5.17). */
const unsatisfiable = expectResponse(416, ({ fields }, { body }) => {
  const range = fields.get("content-range") ?? "none";
  return faultUnless(
    range === `bytes */${body.length}`,
    `Content-Range: ${range}`,
  );
});

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

const noPart = expectStatus(416, 400, 200);

/** All probes of ranges. */
export const RANGE_PROBES: readonly Probe[] = [
  must("14.1.2", "the first byte", ["Range: bytes=0-0"], part(0, 1)),
  must("14.1.2", "bytes in the middle", ["Range: bytes=1-3"], part(1, 4)),
  must("14.1.2", "everything from a byte on", ["Range: bytes=1-"], part(1)),
  must("14.1.2", "the last byte", ["Range: bytes=-1"], part(-1)),
  must("14.1.2", "a suffix longer than the file is the file", [
    "Range: bytes=-{length + 9}",
  ], part(0)),
  must("14.1.2", "an end beyond the file is cut", [
    "Range: bytes=1-{length + 9}",
  ], part(1)),
  must(
    "14.1.2",
    "an end beyond 64 bits is cut, or the range refused",
    ["Range: bytes=1-99999999999999999999999"],
    (exchange, file) =>
      exchange.responses[0]?.status === 206
        ? part(1)(exchange, file)
        : expectStatus(200, 400, 416)(exchange),
  ),
  must(
    "14.1.1",
    "units in capitals are the same, or ignored",
    ["Range: BYTES=0-0"],
    (exchange, file) =>
      exchange.responses[0]?.status === 206
        ? part(0, 1)(exchange, file)
        : whole(exchange, file),
  ),
  should("15.5.17", "a start beyond the file gets 416", [
    "Range: bytes={length}-",
  ], unsatisfiable),
  should("15.5.17", "a range far beyond the file gets 416", [
    "Range: bytes={length + 100}-{length + 200}",
  ], unsatisfiable),
  should("14.1.2", "a suffix of no bytes gets 416, or is ignored", [
    "Range: bytes=-0",
  ], noPart),
  should("14.1.2", "a start beyond 64 bits gets no part", [
    "Range: bytes=99999999999999999999999-",
  ], noPart),
  // The standard allows a server to ignore or reject these, and demands neither.
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
    should("14.2", `the invalid range "${value}" gets no part`, [
      `Range: ${value}`,
    ], expectStatus(200, 400, 416))
  ),
  must("14.2", "an unknown unit is ignored", ["Range: lines=0-0"], whole),
  ranged("must", "HEAD")(
    "14.2",
    "Range is ignored with HEAD",
    ["Range: bytes=0-0"],
    expectResponse(
      200,
      ({ fields }) =>
        faultUnless(!fields.has("content-range"), "there is Content-Range"),
    ),
  ),
  must("14.6", "two ranges", ["Range: bytes=0-0,2-3"], several),
  must("14.6", "two ranges with spaces", ["Range: bytes=0-0 , 2-3"], several),
  must("14.6", "ranges that overlap", ["Range: bytes=0-4,2-6"], several),
  must(
    "14.6",
    "ranges of which one is beyond the file",
    ["Range: bytes=0-0,{length}-"],
    (exchange, file) =>
      exchange.responses[0]?.fields.has("content-range")
        ? part(0, 1)(exchange, file)
        : several(exchange, file),
  ),
  should("14.2", "many overlapping ranges are not all sent", [
    `Range: bytes=${Array(400).fill("0-").join()}`,
  ], (exchange, { body }) => {
    const response = exchange.responses[0];
    if (response === undefined) return expectRefusal(exchange);
    // For a small file it is the heads of the parts that count.
    const most = AMPLIFICATION_MAX * Math.max(body.length, 4096);
    return faultUnless(
      response.body.length <= most,
      `${response.body.length} bytes for a file of ${body.length}`,
    );
  }),
  ...REPEATED_FIELDS.map((name) =>
    must(
      "15.3.7",
      `206 has the ${name} of 200`,
      ["Range: bytes=0-0"],
      expectField(206, name),
      ({ fields }) => fields.has(name) ? undefined : `the file has no ${name}`,
    )
  ),
  must("13.1.5", "If-Range with the ETag sends the part", [
    "Range: bytes=0-0",
    "If-Range: {strong etag}",
  ], part(0, 1)),
  must("13.1.5", "If-Range with another tag sends the file", [
    "Range: bytes=0-0",
    `If-Range: ${OTHER_TAG}`,
  ], whole),
  must("13.1.5", "If-Range with a weak tag sends the file", [
    "Range: bytes=0-0",
    "If-Range: {weak etag}",
  ], whole),
  must("13.1.5", "If-Range with an old date sends the file", [
    "Range: bytes=0-0",
    `If-Range: ${OLD_DATE}`,
  ], whole),
  must("13.1.5", "If-Range with a later date sends the file", [
    "Range: bytes=0-0",
    "If-Range: {later date}",
  ], whole),
  must("13.2.2", "If-None-Match decides before Range", [
    "Range: bytes=0-0",
    "If-None-Match: {etag}",
  ], expectStatus(304)),
  must("13.2.2", "If-Match decides before Range", [
    "Range: bytes=0-0",
    `If-Match: ${OTHER_TAG}`,
  ], expectStatus(412)),
  must("13.1.5", "If-Range without Range is ignored", [
    `If-Range: ${OTHER_TAG}`,
  ], whole),
];
