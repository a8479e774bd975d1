/**
 * Probes of conditional requests (RFC 9110 §13).
 *
 * @module
 */

import { PRECONDITIONS, sendPrecondition } from "./preconditions.ts";
import {
  expectField,
  expectStatus,
  first,
  type Lines,
  type Probe,
  probe,
  type ProbeFile,
  REPEATED_FIELDS,
  request,
  skip,
} from "./probe.ts";

const group = "conditional";

/** Preconditions that are tried with HEAD as well: one of each field. */
const WITH_HEAD = [
  "If-None-Match with the ETag gets 304",
  "If-Modified-Since with Last-Modified gets 304",
  "If-Match with another tag gets 412",
  "If-Unmodified-Since with an old date gets 412",
];

/** All probes of conditional requests. */
export const CONDITIONAL_PROBES: readonly Probe[] = [
  ...PRECONDITIONS.map((each) =>
    probe({
      group,
      section: each.section,
      title: each.title,
      level: each.level,
      send: (file) => sendPrecondition(each, file, "GET"),
      judge: expectStatus(each.status),
    })
  ),
  ...PRECONDITIONS.filter(({ title }) => WITH_HEAD.includes(title)).map((
    each,
  ) =>
    probe({
      group,
      section: each.section,
      title: `${each.title}, with HEAD`,
      level: each.level,
      methods: ["HEAD"],
      send: (file) => sendPrecondition(each, file, "HEAD"),
      judge: expectStatus(each.status),
    })
  ),
  ...REPEATED_FIELDS.map((name) =>
    probe({
      group,
      section: "RFC 9110 §15.4.5",
      title: `304 has the ${name} of 200`,
      send: (file) => {
        if (!file.fields.has(name)) return skip(`the file has no ${name}`);
        return conditional(file);
      },
      judge: expectField(304, name),
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
    judge: (exchange) => {
      const response = first(exchange, 200);
      if (typeof response === "string") return response;
      const date = Date.parse(response.fields.get("date") ?? "");
      const modified = Date.parse(response.fields.get("last-modified") ?? "");
      if (Number.isNaN(date)) return skip("there is no Date");
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
