/**
 * Probes of conditional requests (RFC 9110 §13).
 *
 * @module
 */

import {
  expectField,
  expectLength,
  expectNoContent,
  expectResponse,
  expectStatus,
  faultUnless,
  OTHER_TAG,
  type Probe,
  type ProbeLevel,
  probesOf,
  REPEATED_FIELDS,
  request,
} from "./probe.ts";
import { type Lines, OLD_DATE, type ProbeFile, skip } from "./probe_values.ts";

const probes = probesOf("conditional");
const { must } = probes;

/** Conditions that requests have, and what they get. */
const PRECONDITIONS: readonly (readonly [
  level: ProbeLevel,
  section: string,
  title: string,
  status: number,
  lines: Lines,
])[] = [
  ["must", "13.1.2", "If-None-Match with the ETag gets 304", 304, [
    "If-None-Match: {etag}",
  ]],
  ["must", "13.1.2", "If-None-Match compares weakly", 304, [
    "If-None-Match: {weak etag}",
  ]],
  ["must", "13.1.2", "If-None-Match takes a list", 304, [
    `If-None-Match: ${OTHER_TAG}, {etag}, "z"`,
  ]],
  ["must", "13.1.2", "If-None-Match takes a list without spaces", 304, [
    `If-None-Match: ${OTHER_TAG},{etag}`,
  ]],
  // The standard only recommends one list of several lines (§5.3), and 304 for dates (§13.1.3).
  ["should", "5.3", "If-None-Match in two lines is one list", 304, [
    `If-None-Match: ${OTHER_TAG}`,
    "If-None-Match: {etag}",
  ]],
  ["must", "13.1.2", "If-None-Match: * gets 304", 304, ["If-None-Match: *"]],
  ["must", "13.1.2", "If-None-Match with another tag gets 200", 200, [
    `If-None-Match: ${OTHER_TAG}`,
  ]],
  ["must", "13.1.2", "If-None-Match of an empty tag gets 200", 200, [
    'If-None-Match: ""',
  ]],
  ["must", "13.1.2", "If-None-Match tells tags apart by case", 200, [
    "If-None-Match: {etag in other case}",
  ]],
  ["must", "13.1.2", "If-None-Match with a part of the tag gets 200", 200, [
    "If-None-Match: {part of etag}",
  ]],
  ["must", "13.1.3", "If-Modified-Since is ignored beside If-None-Match", 200, [
    `If-None-Match: ${OTHER_TAG}`,
    "If-Modified-Since: {date}",
  ]],
  [
    "must",
    "13.2.2",
    "If-None-Match decides beside an old If-Modified-Since",
    304,
    [
      "If-None-Match: {etag}",
      `If-Modified-Since: ${OLD_DATE}`,
    ],
  ],
  ["should", "13.1.3", "If-Modified-Since with Last-Modified gets 304", 304, [
    "If-Modified-Since: {date}",
  ]],
  ["should", "13.1.3", "If-Modified-Since with a later date gets 304", 304, [
    "If-Modified-Since: {later date}",
  ]],
  ["must", "13.1.3", "If-Modified-Since with an old date gets 200", 200, [
    "If-Modified-Since: {earlier date}",
  ]],
  ["must", "13.1.3", "If-Modified-Since that is no date is ignored", 200, [
    "If-Modified-Since: yesterday",
  ]],
  ["must", "13.1.3", "an empty If-Modified-Since is ignored", 200, [
    "If-Modified-Since:",
  ]],
  [
    "should",
    "5.6.7",
    "If-Modified-Since in the form of RFC 850 is understood",
    304,
    ["If-Modified-Since: {date of RFC 850}"],
  ],
  [
    "should",
    "5.6.7",
    "If-Modified-Since in the form of asctime is understood",
    304,
    ["If-Modified-Since: {date of asctime}"],
  ],
  ["must", "13.1.1", "If-Match with the ETag gets 200", 200, [
    "If-Match: {strong etag}",
  ]],
  ["must", "13.1.1", "If-Match: * gets 200", 200, ["If-Match: *"]],
  ["must", "13.1.1", "If-Match with another tag gets 412", 412, [
    `If-Match: ${OTHER_TAG}`,
  ]],
  ["must", "13.1.1", "If-Match compares strongly", 412, [
    "If-Match: {weak etag}",
  ]],
  ["must", "13.1.1", "If-Match takes a list", 200, [
    `If-Match: ${OTHER_TAG}, {strong etag}`,
  ]],
  ["must", "13.1.4", "If-Unmodified-Since with Last-Modified gets 200", 200, [
    "If-Unmodified-Since: {date}",
  ]],
  ["must", "13.1.4", "If-Unmodified-Since with a later date gets 200", 200, [
    "If-Unmodified-Since: {later date}",
  ]],
  ["must", "13.1.4", "If-Unmodified-Since with an old date gets 412", 412, [
    "If-Unmodified-Since: {earlier date}",
  ]],
  ["must", "13.1.4", "If-Unmodified-Since that is no date is ignored", 200, [
    "If-Unmodified-Since: yesterday",
  ]],
  ["must", "13.1.4", "If-Unmodified-Since is ignored beside If-Match", 200, [
    "If-Match: {strong etag}",
    `If-Unmodified-Since: ${OLD_DATE}`,
  ]],
  ["must", "13.2.2", "If-Match decides before If-None-Match", 412, [
    `If-Match: ${OTHER_TAG}`,
    "If-None-Match: {etag}",
  ]],
  ["must", "13.2.2", "If-Unmodified-Since decides before If-None-Match", 412, [
    "If-Unmodified-Since: {earlier date}",
    "If-None-Match: {etag}",
  ]],
];

