/**
 * The contract of sites about files that are there only encoded: `NAME.gz` stands for `NAME`.
 *
 * @module
 */

import { type ContractCase, PAGES, TREE_TIME } from "./contract.ts";

const GZIP = { "Accept-Encoding": "gzip" };
const BROWSER = { "Accept-Encoding": "gzip, deflate, br, zstd" };
const HTML = "text/html; charset=UTF-8";

/** What is there, and only encoded, by the name of the encoded file. */
export const ENCODED_TREE: Readonly<Record<string, string>> = {
  "only.txt.gz": PAGES.about,
  "only/page.html.br": PAGES.about,
  "only/index.html.gz": PAGES.docs,
  "only/404.html.gz": PAGES.missingInDocs,
  "only/game.wasm.zst": PAGES.script,
  "only/both.css.br": PAGES.script,
  "only/both.css.gz": PAGES.script,
  "only/archive.tar.gz": PAGES.home,
  "only/twice.txt.gz.br": PAGES.home,
  "only/drawing.svgz.gz": PAGES.home,
  "only/.secret.gz": PAGES.home,
  "only/beside.html.br": PAGES.about,
  "only/beside/other.txt": "other",
  "docs.gz": PAGES.home,
  "only/empty.txt.gz": "",
};

/** Files whose names tell an encoding that they do not have. */
export const DAMAGED_TREE: Readonly<Record<string, string>> = {
  "only/text.txt.gz": "not really gzip",
  "only/text.css.br": "not really br",
  "only/text.json.zst": "not really zstd",
  "only/nothing.txt.br": "",
};

/** The requests. */
export const ENCODED_CASES: readonly ContractCase[] = [
  {
    name: "an encoded file under the name of what is in it",
    target: "/only.txt",
    status: 200,
    body: PAGES.about,
    expected: {
      "content-type": "text/plain; charset=UTF-8",
      "content-encoding": undefined,
      "vary": "Accept-Encoding",
      "last-modified": TREE_TIME.toUTCString(),
    },
  },
  {
    name: "the same for who can decode it",
    target: "/only.txt",
    fields: BROWSER,
    status: 200,
    body: PAGES.about,
    expected: {
      "content-type": "text/plain; charset=UTF-8",
      "content-encoding": "gzip",
      "vary": "Accept-Encoding",
    },
  },
  {
    name: "the same for who can decode something else",
    target: "/only.txt",
    fields: { "Accept-Encoding": "br" },
    status: 200,
    body: PAGES.about,
    expected: { "content-encoding": undefined },
  },
  {
    name: "the same under its own name",
    target: "/only.txt.gz",
    fields: BROWSER,
    status: 200,
    expected: {
      "content-type": "application/gzip",
      "content-encoding": undefined,
      "vary": undefined,
    },
  },
  {
    name: "HEAD of it",
    target: "/only.txt",
    method: "HEAD",
    status: 200,
    expected: { "content-length": String(PAGES.about.length) },
  },
  {
    name: "a range of it",
    target: "/only.txt",
    fields: { "Range": "bytes=2-5" },
    status: 206,
    body: PAGES.about.slice(2, 6),
  },
  {
    name: "a range of it for who can decode it",
    target: "/only.txt",
    fields: { ...GZIP, "Range": "bytes=2-5" },
    status: 206,
    body: PAGES.about.slice(2, 6),
  },
  {
    name: "a range behind the end of it",
    target: "/only.txt",
    fields: { "Range": "bytes=99999-" },
    status: 416,
    expected: { "content-range": `bytes */${PAGES.about.length}` },
  },
  {
    name: "what is known of it already",
    target: "/only.txt",
    fields: { "If-None-Match": "ETAG" },
    status: 304,
  },
  {
    name: "what is known of its encoding already",
    target: "/only.txt",
    fields: { ...GZIP, "If-None-Match": "ETAG" },
    status: 304,
  },
  {
    name: "an encoded page under its clean name",
    target: "/only/page",
    status: 200,
    body: PAGES.about,
    expected: { "content-type": HTML },
  },
  {
    name: "an encoded index",
    target: "/only/",
    fields: GZIP,
    status: 200,
    body: PAGES.docs,
    expected: { "content-type": HTML, "content-encoding": "gzip" },
  },
  {
    name: "an encoded index, decoded",
    target: "/only/",
    status: 200,
    body: PAGES.docs,
  },
  {
    name: "an encoded page for what is missing, decoded",
    target: "/only/gone",
    status: 404,
    body: PAGES.missingInDocs,
    expected: { "content-type": HTML, "cache-control": "no-store" },
  },
  {
    name: "an encoded page for what is missing",
    target: "/only/gone",
    fields: GZIP,
    status: 404,
    body: PAGES.missingInDocs,
    expected: { "content-encoding": "gzip" },
  },
  {
    name: "an encoded page beside a folder without an index",
    target: "/only/beside",
    status: 200,
    body: PAGES.about,
  },
  {
    name: "an encoded shell",
    target: "/app/users/7",
    policy: { spa: "/only/page.html" },
    fields: { "Accept": "text/html" },
    status: 200,
    body: PAGES.about,
  },
  {
    name: "a part of a build that is only in zstd",
    target: "/only/game.wasm",
    status: 200,
    body: PAGES.script,
    expected: { "content-type": "application/wasm" },
  },
  {
    name: "the better of two encodings",
    target: "/only/both.css",
    fields: BROWSER,
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": "br" },
  },
  {
    name: "the other of two encodings",
    target: "/only/both.css",
    fields: GZIP,
    status: 200,
    body: PAGES.script,
    expected: { "content-encoding": "gzip" },
  },
  {
    name: "neither of two encodings",
    target: "/only/both.css",
    status: 200,
    body: PAGES.script,
  },
  {
    name: "an archive, by its own name",
    target: "/only/archive.tar.gz",
    fields: BROWSER,
    status: 200,
    expected: { "content-encoding": undefined },
  },
  {
    name: "what is in an archive's encoding",
    target: "/only/archive.tar",
    status: 200,
    body: PAGES.home,
    expected: { "content-type": "application/x-tar" },
  },
  {
    name: "an empty file that is only encoded",
    target: "/only/empty.txt",
    status: 200,
    body: "",
  },
  {
    name: "what is encoded twice, decoded once",
    target: "/only/twice.txt.gz",
    status: 404,
  },
  {
    name: "what is encoded twice, decoded twice",
    target: "/only/twice.txt",
    status: 404,
  },
  {
    name: "a drawing that is encoded by nature, encoded again",
    target: "/only/drawing.svgz",
    status: 404,
  },
  { name: "what is hidden, encoded", target: "/only/.secret", status: 404 },
  {
    name: "a directory beside an encoded file",
    target: "/docs",
    status: 308,
  },
  {
    name: "an encoded file with a slash behind it",
    target: "/only.txt/",
    status: 404,
  },
  {
    name: "what is below an encoded file",
    target: "/only.txt/a.txt",
    status: 404,
  },
  ...["txt", "css", "json"].map((extension): ContractCase => ({
    name: `an encoded file of which nothing can be decoded, ${extension}`,
    target: `/only/text.${extension}`,
    status: 406,
  })),
  {
    name: "an encoded file of no bytes, of which nothing can be decoded",
    target: "/only/nothing.txt",
    status: 406,
  },
];
