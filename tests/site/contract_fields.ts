/**
 * The contract of sites about fields: preconditions, ranges, encodings, methods and policy.
 *
 * @module
 */

import { type ContractCase, PAGES } from "./contract.ts";

const GZIP = { "Accept-Encoding": "gzip" };
const BROTLI = { "Accept-Encoding": "gzip, deflate, br, zstd" };
const ZSTD = { "Accept-Encoding": "zstd" };
const RANGE = { "Range": "bytes=2-5" };

/** The requests. */
export const FIELD_CASES: readonly ContractCase[] = [
  {
    name: "If-None-Match with the tag",
    target: "/alphabet.txt",
    fields: { "If-None-Match": "ETAG" },
    status: 304,
  },
  {
    name: "If-None-Match with the tag of an encoding",
    target: "/app.js",
    fields: { ...BROTLI, "If-None-Match": "ETAG" },
    status: 304,
  },
  {
    name: "If-None-Match with another tag",
    target: "/alphabet.txt",
    fields: { "If-None-Match": '"other"' },
    status: 200,
  },
  {
    name: "If-None-Match with any tag",
    target: "/alphabet.txt",
    fields: { "If-None-Match": "*" },
    status: 304,
  },
  {
    name: "If-Match with the tag",
    target: "/alphabet.txt",
    fields: { "If-Match": "ETAG" },
    status: 200,
  },
  {
    name: "If-Match with another tag",
    target: "/alphabet.txt",
    fields: { "If-Match": '"other"' },
    status: 412,
  },
  {
    name: "If-Modified-Since at the time",
    target: "/alphabet.txt",
    fields: { "If-Modified-Since": "Tue, 01 Jul 2025 12:00:00 GMT" },
    status: 304,
  },
  {
    name: "If-Modified-Since a second before",
    target: "/alphabet.txt",
    fields: { "If-Modified-Since": "Tue, 01 Jul 2025 11:59:59 GMT" },
    status: 200,
  },
  {
    name: "If-Unmodified-Since a second before",
    target: "/alphabet.txt",
    fields: { "If-Unmodified-Since": "Tue, 01 Jul 2025 11:59:59 GMT" },
    status: 412,
  },
  {
    name: "If-None-Match for what is missing",
    target: "/gone",
    fields: { "If-None-Match": "*" },
    status: 404,
  },

  {
    name: "a range",
    target: "/alphabet.txt",
    fields: RANGE,
    status: 206,
    body: "cdef",
    expected: { "content-range": "bytes 2-5/26" },
  },
  {
    name: "the last bytes",
    target: "/alphabet.txt",
    fields: { "Range": "bytes=-3" },
    status: 206,
    body: "xyz",
  },
  {
    name: "several ranges",
    target: "/alphabet.txt",
    fields: { "Range": "bytes=0-1,-2" },
    status: 206,
  },
  {
    name: "a range behind the end",
    target: "/alphabet.txt",
    fields: { "Range": "bytes=26-" },
    status: 416,
    expected: { "content-range": "bytes */26" },
  },
  {
    name: "a range of an empty file",
    target: "/empty.txt",
    fields: { "Range": "bytes=0-" },
    status: 416,
  },
  {
    name: "a range that is none",
    target: "/alphabet.txt",
    fields: { "Range": "bytes=b-a" },
    status: 200,
  },
  {
    name: "a range of the version that the client has",
    target: "/alphabet.txt",
    fields: { ...RANGE, "If-Range": "ETAG" },
    status: 206,
    body: "cdef",
  },
  {
    name: "a range of another version",
    target: "/alphabet.txt",
    fields: { ...RANGE, "If-Range": '"other"' },
    status: 200,
  },
  {
    name: "a range since a date",
    target: "/alphabet.txt",
    fields: { ...RANGE, "If-Range": "Tue, 01 Jul 2025 12:00:00 GMT" },
    status: 206,
    body: "cdef",
  },
  {
    name: "a range of a file with encodings",
    target: "/app.js",
    fields: { ...GZIP, "Range": "bytes=0-1" },
    status: 206,
    body: PAGES.script.slice(0, 2),
  },
  {
    name: "a range for HEAD",
    target: "/alphabet.txt",
    method: "HEAD",
    fields: RANGE,
    status: 200,
  },

  {
    name: "brotli",
    target: "/app.js",
    fields: BROTLI,
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": "br", "vary": "Accept-Encoding" },
  },
  {
    name: "zstd",
    target: "/app.js",
    fields: ZSTD,
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": "zstd" },
  },
  {
    name: "gzip",
    target: "/app.js",
    fields: GZIP,
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": "gzip" },
  },
  {
    name: "identity",
    target: "/app.js",
    fields: { "Accept-Encoding": "identity" },
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": undefined, "vary": "Accept-Encoding" },
  },
  {
    name: "the coding that the client prefers",
    target: "/app.js",
    fields: { "Accept-Encoding": "br;q=0.5, gzip" },
    status: 200,
    expected: { "content-encoding": "gzip" },
  },
  {
    name: "no coding for what is small",
    target: "/data.json",
    fields: BROTLI,
    status: 200,
    expected: { "content-encoding": undefined, "vary": "Accept-Encoding" },
  },
  {
    name: "no coding for a picture",
    target: "/noise.png",
    fields: BROTLI,
    status: 200,
    expected: { "content-encoding": undefined, "vary": undefined },
  },
  {
    name: "brotli for the index",
    target: "/docs/",
    fields: BROTLI,
    status: 200,
    body: PAGES.docs,
    expected: { "content-encoding": "br" },
  },
  {
    name: "brotli for HEAD",
    target: "/app.js",
    method: "HEAD",
    fields: BROTLI,
    status: 200,
    expected: { "content-encoding": "br" },
  },
  {
    name: "what was compressed beforehand",
    target: "/before.css",
    fields: GZIP,
    status: 200,
    expected: { "content-encoding": "gzip" },
  },
  {
    name: "what was compressed beforehand, of a type that is not compressed",
    target: "/before.bin",
    fields: GZIP,
    status: 200,
    expected: { "content-encoding": "gzip", "vary": "Accept-Encoding" },
  },
  {
    name: "the same as it is",
    target: "/before.bin",
    status: 200,
    expected: { "content-encoding": undefined, "vary": "Accept-Encoding" },
  },
  {
    name: "a drawing that is encoded by nature, whatever is accepted",
    target: "/drawing.svgz",
    fields: { "Accept-Encoding": "br" },
    status: 200,
    body: PAGES.about,
    expected: {
      "content-type": "image/svg+xml",
      "content-encoding": "gzip",
      "vary": undefined,
    },
  },
  {
    name: "what was compressed beforehand, by its own name",
    target: "/before.css.gz",
    fields: BROTLI,
    status: 200,
    expected: { "content-encoding": undefined },
  },

  {
    name: "HEAD",
    target: "/alphabet.txt",
    method: "HEAD",
    status: 200,
    expected: { "content-length": "26" },
  },
  { name: "HEAD of a listing", target: "/list/", method: "HEAD", status: 200 },
  {
    name: "HEAD of what is missing",
    target: "/gone",
    method: "HEAD",
    status: 404,
  },
  { name: "OPTIONS", target: "/alphabet.txt", method: "OPTIONS", status: 204 },
  { name: "POST", target: "/alphabet.txt", method: "POST", status: 405 },
  {
    name: "fields of the policy",
    target: "/alphabet.txt",
    policy: {
      cors: true,
      coi: true,
      fields: [["X-Frame-Options", "DENY"]],
      cacheControl: "max-age=60",
    },
    status: 200,
    expected: {
      "x-frame-options": "DENY",
      "cache-control": "max-age=60",
      "access-control-allow-origin": "*",
    },
  },
];
