/**
 * Probes of conditional requests (RFC 9110 §13).
 *
 * @module
 */

import {
  expectStatus,
  first,
  type Lines,
  type Probe,
  probe,
  type ProbeFile,
  request,
  skip,
} from "./probe.ts";
import { levelOf, PRECONDITIONS, sendPrecondition } from "./preconditions.ts";

const group = "conditional";

/** Fields that a 304 repeats if the 200 has them (RFC 9110 §15.4.5). */
const REPEATED = [
  "cache-control",
  "content-location",
  "date",
  "etag",
  "expires",
  "vary",
];

/** All probes of conditional requests. */
export const CONDITIONAL_PROBES: readonly Probe[] = [
  ...PRECONDITIONS.map((each) =>
    probe({
      group,
      section: each.section,
      title: each.title,
      level: levelOf(each),
      send: (file) => sendPrecondition(each, file, "GET"),
      judge: expectStatus(each.status),
    })
  ),
  ...PRECONDITIONS.slice(0, 1).concat(
    PRECONDITIONS.filter(({ title }) =>
      /^If-(?:Modified-Since with Last|Match with another|Unmodified-Since with an old)/
        .test(title)
    ),
  )
    .map((each) =>
      probe({
        group,
        section: each.section,
        title: `${each.title}, with HEAD`,
        level: levelOf(each),
        methods: ["HEAD"],
        send: (file) => sendPrecondition(each, file, "HEAD"),
        judge: expectStatus(each.status),
      })
    ),
  ...REPEATED.map((name) =>
    probe({
      group,
      section: "RFC 9110 §15.4.5",
      title: `304 has the ${name} of 200`,
      send: (file) => {
        if (!file.fields.has(name)) return skip(`the file has no ${name}`);
        return conditional(file);
      },
      judge: (exchange) => {
        const response = first(exchange, 304);
        if (typeof response === "string") return response;
        return response.fields.has(name) ? undefined : `there is no ${name}`;
      },
    })
  ),
  probe({
    group,
    section: "RFC 9110 §15.4.5",
    title: "304 has no content",
    send: (file) => conditional(file, ["Connection: close"]),
    judge: (exchange) => {
      const response = first(exchange, 304);
      if (typeof response === "string") return response;
      return exchange.rest === "" ? undefined : "there is content";
    },
    waitsForEnd: true,
  }),
  probe({
    group,
    section: "RFC 9110 §8.6",
    title: "304 has the Content-Length of 200, or none",
    send: (file) => conditional(file),
    judge: (exchange, file) => {
      const response = first(exchange, 304);
      if (typeof response === "string") return response;
      const length = response.fields.get("content-length");
      return length === undefined || Number(length) === file.body.length
        ? undefined
        : `${length} in place of ${file.body.length}`;
    },
  }),
  probe({
    group,
    section: "RFC 9110 §8.8.3",
    title: "an ETag is quoted",
    send: (file) =>
      file.etag === undefined ? skip("the file has no ETag") : request(file),
    judge: ({ responses: [response] }) => {
      const etag = response?.fields.get("etag") ?? "";
      return /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)
        ? undefined
        : `ETag: ${etag}`;
    },
  }),
  probe({
    group,
    section: "RFC 9110 §8.8.2.1",
    title: "Last-Modified is not in the future",
    send: (file) =>
      file.modified === undefined
        ? skip("the file has no Last-Modified")
        : request(file),
    judge: ({ responses: [response] }) => {
      const date = Date.parse(response?.fields.get("date") ?? "");
      const modified = Date.parse(response?.fields.get("last-modified") ?? "");
      return modified > date ? "Last-Modified is after Date" : undefined;
    },
  }),
];

/** A request that gets 304, by whatever validator the file has. */
function conditional(file: ProbeFile, lines: Lines = []) {
  const { etag, modified } = file;
  const condition = etag !== undefined
    ? `If-None-Match: ${etag}`
    : modified !== undefined
    ? `If-Modified-Since: ${modified}`
    : undefined;
  return condition === undefined
    ? skip("the file has no validator")
    : request(file, { lines: [condition, ...lines] });
}