/** Preconditions that are tried with HEAD as well: one of each field. */
const WITH_HEAD = [
  "If-None-Match with the ETag gets 304",
  "If-Modified-Since with Last-Modified gets 304",
  "If-Match with another tag gets 412",
  "If-Unmodified-Since with an old date gets 412",
];

/** All probes of conditional requests. */
export const CONDITIONAL_PROBES: readonly Probe[] = [
  ...PRECONDITIONS.map(([level, section, title, status, lines]) =>
    probes[level](
      `RFC 9110 §${section}`,
      title,
      { lines },
      expectStatus(status),
    )
  ),
  ...PRECONDITIONS.filter(([, , title]) => WITH_HEAD.includes(title)).map(
    ([level, section, title, status, lines]) =>
      probes[level](
        `RFC 9110 §${section}`,
        `${title}, with HEAD`,
        { method: "HEAD", lines },
        expectStatus(status),
      ),
  ),
  ...REPEATED_FIELDS.map((name) =>
    must(
      "RFC 9110 §15.4.5",
      `304 has the ${name} of 200`,
      (file) =>
        file.fields.has(name)
          ? conditional(file)
          : skip(`the file has no ${name}`),
      expectField(304, name),
    )
  ),
  must(
    "RFC 9110 §15.4.5",
    "304 has no content",
    (file) => conditional(file, ["Connection: close"]),
    expectNoContent(304),
    { waitsForEnd: true },
  ),
  must(
    "RFC 9110 §8.6",
    "304 has the Content-Length of 200, or none",
    (file) => conditional(file),
    expectLength(304),
  ),
  must(
    "RFC 9110 §8.8.3",
    "an ETag is quoted",
    (file) =>
      file.etag === undefined ? skip("the file has no ETag") : request(file),
    ({ responses: [response] }) => {
      const etag = response?.fields.get("etag") ?? "";
      return faultUnless(
        /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag),
        `ETag: ${etag}`,
      );
    },
  ),
  must(
    "RFC 9110 §8.8.2.1",
    "Last-Modified is not in the future",
    (file) =>
      file.modified === undefined
        ? skip("the file has no Last-Modified")
        : request(file),
    expectResponse(200, ({ fields }) => {
      const date = Date.parse(fields.get("date") ?? "");
      const modified = Date.parse(fields.get("last-modified") ?? "");
      if (Number.isNaN(date)) return skip("there is no Date");
      return modified > date ? "Last-Modified is after Date" : undefined;
    }),
  ),
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
