/**
 * What `skiff explain` says of the program's configuration.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { TemporaryDirectory } from "./helpers.ts";
import { runSkiff } from "./run_skiff.ts";
import { testProgram, testPrograms } from "./skiff.ts";

/** What is explained: arguments behind the path, and lines that are said, in their order. */
const EXPLAINED: readonly (readonly [
  target: string,
  args: readonly string[],
  lines: readonly (string | RegExp)[],
])[] = [
  ["/a.txt", [], [
    "  look up  /a.txt: a file, 5 bytes, text/plain; charset=UTF-8",
    "  headers  by CONFIG:2",
    "  answer   the file as it is",
    "HTTP/1.1 200 OK",
    "X-From: file",
    "(a body of 5 bytes)",
  ]],
  ["/page", [], [
    "  look up  /page: nothing",
    /^ {2}look up {2}\/page\.html: a file, /,
    "HTTP/1.1 200 OK",
  ]],
  ["/old/b?c=d", [], [
    "  rules    CONFIG:3 redirects to /a.txt?b (302)",
    "HTTP/1.1 302 Found",
    "Location: /a.txt?b",
    "(no body)",
  ]],
  ["/docs?q", [], ["HTTP/1.1 308 Permanent Redirect", "Location: /docs/?q"]],
  ["/long.txt", ["--header", "Accept-Encoding: gzip"], [
    "  encoding gzip is made on the first request, which gets the file as it is",
    "  answer   the file in gzip, which Accept-Encoding prefers",
    "Content-Encoding: gzip",
  ]],
  ["/a.txt", ["--header", "Range: bytes=1-2"], [
    "HTTP/1.1 206 Partial Content",
    "Content-Range: bytes 1-2/5",
    "(a body of 2 bytes)",
  ]],
  ["/a.txt", ["--header", "If-None-Match: *"], [
    "  answer   the client's copy is still fresh, by its own condition",
    "HTTP/1.1 304 Not Modified",
  ]],
  ["/a.txt", ["--header", "Host: evil.example"], [
    "  refused  this Host is not allowed (--allowed-hosts)",
    "HTTP/1.1 421 Misdirected Request",
  ]],
  ["/a.txt", ["--deny=127.0.0.0/8"], [
    "  refused  the client's address is not allowed (--allow, --deny)",
    "HTTP/1.1 403 Forbidden",
  ]],
  ["/.env", [], ["  look up  /.env: nothing", "HTTP/1.1 404 Not Found"]],
  ["/%2e%2e/skiff.json", [], [
    "  look up  /skiff.json: nothing",
    "HTTP/1.1 404 Not Found",
  ]],
  ["/%2fetc", [], ["HTTP/1.1 400 Bad Request"]],
];

testPrograms(
  "explain shows what would be answered, and why",
  EXPLAINED,
  ([target, args]) => `explain ${target} ${args.join(" ")}`,
  async ([target, args, lines]) => {
    using place = new TemporaryDirectory({
      "skiff.json": `{
        "headers": [{ "for": "/a.*", "values": { "X-From": "file" } }],
        "redirects": [{ "from": "/old/:name", "to": "/a.txt?:name", "status": 302 }]
      }`,
      "www/a.txt": "first",
      "www/page.html": "<h1>Page</h1>",
      "www/long.txt": "long ".repeat(1000),
      "www/docs/b.txt": "second",
      "www/.env": "secret",
    });
    const { code, stdout, stderr } = await runSkiff(
      ["explain", target, ...args, place.join("www")],
      { permissions: ["--allow-read"] },
    );
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const said = stdout.replaceAll(place.join("skiff.json"), "CONFIG")
      .split("\n");
    let from = 0;
    for (const line of lines) {
      const at = said.findIndex((text, index) =>
        index >= from &&
        (typeof line === "string" ? text === line : line.test(text))
      );
      assertEquals(at >= from, true, `${line} in ${stdout}`);
      from = at + 1;
    }
  },
);

testProgram("what is no request is not explained", async () => {
  for (const target of ["/a b", "/\n", `/${"a".repeat(10_000)}`]) {
    const { code, stdout, stderr } = await runSkiff(["explain", target]);
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertMatch(
      stderr,
      /^skiff: Cannot explain "[^\n]+ rejects the request with 4\d\d\n$/,
    );
  }
});
