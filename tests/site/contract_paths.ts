/**
 * The contract of sites about names: what a path finds, and what it must not find.
 *
 * @module
 */

import { type ContractCase, PAGES } from "./contract.ts";

const DOCUMENT = { "Accept": "text/html,*/*;q=0.8" };
const BROTLI = { "Accept-Encoding": "gzip, deflate, br, zstd" };
const JSON_LISTING = { "Accept": "application/json" };
const RANGE = { "Range": "bytes=2-5" };
const HTML = "text/html; charset=UTF-8";

/** The requests. */
export const PATH_CASES: readonly ContractCase[] = [
  {
    name: "the index",
    target: "/",
    status: 200,
    body: PAGES.home,
    expected: { "content-type": HTML },
  },
  {
    name: "the index by its name",
    target: "/index.html",
    status: 200,
    body: PAGES.home,
  },
  {
    name: "another index",
    target: "/",
    policy: { index: "home.htm" },
    status: 200,
    body: "Another index",
  },
  {
    name: "the index of a directory",
    target: "/docs/",
    status: 200,
    body: PAGES.docs,
  },
  {
    name: "a directory without its slash",
    target: "/docs",
    status: 308,
    expected: { location: "/docs/" },
  },
  {
    name: "a directory without its slash, with a query",
    target: "/docs?a=b",
    status: 308,
    expected: { location: "/docs/?a=b" },
  },
  {
    name: "a link to a directory without a slash",
    target: "/manual",
    status: 308,
    expected: { location: "/manual/" },
  },
  {
    name: "a directory of a directory without its slash",
    target: "/list/deep",
    status: 308,
    expected: { location: "/list/deep/" },
  },
  {
    name: "the index behind a link",
    target: "/manual/",
    status: 200,
    body: PAGES.docs,
  },
  {
    name: "a file",
    target: "/alphabet.txt",
    status: 200,
    expected: {
      "content-type": "text/plain; charset=UTF-8",
      "last-modified": "Tue, 01 Jul 2025 12:00:00 GMT",
    },
  },
  {
    name: "a file behind a link",
    target: "/link.txt",
    status: 200,
    body: "abcdefghijklmnopqrstuvwxyz",
  },
  {
    name: "a file behind a link that leads up",
    target: "/list/up.html",
    status: 200,
    body: PAGES.about,
  },
  { name: "an empty file", target: "/empty.txt", status: 200, body: "" },
  {
    name: "a file without extension",
    target: "/LICENSE",
    status: 200,
    expected: { "content-type": "text/plain; charset=UTF-8" },
  },
  {
    name: "a file without extension that is no text",
    target: "/blob",
    status: 200,
    expected: { "content-type": "application/octet-stream" },
  },
  {
    name: "a file with a slash behind it",
    target: "/alphabet.txt/",
    status: 404,
  },
  { name: "a file below a file", target: "/alphabet.txt/a", status: 404 },
  { name: "a name in another case", target: "/Alphabet.txt", status: 404 },
  { name: "a space", target: "/a%20b.txt", status: 200, body: "space" },
  {
    name: "letters outside ASCII",
    target: "/%C3%BCn%C3%AF%20%E2%98%83.txt",
    status: 200,
  },
  {
    name: "letters in another normal form",
    target: "/u%CC%88ni%CC%88%20%E2%98%83.txt",
    status: 404,
  },
  {
    name: "a percent sign",
    target: "/50%25.txt",
    status: 200,
    body: "percent",
  },
  {
    name: "a percent sign that is decoded once only",
    target: "/50%2525.txt",
    status: 404,
  },
  {
    name: "a question mark in the name",
    target: "/what%3F.txt",
    status: 200,
    body: "question",
  },
  {
    name: "a number sign in the name",
    target: "/no%231.txt",
    status: 200,
    body: "hash",
  },
  {
    name: "a way up and down",
    target: "/docs/../alphabet.txt",
    status: 200,
    body: "abcdefghijklmnopqrstuvwxyz",
  },
  { name: "a way out", target: "/../../../etc/passwd", status: 404 },
  {
    name: "a way out in percent-encoding",
    target: "/%2e%2e/%2e%2e/etc/passwd",
    status: 404,
  },
  { name: "an encoded slash", target: "/docs%2fguide.html", status: 400 },
  { name: "an encoded NUL", target: "/alphabet.txt%00", status: 400 },
  {
    name: "a name with a hash",
    target: "/app.1f0c9a7e.js",
    status: 200,
    body: PAGES.script,
  },

  { name: "a clean URL", target: "/about", status: 200, body: PAGES.about },
  {
    name: "a clean URL beside a file of the very name",
    target: "/docs/guide",
    status: 200,
    body: "without extension",
  },
  { name: "a clean URL with a slash", target: "/about/", status: 404 },
  {
    name: "a clean URL of what is hidden",
    target: "/docs/.draft",
    status: 404,
  },

  {
    name: "the shell for a page",
    target: "/app/users/7",
    policy: { spa: "/index.html" },
    fields: DOCUMENT,
    status: 200,
    body: PAGES.home,
  },
  {
    name: "the shell for a destination",
    target: "/app/users/7.5",
    policy: { spa: "/index.html" },
    fields: { "Sec-Fetch-Dest": "document" },
    status: 200,
    body: PAGES.home,
  },
  {
    name: "no shell for a script",
    target: "/app/gone.js",
    policy: { spa: "/index.html" },
    fields: { "Sec-Fetch-Dest": "script" },
    status: 404,
  },
  {
    name: "a file before the shell",
    target: "/alphabet.txt",
    policy: { spa: "/index.html" },
    fields: DOCUMENT,
    status: 200,
  },
  {
    name: "a shell that is not there",
    target: "/gone",
    policy: { spa: "/gone.html" },
    fields: DOCUMENT,
    status: 404,
  },

  {
    name: "the page for what is missing",
    target: "/gone",
    status: 404,
    body: PAGES.missing,
    expected: { "cache-control": "no-store", etag: undefined },
  },
  {
    name: "the nearest page for what is missing",
    target: "/docs/gone/deeper",
    status: 404,
    body: PAGES.missingInDocs,
  },
  {
    name: "the page for what is missing behind a link",
    target: "/manual/gone",
    status: 404,
    body: PAGES.missingInDocs,
  },
  {
    name: "the page for what is missing, encoded",
    target: "/gone",
    fields: BROTLI,
    status: 404,
    body: PAGES.missing,
    expected: { "content-encoding": "br" },
  },
  {
    name: "the page for what is missing, by its own name",
    target: "/404.html",
    status: 200,
    body: PAGES.missing,
  },

  {
    name: "a listing",
    target: "/list/",
    status: 200,
    expected: { "content-type": HTML },
  },
  {
    name: "a listing as JSON",
    target: "/list/",
    fields: JSON_LISTING,
    status: 200,
    expected: { "content-type": "application/json; charset=UTF-8" },
  },
  {
    name: "a listing by size",
    target: "/list/?sort=size&order=desc",
    fields: JSON_LISTING,
    status: 200,
  },
  {
    name: "a listing of a listing",
    target: "/list/deep/",
    fields: JSON_LISTING,
    status: 200,
  },
  {
    name: "a listing of the root",
    target: "/",
    policy: { index: "none" },
    fields: JSON_LISTING,
    status: 200,
  },
  {
    name: "a listing behind a link",
    target: "/manual/",
    policy: { index: "none" },
    fields: JSON_LISTING,
    status: 200,
  },
  {
    name: "a listing of what is well known",
    target: "/.well-known/",
    fields: JSON_LISTING,
    status: 200,
  },
  {
    name: "no listing",
    target: "/list/",
    policy: { listing: false },
    status: 404,
  },
  {
    name: "a listing that is known already",
    target: "/list/",
    fields: { "If-None-Match": "ETAG" },
    status: 304,
  },
  { name: "a part of a listing", target: "/list/", fields: RANGE, status: 206 },
  { name: "the style of listings", target: "/.skiff/listing.css", status: 200 },

  {
    name: "what is well known",
    target: "/.well-known/security.txt",
    status: 200,
    body: "Contact: https://example.org/",
  },
  {
    name: "what is hidden in what is well known",
    target: "/.well-known/.private",
    status: 404,
  },
  { name: "a hidden file", target: "/.env", status: 404 },
  { name: "a file in a hidden directory", target: "/.git/config", status: 404 },
  { name: "a hidden directory", target: "/.git/", status: 404 },
  {
    name: "a hidden directory without its slash",
    target: "/list/.git",
    status: 404,
  },
  { name: "a hidden file, encoded", target: "/%2Eenv", status: 404 },
  { name: "a link to a hidden file", target: "/env.txt", status: 200 },
  { name: "a link that leads out", target: "/passwords.txt", status: 404 },
  {
    name: "a link to a directory outside",
    target: "/machine/passwd",
    status: 404,
  },
  { name: "a link to nothing", target: "/nowhere.txt", status: 404 },
  { name: "a link to itself", target: "/circle.txt", status: 404 },
  { name: "a link to a device", target: "/zero", status: 404 },
];
